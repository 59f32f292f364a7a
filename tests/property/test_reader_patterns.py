"""No pattern of a reader is slow on any line: each is pumped with what its own repeats take, up to the cap of a line.

The patterns of cards are linear by construction (`auditor/knowledge/patterns.py`); those of readers may nest bounded
repeats, so that the cap on a line's length, and this attack, hold them instead.
"""

from __future__ import annotations

import importlib
import pkgutil
import re
import time
from collections.abc import Callable, Iterator
from re import _parser as parser  # type: ignore[attr-defined]
from typing import Any

import pytest

from auditor import readers
from auditor.readers.lines import LINE_LIMIT

SLOWEST_S = 0.05  # of one pattern on one line; a backtracking one takes minutes


def patterns() -> Iterator[tuple[str, re.Pattern[str]]]:
    for module in pkgutil.iter_modules(readers.__path__):
        for name, value in vars(importlib.import_module(f"auditor.readers.{module.name}")).items():
            if isinstance(value, re.Pattern):
                yield f"{module.name}.{name}", value


def sample(tree: Any) -> str:
    """The shortest text that a parsed pattern takes, as far as its literals and classes tell."""
    return "".join(piece(str(name), value) for name, value in tree)


def piece(name: str, value: Any) -> str:
    if name == "LITERAL":
        return chr(value)
    if name in ("ANY", "NOT_LITERAL", "CATEGORY"):
        return "1" if "DIGIT" in str(value) else " " if "SPACE" in str(value) else "a"
    if name == "IN":
        return piece(str(value[0][0]), value[0][1]) if str(value[0][0]) != "NEGATE" else "a"
    if name == "RANGE":
        return chr(value[0])
    if name in ("MAX_REPEAT", "MIN_REPEAT", "POSSESSIVE_REPEAT"):
        return sample(value[2]) * value[0]
    if name == "SUBPATTERN":
        return sample(value[-1])
    return sample(value[1][0]) if name == "BRANCH" else ""


def repeats(tree: Any) -> Iterator[Any]:
    """Every repeat of a parsed pattern, those inside others too."""
    for name, value in tree:
        if str(name).endswith("REPEAT"):
            yield value[2]
        for part in parts(value):
            yield from repeats(part)


def parts(value: Any) -> Iterator[Any]:
    if isinstance(value, parser.SubPattern):
        yield value
    elif isinstance(value, (list, tuple)):
        for item in value:
            yield from parts(item)


def attacks(pattern: re.Pattern[str]) -> Iterator[str]:
    """Lines that begin as the pattern wants them, go on with what a repeat takes, and end as it does not want them."""
    tree = parser.parse(pattern.pattern, pattern.flags)
    nodes = list(tree)
    before = (end for end in range(1, len(nodes)) if str(nodes[end][0]) not in ("LITERAL", "IN", "AT"))
    starts = ["", *(sample(nodes[:end]) for end in before)]
    pumps = {text for item in repeats(tree) if (text := sample(item))} | {" ", "a", "1"}
    for start in dict.fromkeys(starts):
        for pump in sorted(pumps):
            yield (start + pump * LINE_LIMIT)[: LINE_LIMIT - 1] + "\x00"


def took(pattern: re.Pattern[str], line: str) -> float:
    started = time.thread_time()
    pattern.search(line)
    return time.thread_time() - started


@pytest.mark.parametrize(("name", "pattern"), [pytest.param(n, p, id=n) for n, p in patterns()])
def test_a_pumped_line_is_read_at_once(
    name: str, pattern: re.Pattern[str], slowness: Callable[[], float]
) -> None:
    slow = [line for line in attacks(pattern) if took(pattern, line) > SLOWEST_S]
    # a machine that is slow, or stood still in between, is no fault of the pattern
    slow = [line for line in slow if min(took(pattern, line) for _ in range(5)) > SLOWEST_S * slowness()]
    assert [line[:80] for line in slow] == []


def test_the_attack_finds_a_pattern_that_is_slow() -> None:
    slow = re.compile(r"# \w{1,9}\s*:?\s*(?:#{1,6})?\s*$")
    assert max(took(slow, line[:600] + "~") for line in attacks(slow)) > SLOWEST_S


def test_a_heading_with_blanks_to_its_end_is_read_at_once(slowness: Callable[[], float]) -> None:
    def spent() -> float:
        started = time.thread_time()
        readers.read(("# Aa" + " " * 1900 + "~\nx\n") * 3)
        return time.thread_time() - started

    assert min(spent() for _ in range(3)) < 10 * SLOWEST_S * slowness()
