"""The report on a pasted text: the cause first, its evidence quoted, the fix, then what to ask."""

from __future__ import annotations

from auditor.model.finding import Finding
from auditor.model.report import Report
from auditor.model.verdict import worst
from auditor.render.page import Page, Style, count, listed
from auditor.render.parts import closing, machine, problems, waived
from auditor.render.parts.wording import is_command, items, objects, sentence

_QUOTES = 3


def write(page: Page, report: Report) -> None:
    """Write the whole page."""
    page.text(_read(report), label="Read:")
    page.blank()
    word, style, text = verdict(report)
    page.text(text, label=word, label_style=style)
    for reason in report.incomplete:
        page.text(sentence(reason), indent=2, style="bad")
    _quotes(page, report)
    for words in changed(report):
        page.text(words, indent=2)
    problems.write(page, report)
    waived.write(page, report)
    machine.write(page, report)
    _checked(page, report)
    _ask(page, report)
    _unread(page, report)
    if page.options.verbose:
        from auditor.render.parts import details

        details.write(page, report)
    closing.write(page, report)


def verdict(report: Report) -> tuple[str, Style, str]:
    """Return a word, its style and a sentence: a cause, a possible one, or that none was found."""
    errors = [finding for finding in report.findings if finding.severity == "error"]
    first = next(iter(report.findings), None)
    if first is not None and first.confidence == "possible":
        return "POSSIBLE", "warn", f"Nothing is certain. It may be this: {sentence(first.title)}"
    if errors:
        root = report.findings[0]  # a root that is but a warning may explain an error
        lead = root if root.cause in errors[0].explained_by else errors[0]
        return "CAUSE", "bad", sentence(lead.title) + _more(len(errors) - (lead is errors[0]))
    if worst(report) == "warning":
        return (
            "CARE",
            "warn",
            sentence(first.title if first else "") + " Nothing else was found in the environment.",
        )
    known = list(dict.fromkeys(finding.title for finding in waived.findings(report)))
    if known:
        return "WAIVED", "warn", f"{listed(known)}: waived. Nothing else was found in the environment."
    if not any(piece.kind != "computed" for fact in report.facts.values() for piece in fact.evidence):
        return "NOTHING READ", "warn", "Nothing in it was understood, so that nothing can be said."
    if gone(report):
        return (
            "REPORTED",
            "warn",
            "A report was handed in that had found a cause; what it shows is not enough to find it again.",
        )
    return (
        "NO CAUSE",
        "good",
        "No environment cause found: this reads like a fault of the program, or of what was not shown.",
    )


def gone(report: Report) -> list[str]:
    """Return the titles of what a report that was handed in had found, and the rules do not find now."""
    return list((report.options.get("changed") or {}).get("no longer found") or ())


def changed(report: Report) -> list[str]:
    """Return how the findings differ from those of a report that was handed in, in sentences."""
    new = (report.options.get("changed") or {}).get("newly found") or ()
    told = (("The report had found what is not found now", gone(report)), ("Today's rules also find", new))
    return [f"{word}: {sentence('; '.join(titles))}" for word, titles in told if titles]


def _more(others: int) -> str:
    return f" {count(others, 'more error')} below." if others else ""


def _read(report: Report) -> str:
    lines, left = report.options.get("lines", 0), report.options.get("unread", 0)
    source = f" of {report.host.source}" if report.host.source else ""
    return f"{count(int(lines), 'line')}{source}, {left} of them not understood; {count(len(report.facts), 'fact')}."


def _quotes(page: Page, report: Report) -> None:
    first = next(iter(report.findings), None)
    for evidence in _quoted(first)[:_QUOTES] if first else []:
        page.text(f'{evidence[0]}: "{evidence[1]}"', indent=2, style="dim")


def _quoted(finding: Finding) -> list[tuple[str, str]]:
    return [
        (piece.ref, piece.excerpt) for piece in finding.evidence if piece.kind == "paste" and piece.excerpt
    ]


def ruled_out(report: Report) -> list[Finding]:
    """Return the checks that passed and whose cause was not found or waived: of several subjects or cards one may pass."""
    found = {f.cause for f in (*report.findings, *(check for check in report.checks if check.waiver))}
    return [check for check in report.checks if check.outcome == "pass" and check.cause not in found]


def _checked(page: Page, report: Report) -> None:
    """Say what was checked and is in order, and how much could not be."""
    passed = list(dict.fromkeys(check.cause for check in ruled_out(report)))
    still_open = sum(check.outcome == "unknown" for check in report.checks)
    page.blank()
    if passed:
        page.text(listed(passed, 0 if page.options.verbose else 12), label="Ruled out:", label_style="strong")
    if still_open:
        page.text(
            f"{count(still_open, 'check')} for want of facts; --verbose lists them.",
            label="Open:",
            label_style="strong",
        )


def _ask(page: Page, report: Report) -> None:
    commands = report.options.get("ask") or ([] if report.findings else ["fwaudit scan --level none"])
    if commands:
        page.blank()
        page.text("what the following print would decide it", label="To ask:", label_style="strong")
        for line in map(str, commands):
            page.command(line, 2) if is_command(line) else page.text(line, indent=2)
            if causes := _decided_by(line, report):
                page.text(f"for {listed(causes)}", indent=4, style="dim")


def _decided_by(line: str, report: Report) -> list[str]:
    """Return the rules of the causes that a command's answer decides; nothing where one cause alone is possible."""
    decides = objects([report.options.get("decides")])
    found = decides[0] if decides and len(decides[0]) > 1 else {}
    return [str(rule) for rule, lines in found.items() if line in items(lines)]


def _unread(page: Page, report: Report) -> None:
    rows = report.options.get("unread_lines") or []
    if rows and page.options.verbose:
        page.heading("Not understood")
        for row in rows:
            page.text(str(row), indent=2, style="dim")
