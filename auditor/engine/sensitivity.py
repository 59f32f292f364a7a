"""The smallest change of one weight, or of one verdict, that turns a ranking."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from auditor.engine.scoring import leads
from auditor.knowledge.criteria import Criterion
from auditor.knowledge.goals import Factors
from auditor.model.recommendation import Contribution, Ranked, Verdict

NAMES = {"pytorch": "PyTorch", "tensorflow": "TensorFlow", "jax": "JAX"}
_VERDICTS: tuple[Verdict, ...] = ("verified", "unverified", "contradicted", "impossible")
_SAID = {"verified": "proves to work", "unverified": "is no longer shown", "contradicted": "proves broken",
         "impossible": "becomes impossible"}  # fmt: skip
Reachable = Mapping[tuple[str, str], tuple[Verdict, ...]]


def flips_if(
    ranking: tuple[Ranked, ...],
    factors: Factors,
    outside: Mapping[str, float],
    could: Reachable,
    restated: Sequence[str] = (),
) -> str:
    """Return in words what turns the first two places.

    `outside` says, for each criterion that does not count yet, how many points the first would be
    ahead for a weight of 1; `could` which verdicts a machine can give; `restated` which statements of the
    team and of what must not change would, made otherwise, put another framework first.
    """
    if len(ranking) < 2:
        return ""
    first, second = ranking[0], ranking[1]
    said = [
        smallest_weight_change(first, second, outside),
        smallest_verdict_change(first, second, factors, could),
        *restated,
    ]
    return "; or ".join(words for words in said if words) or "no single weight or verdict turns it"


def smallest_weight_change(first: Ranked, second: Ranked, outside: Mapping[str, float]) -> str:
    """Return the criterion whose weight needs the smallest change, and to what.

    The lead is linear in each weight: with r the lead that a criterion gives for each unit of weight,
    changing its weight by d changes the lead by d x r, so the ranking turns at weight - lead / r.
    """
    lead = first.score - second.score
    weights = {entry.criterion: entry.weight for entry in first.contributions}
    rates = {name: ahead / weights[name] for name, ahead in leads(first, second).items()} | dict(outside)
    turns = {name: weights.get(name, 0.0) - lead / rate for name, rate in rates.items() if abs(rate) > 1e-9}
    possible = {name: at for name, at in turns.items() if at >= 0}
    if not possible:
        return ""
    name = min(possible, key=lambda name: (abs(possible[name] - weights.get(name, 0.0)), name))
    at, now = possible[name], weights.get(name, 0.0)
    verb, side = ("rises", "above") if at > now else ("falls", "below")
    return f"the weight of {name} {verb} from {now:g} to {side} {at:.2f}"


def reachable(ranking: Sequence[Ranked], criteria: Mapping[str, Criterion]) -> Reachable:
    """Return by criterion and framework the verdicts that some machine could give: none where nothing shows it."""
    could: dict[tuple[str, str], tuple[Verdict, ...]] = {}
    for name, criterion in criteria.items():
        for entry in ranking:
            side = criterion.side(entry.framework)
            if side is not None and side.is_checkable:
                could[name, entry.framework] = _VERDICTS if side.vendors else _VERDICTS[:-1]
    return could


def smallest_verdict_change(first: Ranked, second: Ranked, factors: Factors, could: Reachable) -> str:
    """Return the one verdict whose change turns the ranking by the least, in words."""
    lead = first.score - second.score
    found: list[tuple[float, str]] = []
    for sign, ranked in ((-1.0, first), (1.0, second)):
        for contribution, verdict, change in _other_verdicts(ranked, factors, could):
            if sign * change > lead:
                name = NAMES.get(ranked.framework, ranked.framework)
                found.append((abs(change), f"{contribution.criterion} {_SAID[verdict]} with {name}"))
    return min(found)[1] if found else ""


def _other_verdicts(
    ranked: Ranked, factors: Factors, could: Reachable
) -> Iterator[tuple[Contribution, Verdict, float]]:
    """Yield each contribution with each other verdict that it could get, and by how many points that changes it."""
    for contribution in ranked.contributions:
        for verdict in could.get((contribution.criterion, ranked.framework), ()):
            if verdict != contribution.verdict:
                points = contribution.weight * contribution.baseline * factors.of(verdict)
                yield contribution, verdict, points - contribution.points
