"""Which framework fits the goals here, with the arithmetic that a reader can redo."""

from __future__ import annotations

from typing import Any, Literal

import msgspec

from auditor.model.fact import Evidence

REJECTED_AT_MOST = 12  # builds that a plan names with their reasons, the newest

Verdict = Literal["verified", "contradicted", "unverified", "impossible"]


class CriterionResult(msgspec.Struct, frozen=True, omit_defaults=True, kw_only=True):
    """One criterion of the comparison, as published, as it holds today, and as seen here."""

    id: str
    title: str
    framework: str
    published: str
    today: str = ""
    source: str = ""
    date: str = ""
    verdict: Verdict = "unverified"
    evidence: tuple[Evidence, ...] = ()


class Contribution(msgspec.Struct, frozen=True, omit_defaults=True, kw_only=True):
    """weight x baseline x factor = points (rounded half up to four digits), for one criterion and one framework."""

    criterion: str
    weight: float
    baseline: float
    verdict: Verdict
    factor: float
    points: float


class Ranked(msgspec.Struct, frozen=True, omit_defaults=True, kw_only=True):
    """One framework's place for a goal: `score` is the sum of the contributions' points."""

    framework: str
    score: float
    contributions: tuple[Contribution, ...] = ()


class GoalResult(msgspec.Struct, frozen=True, omit_defaults=True, kw_only=True):
    """The ranking for one goal; the first is recommended unless `too_close`.

    `kept` says how the frameworks cope with what must not change, and which are left out for it.
    """

    goal: str
    title: str
    ranking: tuple[Ranked, ...]
    too_close: bool = False
    because: str = ""
    blocked_by: tuple[str, ...] = ()
    flips_if: str = ""
    kept: tuple[str, ...] = ()


class Plan(msgspec.Struct, frozen=True, omit_defaults=True, kw_only=True):
    """A build that runs here, as commands.

    `requirements` are packages beside the choices, as pip takes them; `assumed` says what was taken for
    granted without being stated; `output` is the plan in the form that was asked for. `mendable` says of an
    impossible plan that another Python, driver or system release would make it possible on these cards,
    `undecided` that a fact is missing rather than a build. `apart` holds the plan of each environment,
    where the frameworks need one of their own.
    """

    possible: bool
    mendable: bool = False
    undecided: bool = False
    framework: str = ""
    choices: tuple[dict[str, Any], ...] = ()
    steps: tuple[str, ...] = ()
    because: tuple[str, ...] = ()
    rejected: dict[str, str] = {}
    blocked_by: tuple[str, ...] = ()
    alternatives: tuple[str, ...] = ()
    expires: str = ""
    assumed: tuple[str, ...] = ()
    knowledge_date: str = ""
    requirements: tuple[str, ...] = ()
    output: str = ""
    apart: tuple[Plan, ...] = ()


class Recommendation(msgspec.Struct, frozen=True, omit_defaults=True, kw_only=True):
    """The goals' rankings and what to type."""

    goals: tuple[GoalResult, ...] = ()
    plan: Plan | None = None
