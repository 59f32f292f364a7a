"""The lines that a pre-flight prints: the reason first, as its caller's dialect wants it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from auditor.model.finding import Finding
from auditor.preflight.gate import Result
from auditor.preflight.judge import Judged
from auditor.preflight.reason import LIMIT, cut, reason, spoken
from auditor.preflight.request import Request

_NAGIOS = {"pass": "OK", "warn": "WARNING", "fail": "CRITICAL", "unknown": "UNKNOWN"}


def headline(result: Result, request: Request) -> str:
    """Return the one line that a scheduler keeps."""
    told = result.verdict
    word = told.under(request.unknown)
    before = f"{_NAGIOS[word]} - " if request.dialect == "nagios" else ""
    unknown = " unknown " if told.word == "unknown" else ""
    room = LIMIT - len(before) - len(unknown)
    line = reason(told.failed or told.unknown or told.warned, room) or _fine(result)
    return cut(before + line.replace("fwaudit:", f"fwaudit:{unknown}", 1) if unknown else before + line)


def _fine(result: Result) -> str:
    names = "+".join(result.profiles) or "nothing unacceptable"
    passed = result.verdict.passed
    if not passed:
        return f"fwaudit: ok: no check applies here ({names})"
    return f"fwaudit: ok: {passed} check{'' if passed == 1 else 's'} passed ({names})"


def details(result: Result, *, verbose: bool = False) -> Iterator[str]:
    """Yield what failed, what warns, what is unknown and why, and what the budget left out."""
    for row in result.judged:
        for finding, others in _together(row):
            line = _line(row, finding, verbose, others)
            if line:
                yield from _folded(line)
    for text in result.skipped:
        yield from _folded(f"  skipped  {text}")
    yield from (f"  left behind  process {pid} cannot be ended (state D)" for pid in result.left_behind)
    yield f"  {result.spent:.2f} s, {len(result.judged)} check{'' if len(result.judged) == 1 else 's'}"


def _folded(text: str) -> Iterator[str]:
    """Yield the text in rows of 80 columns, those that follow under the first's words."""
    for row in text.splitlines():
        if len(row) <= LIMIT:
            yield row
            continue
        from textwrap import wrap

        yield from wrap(
            row, LIMIT, subsequent_indent=" " * 11, break_long_words=False, break_on_hyphens=False
        )


def _together(row: Judged) -> Iterator[tuple[Finding, int]]:
    """Yield each finding and how many more are unknown for the same reason: sixteen ports make one line."""
    counts = Counter(finding.unknown_because for finding in row.findings if finding.outcome == "unknown")
    for finding in row.findings:
        if finding.outcome != "unknown" or finding.waiver:
            yield finding, 0
        elif number := counts.pop(finding.unknown_because, 0):
            yield finding, number - 1


def _line(row: Judged, finding: Finding, verbose: bool, others: int) -> str:
    where = f"{row.check.name} {spoken(finding.subject)}".strip() + (f" and {others} more" if others else "")
    if finding.waiver:
        return f"  waived   {where}: {finding.waiver}"
    if finding.outcome in ("fail", "crash"):
        word = {"error": "FAIL", "warning": "warn", "note": "note"}[finding.severity]
        mend = f"\n           {finding.remedy.summary}" if finding.remedy and verbose else ""
        tell = f" [tell {row.check.tell}]" if row.check.tell else ""
        return f"  {word:<8} {where}: {finding.message or finding.title} ({finding.id}){tell}{mend}"
    if finding.outcome == "unknown":
        return f"  unknown  {where}: {'; '.join(finding.unknown_because) or 'no reason given'}"
    return f"  {finding.outcome:<8} {where}" if verbose else ""
