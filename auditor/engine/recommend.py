"""Which framework fits the goals on this machine: goals x criteria x what the machine proved."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from auditor.engine.because import because
from auditor.engine.needs import blocked_by
from auditor.engine.plan import plan
from auditor.engine.scoring import Aim, Basis, Verdicts, aim, is_too_close, rank, worth
from auditor.engine.sensitivity import flips_if
from auditor.engine.team import criteria_with_team, with_team
from auditor.engine.verdicts import judge
from auditor.knowledge.criteria import Criterion
from auditor.knowledge.goals import USE_CASES, Goal, Scoring, load_scoring, parse_asked
from auditor.model.fact import Facts
from auditor.model.recommendation import CriterionResult, GoalResult, Plan, Ranked, Recommendation
from auditor.model.smoke import SmokeResult

if TYPE_CHECKING:
    from auditor.knowledge.kept import Kept


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
    if team:
        criteria = criteria_with_team(criteria, team, scoring.team)
        aims = [with_team(what, scoring.team) for what in aims]
    if kept:
        from auditor.engine.keeping import criteria_with_kept, with_kept

        criteria = criteria_with_kept(criteria, kept)
        aims = [with_kept(what, kept, scoring.kept) for what in aims]
    if plans is None:
        plans = {
            name: plan(facts, name)
            for name in dict.fromkeys(name for what in aims for name in what.frameworks)
        }
    results = judge(criteria.values(), facts, smoke, plans)
    verdicts: Verdicts = {(result.id, result.framework): result.verdict for result in results}
    answered = tuple(_answer(what, facts, criteria, verdicts, scoring, basis, plans, kept) for what in aims)
    return results, Recommendation(goals=answered, plan=_plan_of(answered, plans))


def _aims(goals: Mapping[str, Goal], asked: Mapping[str, float]) -> list[Aim]:
    if not asked:
        return [aim([(goals[name], 1.0)]) for name in USE_CASES if name in goals]
    chosen = [(goals[name], weight) for name, weight in asked.items()]
    alone = [aim([(goal, 1.0)]) for goal, _ in chosen]
    return alone if len(chosen) == 1 else [aim(chosen), *alone]


def _answer(
    what: Aim,
    facts: Facts,
    criteria: Mapping[str, Criterion],
    verdicts: Verdicts,
    scoring: Scoring,
    basis: Basis,
    plans: Mapping[str, Plan],
    kept: Sequence[Kept],
) -> GoalResult:
    ranking = rank(what, criteria, verdicts, scoring.factors, basis)
    close = is_too_close(ranking, scoring.margin.too_close)
    return GoalResult(
        goal=what.name,
        title=what.title,
        ranking=ranking,
        too_close=close,
        because=because(what, ranking, close, criteria, basis),
        blocked_by=blocked_by(what.needs, facts, plans),
        flips_if=flips_if(
            ranking, scoring.factors, _outside(what, ranking, criteria, verdicts, scoring, basis)
        ),
        kept=_said(what, kept),
    )


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
