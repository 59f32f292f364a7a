"""Which lines of a pasted list of packages a finding quotes: those of the packages that it speaks of."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

import msgspec

from auditor.model.fact import Evidence
from auditor.model.finding import Finding
from auditor.readers.lines import Line
from auditor.readers.notes import Package, seen

_FIGURE = re.compile(r"\d[\d.]*\d")
_TELLING = 4  # digits of a figure that stands for something: a process, a size, a version
_WORD = re.compile(r"[a-z0-9][a-z0-9._-]*")
_MEANT = {"pytorch": "torch", "jax": "jaxlib"}


def to_the_point(
    findings: Iterable[Finding], packages: Sequence[tuple[Package, Evidence]], lines: Sequence[Line]
) -> list[Finding]:
    """Return the findings with the lines they speak of: a package's own, and the one that holds a figure of theirs."""
    rows = [(str(row["name"]), evidence) for row, evidence in packages]
    return [
        _with_figure(_pointed(finding, rows), lines) if finding.is_problem else finding
        for finding in findings
    ]


def _with_figure(finding: Finding, lines: Sequence[Line]) -> Finding:
    """Return the finding with the line of a table that it was read from, where it quotes but the table's head."""
    figures = [word for word in _FIGURE.findall(finding.message) if len(word) >= _TELLING]
    quotes = [piece for piece in finding.evidence if piece.kind == "paste"]
    if not quotes or not figures or any(word in piece.excerpt for piece in quotes for word in figures):
        return finding
    line = next((line for line in lines if any(word in _FIGURE.findall(line.text) for word in figures)), None)
    return msgspec.structs.replace(finding, evidence=(seen(line), *finding.evidence)) if line else finding


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
