"""What one report tells, as values that can be held against another's; the report itself is not kept."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import msgspec

from auditor.compare.rules import general, speaks_of
from auditor.model.fact import Fact
from auditor.model.finding import Finding
from auditor.model.report import Report
from auditor.model.smoke import SmokeResult
from auditor.render.parts import opening
from auditor.render.parts.smoke import RATES

MISSING = "not in this report"

# lists of objects that are compared piece by piece: the kind of the pieces
_NAMED = {"python.distributions": "package", "python.conda_packages": "package", "components": "component"}
_MAPPINGS = ("env.variables",)
Source = tuple[str, str]


class Told(NamedTuple):
    """`values` by "kind:key"; `findings` with what each rests on: keys of facts."""

    name: str
    verdict: str
    values: dict[str, Any]
    findings: dict[tuple[str, str], set[str]]
    level: str = ""


class Pool:
    """Keeps one copy of equal values, so that a thousand reports of like machines fit into memory."""

    def __init__(self) -> None:
        self._kept: dict[bytes, Any] = {}

    def one(self, value: Any) -> Any:
        """Return the copy that stands for a value."""
        try:
            return self._kept.setdefault(msgspec.json.encode(value), value)
        except (UnicodeEncodeError, TypeError):
            return value


def told(name: str, report: Report, pool: Pool) -> Told:
    """Return what a report tells: facts, packages, variables, findings, workloads."""
    values: dict[str, Any] = {}
    for key, fact in report.facts.items():
        values.update(_fact(key, fact))
    values.update(
        {f"finding:{finding.id} {finding.subject}".strip(): _found(finding) for finding in report.findings}
    )
    values.update(_workloads(report.smoke))
    kept = {pool.one(key): pool.one(value) for key, value in values.items()}
    return Told(
        name, opening.verdict(report)[0], kept, _findings(report), str(report.options.get("level", ""))
    )


def _fact(key: str, fact: Fact) -> dict[str, Any]:
    if key in _NAMED and isinstance(fact.value, list):
        rows = [row for row in fact.value if isinstance(row, dict)]
        return {f"{_NAMED[key]}:{row.get('name')}": row.get("version", row.get("fits")) for row in rows}
    if key in _MAPPINGS and isinstance(fact.value, Mapping):
        return {f"variable:{name}": value for name, value in fact.value.items()}
    return {f"fact:{key}": _answer(fact)}


def _answer(fact: Fact) -> Any:
    """Return a value; absent and unknown are answers of their own, never alike."""
    if fact.is_known:
        return fact.value
    return f"unknown: {fact.reason}" if fact.state == "unknown" else "absent"


def _found(finding: Finding) -> str:
    return f"{finding.severity}: {finding.title}"


def _workloads(results: Sequence[SmokeResult]) -> dict[str, Any]:
    values: dict[str, Any] = {}
    for result in results:
        at = f"{result.id} {result.device}".strip()
        values[f"smoke:{at}"] = result.status
        values.update({f"rate:{at} {name}": result.metrics[name] for name in RATES if name in result.metrics})
    return values


def _findings(report: Report) -> dict[tuple[str, str], set[str]]:
    """Return the facts that each finding rests on: named by it, or read from the same file or variable."""
    by_source: dict[Source, set[str]] = {}
    for key, fact in report.facts.items():
        for item in fact.evidence:
            if item.kind in ("file", "env"):
                by_source.setdefault((item.kind, item.ref), set()).add(key)
    return {(finding.id, finding.subject): _rests_on(finding, by_source) for finding in report.findings}


def _rests_on(finding: Finding, by_source: Mapping[Source, set[str]]) -> set[str]:
    keys: set[str] = set()
    for item in finding.evidence:
        if item.kind == "computed":
            keys.update(key.strip() for key in item.ref.split(","))
        keys |= by_source.get((item.kind, item.ref), set())
    return keys


def rests(reports: Sequence[Told]) -> dict[str, set[str]]:
    """Return, by key ("fact:...", general), the rules that look at it and whose findings only some reports have."""
    every = {name for report in reports for name in report.findings}
    partly = every - set(reports[0].findings).intersection(*(report.findings for report in reports[1:]))
    found: dict[str, set[str]] = {}
    for rule, keys in speaks_of({name for name, _ in partly}).items():
        for key in keys:
            found.setdefault(key, set()).add(rule)
    for report in reports:
        for name in partly:
            for fact in report.findings.get(name, ()):
                found.setdefault(f"fact:{general(fact)}", set()).add(name[0])
    return found
