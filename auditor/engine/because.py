"""The reason of a ranking in one or two sentences: what decided, and why it left the comparison's conclusion."""

from __future__ import annotations

from collections.abc import Mapping

from auditor.engine.scoring import Aim, Basis, claim, leads
from auditor.engine.sensitivity import NAMES
from auditor.knowledge.criteria import Criterion
from auditor.model.recommendation import Ranked

_NAMED = 3
_NOTICEABLE = 0.05


def because(
    what: Aim, ranking: tuple[Ranked, ...], close: bool, criteria: Mapping[str, Criterion], basis: Basis
) -> str:
    """Return the criteria that decided with their points, and the causes of a turn from the comparison."""
    if len(ranking) < 2:
        return "only one framework can be ranked for this goal" if ranking else "no framework can be ranked"
    first, second = ranking[0], ranking[1]
    ahead = leads(first, second)
    return ". ".join(
        said
        for said in (
            _decided(first, second, ahead, close),
            *map(_broken, ranking),
            _turned(what, first, criteria, basis),
        )
        if said
    )


def _decided(first: Ranked, second: Ranked, ahead: Mapping[str, float], close: bool) -> str:
    mine, theirs = NAMES[first.framework], NAMES[second.framework]
    lead = f"{first.score:.2f} to {second.score:.2f} of 10"
    for_first = [f"{name} {points:+.2f}" for name, points in ahead.items() if points > _NOTICEABLE][:_NAMED]
    against = [f"{name} {points:+.2f}" for name, points in ahead.items() if points < -_NOTICEABLE][-_NAMED:]
    head = f"too close to call between {mine} and {theirs}, {lead}" if close else f"{mine} leads {lead}"
    decided = f" by {', '.join(for_first)}" if for_first else ""
    return head + decided + (f"; {theirs} is ahead in {', '.join(reversed(against))}" if against else "")


def _broken(ranked: Ranked) -> str:
    """Name the criteria in which this machine speaks against a framework."""
    said = {"contradicted": "was contradicted here in", "impossible": "cannot have here"}
    parts = []
    for verdict, words in said.items():
        names = [entry.criterion for entry in ranked.contributions if entry.verdict == verdict]
        parts += [f"{words} {', '.join(names)}"] if names else []
    return f"{NAMES[ranked.framework]} {' and '.join(parts)}" if parts else ""


def _turned(what: Aim, first: Ranked, criteria: Mapping[str, Criterion], basis: Basis) -> str:
    """Name what moved the ranking away from the comparison's conclusion, where it has one."""
    concluded = what.parts[0].published if len(what.parts) == 1 else ""
    if not concluded or first.framework == concluded:
        return ""
    moved = {
        name: weight * _shift(criteria[name], first.framework, concluded, basis)
        for name, weight in what.weights.items()
    }
    causes = [name for name, shift in sorted(moved.items(), key=lambda item: -item[1]) if shift > _NOTICEABLE]
    seen = [
        f"{entry.criterion} {entry.verdict}" for entry in first.contributions if entry.verdict == "verified"
    ]
    reasons = [f"{name} ({criteria[name].pytorch.today.says})" for name in causes[:2]] or seen[:_NAMED]
    return f"the comparison concluded {NAMES[concluded]}; what turned it: {'; '.join(reasons) or 'verdicts'}"


def _shift(criterion: Criterion, winner: str, loser: str, basis: Basis) -> float:
    """Return by how much the lead of winner over loser grew since publication."""

    def lead(of: Basis) -> float:
        mine, theirs = claim(criterion, winner, of), claim(criterion, loser, of)
        return (mine.baseline if mine else 0.0) - (theirs.baseline if theirs else 0.0)

    return lead(basis) - lead("published")
