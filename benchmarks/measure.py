"""Times whole commands in alternating pairs, so that a drift of the machine's speed cancels out."""

from __future__ import annotations

import os
import statistics
import subprocess
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path


@dataclass(frozen=True)
class Command:
    """One or several processes started together; the time is until the last ends."""

    name: str
    argvs: tuple[tuple[str, ...], ...]
    env: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Ratio:
    """Medians in seconds, and the median of the pairs' ratios with their extremes."""

    ours: str
    theirs: str
    pairs: int
    ours_s: float
    theirs_s: float
    ratio: float
    least: float
    most: float
    limit: float

    @property
    def holds(self) -> bool:
        """Whether the median ratio is within the goal."""
        return self.ratio <= self.limit


def seconds(command: Command, cwd: Path) -> float:
    """Run a command and return its wall time in seconds; exit codes above 1 raise."""
    start = time.perf_counter()
    running = [
        subprocess.Popen(argv, cwd=cwd, env={**os.environ, **command.env}, stdin=subprocess.DEVNULL,
                         stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
        for argv in command.argvs
    ]  # fmt: skip
    errors = [process.communicate()[1] for process in running]
    spent = time.perf_counter() - start
    for process, error in zip(running, errors, strict=True):
        if process.returncode not in (0, 1):
            msg = f"{command.name} ended with {process.returncode}: {error.decode(errors='replace')[-400:]}"
            raise RuntimeError(msg)
    return spent


def compare(ours: Command, theirs: Command, limit: float, pairs: int, cwd: Path) -> Ratio:
    """Return the ratio ours / theirs over alternating pairs, after one warm-up of each."""
    seconds(ours, cwd)
    seconds(theirs, cwd)
    times = [(seconds(ours, cwd), seconds(theirs, cwd)) for _ in range(pairs)]
    ratios = [a / b for a, b in times]
    return Ratio(
        ours.name,
        theirs.name,
        pairs,
        statistics.median(a for a, _ in times),
        statistics.median(b for _, b in times),
        statistics.median(ratios),
        min(ratios),
        max(ratios),
        limit,
    )


def peak_rss_mb(argv: Sequence[str], cwd: Path) -> float:
    """Return the high-water mark of the parent's own resident memory, in MB (10^6 bytes), from /proc."""
    process = subprocess.Popen(list(argv), cwd=cwd, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    peak = 0

    def watch() -> None:
        nonlocal peak
        status = Path(f"/proc/{process.pid}/status")
        while process.returncode is None:
            try:
                line = next(row for row in status.read_text().splitlines() if row.startswith("VmHWM"))
            except (OSError, StopIteration):
                return
            peak = max(peak, int(line.split()[1]))
            time.sleep(0.003)

    watcher = threading.Thread(target=watch)
    watcher.start()
    process.wait()
    watcher.join()
    return peak * 1024 / 1e6
