"""What to type here: the newest build of a framework whose needs this machine meets, as commands."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import msgspec

from auditor.engine.planning import reasons
from auditor.engine.planning.candidate import Candidate
from auditor.engine.planning.choose import Choice, all_reasons, choose, unblocking
from auditor.engine.planning.companions import allowed, companions, disallowed, lacks_companions
from auditor.engine.planning.constraints import unmet
from auditor.engine.planning.disk import takes
from auditor.engine.planning.fewer import without
from auditor.engine.planning.hints import hints, last_served, package_elsewhere
from auditor.engine.planning.installed import installed_build, installed_release
from auditor.engine.planning.machine import Machine, machine_of
from auditor.engine.planning.other_builds import jax_candidates, tensorflow_candidates
from auditor.engine.planning.steps import limits, steps
from auditor.engine.planning.torch_builds import torch_candidates
from auditor.engine.planning.wish import FRAMEWORK_OF, NOTHING, Wish, pinned
from auditor.engine.versions import release
from auditor.model.fact import Facts
from auditor.model.recommendation import Plan

_CANDIDATES: Mapping[str, Callable[[Machine], Iterator[Candidate]]] = {
    "pytorch": torch_candidates,
    "tensorflow": tensorflow_candidates,
    "jax": jax_candidates,
}


def plan(facts: Facts, framework: str, wish: Wish = NOTHING) -> Plan:
    """Return the plan for one framework (pytorch, tensorflow, jax) on the machine of the facts.

    It is possible where a published build uses the machine's accelerators (its CPU where it has none)
    with driver, system, Python and cards as they are; else `blocked_by` says what would have to change
    and `alternatives` hold fallbacks. Facts that are unknown become assumptions, each said in `because`.

    Raises:
        WishError: a pin names what there is not.

    """
    machine = machine_of(facts)
    every = list(_CANDIDATES[framework](machine))
    named = pinned(every, framework, wish)
    candidates = allowed(named, wish, machine)
    if not candidates:
        return _undecidable(framework, wish, named, machine)
    present = installed_build(facts, framework, machine, candidates)
    if present is not None and not lacks_companions(facts, wish):
        return _keep(present, candidates, machine)
    choice = _choice(candidates, machine, facts, framework, present)
    if choice.build is None:
        blocked = _impossible(framework, candidates, every, machine, facts, choice.rejected)
        return _but_for(_but_for_pins(blocked, wish, named, every, machine), wish, named, machine, framework)
    build = choice.build
    company = companions(build, wish, machine)
    newer = _newer(build, candidates, machine)
    return Plan(
        possible=True,
        framework=framework,
        choices=_choices(build, company.choices),
        steps=steps(build, machine, facts, company.paired, (*company.later, *company.others), company.built),
        requirements=(*limits(build, machine), *company.others),
        because=(
            *reasons.because(build, machine, _why(build, newer, wish, every, machine)),
            *company.said,
            *takes(build, machine),
        ),
        rejected=choice.rejected,
        alternatives=(
            *_doubtful_alternative(choice.rejected),
            *newer,
            *reasons.with_a_newer_driver(build, candidates, machine),
        ),
        expires=reasons.expires(build, machine, every),
    )


def fitting_versions(facts: Facts, framework: str, wish: Wish) -> tuple[list[str], list[str], frozenset[str]]:
    """Return the releases with a build that fits the machine, newest first, those between without, and the builds' CUDA majors."""
    machine = machine_of(facts)
    named = pinned(_CANDIDATES[framework](machine), framework, msgspec.structs.replace(wish, requirements=()))
    ours = [build for build in named if build.family == machine.family]
    fitting = [build for build in ours if not unmet(build, machine)]
    fits = {build.version for build in fitting}
    cudas = frozenset(build.cuda.partition(".")[0] for build in fitting)
    every = sorted({build.version for build in ours}, key=release, reverse=True)
    inside = every[every.index(max(fits, key=release)) :] if fits else []
    without = [version for version in inside if version not in fits]
    return [version for version in inside if version in fits], without, cudas


def _undecidable(framework: str, wish: Wish, named: Sequence[Candidate], machine: Machine) -> Plan:
    asked = _asked(wish)
    why, final = disallowed(named, wish, machine)
    blocks = f"no release of {framework} in the tables satisfies {asked} together"
    return Plan(
        possible=False,
        framework=framework,
        because=machine.assumed,
        blocked_by=(*why, blocks),
        alternatives=(
            *without(named, wish, machine),
            *package_elsewhere(wish.requirements, machine),
        ),
        undecided=not final,
    )


def _choice(
    candidates: Sequence[Candidate],
    machine: Machine,
    facts: Facts,
    framework: str,
    present: Candidate | None,
) -> Choice:
    """Return the least change: the installed build, another build of its release, else the newest."""
    if present is not None:
        return Choice(present, {})
    same = installed_release(facts, framework, candidates)
    choice = choose(same, machine, machine.family)
    if choice.build is not None and not choice.build.doubtful:
        return choice
    return choose(candidates, machine, machine.family)


def _why(
    build: Candidate, newer: Sequence[str], wish: Wish, every: Sequence[Candidate], machine: Machine
) -> str:
    """Return why it is this build and no newer one, naming the wish that holds it back."""
    if newer:
        return "fits and keeps the installed release"
    free = choose(every, machine, build.family).build if wish.pins or wish.requirements else None
    if free is None or release(free.version) <= release(build.version):
        return "is the newest that fits"
    return f"is the newest that fits with {_asked(wish)} (without: {free.words})"


