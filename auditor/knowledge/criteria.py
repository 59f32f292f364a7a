"""The comparison's criteria: what it published, what holds today, and what shows it on a machine."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Annotated

import msgspec

from auditor import _resources
from auditor.knowledge.loading import KnowledgeError, read_toml

Baseline = Annotated[float, msgspec.Meta(ge=0.0, le=1.0)]
FRAMEWORKS = ("pytorch", "tensorflow", "jax")


class Claim(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A statement about one framework in our words; `baseline` says how well it fares, 0 to 1."""

    says: str
    baseline: Baseline
    source: str = ""
    date: str = ""


class Side(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One framework's claims, and what verifies them here.

    `workloads` are beginnings of smoke workload ids; `devices` beginnings of device names on which any
    workload counts; `components` distributions of which one must fit; `vendors` accelerators without
    which there is nothing to check.
    """

    today: Claim
    published: Claim | None = None
    workloads: tuple[str, ...] = ()
    devices: tuple[str, ...] = ()
    components: tuple[str, ...] = ()
    vendors: tuple[str, ...] = ()

    @property
    def is_checkable(self) -> bool:
        """Whether anything on a machine can verify or contradict it."""
        return bool(self.workloads or self.devices or self.components)


class Criterion(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One row of the comparison. `not_checked` says why no machine can show it, where none can."""

    id: str
    title: str
    section: str
    about: str
    pytorch: Side
    tensorflow: Side
    jax: Side | None = None
    not_checked: str = ""

    def side(self, framework: str) -> Side | None:
        """Return the claims for a framework, or None where the criterion says nothing of it."""
        found: Side | None = getattr(self, framework)
        return found

    def sides(self) -> Iterator[tuple[str, Side]]:
        """Yield framework and claims, in the order pytorch, tensorflow, jax."""
        for framework in FRAMEWORKS:
            if side := self.side(framework):
                yield framework, side


def load_criteria(folder: Path | None = None) -> dict[str, Criterion]:
    """Return the criteria by id, sorted; `folder` defaults to rules/criteria.

    Raises:
        KnowledgeError: a file is malformed, or its id is not its name.

    """
    found = {}
    for path in sorted((folder or _resources.tree("rules") / "criteria").glob("*.toml")):
        criterion = read_toml(path, Criterion)
        _check(criterion, path)
        found[criterion.id] = criterion
    return found


def _check(criterion: Criterion, path: Path) -> None:
    if criterion.id != path.stem:
        raise KnowledgeError(path.name, "id", f'is "{criterion.id}", must be the file\'s name "{path.stem}"')
    for framework in ("pytorch", "tensorflow"):
        side = criterion.side(framework)
        if side is None or side.published is None:
            raise KnowledgeError(
                path.name, f"{framework}.published", "is missing; the comparison speaks of both"
            )
    for framework, side in criterion.sides():
        if not (side.today.source and side.today.date):
            raise KnowledgeError(path.name, f"{framework}.today", "needs source and date")
