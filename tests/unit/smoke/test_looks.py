"""The clock by which a child counts as hung: a machine that stands still is no child that hangs."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from auditor.smoke.child import LOOK_MOST_S, Child, Limits, Looks, Stderr
from auditor.smoke.values import Deadlines
from auditor.smoke.watch import Watch


def test_of_a_gap_between_two_looks_a_second_counts() -> None:
    now = [100.0]
    looks = Looks(lambda: now[0])
    for step in (0.1, 0.1, 30.0, 0.1):
        now[0] += step
        looks.look()
    assert looks() == pytest.approx(0.3 + LOOK_MOST_S)


def test_a_child_is_not_blamed_for_a_machine_that_stood_still() -> None:
    now = [100.0]
    looks = Looks(lambda: now[0])
    watch = Watch(os.getpid(), looks)
    limits = Limits(Deadlines(), 1 << 20)
    watch.sample()
    now[0] += 3600.0
    looks.look()
    assert limits.passed("import", looks(), watch) == ""
    for _ in range(2000):
        now[0] += 0.1
        looks.look()
    assert limits.passed("import", looks(), watch).startswith("no progress for ")


def test_where_a_hung_child_is_may_be_told_late(tmp_path: Path) -> None:
    """A loaded machine lets it write after more than a moment: its stack is waited for."""
    code = "import signal, sys, time\nsignal.signal(signal.SIGUSR1, lambda *_: (time.sleep(0.6), print('here', file=sys.stderr, flush=True)))\nopen(sys.argv[1], 'w').close()\ntime.sleep(600)"
    ready = tmp_path / "ready"
    child = Child.__new__(Child)
    child.process = subprocess.Popen([sys.executable, "-c", code, str(ready)], stderr=subprocess.PIPE)
    child.stderr = Stderr(child.process)
    while not ready.exists():
        time.sleep(0.02)
    child._ask_where()
    child.process.kill()
    child.process.wait()
    assert child.stderr.tail() == "here\n"
