"""What must not change, in the ranking: a criterion for each thing kept; what cannot keep it is left out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import msgspec

from auditor.engine.scoring import DIGITS, Aim
from auditor.knowledge.criteria import FRAMEWORKS, Claim, Criterion, Side
from auditor.knowledge.goals import TOTAL_WEIGHT, Keeping
from auditor.knowledge.kept import Kept, left_out

PREFIX = "keep:"


def criteria_with_kept(criteria: Mapping[str, Criterion], kept: Sequence[Kept]) -> Mapping[str, Criterion]:
    """Return the criteria with one for each thing kept beside them."""
    return {**criteria, **{PREFIX + one.id: _criterion(one) for one in kept}}


def _criterion(kept: Kept) -> Criterion:
    sides = {}
    for framework in FRAMEWORKS:
        coping = kept.coping(framework)
        claim = Claim(coping.says or coping.cannot, coping.fit, kept.source, kept.date)
        sides[framework] = Side(today=claim, published=claim)
    return Criterion(
        id=PREFIX + kept.id,
        title=kept.title,
        section="Choice",
        about=kept.why,
        not_checked="a statement of the project, not of the machine",
        **sides,
    )


def with_kept(what: Aim, kept: Sequence[Kept], scoring: Keeping) -> Aim:
    """Return an aim with what is kept, the other weights scaled so that all still sum to 10.

    Frameworks that cannot keep it are left out; where none of the goal's is left, all that can are ranked.
    """
    each = min(scoring.weight, scoring.most / len(kept))
    share = (TOTAL_WEIGHT - each * len(kept)) / TOTAL_WEIGHT
    weights = {name: round(weight * share, DIGITS) for name, weight in what.weights.items()}
    out = left_out(kept)
    left = [name for name in what.frameworks if name not in out] or [
        name for name in FRAMEWORKS if name not in out
    ]
    more = {PREFIX + one.id: round(each, DIGITS) for one in kept}
    return msgspec.structs.replace(what, weights={**weights, **more}, frameworks=tuple(left))


def said(what: Aim, kept: Sequence[Kept]) -> tuple[str, ...]:
    """Return what keeping means for the frameworks of a goal: who copes how, and who is left out and why."""
    names = {"pytorch": "PyTorch", "tensorflow": "TensorFlow", "jax": "JAX"}
    out = left_out(kept)
    goes = [
        f"{one.id} with {names[framework]}: {one.coping(framework).says}"
        for framework in what.frameworks
        for one in kept
    ]
    asked = {name for goal in what.parts for name in goal.frameworks}
    return (*goes, *(f"{names[name]} is left out: {why}" for name, why in out.items() if name in asked))
