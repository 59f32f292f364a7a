"""SIGTERM is told like Ctrl-C, so that children are ended and no half-written file is left."""

from __future__ import annotations

import contextlib
import signal
import sys
import time
from collections.abc import Iterator
from types import FrameType

_RETRY = 0.02  # seconds
_CALLED_FROM_C = ("__del__", "__hash__", "__eq__")  # whoever calls them may drop what they raise
_ONCE = 3.0  # seconds in which what the first signal began may be cleared up undisturbed
_raised_at: float | None = None


def _interrupt(number: int, frame: FrameType | None) -> None:  # noqa: ARG001
    """Raise KeyboardInterrupt, but not where it would be swallowed: then a little later.

    While something is being imported it may be raised in the importer's clean-up, which swallows it and
    never gives back the lock: every thread that imports anything then waits for ever. Finalisers and the
    callbacks of weak references swallow it too, and so does a look-up that C code makes in a dict whose keys
    are hashed by Python, as msgspec does with generic types (all seen with CPython 3.11).

    Signals that follow at once are the same wish (a scheduler's TERM after Ctrl-C's INT): raised again, they
    would cut off the clean-up, with locks half released.
    """
    global _raised_at
    if _raised_at is not None and time.monotonic() - _raised_at < _ONCE:
        return
    if _swallows(frame) and hasattr(signal, "setitimer"):
        signal.setitimer(signal.ITIMER_REAL, _RETRY)
        return
    _raised_at = time.monotonic()
    raise KeyboardInterrupt


def _is_nohup(name: str) -> bool:
    """Return whether the caller wants us to outlive the terminal, as `nohup` says."""
    return name == "SIGHUP" and signal.getsignal(signal.SIGHUP) == signal.SIG_IGN


def _swallows(frame: FrameType | None) -> bool:
    while frame is not None:
        code = frame.f_code
        if code.co_filename.startswith("<frozen importlib") or code.co_name in _CALLED_FROM_C:
            return True
        if code.co_filename.endswith(("_weakrefset.py", "weakref.py")):
            return True
        frame = frame.f_back
    return False


@contextlib.contextmanager
def interruptible() -> Iterator[None]:
    """Turn SIGINT, SIGTERM and SIGHUP into KeyboardInterrupt inside the block; children end with it."""
    global _raised_at
    _raised_at = None
    names = ["SIGINT", "SIGTERM", "SIGHUP", "SIGALRM"]  # the last is our own retry
    if sys.argv[1:2] == ["preflight"]:  # a gate that dies of a signal closes by mistake
        names += ["SIGQUIT", "SIGXCPU", "SIGUSR1", "SIGUSR2"]
    numbers = [getattr(signal, name) for name in names if hasattr(signal, name) and not _is_nohup(name)]
    before = {number: signal.signal(number, _interrupt) for number in numbers}
    try:
        yield
    finally:
        if hasattr(signal, "setitimer"):
            signal.setitimer(signal.ITIMER_REAL, 0)
        for number, handler in before.items():
            signal.signal(number, handler)
        _end_children()


def _end_children() -> None:
    """End them, where a command came so far as to start any."""
    processes = sys.modules.get("auditor.host.processes")
    if processes:
        processes.terminate_all()
