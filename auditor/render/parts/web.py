"""What the HTML template shows, prepared: the template holds no decision."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from auditor.model.fact import Evidence, Fact, Facts
from auditor.model.finding import Finding, Reference
from auditor.model.recommendation import GoalResult
from auditor.model.report import Report
from auditor.render.drawing import bars, chain, stacked
from auditor.render.drawing import machine as drawing
from auditor.render.drawing.svg import NARROW, WIDE
from auditor.render.page import count
from auditor.render.parts import advice, closing, details, machine, opening, smoke, together, unseen, waived
from auditor.render.parts.cards import cards
from auditor.render.parts.numbered import TITLES, problems
from auditor.render.parts.problems import conditions, evidence_line
from auditor.render.parts.wording import facts_of, framework, number, sentence

FOLD_FROM = 160  # characters: a longer value is folded
MOST_BARS = 72


def context(report: Report) -> dict[str, Any]:
    """Return the template's variables."""
    facts = facts_of(report)
    word, style, text = opening.verdict(report)
    return {
        "report": report, "word": word, "tone": style or "plain", "text": text, "audited": opening.audited(report),
        "kind": opening.KINDS.get(report.host.kind, ""), "assumed": [(key, opening.stated(report.facts[key])) for key in opening.assumed(report)],
        "problems": [(severity, TITLES[severity], found) for severity, found in problems(report).items()],
        "rows": machine.rows(facts), "cards": cards(facts), "drawn": _both(drawing.draw, facts), **_chain(report, facts),
        **_smoke(report), "goals": [_goal(goal) for goal in report.recommendation.goals] if report.recommendation else [],
        "plan": report.recommendation.plan if report.recommendation else None, "unseen": unseen.summary(report),
        "checks": sorted(report.checks, key=_by_outcome), "facts": [_fact(key, report.facts[key]) for key in sorted(report.facts, key=details.by_instance)],
        "waived": waived.findings(report), "undecided": sum(check.outcome == "unknown" for check in report.checks), "about": waived.about, "hidden": closing.hidden(report), "signature": closing.signature(report), **_WORDS,
    }  # fmt: skip


def _safe(svg: str) -> Any:
    from markupsafe import Markup

    return Markup(svg)  # noqa: S704 (escaped where it was drawn)


def _both(draw: Callable[[Any, str], str], given: Any) -> Any:
    """Return a drawing for a screen and one for a phone; the style sheet shows one of them."""
    return _safe(draw(given, WIDE) + draw(given, NARROW))


def _chain(report: Report, facts: Facts) -> dict[str, Any]:
    """Return the chain of visibility where anything can be seen or lost; a plain CPU has none."""
    steps = chain.steps(report)
    matters = (
        any(step.number.isdigit() and step.number != "0" for step in steps) or facts["env.masks"].is_known
    )
    return {"chain": steps if matters else [], "chain_drawn": _both(chain.draw, steps) if matters else ""}


def _smoke(report: Report) -> dict[str, Any]:
    charts = [
        (title, _safe(bars.draw(results[:MOST_BARS], title)), len(results) - MOST_BARS)
        for title, results in bars.groups(report.smoke)
    ]
    drawn = [results[:MOST_BARS] for _, results in bars.groups(report.smoke)]
    return {
        "smoke": report.smoke, "charts": charts, "marks": bars.marks(drawn),
        "together": together.rows(report), "together_title": together.TITLE,
    }  # fmt: skip


def _goal(goal: GoalResult) -> dict[str, Any]:
    colours = stacked.colours(goal)
    rows = [
        (framework(ranked.framework), colours[row.criterion], row)
        for ranked in goal.ranking
        for row in ranked.contributions
    ]
    return {
        "goal": goal, "choice": advice.first_choice(goal), "scores": advice.scores(goal), "drawn": _safe(stacked.draw(goal)),
        "rows": rows, "legend": list(colours.items()),
    }  # fmt: skip


def _by_outcome(check: Finding) -> tuple[int, str, str]:
    return details.ORDER.index(check.outcome), check.id, check.subject


def _fact(key: str, fact: Fact) -> dict[str, Any]:
    answer = details.answer(fact)
    return {
        "key": key,
        "state": fact.state,
        "answer": answer,
        "long": len(answer) > FOLD_FROM,
        "evidence": fact.evidence,
    }


def _outcome(check: Finding) -> str:
    return "waived" if check.waiver else details.WORDS[check.outcome]


def _reached(result: Any) -> str:
    reached = smoke.rate(result)
    return f"{number(reached[0])} {reached[1]}" if reached else ""


def _is_web(reference: Reference) -> bool:
    return reference.url.startswith(("https://", "http://"))


def _seen(evidence: Evidence) -> str:
    return evidence_line(evidence)


_WORDS = {
    "sentence": sentence, "conditions": conditions, "seen": _seen, "framework": framework, "workload": smoke.workload,
    "reached": _reached, "status": lambda result: smoke.WORDS[result.status], "outcome": _outcome, "because": details.because,
    "is_web": _is_web, "count": count,
}  # fmt: skip
