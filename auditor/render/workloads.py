"""The outcome of `fwaudit smoke` for a person: what each workload said, the causes and their remedies, the sum."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from auditor.model.finding import Finding
from auditor.model.report import Report
from auditor.model.smoke import SmokeResult
from auditor.model.verdict import FAILED
from auditor.render.options import RenderOptions
from auditor.render.page import Page, Style, listed
from auditor.render.parts import problems, together
from auditor.render.parts.smoke import RATES, WORDS
from auditor.render.parts.wording import number, sentence

_TAIL_LINES = 4  # of a failed workload's last words: the place and the error; JSON has the rest
_COLUMN = 10
_INSTALL = "; install it with: "


def render(report: Report, claims: Mapping[str, str], options: RenderOptions) -> str:
    """Return the outcome as text; `claims` tells what each workload shows."""
    page = Page(options)
    for results in _alike(report.smoke):
        _write(page, results, claims.get(results[0].id, ""))
    together.write(page, report, brief=True)
    relevant = [finding for finding in report.findings if finding.severity != "note"]
    problems.write(page, _only(report, relevant))
    page.blank()
    page.text(_sum(report))
    for reason in report.incomplete:
        page.text(sentence(reason), label="incomplete:", style="bad")
    if not options.colour:
        return page.plain()
    from auditor.render.draw import draw

    return draw(page)


def _only(report: Report, findings: Sequence[Finding]) -> Report:
    """Return the report with these findings alone."""
    import msgspec

    return msgspec.structs.replace(report, findings=tuple(findings))


def _alike(results: Sequence[SmokeResult]) -> list[list[SmokeResult]]:
    """Return each result by itself, and together those skipped for one reason; what failed stands beside its cause."""
    groups: dict[tuple[str, ...], list[SmokeResult]] = {}
    for result in results:
        skipped = result.status == "skip"
        key = ("skip", result.reason) if skipped else (result.id, result.device)
        groups.setdefault(key, []).append(result)
    order = ("pass", "skip", *FAILED)
    return sorted(groups.values(), key=lambda alike: order.index(alike[0].status))


def _write(page: Page, results: Sequence[SmokeResult], claim: str) -> None:
    first = results[0]
    style = WORDS[first.status][1]
    if first.status == "skip":
        _skipped(page, results, style)
        return
    place = f" on {first.device}" if first.device else ""
    page.row(first.status, f"{first.id}{place}, {first.duration_s:.1f} s", 0, _COLUMN, style)
    if first.status == "pass":
        page.text(claim + (f" ({first.reason})" if first.reason else ""), _COLUMN)
        if measured := listed(_figures(first)):
            page.text(measured, _COLUMN, "dim")
        return
    page.text(first.reason.partition("\n")[0], _COLUMN)
    lines = [line for line in first.stderr_tail.splitlines() if line.strip()]
    page.block("\n".join(lines[-_TAIL_LINES:]), _COLUMN + 2)


def _figures(result: SmokeResult) -> Iterator[str]:
    """Yield each rate that was reached, with what the data sheet and its siblings make of it where that is known."""
    for name, value in sorted(result.metrics.items()):
        unit = next((unit for unit in RATES if name == unit or name.endswith(f"_{unit}")), "")
        if not unit or name.startswith("peak_") or not isinstance(value, (int, float)):
            continue
        of = {"peak": "its data sheet", "siblings": "its siblings"}
        parts = [(result.metrics.get(f"{name}_percent_of_{key}"), whole) for key, whole in of.items()]
        share = listed(f"{number(part)} % of {whole}" for part, whole in parts if part is not None)
        label = name.removesuffix(unit).replace("_", " ")
        yield f"{label}{number(value)} {RATES[unit]}" + (f" ({share})" if share else "")


def _skipped(page: Page, results: Sequence[SmokeResult], style: Style) -> None:
    """Write the names once, the reason, and what installs it on a line of its own, so that it pastes."""
    page.row("skip", listed(dict.fromkeys(result.id for result in results)), 0, _COLUMN, style)
    reason = results[0].reason.partition("\n")[0]
    why, found, line = reason.partition(_INSTALL)
    if not found:
        page.text(reason, _COLUMN)
        return
    command, remark = _apart(line)
    page.text(f"{why}; install it with" + (f" this{remark}:" if remark else ":"), _COLUMN)
    page.command(command, _COLUMN + 2)


def _apart(line: str) -> tuple[str, str]:
    """Return an install line's command, and the remark behind it with the sign that begins it."""
    ends = [place for sign in (", ", "; ", " (") if (place := line.find(sign)) > 0]
    return (line[: min(ends)], line[min(ends) :]) if ends else (line, "")


def _sum(report: Report) -> str:
    count = {status: sum(result.status == status for result in report.smoke) for status in WORDS}
    failed = sum(count[status] for status in FAILED)
    audited = report.target.python or "nothing"
    return f"{count['pass']} passed, {failed} failed, {count['skip']} skipped; audited {audited}"
