"""What could not be looked at and why: one line, unless it could change the verdict."""

from __future__ import annotations

from collections import Counter

from auditor.model.report import Report
from auditor.render.page import Page, count, listed

_MOST_REASONS, _MOST_CHECKS = 3, 4


def write(page: Page, report: Report) -> None:
    """Write how much is unknown, the commonest reasons, and the open checks that matter."""
    unknown = [fact for fact in report.facts.values() if fact.state == "unknown"]
    still_open = [check for check in report.checks if check.outcome == "unknown"]
    if not unknown and not still_open:
        return
    page.blank()
    page.text(
        summary(report) + " --verbose lists them.",
        label="Not seen:",
        label_style="strong",
    )
    matters = [check for check in still_open if check.severity == "error"]
    if matters and not page.options.verbose:
        titles = dict.fromkeys(check.title for check in matters)
        page.text(listed(titles, _MOST_CHECKS), indent=2, label="Not ruled out:", label_style="warn")


def summary(report: Report) -> str:
    """Return how many facts and checks stayed open and the commonest reasons; empty where none did."""
    reasons = [fact.reason for fact in report.facts.values() if fact.state == "unknown"]
    still_open = [check for check in report.checks if check.outcome == "unknown"]
    parts = []
    if reasons:
        common = [
            f"{reason or 'no reason given'} ({n})"
            for reason, n in sorted(Counter(reasons).items(), key=lambda pair: (-pair[1], pair[0]))[
                :_MOST_REASONS
            ]
        ]
        more = len(set(reasons)) - len(common)
        parts.append(
            f"{len(reasons)} of {count(len(report.facts), 'fact')}: {'; '.join(common)}"
            + (f"; {count(more, 'other reason')}" if more else "")
        )
    if still_open:
        parts.append(f"{count(len(still_open), 'check')} stay{'s' if len(still_open) == 1 else ''} open")
    return ". ".join(parts) + "." if parts else ""
