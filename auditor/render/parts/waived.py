"""What was found and is waived: each with the reason that was given, so that nothing is hidden."""

from __future__ import annotations

from auditor.model.finding import Finding
from auditor.model.report import Report
from auditor.render.page import Page
from auditor.render.parts.wording import sentence

TITLE = "Waived"


def findings(report: Report) -> list[Finding]:
    """Return the findings that somebody waived, in the report's order."""
    return [check for check in report.checks if check.waiver]


def write(page: Page, report: Report) -> None:
    """Write a line for what was found and one for why it does not count."""
    found = findings(report)
    if found:
        page.heading(TITLE)
    for finding in found:
        page.text(f"{finding.title}{about(finding)} [{finding.id}]", label="-")
        page.text(sentence(finding.waiver), indent=2, label="Because:")


def about(finding: Finding) -> str:
    """Return on what it was found, in brackets; empty where that is the whole machine."""
    return f" ({finding.subject})" if finding.subject else ""
