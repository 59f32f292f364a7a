"""Signals that come back to back are one wish: what the first one began is cleared up undisturbed."""

from __future__ import annotations

import signal

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
