"""What the team knows, as a criterion beside the goal's: the comparison ends on it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import msgspec

from auditor.engine.scoring import DIGITS, Aim
from auditor.knowledge.criteria import Claim, Criterion, Side
from auditor.knowledge.goals import TOTAL_WEIGHT, Team

NAME = "team"


def team_criterion(team: Sequence[str], scoring: Team) -> Criterion:
    """Return the criterion by which a framework that the team knows fares better."""

    def side(framework: str) -> Side:
        knows = framework in team
        says = "The team knows it." if knows else "The team would have to learn it."
        claim = Claim(says, scoring.known if knows else scoring.other, "--team", "")
        return Side(today=claim, published=claim)

    return Criterion(
        id=NAME,
        title="What the team knows",
        section="Choice",
        about=scoring.why,
        pytorch=side("pytorch"),
        tensorflow=side("tensorflow"),
        jax=side("jax"),
        not_checked="a statement of the team, not of the machine",
    )


def with_team(what: Aim, scoring: Team) -> Aim:
    """Return an aim with the team's criterion, the others scaled so that the weights still sum to 10."""
    share = (TOTAL_WEIGHT - scoring.weight) / TOTAL_WEIGHT
    weights = {name: round(weight * share, DIGITS) for name, weight in what.weights.items()}
    return msgspec.structs.replace(what, weights={**weights, NAME: scoring.weight})


def criteria_with_team(
    criteria: Mapping[str, Criterion], team: Sequence[str], scoring: Team
) -> Mapping[str, Criterion]:
    """Return the criteria with the team's beside them, where a team was named."""
    return {**criteria, NAME: team_criterion(team, scoring)} if team else criteria
