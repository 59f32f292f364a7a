"""Which lines of a pasted list of packages a finding quotes: those of the packages that it speaks of."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

import msgspec

from auditor.model.fact import Evidence
from auditor.model.finding import Finding
from auditor.readers.notes import Package

_WORD = re.compile(r"[a-z0-9][a-z0-9._-]*")
_MEANT = {"pytorch": "torch", "jax": "jaxlib"}


def to_the_point(findings: Iterable[Finding], packages: Sequence[tuple[Package, Evidence]]) -> list[Finding]:
    """Return the findings with the lines of the packages they name, in place of the first of a whole list."""
    rows = [(str(row["name"]), evidence) for row, evidence in packages]
    return [_pointed(finding, rows) if finding.is_problem else finding for finding in findings]


def _pointed(finding: Finding, rows: Sequence[tuple[str, Evidence]]) -> Finding:
    listed = {evidence for _, evidence in rows}
    if not listed.intersection(finding.evidence):
        return finding
    words = {
        word.strip(".-").replace("_", "-")
        for word in _WORD.findall(f"{finding.subject} {finding.message}".lower())
    }
    named = words | {_MEANT[word] for word in words if word in _MEANT}
    quotes = dict.fromkeys(evidence for name, evidence in rows if name in named)
    if not quotes:
        return finding
    others = [piece for piece in finding.evidence if piece not in listed]
    return msgspec.structs.replace(finding, evidence=tuple(dict.fromkeys([*others, *list(quotes)[:4]])))
