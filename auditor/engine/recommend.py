"""Which framework fits the goals on this machine: goals x criteria x what the machine proved."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import msgspec

from auditor.engine.because import because
from auditor.engine.needs import blocked_by
from auditor.engine.plan import plan
from auditor.engine.scoring import Aim, Basis, Verdicts, aim, is_too_close, rank, worth
from auditor.engine.sensitivity import flips_if, reachable
from auditor.engine.verdicts import judge
from auditor.knowledge.criteria import Criterion
from auditor.knowledge.goals import USE_CASES, Goal, Scoring, load_scoring, parse_asked
from auditor.model.fact import Facts
from auditor.model.recommendation import CriterionResult, GoalResult, Plan, Ranked, Recommendation
from auditor.model.smoke import SmokeResult

if TYPE_CHECKING:
    from auditor.knowledge.kept import Kept


class _Case(msgspec.Struct, frozen=True, kw_only=True):
    """What every goal's answer rests on; `criteria` without those of the statements `team` and `kept`."""

    facts: Facts
    criteria: Mapping[str, Criterion]
    verdicts: Verdicts
    scoring: Scoring
    basis: Basis
    plans: Mapping[str, Plan]
    team: Sequence[str]
    kept: Sequence[Kept]

    def ranking(self, what: Aim, criteria: Mapping[str, Criterion]) -> tuple[Ranked, ...]:
        """Return the frameworks for an aim, best first."""
        return rank(what, criteria, self.verdicts, self.scoring.factors, self.basis)


def recommend(
    facts: Facts,
    smoke: Sequence[SmokeResult],
    criteria: Mapping[str, Criterion],
    goals: Mapping[str, Goal],
    asked: Mapping[str, float] | Sequence[str] = (),
    *,
    scoring: Scoring | None = None,
    basis: Basis = "today",
    team: Sequence[str] = (),
    kept: Sequence[Kept] = (),
    plans: Mapping[str, Plan] | None = None,
) -> tuple[tuple[CriterionResult, ...], Recommendation]:
    """Return how each criterion fares here, and the ranking for each goal.

    `asked` maps goals to weights, or holds words such as "research=2"; without any, each of the
    comparison's four use cases is answered. `basis` says whether the claims count as published or as they
    hold today, `team` which frameworks the people know, `kept` what must not change.
    Several goals give their combination first, then each alone. `plans` by framework (made
    here unless given) let a claim on accelerators that no build can keep count as contradicted; the
    first framework's plan becomes the recommendation's.
    """
    scoring = scoring or load_scoring()
    wanted = asked if isinstance(asked, Mapping) else parse_asked(asked, goals)
    aims = _aims(goals, wanted)
    both = [_with_statements(what, criteria, team, kept, scoring) for what in aims]
    if plans is None:
        names = dict.fromkeys(name for what, _ in both for name in what.frameworks)
        plans = {name: plan(facts, name) for name in names}
    results = judge((both[0][1] if both else criteria).values(), facts, smoke, plans)
    case = _Case(
        facts=facts,
        criteria=criteria,
        verdicts={(result.id, result.framework): result.verdict for result in results},
        scoring=scoring,
        basis=basis,
        plans=plans,
        team=team,
        kept=kept,
    )
    answered = tuple(_answer(what, case) for what in aims)
    return results, Recommendation(goals=answered, plan=_plan_of(answered, plans))


def _with_statements(
    what: Aim, criteria: Mapping[str, Criterion], team: Sequence[str], kept: Sequence[Kept], scoring: Scoring
) -> tuple[Aim, Mapping[str, Criterion]]:
    if not team and not kept:
        return what, criteria
    from auditor.engine.restated import stated

    return stated(what, criteria, team, kept, scoring)


def _aims(goals: Mapping[str, Goal], asked: Mapping[str, float]) -> list[Aim]:
    if not asked:
        return [aim([(goals[name], 1.0)]) for name in USE_CASES if name in goals]
    chosen = [(goals[name], weight) for name, weight in asked.items()]
    alone = [aim([(goal, 1.0)]) for goal, _ in chosen]
    return alone if len(chosen) == 1 else [aim(chosen), *alone]


def _answer(own: Aim, case: _Case) -> GoalResult:
    what, criteria = _with_statements(own, case.criteria, case.team, case.kept, case.scoring)
    ranking = case.ranking(what, criteria)
    close = is_too_close(ranking, case.scoring.margin.too_close)
    return GoalResult(
        goal=what.name,
        title=what.title,
        ranking=ranking,
        too_close=close,
        because=because(what, ranking, close, criteria, case.basis),
        blocked_by=blocked_by(what.needs, case.facts, case.plans),
        flips_if=flips_if(
            ranking,
            case.scoring.factors,
            _outside(what, ranking, criteria, case.verdicts, case.scoring, case.basis),
            reachable(ranking, criteria),
            _restated(own, case),
        ),
        kept=_said(what, case.kept),
    )


def _restated(own: Aim, case: _Case) -> tuple[str, ...]:
    if not case.team and not case.kept:
        return ()
    from auditor.engine.restated import turns

    return turns(own, case.criteria, case.team, case.kept, case.scoring, case.ranking)


def _said(what: Aim, kept: Sequence[Kept]) -> tuple[str, ...]:
    if not kept:
        return ()
    from auditor.engine.keeping import said

    return said(what, kept)


def _outside(
    what: Aim,
    ranking: tuple[Ranked, ...],
    criteria: Mapping[str, Criterion],
    verdicts: Verdicts,
    scoring: Scoring,
    basis: Basis,
) -> dict[str, float]:
    """Return the first's lead over the second for a weight of 1 on each criterion that does not count."""
    if len(ranking) < 2:
        return {}
    found = {}
    for name, criterion in criteria.items():
        sides = [worth(criterion, entry.framework, verdicts, scoring.factors, basis) for entry in ranking[:2]]
        if name not in what.weights and None not in sides:
            found[name] = (sides[0] or 0.0) - (sides[1] or 0.0)
    return found


def _plan_of(answered: Sequence[GoalResult], plans: Mapping[str, Plan]) -> Plan | None:
    """Return the plan of the framework recommended first, where one was made."""
    for result in answered:
        for entry in result.ranking:
            if entry.framework in plans:
                return plans[entry.framework]
    return next(iter(plans.values()), None)
