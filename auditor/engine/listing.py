"""Rows for `fwaudit list goals` and `fwaudit list criteria`: values, not text."""

from __future__ import annotations

from collections.abc import Mapping

from auditor.knowledge.criteria import FRAMEWORKS, Criterion
from auditor.knowledge.goals import Goal
from auditor.knowledge.kept import Kept

Row = dict[str, str]


def goal_rows(goals: Mapping[str, Goal]) -> list[Row]:
    """Return {id, title, why, weights, published} for each goal, largest weight first."""
    return [
        {
            "id": goal.id,
            "title": goal.title,
            "why": goal.why,
            "weights": ", ".join(f"{name} {weight:g}" for name, weight in _sorted_weights(goal)),
            "published": goal.published,
        }
        for goal in goals.values()
    ]


def criterion_rows(criteria: Mapping[str, Criterion]) -> list[Row]:
    """Return {id, title, section, framework, published, today, source, date} for each claim."""
    return [
        {
            "id": criterion.id,
            "title": criterion.title,
            "section": criterion.section,
            "framework": framework,
            "published": side.published.says if side.published else "",
            "today": side.today.says,
            "source": side.today.source,
            "date": side.today.date,
        }
        for criterion in criteria.values()
        for framework, side in criterion.sides()
    ]


def explain_goal(goal: Goal) -> str:
    """Return a goal's weights with their reasons, its needs, and the comparison's own conclusion."""
    lines = [
        f"{goal.id}: {goal.title}",
        goal.why,
        "",
        "weights (they sum to 10; points = weight x baseline x factor):",
    ]
    lines += [f"  {name:<16} {weight:4g}  {goal.weights[name].why}" for name, weight in _sorted_weights(goal)]
    lines += [f"needs: {', '.join(goal.needs)}"] if goal.needs else []
    lines += [f"beside {name}: {', '.join(found)}" for name, found in goal.companions.items()]
    lines += [f"the comparison concludes: {goal.published}. {goal.conclusion}"] if goal.published else []
    return "\n".join(lines)


def explain_criterion(criterion: Criterion) -> str:
    """Return what a criterion is about, and each framework's claims as published and today with their baselines."""
    lines = [f"{criterion.id}: {criterion.title} ({criterion.section})", criterion.about, ""]
    for framework, side in criterion.sides():
        if side.published is not None:
            lines.append(f"{framework}, published ({side.published.baseline:g}): {side.published.says}")
        today = f"{framework}, today ({side.today.baseline:g}): {side.today.says}"
        lines.append(f"{today} [{side.today.source}, {side.today.date}]")
    lines += [f"not checked: {criterion.not_checked}"] if criterion.not_checked else []
    return "\n".join(lines)


def moved_rows(criteria: Mapping[str, Criterion]) -> list[Row]:
    """Return the claims that no longer weigh what they did when published, with both baselines."""
    return [
        {
            "criterion": criterion.id,
            "framework": framework,
            "moved": f"{side.published.baseline:g} -> {side.today.baseline:g}",
            "published": side.published.says,
            "today": side.today.says,
            "source": side.today.source,
            "date": side.today.date,
        }
        for criterion in criteria.values()
        for framework, side in criterion.sides()
        if side.published and side.published.baseline != side.today.baseline
    ]


def kept_rows(kept: Mapping[str, Kept]) -> list[Row]:
    """Return {id, title, why, source, date, and each framework's fit} of what must not change."""
    return [
        {
            "id": one.id,
            "title": one.title,
            "why": one.why,
            "source": one.source,
            "date": one.date,
            **{
                name: f"{one.coping(name).fit:g}" if one.coping(name).says else "left out"
                for name in FRAMEWORKS
            },
        }
        for one in kept.values()
    ]


def explain_kept(kept: Kept) -> str:
    """Return what keeping a thing means for each framework, with its companions and notes."""
    lines = [f"{kept.id}: {kept.title}", kept.why, ""]
    for name in FRAMEWORKS:
        coping = kept.coping(name)
        said = (
            f"{coping.fit:g}  {coping.says}"
            if coping.says
            else f"left out: {coping.cannot}; what would allow it: {coping.unblock}"
        )
        lines.append(f"  {name:<12}{said}")
        lines += [f"  {'':<12}brings {', '.join(coping.companions)}"] if coping.companions else []
        lines += [f"  {'':<12}{note}" for note in coping.notes]
    return "\n".join([*lines, f"source: {kept.source} ({kept.date})"])


def _sorted_weights(goal: Goal) -> list[tuple[str, float]]:
    pairs = [(name, weight.weight) for name, weight in goal.weights.items()]
    return sorted(pairs, key=lambda pair: -pair[1])
