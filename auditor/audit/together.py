"""--index-check with --with: a framework and further packages, decided by what the index's metadata says of all."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Sequence

import msgspec

from auditor.audit.index_resolve import Resolved, resolve
from auditor.engine.plan import fitting_versions
from auditor.engine.planning.machine import machine_of
from auditor.engine.planning.rows import rows
from auditor.engine.planning.together import releases_of
from auditor.engine.planning.wish import FRAMEWORK_OF, Pin, Wish, canonical
from auditor.model.fact import Facts
from auditor.model.recommendation import Plan

Planner = Callable[[Wish], Plan]
Ask = Callable[[Sequence[str], Sequence[str]], Resolved]
_DISTRIBUTIONS = {"pytorch": "torch", "tensorflow": "tensorflow", "jax": "jax"}


def decided(made: Plan, wish: Wish, planner: Planner, facts: Facts, framework: str) -> Plan:
    """Return the plan with every further requirement in the version that the index's metadata gives.

    The plan's own release comes first; where that conflicts, the index chooses among the releases that fit the machine.
    """
    free = _free(wish)
    if not free or not (made.possible or made.undecided) or framework not in _DISTRIBUTIONS:
        return made
    machine = machine_of(facts)
    with tempfile.TemporaryDirectory(prefix="fwaudit-") as folder:

        def ask(fixed: Sequence[str], wanted: Sequence[str]) -> Resolved:
            return resolve([*fixed, *wanted], machine, folder)

        return _asked(made, wish, planner, facts, framework, ask)


def _asked(made: Plan, wish: Wish, planner: Planner, facts: Facts, framework: str, ask: Ask) -> Plan:
    free = _free(wish)
    found = Resolved(why="the tables know of no release")
    if made.possible:
        fixed = [
            f"{choice['name']}=={choice['version']}" for choice in made.choices if _is_ours(choice["name"])
        ]
        found, free = _with_wheels(ask, fixed, free)
    if not found.why:
        return _taken(made, wish, planner, free, found, ())
    return _another(made, wish, planner, facts, framework, ask)


def _with_wheels(ask: Ask, fixed: Sequence[str], free: tuple[str, ...]) -> tuple[Resolved, tuple[str, ...]]:
    """Return what resolves, and the requirements that did: one without a wheel is left to the tables."""
    found = ask(fixed, free)
    while found.without_wheel and any(canonical(text) == found.without_wheel for text in free):
        free = tuple(text for text in free if canonical(text) != found.without_wheel)
        found = ask(fixed, free)
    return found, free


def _free(wish: Wish) -> tuple[str, ...]:
    return tuple(text for text in wish.requirements if not _is_ours(canonical(text)))


def _is_ours(name: str) -> bool:
    """Whether a distribution is a framework or paired with one, so that the tables choose its version."""
    return name in FRAMEWORK_OF or any(row["package"] == name for row in rows("companions", "newest"))


def _another(made: Plan, wish: Wish, planner: Planner, facts: Facts, framework: str, ask: Ask) -> Plan:
    """Return the plan for a release of the framework that the index finds for all, if there is one."""
    name = _DISTRIBUTIONS[framework]
    fits, others, cudas = fitting_versions(facts, framework, wish)
    if not fits:
        return made
    bounds = ",".join([f"<={fits[0]}", f">={fits[-1]}", *(f"!={version}" for version in others)])
    paired = [text for text in wish.requirements if _is_ours(canonical(text)) and canonical(text) != name]
    wanted = tuple(_without_other_cuda(text, cudas) for text in _free(wish))
    found, free = _with_wheels(ask, [f"{name}{bounds}", *paired], wanted)
    if found.why or found.unasked or found.without_wheel:
        return _not(made, free, found)
    pin = Pin(name, found.versions.get(name, fits[0]))
    return _taken(made, wish, planner, free, found, (pin,))


def _without_other_cuda(text: str, cudas: frozenset[str]) -> str:
    """Return a requirement without the releases that are known to be built for a CUDA that no fitting build has."""
    wrong = [one.version for one in releases_of(canonical(text)) if one.cuda and one.cuda not in cudas]
    joined = "," if set(text) & set("<>=!~") else ""
    return text + joined + ",".join(f"!={version}" for version in wrong)


def _taken(
    made: Plan, wish: Wish, planner: Planner, free: Sequence[str], found: Resolved, pins: tuple[Pin, ...]
) -> Plan:
    if found.unasked or found.without_wheel:
        return _not(made, free, found)
    names = tuple(canonical(text) for text in free)
    versions = tuple((name, found.versions[name]) for name in names)
    if open_ := [f"{name} {version}" for name, version in versions if _hides_its_cuda(name, version)]:
        said = f"{', '.join(open_)} would resolve, but its metadata does not tell for which CUDA it is built"
        return msgspec.structs.replace(
            made, possible=False, undecided=True, choices=(), steps=(), requirements=(), blocked_by=(said,)
        )
    left = tuple(text for text in wish.requirements if canonical(text) not in names)
    return planner(
        msgspec.structs.replace(wish, requirements=left, decided=versions, pins=(*wish.pins, *pins))
    )


def _hides_its_cuda(name: str, version: str) -> bool:
    """Whether a package is built for one CUDA, and for which this release is, is not in the tables."""
    listed = releases_of(name)
    return any(one.cuda for one in listed) and version not in {one.version for one in listed}


def _not(made: Plan, free: Sequence[str], found: Resolved) -> Plan:
    """Return the plan with why the index did not decide, impossible where it told of a conflict."""
    names = ", ".join(canonical(text.partition("!=")[0]) for text in free)
    unasked = found.unasked or (found.without_wheel and f"{found.without_wheel} has no wheel there")
    if unasked:
        said = f"{names}: undecided by the index: {unasked}"
        return msgspec.structs.replace(made, because=(*made.because, said))
    said = (
        f"{names} cannot be had with any release that fits this machine, by the index's metadata: {found.why}"
    )
    return msgspec.structs.replace(
        made,
        possible=False,
        undecided=False,
        choices=(),
        steps=(),
        requirements=(),
        blocked_by=(said,),
        expires="",
    )
