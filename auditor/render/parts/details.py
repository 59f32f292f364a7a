"""The rest, with --verbose: every check, criterion, fact and probe."""

from __future__ import annotations

from typing import Any

import msgspec

from auditor.model.fact import Fact
from auditor.model.finding import Finding
from auditor.model.report import Report
from auditor.render.page import Page, listed
from auditor.render.parts import together
from auditor.render.parts.problems import evidence_line

ORDER = ("unknown", "pass", "not-applicable", "fail", "crash")
# a title says what is wrong where the check fails, so "pass" beside it would be misread
WORDS = {
    "unknown": "unknown",
    "pass": "not found",
    "not-applicable": "no question",
    "fail": "found",
    "crash": "crashed",
}


def write(page: Page, report: Report) -> None:
    """Write all checks, criteria, facts and probes."""
    together.write(page, report)
    _checks(page, report)
    _criteria(page, report)
    _facts(page, report)
    _probes(page, report)


def _checks(page: Page, report: Report) -> None:
    if not report.checks:
        return
    page.heading("All checks, each by what it looks for")
    for check in sorted(
        report.checks, key=lambda check: (ORDER.index(check.outcome), check.id, check.subject)
    ):
        subject = f" ({check.subject})" if check.subject else ""
        page.row(
            f"{check.id} {'waived' if check.waiver else WORDS[check.outcome]}",
            check.title + subject + because(check),
            column=24,
        )


def because(check: Finding) -> str:
    """Return why a check was waived or could not be decided, behind a dash."""
    if check.waiver:
        return f" - waived: {check.waiver}"
    if check.outcome == "unknown":
        return f" - not known: {listed(check.unknown_because) or 'no reason given'}"
    return ""


def _criteria(page: Page, report: Report) -> None:
    if not report.criteria:
        return
    page.heading("The comparison's claims, held against this machine")
    for claim in report.criteria:
        dated = f" [{claim.source} {claim.date}]" if claim.source else ""
        page.row(
            f"{claim.framework} {claim.verdict}",
            f"{claim.title}: {claim.today or claim.published}{dated}",
            column=24,
        )


def _facts(page: Page, report: Report) -> None:
    page.heading("All facts")
    for key in sorted(report.facts, key=by_instance):
        fact = report.facts[key]
        page.text(answer(fact), indent=2, label=f"{key}:", style="dim" if fact.state != "known" else "")
        for evidence in fact.evidence:
            page.text(evidence_line(evidence), indent=6, style="dim")


def by_instance(key: str) -> tuple[Any, ...]:
    """Sort gpu[10] behind gpu[9]."""
    return tuple(
        (0, int(part), "") if part.isdecimal() else (1, 0, part) for part in key.replace("]", "[").split("[")
    )


def answer(fact: Fact) -> str:
    """Return a fact as a reader wants it: its value, or why there is none."""
    if fact.state != "known":
        return f"{fact.state}: {fact.reason}"
    return fact.value if isinstance(fact.value, str) else _compact(fact.value)


def _compact(value: Any) -> str:
    try:
        text = msgspec.json.encode(
            value, order="sorted"
        ).decode()  # as it will be when it was stored and read again
    except (UnicodeEncodeError, TypeError):
        return str(value)
    return text.replace(',"', ', "').replace("},{", "}, {")


def _probes(page: Page, report: Report) -> None:
    if not report.probes:
        return
    page.heading("Probes")
    for run in sorted(report.probes, key=lambda run: -run.duration_s):
        page.row(
            run.name,
            f"{run.status:8} {run.duration_s:7.3f} s" + (f"  {run.reason}" if run.reason else ""),
            column=24,
        )
