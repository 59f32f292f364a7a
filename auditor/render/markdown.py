"""Markdown for a ticket: verdict and findings first, the rest folded, within a tracker's limit."""

from __future__ import annotations

from auditor.model.fact import Facts
from auditor.model.recommendation import Plan
from auditor.model.report import Report
from auditor.render.fitting import Made, Section, fitted
from auditor.render.markup.markdown import block, code, folded, link, table, text
from auditor.render.options import RenderOptions
from auditor.render.parts import advice, closing, details, machine, opening, smoke, together, unseen, waived
from auditor.render.parts.numbered import TITLES, Problem, problems
from auditor.render.parts.problems import Mending, conditions, evidence_line
from auditor.render.parts.wording import facts_of, framework, number, sentence

_OPENING_LIMIT = 600  # characters of the verdict's sentence and of the interpreter's
_END = "\n</details>\n"


def render(report: Report, options: RenderOptions) -> str:
    """Return Markdown of at most `max_chars` characters, the most important first; of a pasted text a reply to it."""
    if not options.flat:
        return _folding(report, options)
    from auditor.render.markup.flat import flattened

    return flattened(_folding(report, options))


def _folding(report: Report, options: RenderOptions) -> str:
    if report.host.kind == "paste":
        from auditor.render import reply

        return reply.render(report, options)
    head = _opening(report)
    tail = f"\n<sub>{text(closing.signature(report))}</sub>\n"
    sections = [*_findings(report), *_folded(report)]
    return head + fitted(sections, options.max_chars - len(head) - len(tail)) + tail


def _opening(report: Report) -> str:
    word, _, words = opening.verdict(report)
    lines = [f"## fwaudit: {word}\n\n{text(words[:_OPENING_LIMIT])}\n"]
    lines += [f"- {text(sentence(reason[:_OPENING_LIMIT]))}\n" for reason in report.incomplete[:3]]
    lines.append(f"\nAudited: {text(opening.audited(report)[:_OPENING_LIMIT])}\n")
    if report.host.kind != "live":
        lines.append(f"\nThis is {opening.KINDS[report.host.kind]}, not a live machine.\n")
    assumed = [f"{key} = {opening.stated(report.facts[key])}" for key in opening.assumed(report)]
    if assumed:
        lines.append(f"\nAssumed: {text(', '.join(assumed)[:_OPENING_LIMIT])}\n")
    return "".join(lines)


def _findings(report: Report) -> list[Section]:
    return [
        Section("findings", f"\n### {TITLES[severity]}\n", Made(found, _finding))
        for severity, found in problems(report).items()
    ] + _waived(report)


def _waived(report: Report) -> list[Section]:
    rows = [
        f"- {text(finding.title + waived.about(finding))} {code(finding.id)}: {text(sentence(finding.waiver))}\n"
        for finding in waived.findings(report)
    ]
    return [Section("waived findings", f"\n### {waived.TITLE}\n\n", rows)] if rows else []


def _finding(problem: Problem) -> str:
    first = problem.first
    lines = [f"\n**{problem.number}. {text(first.title)}**{problem.qualified} {code(first.id)}\n"]
    if first.message:
        lines.append(f"\n{text(sentence(first.message))}\n")
    if problem.subjects:
        lines.append(f"\nOn: {text(', '.join(problem.subjects))}\n")
    if problem.follows:
        lines.append(f"\n{text(problem.follows)}\n")
    return "".join([*lines, *map(_remedy, problem.mendings)]) + _evidence(problem)


def _remedy(mending: Mending) -> str:
    remedy, stated = mending.remedy, conditions(mending.remedy)
    out = f"\nFor: {text(', '.join(mending.subjects))}\n" if mending.subjects else ""
    out += f"\n{text(sentence(mending.message))}\n" if mending.message else ""
    out += f"\nTo mend it: {text(sentence(remedy.summary))}{f' ({stated})' if stated else ''}\n"
    if remedy.commands:
        out += "\n" + block("\n".join(remedy.commands), "sh")
    if remedy.meanwhile:
        out += f"\nMeanwhile: {text(remedy.meanwhile)}\n"
    return out + (f"\nTo check:\n\n{block(remedy.check, 'sh')}" if remedy.check else "")


