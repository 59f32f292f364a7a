"""What a pre-flight was asked for."""

from __future__ import annotations

import re
import time
from typing import NamedTuple

import msgspec

from auditor.preflight.dialects import Dialect
from auditor.preflight.verdict import UnknownMeans

_DURATION = re.compile(r"(\d+(?:\.\d+)?)\s*(ms|s|m|)")
_UNITS = {"ms": 0.001, "s": 1.0, "": 1.0, "m": 60.0}
BUDGET = 2.0  # seconds
BUDGET_LEAST, BUDGET_MOST = 0.05, 600.0


class Request(msgspec.Struct, frozen=True, kw_only=True):
    """One pre-flight. `budget` is in seconds from `started` (time.monotonic) on."""

    profiles: tuple[str, ...] = ()
    budget: float = BUDGET
    started: float = 0.0
    dialect: Dialect = "posix"
    unknown: UnknownMeans = "warn"
    only: tuple[str, ...] = ()
    skip: tuple[str, ...] = ()
    intents: tuple[str, ...] = ()
    strict: bool = False
    observe: bool = False
    cwd: str = "/"
    python: str | None = None

    @property
    def left(self) -> float:
        """Seconds of the budget that are left."""
        return self.started + self.budget - time.monotonic()


class Duration(NamedTuple):
    """A text such as 2s read: its seconds, or what is wrong with it."""

    seconds: float
    problem: str = ""


def duration(text: str, least: float = BUDGET_LEAST, most: float = BUDGET_MOST) -> Duration:
    """Return the seconds of 2s, 500ms, 1m or 2 (seconds), between `least` and `most` seconds."""
    found = _DURATION.fullmatch(text.strip().lower())
    if found is None:
        return Duration(0.0, f"{text!r} is no duration such as 2s, 500ms or 1m")
    seconds = float(found[1]) * _UNITS[found[2]]
    if not least <= seconds <= most:
        return Duration(0.0, f"{text!r} is not between {least * 1000:.0f} ms and {most:.0f} s")
    return Duration(seconds)
