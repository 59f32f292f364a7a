"""What holds for every test: no budget of wall-clock that a loaded machine can miss, and the same examples each time."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable

import hypothesis
import pytest

for _number, _usual in ((signal.SIGINT, signal.default_int_handler), (signal.SIGHUP, signal.SIG_DFL)):
    signal.signal(_number, _usual)  # `nohup` and a shell's `&` have them ignored, which children inherit

for _name in ("FORCE_COLOR", "NO_COLOR", "CLICOLOR", "CLICOLOR_FORCE", "TTY_COMPATIBLE", "COLUMNS", "LINES"):
    os.environ.pop(_name, None)  # how a terminal or a CI wants pages drawn is no matter of the tests

LONG_S = 120.0  # only a hang lasts longer, however loaded the machine is

# the same examples on every machine, none refused for being slow to draw, and no file beside the checkout;
# FWAUDIT_RANDOM=1 draws others, as a search for new faults should
hypothesis.settings.register_profile(
    "fwaudit",
    derandomize=not os.environ.get("FWAUDIT_RANDOM"),
    deadline=None,
    database=None,
    print_blob=True,
    suppress_health_check=[hypothesis.HealthCheck.too_slow],
)
hypothesis.settings.load_profile("fwaudit")
YARDSTICK_S = (
    0.016  # of CPU time for the yardstick, on the idle machine on which budgets of CPU time were set
)


def yardstick() -> float:
    """Return the CPU time of some work in Python that is always the same."""
    start = time.thread_time()
    made = {str(number): [number, 2 * number] for number in range(60_000)}
    sum(len(pair) for pair in made.values())
    return time.thread_time() - start


@pytest.fixture(scope="session")
def slowness() -> Callable[[], float]:
    """Return slowness(): how many times slower than usual this machine computes now, 1 at least.

    CPU time is not free of load: who shares a core's caches, or is a guest of a busy host, takes more of it.
    """
    return lambda: max(1.0, sorted(yardstick() for _ in range(7))[3] / YARDSTICK_S)


@pytest.fixture
def until() -> Callable[[Callable[[], object]], bool]:
    """Return until(true): waits for what comes at once where the machine is idle; False where it never comes."""

    def wait(true: Callable[[], object]) -> bool:
        end = time.monotonic() + LONG_S
        while not (held := true()) and time.monotonic() < end:
            time.sleep(0.02)
        return bool(held)

    return wait
