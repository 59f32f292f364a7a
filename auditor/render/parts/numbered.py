"""The findings in the order and with the numbers that every format gives them."""

from __future__ import annotations

from typing import NamedTuple

from auditor.model.finding import Finding, Severity
from auditor.model.report import Report
from auditor.render.page import listed
from auditor.render.parts.problems import Mending, grouped, mendings, shown_under

TITLES: dict[Severity, str] = {"error": "What is broken", "warning": "What needs care", "note": "Notes"}


class Problem(NamedTuple):
    """Findings of one rule. `roots` are the numbers, or else the causes, from which they follow."""

    number: int
    group: list[Finding]
    roots: tuple[str, ...]

    @property
    def first(self) -> Finding:
        """The finding whose words stand for all."""
        return self.group[0]

    @property
    def subjects(self) -> list[str]:
        """What it was found on, where that is not the whole machine."""
        return [finding.subject for finding in self.group if finding.subject]

    @property
    def mendings(self) -> list[Mending]:
        """What mends it: one remedy, or one for each of those that need their own."""
        return mendings(self.group)

    @property
    def qualified(self) -> str:
        """How sure it is and whether our own check crashed, in brackets; empty where certain."""
        first = self.first
        crash = " (fwaudit's own check crashed)" if first.outcome == "crash" else ""
        return ("" if first.confidence == "certain" else f" ({first.confidence})") + crash

    @property
    def follows(self) -> str:
        """What to mend first, as a sentence; empty for a root cause."""
        return f"This follows from {listed(self.roots)}: mend that first." if self.roots else ""


def problems(report: Report) -> dict[Severity, list[Problem]]:
    """Return the findings by severity, numbered through from 1; severities without any are left out."""
    kinds: dict[Severity, list[list[Finding]]] = {
        severity: grouped(shown_under(report, severity)) for severity in TITLES
    }
    every = [group for groups in kinds.values() for group in groups]
    numbers: dict[str, int] = {}
    for number, group in enumerate(every, 1):
        numbers.setdefault(group[0].cause, number)
    placed = iter(enumerate(every, 1))
    return {
        severity: [_problem(*next(placed), numbers) for _ in groups]
        for severity, groups in kinds.items()
        if groups
    }


def _problem(number: int, group: list[Finding], numbers: dict[str, int]) -> Problem:
    return Problem(number, group, tuple(str(numbers.get(cause, cause)) for cause in group[0].explained_by))
