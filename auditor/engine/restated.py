"""What else could be stated, of the team or of what must not change, so that another framework comes first."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence

from auditor.engine.keeping import criteria_with_kept, with_kept
from auditor.engine.scoring import Aim
from auditor.engine.sensitivity import NAMES
from auditor.engine.team import criteria_with_team, with_team
from auditor.knowledge.criteria import FRAMEWORKS, Criterion
from auditor.knowledge.goals import Scoring
from auditor.knowledge.kept import Kept
from auditor.model.recommendation import Ranked

Criteria = Mapping[str, Criterion]
Ranking = Callable[[Aim, Criteria], tuple[Ranked, ...]]


def stated(
    what: Aim, criteria: Criteria, team: Sequence[str], kept: Sequence[Kept], scoring: Scoring
) -> tuple[Aim, Criteria]:
    """Return a goal's aim and the criteria with what is stated of the team and of what must not change."""
    if team:
        criteria, what = criteria_with_team(criteria, team, scoring.team), with_team(what, scoring.team)
    if kept:
        criteria, what = criteria_with_kept(criteria, kept), with_kept(what, kept, scoring.kept)
    return what, criteria


def turns(
    what: Aim,
    criteria: Criteria,
    team: Sequence[str],
    kept: Sequence[Kept],
    scoring: Scoring,
    ranking: Ranking,
) -> tuple[str, ...]:
    """Return in words the single statements that, made otherwise, put another framework first.

    `what` and `criteria` are the goal's own, without any statement.
    """
    first = ranking(*stated(what, criteria, team, kept, scoring))[:1]
    said = []
    for words, people, things in _others(what, team, kept):
        now = ranking(*stated(what, criteria, people, things, scoring))[:1]
        if first and now and now[0].framework != first[0].framework:
            said.append(f"{words} (then {NAMES[now[0].framework]})")
    return tuple(said)


def _others(
    what: Aim, team: Sequence[str], kept: Sequence[Kept]
) -> Iterator[tuple[str, Sequence[str], Sequence[Kept]]]:
    """Yield every single change of what is stated: one framework known more or no longer, one thing no longer kept."""
    for name in FRAMEWORKS:
        if name in team:
            yield f"the team does not know {NAMES[name]}", [one for one in team if one != name], kept
        elif name in what.frameworks:
            yield f"the team knows {NAMES[name]}{' too' if team else ''}", [*team, name], kept
    for thing in kept:
        yield f"{thing.id} need not be kept", team, [one for one in kept if one is not thing]