def _asked(wish: Wish) -> str:
    return ", ".join((*wish.requirements, *(pin.words for pin in wish.pins)))


def _newer(build: Candidate, candidates: Sequence[Candidate], machine: Machine) -> tuple[str, ...]:
    newest = choose(candidates, machine, machine.family).build
    if newest is None or newest.version == build.version:
        return ()
    return (f"the newest that fits is {newest.words}",)


def _keep(present: Candidate, candidates: Sequence[Candidate], machine: Machine) -> Plan:
    """Return the plan that leaves a working build alone: age is no reason to change it."""
    newest = choose(candidates, machine, machine.family).build
    newer = newest is not None and newest.version != present.version
    return Plan(
        possible=True,
        framework=FRAMEWORK_OF[present.name],
        choices=_choices(present),
        because=(f"{present.words} is installed and fits this machine: nothing to type", *machine.assumed),
        alternatives=(f"the newest that fits is {newest.words}",) if newest and newer else (),
        expires=reasons.expires(present, machine, candidates) if not newer else "",
    )


def _impossible(
    framework: str,
    candidates: Sequence[Candidate],
    every: Sequence[Candidate],
    machine: Machine,
    facts: Facts,
    rejected: dict[str, str],
) -> Plan:
    ways = reasons.feasible(unblocking(candidates, machine, machine.family), machine)
    # where a wish alone excludes what fits, what is known of the machine's own limits is no help
    fits = len(candidates) < len(every) and choose(every, machine, machine.family).build is not None
    blocked, more = ((), ()) if fits else hints(framework, candidates, machine)
    why = blocked or reasons.blocked(ways[:1], all_reasons(candidates, machine, machine.family))
    return Plan(
        possible=False,
        framework=framework,
        because=machine.assumed,
        rejected=rejected,
        mendable=bool(ways),
        undecided=_is_open(candidates, machine),
        blocked_by=why or (_no_build(framework),),
        alternatives=(
            *more,
            *reasons.alternatives(ways, machine),
            *last_served(framework, every, machine),
            *_on_the_cpu(candidates, machine, facts),
        ),
    )


def _but_for_pins(
    blocked: Plan, wish: Wish, named: Sequence[Candidate], every: Sequence[Candidate], machine: Machine
) -> Plan:
    """Return an impossible plan with what would fit without the pins, where they exclude it."""
    build = choose(every, machine, machine.family).build if len(named) < len(every) else None
    if build is None or choose(named, machine, machine.family).build is not None:
        return blocked
    pins = ", ".join(f"--pin {pin.words}" for pin in wish.pins)
    none = not any(one.family == machine.family for one in named)
    left = (
        "leaves only builds for an accelerator, and this machine has none"
        if machine.family == "cpu"
        else "excludes the builds that use this machine's accelerator"
    )
    why = (f"{pins} {left}",) if none else blocked.blocked_by
    return msgspec.structs.replace(
        blocked, blocked_by=why, alternatives=(f"without {pins}: {build.words}", *blocked.alternatives)
    )


def _no_build(framework: str) -> str:
    return f"no published build of {framework} uses this machine's accelerator"


def _but_for(blocked: Plan, wish: Wish, named: Sequence[Candidate], machine: Machine, framework: str) -> Plan:
    """Return an impossible plan with what would fit without the further packages, where they are what blocks it."""
    fewer = without(named, wish, machine)
    if not fewer:
        return blocked
    why, final = disallowed(named, wish, machine)
    others = tuple(words for words in blocked.blocked_by if words != _no_build(framework))
    return msgspec.structs.replace(
        blocked,
        blocked_by=(*why, *others),
        alternatives=(*fewer, *package_elsewhere(wish.requirements, machine), *blocked.alternatives),
        undecided=blocked.undecided or not final,
    )


def _is_open(candidates: Sequence[Candidate], machine: Machine) -> bool:
    """Whether what a card is, is not known, so that no build can be chosen or ruled out."""
    ours = (candidate for candidate in candidates if candidate.family == machine.family)
    return any(need.kind == "question" for candidate in ours for need in unmet(candidate, machine))


def _on_the_cpu(candidates: Sequence[Candidate], machine: Machine, facts: Facts) -> tuple[str, ...]:
    """Return how the framework runs on the CPU meanwhile, with another Python where that is what it takes."""
    if machine.family == "cpu":
        return ()
    build = choose(candidates, machine, "cpu").build
    if build is not None:
        return (f"{build.words} runs on the CPU: {' && '.join(steps(build, machine, facts))}",)
    ways = unblocking(candidates, machine, "cpu")
    return tuple(f"{said} (on the CPU)" for said in reasons.alternatives(ways, machine))


def _choices(build: Candidate, company: Sequence[dict[str, Any]] = ()) -> tuple[dict[str, Any], ...]:
    first = {"name": build.name, "version": build.version, "build": build.build, "index": build.index}
    more = [
        {"name": name.partition("[")[0], "version": version, "build": build.build, "index": ""}
        for name, version in build.extra
    ]
    return (first, *more, *company)


def _doubtful_alternative(rejected: Mapping[str, str]) -> tuple[str, ...]:
    """Name a newer build that may exist, where only that doubt spoke against it."""
    return tuple(
        f"{words}, if it exists: {why}" for words, why in rejected.items() if "secondary source" in why
    )[:1]
