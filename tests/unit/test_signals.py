"""Signals that come back to back are one wish: what the first one began is cleared up undisturbed."""

from __future__ import annotations

import ctypes
import signal
import time

import pytest

from auditor.cli import signals
from auditor.cli.signals import interruptible

PAIRS = [
    (signal.SIGINT, signal.SIGTERM),
    (signal.SIGTERM, signal.SIGINT),
    (signal.SIGINT, signal.SIGINT),
]


@pytest.mark.parametrize(("first", "second"), PAIRS)
def test_the_second_does_not_cut_off_the_clean_up(first: signal.Signals, second: signal.Signals) -> None:
    cleared = False
    with interruptible():
        with pytest.raises(KeyboardInterrupt):
            signal.raise_signal(first)
        signal.raise_signal(second)
        cleared = True
    assert cleared


def test_one_that_comes_much_later_is_heard(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(signals, "_ONCE", 0.0)
    with interruptible():
        for _ in range(2):
            with pytest.raises(KeyboardInterrupt):
                signal.raise_signal(signal.SIGINT)


def test_a_new_command_hears_its_first_one() -> None:
    for _ in range(2):
        with interruptible(), pytest.raises(KeyboardInterrupt):
            signal.raise_signal(signal.SIGTERM)


class SignalsWhenHashed:
    def __hash__(self) -> int:
        signal.raise_signal(signal.SIGTERM)
        return 1


class SignalsWhenCompared(str):
    __hash__ = str.__hash__

    def __eq__(self, other: object) -> bool:
        signal.raise_signal(signal.SIGTERM)
        return False


class SignalsWhenFinalised:
    def __del__(self) -> None:
        signal.raise_signal(signal.SIGTERM)


# each gives Python code to C code that drops what is raised in it
SWALLOWERS = {
    "hash": lambda: ctypes.pythonapi.PyDict_GetItem(
        ctypes.py_object({}), ctypes.py_object(SignalsWhenHashed())
    ),
    "comparison": lambda: ctypes.pythonapi.PyDict_GetItem(
        ctypes.py_object({"a": 1}), ctypes.py_object(SignalsWhenCompared("a"))
    ),
    "finaliser": SignalsWhenFinalised,
}


@pytest.mark.skipif(not hasattr(signal, "setitimer"), reason="no timers on this system")
@pytest.mark.parametrize("place", SWALLOWERS)
def test_one_that_comes_where_it_would_be_swallowed_is_heard_a_moment_later(place: str) -> None:
    def work() -> None:
        SWALLOWERS[place]()
        time.sleep(20)  # seconds; the signal comes again long before

    with interruptible(), pytest.raises(KeyboardInterrupt):
        work()
