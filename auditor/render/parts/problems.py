"""What is broken and how to mend it: root causes in full, what follows from them in a line."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from auditor.model.fact import Evidence
from auditor.model.finding import Finding, Remedy
from auditor.model.report import Report
from auditor.render.page import Page, Style, count, listed
from auditor.render.parts.wording import is_command, sentence

MOST_IN_FULL = 12
_STYLES: dict[str, Style] = {"error": "bad", "warning": "warn", "note": "dim"}
_TITLES = {"error": "What is broken", "warning": "What needs care", "note": "Notes"}


class Mending(NamedTuple):
    """A remedy; where a group has several, `subjects` tell for whom it is, and `message` what is the matter there."""

    subjects: list[str]
    message: str
    remedy: Remedy


def write(page: Page, report: Report) -> None:
    """Write the findings by severity, numbered through."""
    number = 0
    numbers: dict[str, int] = {}
    titles = {finding.cause: f'"{finding.title}"' for finding in report.findings}
    for severity, title in _TITLES.items():
        groups = grouped(shown_under(report, severity))
        if not groups:
            continue
        page.heading(title)
        shown = groups if page.options.verbose else groups[:MOST_IN_FULL]
        for group in shown:
            number += 1
            numbers.setdefault(group[0].cause, number)
            _finding(page, number, group, {**titles, **numbers})
        if len(shown) < len(groups):
            page.text(
                f"and {count(len(groups) - len(shown), 'finding')} more; --verbose shows them", indent=2
            )


def shown_under(report: Report, severity: str) -> list[Finding]:
    """Return the findings of a heading: a root that is held for sure stands with the gravest that follows from it."""
    gravest: dict[str, int] = {}
    order = list(_TITLES)
    for finding in report.findings:
        for cause in finding.explained_by:
            gravest[cause] = min(gravest.get(cause, len(order)), order.index(finding.severity))
    wanted = order.index(severity)
    return [finding for finding in report.findings if _place(finding, order, gravest) == wanted]


def _place(finding: Finding, order: Sequence[str], gravest: Mapping[str, int]) -> int:
    own = order.index(finding.severity)
    return own if finding.confidence == "possible" else min(own, gravest.get(finding.cause, own))


def grouped(findings: Sequence[Finding]) -> list[list[Finding]]:
    """Return findings of one rule together, in the order of their first: 64 GPUs are one matter."""
    groups: dict[tuple[str, str], list[Finding]] = {}
    for finding in findings:
        groups.setdefault((finding.id, finding.title), []).append(finding)
    return list(groups.values())


def _finding(page: Page, number: int, group: list[Finding], numbers: Mapping[str, int | str]) -> None:
    finding = group[0]
    indent = len(f"{number}. ")
    crash = " (fwaudit's own check crashed)" if finding.outcome == "crash" else ""
    sure = "" if finding.confidence == "certain" else f" ({finding.confidence})"
    page.text(
        f"{finding.title}{sure}{crash} [{finding.id}]", label=f"{number}.", style=_STYLES[finding.severity]
    )
    if finding.message:
        page.text(sentence(finding.message), indent=indent)
    subjects = [other.subject for other in group if other.subject]
    if subjects and (len(group) > 1 or finding.subject not in finding.message):
        page.text(listed(subjects, 0 if page.options.verbose else 8), indent=indent, label="On:")
    roots = [str(numbers.get(cause, cause)) for cause in finding.explained_by]
    if roots:
        page.text(f"This follows from {listed(roots)}: mend that first.", indent=indent)
    if page.options.verbose:
        _more(page, group, indent)
    if not roots or page.options.verbose:
        _remedies(page, group, indent)


def _remedies(page: Page, group: list[Finding], indent: int) -> None:
    """Write each remedy of a group once; where they differ, for whom each is and what is the matter there."""
    for mending in mendings(group):
        if mending.subjects:
            page.text(listed(mending.subjects, 0 if page.options.verbose else 8), indent=indent, label="For:")
        if mending.message:
            page.text(sentence(mending.message), indent=indent)
        remedy(page, mending.remedy, indent)


def mendings(group: list[Finding]) -> list[Mending]:
    """Return each remedy of a group once."""
    apart: dict[Remedy | None, list[Finding]] = {}
    for finding in group:
        apart.setdefault(finding.remedy, []).append(finding)
    return [
        Mending(
            [finding.subject for finding in findings if finding.subject] if len(apart) > 1 else [],
            findings[0].message if findings[0].message != group[0].message else "",
            mending,
        )
        for mending, findings in apart.items()
        if mending is not None
    ]


def _more(page: Page, group: list[Finding], indent: int) -> None:
    finding = group[0]
    if finding.why:
        page.text(sentence(finding.why), indent=indent, label="Why:")
    if finding.explains:
        page.text(listed(finding.explains), indent=indent, label="Explains:")
    for other in group:
        for evidence in other.evidence:
            page.text(evidence_line(evidence), indent=indent, label="Seen:", style="dim")
    for reference in finding.references:
        about = " ".join(filter(None, (reference.url, reference.title, reference.date)))
        page.text(about, indent=indent, label="Source:", style="dim")


def evidence_line(evidence: Evidence) -> str:
    """Return where a claim comes from and the words themselves."""
    return f"{evidence.kind} {evidence.ref}" + (f": {evidence.excerpt}" if evidence.excerpt else "")


def conditions(remedy: Remedy) -> str:
    """Return who must do it and what else it touches, or nothing where it is yours alone."""
    stated = [
        "by an administrator" if remedy.who == "administrator" else "",
        "needs a reboot" if remedy.reboot else "",
        "affects other people on this machine" if remedy.affects_others else "",
    ]
    return listed(filter(None, stated))


def remedy(page: Page, remedy: Remedy, indent: int) -> None:
    """Write what mends it, with commands on lines of their own so that they can be copied."""
    stated = conditions(remedy)
    page.text(
        sentence(remedy.summary) + (f" ({stated})" if stated else ""), indent=indent, label="To mend it:"
    )
    for command in remedy.commands:
        page.command(command, indent + 2)
    if remedy.meanwhile:
        instruction(page, remedy.meanwhile, indent, "Meanwhile:")
    if remedy.check:
        instruction(page, remedy.check, indent, "To check:")


def instruction(page: Page, text: str, indent: int, label: str) -> None:
    """Write prose, and a command in it or behind its colon on a line of its own, so that it pastes."""
    prose, _, line = text.partition(": ")
    if is_command(text):
        prose, line = "", text
    elif not is_command(line):
        prose, line = sentence(text), ""
    page.text(prose + (":" if prose and line else ""), indent=indent, label=label)
    if line:
        page.command(line, indent + 2)
