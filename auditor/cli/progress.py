"""Progress on stderr while the work is long."""

from __future__ import annotations

import sys
import threading
import time
from types import TracebackType

_PATIENCE = 1.0  # seconds before anything is said: a fast run stays silent


class Progress:
    """One status line on a terminal; nothing in a pipe, so that logs stay clean."""

    def __init__(self, *, quiet: bool = False) -> None:
        self._on = not quiet and sys.stderr is not None and sys.stderr.isatty()
        self._said: tuple[str, float | None] = ("", None)  # what, and when it should be over
        self._start = time.monotonic()
        self._stop = threading.Event()
        self._thread: threading.Thread | None = None

    def say(self, message: str, left_s: float | None = None) -> None:
        """Tell what is going on now, and in roughly how many seconds all of it should be over."""
        self._said = (message, None if left_s is None else time.monotonic() + left_s)

    def line(self, now: float) -> str:
        """Return the status line at `now`, a time of `time.monotonic`: what is left counts down between messages."""
        message, over = self._said
        left = "" if over is None or over - now < 1 else f", about {over - now:.0f} s left"
        return f"fwaudit: {message}{left} ({now - self._start:.0f} s)"[:78]

    def __enter__(self) -> Progress:
        if self._on:
            self._thread = threading.Thread(target=self._draw, daemon=True)
            self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stop.set()
        if self._thread:
            self._thread.join(1.0)

    def _draw(self) -> None:
        if self._stop.wait(_PATIENCE):
            return
        while not self._stop.wait(0.2):
            self._write("\r\x1b[2K" + self.line(time.monotonic()))
        self._write("\r\x1b[2K")

    def _write(self, text: str) -> None:
        try:
            sys.stderr.write(text.encode("ascii", "replace").decode())
            sys.stderr.flush()
        except (OSError, ValueError):
            self._stop.set()
