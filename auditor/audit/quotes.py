"""Which lines of a pasted list of packages a finding quotes: those of the packages that it speaks of."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence

import msgspec

from auditor.model.fact import Evidence, Fact
from auditor.model.finding import Finding
from auditor.readers.lines import Line
from auditor.readers.notes import Package, seen

_FIGURE = re.compile(r"\d[\d.]*\d")
_TELLING = 4  # digits of a figure that stands for something: a process, a size, a version
_LONGEST, _WORD_LENGTH = 300, 60  # characters of a quote, and of a word at its edge
_WORD = re.compile(r"[a-z0-9][a-z0-9._-]*")
_MEANT = {"pytorch": "torch", "jax": "jaxlib"}


def to_the_point(
    findings: Iterable[Finding], packages: Sequence[tuple[Package, Evidence]], lines: Sequence[Line]
) -> list[Finding]:
    """Return the findings with the lines they speak of: a package's own, and the one that holds a figure of theirs."""
    rows = [(str(row["name"]), evidence) for row, evidence in packages]
    texts = {f"line {line.number}": line.words for line in lines}
    return [
        _once(_with_figure(_pointed(finding, rows), lines), texts) if finding.is_problem else finding
        for finding in findings
    ]


def stored_rows(distributions: Fact) -> list[tuple[Package, Evidence]]:
    """Return the packages that a stored report's quotes name: its fact keeps but the first lines of the list."""
    rows = [row for row in distributions.value if isinstance(row, dict)] if distributions.is_known else []
    return [
        (row, piece)
        for piece in distributions.evidence
        if piece.kind == "paste"
        for row in rows
        if str(row.get("name")) in piece.excerpt.lower().replace("_", "-")
    ]


def _once(finding: Finding, texts: Mapping[str, str]) -> Finding:
    """Return the finding with one quote a line, which begins and ends with whole words."""
    quotes: dict[str, Evidence] = {}
    for piece in finding.evidence:
        if piece.kind == "paste" and piece.ref in texts:
            before = quotes.get(piece.ref)
            words = _whole(texts[piece.ref], piece.excerpt, before.excerpt if before else piece.excerpt)
            quotes[piece.ref] = msgspec.structs.replace(piece, excerpt=words)
    kept = [quotes.get(piece.ref, piece) if piece.kind == "paste" else piece for piece in finding.evidence]
    return msgspec.structs.replace(finding, evidence=tuple(dict.fromkeys(kept)))


def _whole(text: str, one: str, other: str) -> str:
    """Return the part of a line that two quotes of it cover, or the first where they lie apart, in whole words."""
    starts = [text.find(quote) for quote in (other, one)]
    if min(starts) < 0:
        return other
    start, end = min(starts), max(starts[0] + len(other), starts[1] + len(one))
    if end - start > _LONGEST:
        start, end = starts[0], starts[0] + len(other)
    while start > 0 and not text[start - 1].isspace() and end - start < _LONGEST + _WORD_LENGTH:
        start -= 1
    while end < len(text) and not text[end].isspace() and end - start < _LONGEST + 2 * _WORD_LENGTH:
        end += 1
    return text[start:end]


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