def _evidence(problem: Problem) -> str:
    first = problem.first
    lines = [f"- Why: {text(first.why)}\n"] * bool(first.why)
    lines += [f"- Seen: {code(evidence_line(item))}\n" for each in problem.group for item in each.evidence]
    lines += [
        f"- Source: {link(ref.title or ref.url, ref.url)} {text(ref.date)}\n" for ref in first.references
    ]
    return "\n" + folded("Evidence and sources", "".join(lines)) if lines else ""


def _folded(report: Report) -> list[Section]:
    facts = facts_of(report)
    sections = [
        _machine(facts),
        _smoke(report),
        _together(report),
        _advice(report),
        *_plan(report),
        _unseen(report),
    ]
    sections += [_checks(report), _facts(report)]
    return [section for section in sections if section.pieces]


def _section(title: str, noun: str, head: tuple[str, ...], rows: list[tuple[str, ...]]) -> Section:
    """Return a folded table whose rows are dropped one by one where there is no room."""
    top = f"\n<details>\n<summary>{title}</summary>\n\n" + table(head, ())
    return Section(noun, top, ["| " + " | ".join(cell or " " for cell in row) + " |\n" for row in rows], _END)


def _machine(facts: Facts) -> Section:
    rows: list[tuple[str, ...]] = [(text(name), text(words)) for name, words in machine.rows(facts)]
    return _section("What is here", "parts of the machine", ("part", "what"), rows)


def _smoke(report: Report) -> Section:
    rows: list[tuple[str, ...]] = []
    for result in report.smoke:
        reached = smoke.rate(result)
        shown = f"{number(reached[0])} {reached[1]}" if reached else ""
        word = smoke.WORDS[result.status][0]
        said = " ".join(filter(None, (shown, result.reason)))
        rows.append(
            (
                framework(text(result.framework)),
                text(result.device),
                text(smoke.workload(result)),
                word,
                text(said),
            )
        )
    return _section("What was tried", "workloads", ("framework", "device", "workload", "result", ""), rows)


def _together(report: Report) -> Section:
    rows: list[tuple[str, ...]] = [(text(name), text(said)) for name, said, _ in together.rows(report)]
    return _section(together.TITLE, "rows on frameworks in one process", ("imported", "what it did"), rows)


def _advice(report: Report) -> Section:
    goals = report.recommendation.goals if report.recommendation else ()
    rows: list[tuple[str, ...]] = [
        (text(goal.title), text(advice.first_choice(goal)), text(advice.scores(goal)), text(goal.because), text(goal.flips_if))
        for goal in goals
    ]  # fmt: skip
    return _section(
        "Which framework", "goals", ("goal", "choice", "scores", "because", "would turn if"), rows
    )


def _plan(report: Report) -> list[Section]:
    plan = report.recommendation.plan if report.recommendation else None
    return [Section("plan", "", ["\n" + folded("What to type", _steps(plan))])] if plan else []


def _steps(plan: Plan) -> str:
    reasons = [*plan.because, *(f"Blocked: {reason}" for reason in plan.blocked_by)]
    lines = "".join(f"- {text(reason)}\n" for reason in reasons)
    return lines + ("\n" + block("\n".join(plan.steps), "sh") if plan.steps else "")


def _unseen(report: Report) -> Section:
    summary = unseen.summary(report)
    return Section(
        "unknowns", "", ["\n" + folded("What could not be seen", text(summary))] if summary else []
    )


def _checks(report: Report) -> Section:
    rows: list[tuple[str, ...]] = [
        (code(check.id), "waived" if check.waiver else details.WORDS[check.outcome], text(check.title + details.because(check)))
        for check in sorted(report.checks, key=lambda check: (details.ORDER.index(check.outcome), check.id))
    ]  # fmt: skip
    return _section("All checks", "checks", ("rule", "result", "what it looks for"), rows)


def _facts(report: Report) -> Section:
    rows: list[tuple[str, ...]] = [
        (code(key), text(details.answer(report.facts[key])[:300]))
        for key in sorted(report.facts, key=details.by_instance)
    ]
    return _section("All facts", "facts", ("fact", "value"), rows)
