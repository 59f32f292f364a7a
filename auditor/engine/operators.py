"""The closed set of comparisons that a card may use, on values that are known."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from functools import cache
from typing import Any

from auditor.engine.versions import version_ge, version_lt

Comparison = Callable[[Any, Any], bool]


def _number(value: Any) -> float:
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        msg = f"{value!r} is no number"
        raise TypeError(msg)
    return value


@cache
def _compiled(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern, re.IGNORECASE)


def _matches(left: Any, right: Any) -> bool:
    return _compiled(right).search(str(left)[:4096]) is not None


# `exists` and `absent` look at the fact's state and stand in conditions.py
COMPARISONS: Mapping[str, Comparison] = {
    "eq": lambda left, right: bool(left == right),
    "ne": lambda left, right: bool(left != right),
    "in": lambda left, right: left in right,
    "lt": lambda left, right: _number(left) < _number(right),
    "le": lambda left, right: _number(left) <= _number(right),
    "gt": lambda left, right: _number(left) > _number(right),
    "ge": lambda left, right: _number(left) >= _number(right),
    "version_lt": version_lt,
    "version_ge": version_ge,
    "matches": _matches,
}
