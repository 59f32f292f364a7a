"""Whether a pattern takes linear time on any line: bounded repeats, none inside another, no way back."""

from __future__ import annotations

import re
from collections.abc import Iterator

# the parser has moved from sre_parse to re._parser in 3.11 and is public in neither place
from re import _parser as parser  # type: ignore[attr-defined]
from typing import Any

# more characters than this between two words of one message is no message
WIDEST = 300
_REPEATS = ("MAX_REPEAT", "MIN_REPEAT", "POSSESSIVE_REPEAT")
_FORBIDDEN = {"GROUPREF": "a reference back", "GROUPREF_EXISTS": "a conditional group"}
# wide repeats in one pattern: each multiplies the work of those before it
_MOST_WIDE = 4


def faults(pattern: str) -> list[str]:
    """Return what keeps a pattern from being linear; empty where nothing does."""
    return _found(pattern, WIDEST)


def endless(pattern: str) -> list[str]:
    """Return what may make a pattern take longer than anybody waits, on one value of a fact (a line at most).

    Repeats without a bound are allowed there, unlike in `faults`; such as `NVIDIA H100.*` need them.
    """
    return _found(pattern, None)


def _found(pattern: str, widest: int | None) -> list[str]:
    try:
        tree = parser.parse(pattern)
    except (re.error, OverflowError, RecursionError) as error:
        return [f"it does not compile: {error}"]
    found = list(_faults(tree, widest, inside=False))
    wide = sum(1 for low, high in _repeats(tree) if high - low > 8)
    return found + ([f"{wide} wide repeats, at most {_MOST_WIDE}"] if wide > _MOST_WIDE else [])


def _faults(tree: Any, widest: int | None, *, inside: bool) -> Iterator[str]:
    for name, value in _nodes(tree):
        if name in _FORBIDDEN:
            yield _FORBIDDEN[name]
        repeat = name in _REPEATS and value[1] > 1
        if repeat and inside:
            yield "a repeat inside a repeat"
        if inside and name == "BRANCH":
            yield "a choice inside a repeat"
        if repeat and widest is not None and value[1] > widest:
            yield f"a repeat without a bound of at most {widest}"
        for part in _parts(value):
            yield from _faults(part, widest, inside=inside or repeat)


def _repeats(tree: Any) -> Iterator[tuple[int, int]]:
    for name, value in _nodes(tree):
        if name in _REPEATS:
            yield value[0], value[1]
        for part in _parts(value):
            yield from _repeats(part)


def _nodes(tree: Any) -> Iterator[tuple[str, Any]]:
    for code, value in tree:
        yield str(code), value


def _parts(value: Any) -> Iterator[Any]:
    """Yield the patterns inside a node, however deep its tuple keeps them."""
    if isinstance(value, parser.SubPattern):
        yield value
    elif isinstance(value, (list, tuple)):
        for item in value:
            yield from _parts(item)
