"""The arithmetic of the recommendation: weight x baseline x factor = points, and their sum.

Every figure has at most four digits behind the point and is rounded half up, as by hand, before it is added.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Literal

import msgspec

from auditor.knowledge.criteria import Claim, Criterion
from auditor.knowledge.goals import Factors, Goal
from auditor.model.recommendation import Contribution, Ranked, Verdict

Basis = Literal["published", "today"]
Verdicts = Mapping[tuple[str, str], Verdict]
DIGITS = 4


class Aim(msgspec.Struct, frozen=True):
    """What is scored: one goal, or several combined; weights by criterion, summing to 10."""

    name: str
    title: str
    weights: dict[str, float]
    frameworks: tuple[str, ...]
    parts: tuple[Goal, ...]

    @property
    def needs(self) -> tuple[str, ...]:
        """Return the hard requirements of all parts, each once."""
        return tuple(dict.fromkeys(need for goal in self.parts for need in goal.needs))


def aim(asked: Sequence[tuple[Goal, float]]) -> Aim:
    """Combine goals: each criterion's weight is the mean of the goals' weights, weighted by what was asked."""
    total = sum(share for _, share in asked)
    weights: dict[str, float] = {}
    for goal, share in asked:
        for name, weight in goal.weights.items():
            weights[name] = weights.get(name, 0.0) + weight.weight * share / total
    frameworks = [framework for goal, _ in asked for framework in goal.frameworks]
    return Aim(
        name="+".join(goal.id if share == 1 else f"{goal.id}={share:g}" for goal, share in asked),
        title=", ".join(goal.title for goal, _ in asked),
        weights={name: round(weight, DIGITS) for name, weight in weights.items()},
        frameworks=tuple(dict.fromkeys(frameworks)),
        parts=tuple(goal for goal, _ in asked),
    )


def rank(
    what: Aim, criteria: Mapping[str, Criterion], verdicts: Verdicts, factors: Factors, basis: Basis
) -> tuple[Ranked, ...]:
    """Return the frameworks, best first; one of which some criterion says nothing is left out."""
    ranked = []
    for framework in what.frameworks:
        claims = {name: claim(criteria[name], framework, basis) for name in what.weights}
        if all(claims.values()):
            ranked.append(_scored(what, framework, claims, verdicts, factors))
    return tuple(sorted(ranked, key=lambda entry: -entry.score))


def claim(criterion: Criterion, framework: str, basis: Basis) -> Claim | None:
    """Return what the criterion says of the framework, as published or today."""
    side = criterion.side(framework)
    if side is None:
        return None
    return side.published if basis == "published" else side.today


def _scored(
    what: Aim, framework: str, claims: Mapping[str, Claim | None], verdicts: Verdicts, factors: Factors
) -> Ranked:
    contributions = []
    for name, said in claims.items():
        verdict = verdicts.get((name, framework), "unverified")
        weight, baseline, factor = what.weights[name], said.baseline if said else 0.0, factors.of(verdict)
        contributions.append(
            Contribution(
                criterion=name,
                weight=weight,
                baseline=baseline,
                verdict=verdict,
                factor=factor,
                points=product(weight, baseline, factor),
            )
        )
    score = round(sum(contribution.points for contribution in contributions), DIGITS)
    return Ranked(framework=framework, score=score, contributions=tuple(contributions))


def product(weight: float, baseline: float, factor: float) -> float:
    """Return the points of figures of at most four digits behind the point, rounded half up to four.

    Whole numbers do it: a float's 0.40375 may lie a hair below, and would not round as it does by hand.
    """
    unit: int = 10**DIGITS
    whole = round(weight * unit) * round(baseline * unit) * round(factor * unit)
    return float((whole + unit * unit // 2) // (unit * unit)) / unit


def worth(
    criterion: Criterion, framework: str, verdicts: Verdicts, factors: Factors, basis: Basis
) -> float | None:
    """Return the points for a weight of 1, or None where the criterion says nothing of the framework."""
    said = claim(criterion, framework, basis)
    if said is None:
        return None
    return said.baseline * factors.of(verdicts.get((criterion.id, framework), "unverified"))


def is_too_close(ranking: tuple[Ranked, ...], margin: float) -> bool:
    """Whether the leader's lead is below `margin` of its score."""
    if len(ranking) < 2:
        return False
    lead = ranking[0].score - ranking[1].score
    return lead < margin * ranking[0].score


def leads(first: Ranked, second: Ranked) -> dict[str, float]:
    """Return by criterion how many points `first` is ahead, largest first."""
    ahead = {
        mine.criterion: round(mine.points - theirs.points, DIGITS)
        for mine, theirs in zip(first.contributions, second.contributions, strict=True)
    }
    return dict(sorted(ahead.items(), key=lambda item: -item[1]))
