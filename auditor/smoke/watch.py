"""Watches a child's process group: whether it moves, and how much memory it holds."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable

import psutil

_FAMILY_EVERY = 1.0  # seconds between looks for new grandchildren, which read all of /proc
_CPU_STEP = 0.02  # seconds; less is a timer's tick
_CPU_SHARE = 0.01  # of the time since it last moved; less is a sleeping library's housekeeping


class Watch:
    """Sampled from time to time; `still_s` and `spin_s` tell how long nothing has moved."""

    def __init__(self, pid: int, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._members: list[psutil.Process] = []
        with contextlib.suppress(psutil.Error):
            self._members.append(psutil.Process(pid))
        self._looked = self._moved_at = self._io_at = clock()
        self._cpu = 0.0
        self._io = -1

    def sample(self) -> None:
        """Look once: a few reads of /proc."""
        now = self._clock()
        if now - self._looked >= _FAMILY_EVERY:
            self._looked = now
            self._find_family()
        cpu, io = sum(map(_cpu_s, self._members)), sum(map(_io_bytes, self._members))
        if io != self._io:
            self._io, self._io_at, self._moved_at = io, now, now
        if abs(cpu - self._cpu) >= max(_CPU_STEP, _CPU_SHARE * (now - self._moved_at)):
            self._cpu, self._moved_at = cpu, now

    @property
    def still_s(self) -> float:
        """Seconds without CPU time or I/O."""
        return self._clock() - self._moved_at

    @property
    def spin_s(self) -> float:
        """Seconds without I/O, with or without CPU time."""
        return self._clock() - self._io_at

    def reset(self) -> None:
        """Begin anew: another part of the work has begun."""
        self._moved_at = self._io_at = self._clock()

    def memory_mib(self, enough: float) -> float:
        """Return the group's memory in MiB: resident, or proportional where that passes `enough`.

        Resident memory counts pages that forked workers share once for each; the proportional set
        size does not, but costs milliseconds.
        """
        resident = sum(map(_rss, self._members)) / (1 << 20)
        if resident <= enough or len(self._members) < 2:
            return resident
        return sum(map(_pss, self._members)) / (1 << 20)

    def _find_family(self) -> None:
        with contextlib.suppress(psutil.Error, IndexError):
            first = self._members[0]
            known = set(self._members)
            self._members += [child for child in first.children(recursive=True) if child not in known]
        self._members = [m for m in self._members if m is self._members[0] or m.is_running()]


def _cpu_s(process: psutil.Process) -> float:
    with contextlib.suppress(psutil.Error):
        times = process.cpu_times()
        return float(times.user + times.system)
    return 0.0


def _io_bytes(process: psutil.Process) -> int:
    """Return the bytes read and written, from the page cache too; 0 where the system does not tell."""
    with contextlib.suppress(psutil.Error, AttributeError, OSError):
        counters = process.io_counters()
        read = getattr(counters, "read_chars", counters.read_bytes)
        return int(read) + int(getattr(counters, "write_chars", counters.write_bytes))
    return 0


def _rss(process: psutil.Process) -> int:
    with contextlib.suppress(psutil.Error):
        return int(process.memory_info().rss)
    return 0


def _pss(process: psutil.Process) -> int:
    with contextlib.suppress(psutil.Error, AttributeError):
        return int(process.memory_full_info().pss)
    return _rss(process)
