"""Ends what our children left behind in sessions of their own: known by a variable that they inherited."""

from __future__ import annotations

import contextlib
import os
import signal
from functools import cache

VARIABLE = "FWAUDIT_CHILD_OF"
_MOST_ENVIRONMENT = 4 << 20  # bytes; the kernel's own limit is lower


@cache
def mark() -> str:
    """Return the value by which this run's children are told from everything else."""
    return f"{os.getpid()}.{os.urandom(8).hex()}"


def end_all() -> None:
    """Kill every process that carries our mark; only where there is a /proc."""
    wanted = f"\0{VARIABLE}={mark()}\0".encode()
    for pid in _younger():
        if _carries(pid, wanted):
            with contextlib.suppress(OSError):
                os.kill(pid, getattr(signal, "SIGKILL", signal.SIGTERM))


def _younger() -> list[int]:
    """Return the processes that may have been started since we were: higher ids, or all where ids began anew."""
    try:
        with open("/proc/loadavg", encoding="ascii") as stream:
            last = int(stream.read().split()[-1])
        pids = [int(name) for name in os.listdir("/proc") if name.isdigit()]
    except (OSError, ValueError, IndexError):
        return []
    own = os.getpid()
    return [pid for pid in pids if pid != own and (pid > own or last < own)]


def _carries(pid: int, wanted: bytes) -> bool:
    """Return whether a process inherited the mark; one that the kernel holds is not asked, as that may block."""
    try:
        with open(f"/proc/{pid}/stat", "rb") as stream:
            state = stream.read(512).rpartition(b")")[2].split()[:1]
        if state in ([b"D"], [b"Z"]):
            return False
        with open(f"/proc/{pid}/environ", "rb") as stream:
            return wanted in b"\0" + stream.read(_MOST_ENVIRONMENT)
    except OSError:
        return False
