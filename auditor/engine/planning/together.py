"""Packages beside a framework, chosen together with it by what the tables hold of their metadata."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from itertools import product
from typing import TYPE_CHECKING

import msgspec

from auditor.engine.arch import number
from auditor.engine.planning.candidate import Candidate
from auditor.engine.planning.machine import Machine
from auditor.engine.planning.rows import rows
from auditor.engine.versions import minor
from auditor.knowledge.tables import Row

if TYPE_CHECKING:
    from packaging.requirements import Requirement

_FRAMEWORKS = {"torch": "pytorch", "tensorflow": "tensorflow", "tensorflow-cpu": "tensorflow", "jax": "jax"}
_MOST = 4096  # combinations that are looked at
_SYSTEMS = {"linux": "Linux", "windows": "Windows", "macos": "Darwin"}


class Release(msgspec.Struct, frozen=True, kw_only=True):
    """One release of a package. `platforms` empty: a source archive alone; `cuda` a major, or empty."""

    package: str
    version: str
    python: str
    requires: tuple[str, ...]
    platforms: tuple[str, ...]
    pythons: tuple[str, ...]
    cuda: str


class Together(msgspec.Struct, frozen=True):
    """What was `chosen`; why nothing could be (`against`), which is `final` where no older release could help.

    `left` are requirements that pip decides, each with the reason why the tables do not.
    """

    chosen: tuple[Release, ...] = ()
    against: tuple[str, ...] = ()
    final: bool = False
    left: tuple[tuple[str, str], ...] = ()


@cache
def releases_of(package: str) -> tuple[Release, ...]:
    """Return the releases of which the tables hold the metadata, newest first."""
    found = (row for row in rows("requirements") if row["package"] == package)
    return tuple(msgspec.convert(row, Release) for row in found)


def belongs_to(package: str) -> frozenset[str]:
    """Return the frameworks that a package requires by its metadata; of which nothing is known, none."""
    texts = {_parsed(text).name.lower() for release in releases_of(package) for text in release.requires}
    return frozenset(_FRAMEWORKS[name] for name in texts if name in _FRAMEWORKS)


def chosen_together(
    wanted: Sequence[str], build: Candidate, machine: Machine, beside: Mapping[str, str]
) -> Together:
    """Return the newest releases that fit a build, the machine and each other; `beside` are versions fixed already."""
    options: list[list[Release | str]] = []
    against: list[str] = []
    finals = []
    for text in wanted:
        asked = _parsed(text)
        if other := for_others(_name(asked), build):
            against.append(other)
            finals.append(True)
        listed = [one for one in releases_of(_name(asked)) if asked.specifier.contains(one.version)]
        reasons = {one: next(_misfits(one, build, machine, beside), "") for one in listed}
        fitting: list[Release | str] = [one for one, why in reasons.items() if not why]
        bound = _is_bound(listed)
        if not fitting and listed and bound:
            first = listed[0]
            against.append(f"{first.package} {first.version} {reasons[first]}" + _older(asked, listed))
            finals.append(_reaches_no_older(asked, listed))
        options.append(fitting if bound else [*fitting, text])
    if against:
        return Together(against=tuple(against), final=any(finals))
    return _combined(options, wanted)


def _combined(options: Sequence[Sequence[Release | str]], wanted: Sequence[str]) -> Together:
    """Return the first combination of releases that do not clash; what has none of its own is left to pip."""
    first = next(_clashes(tuple(found[0] for found in options)), "they do not fit each other")
    for tried, combination in enumerate(product(*options)):
        if tried < _MOST and not any(_clashes(combination)):
            left = [(text, _why_left(text, first)) for text in combination if isinstance(text, str)]
            return Together(tuple(one for one in combination if isinstance(one, Release)), left=tuple(left))
    final = all(_reaches_no_older(_parsed(text), releases_of(_name(_parsed(text)))) for text in wanted)
    return Together(against=(first,), final=final)


def _why_left(text: str, clash: str) -> str:
    """Return why the tables choose no release."""
    if not releases_of(_name(_parsed(text))):
        return "the tables hold nothing of its requirements: --index-check asks the index for them"
    if text.split()[0] in clash:
        return f"pip takes an older one, since {clash}"
    return "no release that the tables hold fits, older ones may: --index-check asks the index"


def _is_bound(listed: Sequence[Release]) -> bool:
    """Whether the releases belong to certain releases of a framework, to one CUDA, or to certain cards."""
    return any(_card_rules(one) for one in listed) or any(
        one.cuda or (need.name.lower() in _FRAMEWORKS and need.specifier)
        for one in listed
        for need in map(_parsed, one.requires)
    )


def _reaches_no_older(asked: Requirement, listed: Sequence[Release]) -> bool:
    """Whether a requirement excludes every release that is older than those of the tables."""
    from packaging.version import Version

    if not listed:
        return False
    oldest = min(Version(one.version) for one in listed)
    bounds = [part for part in asked.specifier if part.operator in (">=", ">", "==", "~=")]
    return any(Version(part.version.removesuffix(".*")) >= oldest for part in bounds)


def _older(asked: Requirement, listed: Sequence[Release]) -> str:
    if _reaches_no_older(asked, releases_of(_name(asked))):
        return ""
    return (
        f"; whether a release older than {listed[-1].version} fits is undecided: --index-check asks the index"
    )


def _misfits(one: Release, build: Candidate, machine: Machine, beside: Mapping[str, str]) -> Iterator[str]:
    """Yield why a release does not go with a build on a machine."""
    from packaging.specifiers import SpecifierSet

    this = ".".join(machine.python.split(".")[:2])
    if one.python and not SpecifierSet(one.python).contains(machine.python):
        yield f"wants Python {one.python}, not {machine.python}"
    elif one.pythons and this not in one.pythons:
        yield f"has wheels for Python {one.pythons[0]} to {one.pythons[-1]}, not {this}"
    if one.platforms and not {"any", machine.platform} & set(one.platforms):
        yield f"has no wheel for {machine.platform}"
    if one.cuda and (build.family != "cuda" or minor(build.cuda)[0] != int(one.cuda)):
        yield f"is built for CUDA {one.cuda}, and {build.words} is not"
    yield from _card_misfits(one, build, machine)
    versions = {**beside, build.name: build.version}
    for text in one.requires:
        need = _parsed(text)
        there = versions.get(_name(need))
        if there and _holds(need, machine) and not need.specifier.contains(there):
            yield f"wants {need.name}{need.specifier}, not {there}"


def _card_rules(one: Release) -> list[Row]:
    """Return what is documented of the accelerators that a release asks for."""
    from packaging.version import Version

    rules = (row for row in rows("package_cards") if row["package"] == one.package)
    return [row for row in rules if Version(one.version) >= Version(row["from"])]


def for_others(package: str, build: Candidate) -> str:
    """Say that a package of which no release is listed works with other makers' cards alone, in every release."""
    for rule in () if releases_of(package) else rows("package_cards"):
        if rule["package"] == package and rule["from"] == "0" and build.family not in rule["families"]:
            return f"{package} is for NVIDIA GPUs alone, and {build.words} is not"
    return ""


