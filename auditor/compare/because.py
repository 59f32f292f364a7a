"""Works there, fails here, because: each finding that not all reports have, with the differences that its rule looks at."""

from __future__ import annotations

from typing import NamedTuple

from auditor.compare.differences import Comparison, Difference
from auditor.compare.told import MISSING


class Because(NamedTuple):
    """A rule's finding: the reports that have it, those that have not, and what differs between them."""

    rule: str
    title: str
    grave: bool
    fails: tuple[str, ...]
    works: tuple[str, ...]
    differences: tuple[Difference, ...]


def because(comparison: Comparison) -> list[Because]:
    """Return what the differences explain, in the comparison's order: the gravest first."""
    explained = [difference for difference in comparison.differences if difference.explains]
    rules = dict.fromkeys(rule for difference in explained for rule in difference.explains)
    return [_one(comparison, rule, tuple(d for d in explained if rule in d.explains)) for rule in rules]


def is_told(difference: Difference, told: list[Because]) -> bool:
    """Return whether a difference is a finding that stands among them already."""
    return difference.kind == "finding" and difference.key.split(" ")[0] in {each.rule for each in told}


def _one(comparison: Comparison, rule: str, differences: tuple[Difference, ...]) -> Because:
    found = [d for d in comparison.differences if d.kind == "finding" and d.key.split(" ")[0] == rule]
    said = {
        name: value
        for difference in found
        for name, value in zip(comparison.names, difference.values, strict=True)
        if value != MISSING
    }
    severity, _, title = next(iter(said.values()), rule).partition(": ")
    without = tuple(dict.fromkeys(name for name in comparison.names if name not in said))
    return Because(rule, title or rule, severity == "error", tuple(said), without, differences)
