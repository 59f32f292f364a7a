"""Chooses among builds: the newest that fits, what was rejected on the way, and what would unblock."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import msgspec

from auditor.engine.arch import number, numbers
from auditor.engine.planning.candidate import Candidate, newest_first
from auditor.engine.planning.constraints import Unmet, needed_driver, reaches, unmet
from auditor.engine.planning.machine import Family, Machine
from auditor.engine.versions import release
from auditor.model.recommendation import REJECTED_AT_MOST

# What can be changed on a machine, from the least to the most trouble; cards and processors cannot.
_CHANGEABLE: tuple[tuple[str, ...], ...] = (
    ("python",),
    ("disk",),
    ("driver",),
    ("python", "disk"),
    ("python", "driver"),
    ("driver", "disk"),
    ("python", "driver", "disk"),
    ("floor",),
    ("python", "floor"),
    ("driver", "floor"),
    ("python", "driver", "floor"),
    ("python", "driver", "floor", "disk"),
)
_UNKNOWN_LAST = 1000


class Choice(msgspec.Struct, frozen=True):
    """The chosen build, if any, and the better ones that were rejected with their reasons."""

    build: Candidate | None
    rejected: dict[str, str]


class Unblocking(msgspec.Struct, frozen=True):
    """A build that would fit if `needs` were met."""

    build: Candidate
    needs: tuple[Unmet, ...]


def choose(
    candidates: Iterable[Candidate], machine: Machine, family: Family, ignoring: Sequence[str] = ()
) -> Choice:
    """Return the newest build of a family that fits; a doubtful one only where no other does."""
    ordered = list(newest_first(candidate for candidate in candidates if candidate.family == family))
    judged = [
        (candidate, [need for need in unmet(candidate, machine) if need.kind not in ignoring])
        for candidate in ordered
    ]
    fitting = [candidate for candidate, needs in judged if not needs]
    chosen = next((candidate for candidate in fitting if not candidate.doubtful), next(iter(fitting), None))
    rejected: dict[str, str] = {}
    for candidate, needs in judged:
        if candidate is chosen or len(rejected) == REJECTED_AT_MOST:
            break
        rejected[candidate.words] = (
            "; ".join(need.reason for need in needs) or candidate.doubtful or "the other is the usual build"
        )
    return Choice(chosen, rejected)


def changeable(needs: Sequence[Unmet]) -> bool:
    """Whether every need is met by another Python, driver, system or disk, on the same cards."""
    return {need.kind for need in needs} <= set(_CHANGEABLE[-1])


def unblocking(candidates: Sequence[Candidate], machine: Machine, family: Family) -> list[Unblocking]:
    """Return what the smallest changes would allow, newest build first; empty where no change helps."""
    ours = newest_first(candidate for candidate in candidates if candidate.family == family)
    judged = [(one, {need.kind for need in unmet(one, machine)}) for one in ours]
    for change in _CHANGEABLE:
        fitting = [one for one, kinds in judged if kinds <= set(change)]
        build = next((one for one in fitting if not one.doubtful), next(iter(fitting), None))
        if build is not None:
            if "driver" in change:
                build = _least_demanding(candidates, machine, build, change)
            found = [build, *(_with_older_drivers(candidates, machine, build) if "driver" in change else ())]
            return [Unblocking(one, tuple(unmet(one, machine))) for one in found]
    return []


def _with_older_drivers(
    candidates: Sequence[Candidate], machine: Machine, build: Candidate
) -> list[Candidate]:
    """Return the newest builds that only the driver stops and that would run on an older one than `build` needs."""
    found = [build]
    if build.family != "cuda":
        return []
    if machine.driver_state == "known" and reaches(machine.driver, needed_driver(build, machine)):
        return []  # the driver is too new, not too old
    for other in newest_first(one for one in candidates if one.family == build.family and not one.doubtful):
        older = release(needed_driver(other, machine)) < release(needed_driver(found[-1], machine))
        if older and {need.kind for need in unmet(other, machine)} == {"driver"}:
            found.append(other)
    return found[1:]


def _least_demanding(
    candidates: Sequence[Candidate], machine: Machine, build: Candidate, ignoring: Sequence[str]
) -> Candidate:
    """Return the build of the same release that asks for the oldest driver."""
    if build.family != "cuda":
        return build
    same = [
        other
        for other in candidates
        if (other.version, other.family) == (build.version, "cuda")
        and not other.doubtful
        and all(need.kind in ignoring for need in unmet(other, machine))
    ]
    return min(same or [build], key=lambda other: release(needed_driver(other, machine)))


def all_reasons(candidates: Sequence[Candidate], machine: Machine, family: Family) -> list[str]:
    """Return why no build fits whatever is changed: the needs of the one that misses the fewest."""
    judged = [
        (candidate, [need for need in unmet(candidate, machine) if need.kind not in _CHANGEABLE[-1]])
        for candidate in newest_first(candidates)
        if candidate.family == family
    ]
    if not judged:
        return []
    nearest, needs = min(
        judged, key=lambda pair: (bool(pair[0].doubtful), len(pair[1]), _distance(pair[0], machine))
    )
    return [f"{need.reason} ({nearest.words})" for need in needs]


def _distance(candidate: Candidate, machine: Machine) -> int:
    """Return how far the compute capabilities that a build names lie from the machine's cards; of equally far ones the newest counts."""
    served = numbers(candidate.archs or ())
    if candidate.family != "cuda":
        return 0
    cards = [number(card.capability) for card in machine.of("nvidia") if card.capability]
    return sum(max(min(served) - card, card - max(served), 0) for card in cards) if served else _UNKNOWN_LAST
