"""Which framework fits: a line for each use case, or the whole sum for the goals that were asked for."""

from __future__ import annotations

from auditor.model.recommendation import REJECTED_AT_MOST, Contribution, GoalResult, Plan, Ranked
from auditor.model.report import Report
from auditor.render.page import Page, listed
from auditor.render.parts.problems import instruction
from auditor.render.parts.wording import facts_of, framework, installed, joined, sentence

_MOST_ALTERNATIVES = 4


def write(page: Page, report: Report) -> None:
    """Write the plan where it helps, then the recommendation, last in the report."""
    advice = report.recommendation
    if advice is None:
        return
    asked = bool(report.options.get("goals"))
    if advice.plan and (asked or page.options.verbose or not installed(report)):
        plan(page, advice.plan)
    if not advice.goals:
        return
    page.heading("Which framework" if asked else "Which framework, by use case")
    for goal in advice.goals:
        if asked or page.options.verbose:
            _in_full(page, goal)
        else:
            _in_a_line(page, goal)
    for slug in _broken(report):
        page.text(f"{framework(slug)} is weighed as it is now, broken: mend it and scan again.", indent=2)
    if not asked:
        page.text("The sums: fwaudit scan --goal " + advice.goals[0].goal, indent=2, style="dim")


def _broken(report: Report) -> list[str]:
    """Return the frameworks that are installed and could not be imported."""
    facts = facts_of(report)
    return [slug for slug in installed(report) if facts.value(f"smoke.{slug}.import", "ok") != "ok"]


def _in_a_line(page: Page, goal: GoalResult) -> None:
    blocked = f" - blocked by {listed(goal.blocked_by)}" if goal.blocked_by else ""
    page.row(goal.goal, f"{first_choice(goal)} ({scores(goal)}){blocked}", column=18)


def first_choice(goal: GoalResult) -> str:
    """Return the framework that is recommended for a goal."""
    if not goal.ranking:
        return "none can be recommended"
    if goal.too_close:
        return f"{joined([framework(ranked.framework) for ranked in goal.ranking[:2]])} are too close to call"
    return framework(goal.ranking[0].framework)


def scores(goal: GoalResult) -> str:
    """Return the scores behind the choice, best first."""
    return " to ".join(f"{ranked.score:.1f}" for ranked in goal.ranking) or "no score"


def _in_full(page: Page, goal: GoalResult) -> None:
    page.text(f"{goal.title}: {first_choice(goal)}", indent=2, style="strong")
    if goal.because:
        page.text(sentence(goal.because), indent=4)
    for ranked in goal.ranking:
        _sum(page, ranked)
    for text in goal.kept:
        page.text(sentence(text), indent=4, label="Kept:")
    for text in goal.blocked_by:
        page.text(sentence(text), indent=4, label="Blocked:", label_style="warn")
    if goal.flips_if:
        page.text(sentence(goal.flips_if), indent=4, label="Would turn if:")


def _sum(page: Page, ranked: Ranked) -> None:
    """Write a score and the products that add up to it."""
    page.text(
        f"{framework(ranked.framework)} {ranked.score:.4f} = sum of weight x baseline x factor", indent=4
    )
    width = max((len(row.criterion) for row in ranked.contributions), default=0) + 2
    for row in ranked.contributions:
        page.figures(row.criterion, _product(row), indent=6, column=width)


def _product(row: Contribution) -> str:
    return f"{row.weight:6g} x {row.baseline:<4g} x {row.factor:<4g} = {row.points:7.4f}  {row.verdict}"


def plan(page: Page, plan: Plan) -> None:
    """Write what to type to get a build that runs here, or why there is none."""
    page.heading("What to type" if plan.possible else "No build fits this machine as it is")
    for text in plan.because:
        page.text(sentence(text), indent=2)
    for text in plan.blocked_by:
        page.text(sentence(text), indent=2, label="Blocked:", label_style="warn")
    for step in plan.steps:
        page.command(step)
    for text in plan.alternatives[:_MOST_ALTERNATIVES]:
        instruction(page, text, 2, "Or:")
    if plan.expires:
        page.text(sentence(plan.expires), indent=2, label="Holds until:", style="dim")
    if page.options.verbose:
        for option, reason in sorted(plan.rejected.items()):
            page.text(sentence(reason), indent=2, label=f"Not {option}:", style="dim")
        if len(plan.rejected) >= REJECTED_AT_MOST:
            page.text(f"Of the builds that were rejected, the {len(plan.rejected)} newest.", indent=2)
