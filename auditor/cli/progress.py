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
        self._message = ""
        self._start = time.monotonic()
        self._stop = threading.Event()
        self._thread: threading.Thread | None = None

    def say(self, message: str) -> None:
        """Tell what is going on now."""
        self._message = message

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
            line = f"fwaudit: {self._message} ({time.monotonic() - self._start:.0f} s)"
            self._write("\r\x1b[2K" + line[:78])
        self._write("\r\x1b[2K")

    def _write(self, text: str) -> None:
        try:
            sys.stderr.write(text.encode("ascii", "replace").decode())
            sys.stderr.flush()
        except (OSError, ValueError):
            self._stop.set()
