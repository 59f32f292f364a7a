"""Goals as weights on criteria, what was asked for, and the factors of the arithmetic."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Annotated, Literal

import msgspec

from auditor import _resources
from auditor.knowledge.loading import KnowledgeError, nearest, read_toml

Need = Literal["gpu", "tpu"]
TOTAL_WEIGHT = 10.0
USE_CASES = ("research", "production", "cross-platform", "custom-models")


class Weight(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How much a criterion counts for a goal, and why. A goal's weights sum to 10."""

    weight: Annotated[float, msgspec.Meta(gt=0)]
    why: str


class Goal(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One goal. `published` and `conclusion` hold the comparison's own words where it has a row for it.

    `companions` names by framework the packages that the goal wants beside it; `avoids` are accelerators
    that it does without, which contradicts goals that need them.
    """

    id: str
    title: str
    why: str
    weights: dict[str, Weight]
    published: str = ""
    conclusion: str = ""
    needs: tuple[Need, ...] = ()
    avoids: tuple[Need, ...] = ()
    frameworks: tuple[str, ...] = ("pytorch", "tensorflow")
    companions: dict[str, tuple[str, ...]] = {}


class Factor(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """By how much a verdict scales a criterion's points, and why."""

    factor: Annotated[float, msgspec.Meta(ge=0.0, le=1.0)]
    why: str


class Factors(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A factor for each verdict."""

    verified: Factor
    unverified: Factor
    contradicted: Factor
    impossible: Factor

    def of(self, verdict: str) -> float:
        """Return the factor of a verdict."""
        found: Factor = getattr(self, verdict)
        return found.factor


class Margin(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The lead, relative to the leader's score, below which two scores are too close to call."""

    too_close: Annotated[float, msgspec.Meta(ge=0.0, lt=1.0)]
    why: str


class Team(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How much it counts that a team knows a framework: a weight, and the baselines of known and other ones."""

    weight: Annotated[float, msgspec.Meta(gt=0.0, lt=10.0)]
    known: Annotated[float, msgspec.Meta(ge=0.0, le=1.0)]
    other: Annotated[float, msgspec.Meta(ge=0.0, le=1.0)]
    why: str


class Keeping(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How much each thing that must not change counts, and the most that all of them do."""

    weight: Annotated[float, msgspec.Meta(gt=0.0, lt=10.0)]
    most: Annotated[float, msgspec.Meta(gt=0.0, lt=10.0)]
    why: str


class Scoring(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """rules/scoring.toml."""

    factors: Factors
    margin: Margin
    team: Team
    kept: Keeping


def load_scoring(path: Path | None = None) -> Scoring:
    """Return the factors and the margin, from rules/scoring.toml unless `path` is given."""
    return read_toml(path or _resources.tree("rules") / "scoring.toml", Scoring)


def load_goals(criteria: Iterable[str] | None = None, folder: Path | None = None) -> dict[str, Goal]:
    """Return the goals by id, sorted; their weights may name only `criteria` (all files of rules/criteria).

    Raises:
        KnowledgeError: a file is malformed, or names a criterion that there is not.

    """
    rules = _resources.tree("rules")
    valid = (
        [path.stem for path in (rules / "criteria").glob("*.toml")] if criteria is None else list(criteria)
    )
    found = {}
    for path in sorted((folder or rules / "goals").glob("*.toml")):
        goal = read_toml(path, Goal)
        if goal.id != path.stem:
            raise KnowledgeError(path.name, "id", f'is "{goal.id}", must be the file\'s name "{path.stem}"')
        found[goal.id] = checked(goal, path, valid)
    return found


def checked(goal: Goal, path: Path, valid: list[str]) -> Goal:
    """Return a goal whose weights name criteria of `valid` and sum to 10.

    Raises:
        KnowledgeError: they do not; names the file, the key and the nearest criterion.

    """
    for name in goal.weights:
        if name not in valid:
            raise KnowledgeError(path.name, f"weights.{name}", f'no criterion "{name}"{nearest(name, valid)}')
    total = sum(weight.weight for weight in goal.weights.values())
    if abs(total - TOTAL_WEIGHT) > 1e-9:
        raise KnowledgeError(path.name, "weights", f"sum to {total:g}, must sum to {TOTAL_WEIGHT:g}")
    return goal


HEAVIEST = 1e6  # beyond, a weight is a slip of the keyboard, and sums of many lose the others


def parse_asked(words: Iterable[str], goals: Mapping[str, Goal]) -> dict[str, float]:
    """Return goal to weight for words such as "research" and "research=2"; a goal named twice adds up.

    Raises:
        KnowledgeError: an unknown goal (with the nearest), a weight that is no number above zero, or goals that contradict each other.

    """
    asked: dict[str, float] = {}
    for word in words:
        name, equals, number = word.strip().partition("=")
        if name not in goals:
            raise KnowledgeError("--goal", "", f'no goal "{name}"{nearest(name, list(goals))}')
        asked[name] = asked.get(name, 0.0) + (_weight(name, number) if equals else 1.0)
    _check_together([goals[name] for name in asked])
    return asked


def _check_together(asked: Iterable[Goal]) -> None:
    """Refuse goals of which one needs what another does without."""
    every = list(asked)
    for one in every:
        for other in every:
            for need in set(one.needs) & set(other.avoids):
                problem = (
                    f"{one.id} needs a {need.upper()} and {other.id} does without: plan for one at a time"
                )
                raise KnowledgeError("--goal", "", problem)


def _weight(name: str, number: str) -> float:
    try:
        value = float(number)
    except ValueError:
        value = -1.0
    if not 0 < value <= HEAVIEST:
        most = f" and at most {HEAVIEST:g}" if value > 0 else ""
        said = f'weight "{number}" must be a number above zero{most}, as in {name}=2'
        raise KnowledgeError("--goal", name, said)
    return value