def _card_misfits(one: Release, build: Candidate, machine: Machine) -> Iterator[str]:
    for rule in _card_rules(one):
        if rule["families"] and build.family not in rule["families"]:
            names = {"cuda": "NVIDIA", "rocm": "AMD"}
            makers = " and ".join(names[family] for family in rule["families"])
            yield f"as PyPI has it is for {makers} GPUs alone, and {build.words} is not"
        for card in machine.of("nvidia") if build.family == "cuda" else ():
            if card.capability and number(card.capability) < rule["sm_min"]:
                yield f"wants compute capability {rule['sm_min'] / 10:.1f}, {card.words} has less"


def _clashes(combination: Sequence[Release | str]) -> Iterator[str]:
    """Yield what one of the chosen releases requires of another that it is not."""
    releases = [one for one in combination if isinstance(one, Release)]
    versions = {one.package: one.version for one in releases}
    for one in releases:
        for text in one.requires:
            need = _parsed(text)
            there = versions.get(_name(need))
            if there and not need.specifier.contains(there):
                yield f"{one.package} {one.version} wants {need.name}{need.specifier}, not {there}"


def pins_on(build: Candidate, wanted: Sequence[str]) -> tuple[str, ...]:
    """Return the exact versions of a build's framework that releases of the wanted packages ask for."""
    found: list[str] = []
    for text in wanted:
        asked = _parsed(text)
        for one in releases_of(_name(asked)):
            needs = (_parsed(need) for need in one.requires)
            found += [
                exact.version
                for need in needs
                if _name(need) == build.name and asked.specifier.contains(one.version)
                for exact in need.specifier
                if exact.operator == "==" and "*" not in exact.version
            ]
    return tuple(dict.fromkeys(found))


def _holds(need: Requirement, machine: Machine) -> bool:
    """Whether a requirement's marker holds on the machine."""
    if need.marker is None:
        return True
    system, _, arch = machine.platform.partition("-")
    return need.marker.evaluate(
        {
            "python_version": ".".join(machine.python.split(".")[:2]),
            "python_full_version": machine.python,
            "platform_system": _SYSTEMS.get(system, "Linux"),
            "sys_platform": {"windows": "win32", "macos": "darwin"}.get(system, "linux"),
            "platform_machine": arch,
            "extra": "",
        }
    )


@cache
def _parsed(text: str) -> Requirement:
    from packaging.requirements import Requirement

    return Requirement(text)


def _name(asked: Requirement) -> str:
    return asked.name.lower().replace("_", "-").replace(".", "-")
