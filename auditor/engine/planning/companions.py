"""Packages that come along with a build: those paired with its release, and any other requirement."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import msgspec

from auditor.engine.planning.candidate import Candidate
from auditor.engine.planning.machine import Machine
from auditor.engine.planning.pairs import open_question, unlike
from auditor.engine.planning.rows import rows
from auditor.engine.planning.wish import FRAMEWORK_OF, Pin, Wish, canonical, frameworks_of, matching
from auditor.engine.versions import minor
from auditor.knowledge.tables import Row
from auditor.model.fact import Facts
from auditor.model.specifiers import normal

if TYPE_CHECKING:
    from auditor.engine.planning.together import Release


class Company(msgspec.Struct, frozen=True):
    """What comes along: `choices` with their versions, `paired` as pip takes them from the build's index.

    `later` are chosen releases from PyPI, `built` those without a wheel, `others` requirements of which pip takes what fits.
    """

    choices: tuple[dict[str, Any], ...] = ()
    paired: tuple[str, ...] = ()
    said: tuple[str, ...] = ()
    later: tuple[str, ...] = ()
    built: tuple[str, ...] = ()
    others: tuple[str, ...] = ()


def companions(build: Candidate, wish: Wish, machine: Machine) -> Company:
    """Return what the wish wants beside a build, each in the version that belongs to it."""
    found = [_companion(name, build, machine) for name in dict.fromkeys(wish.companions)]
    free = _free(wish, build)
    found += [_required(text, build) for text in wish.requirements if text not in free]
    fixed = {choice["name"]: choice["version"] for company in found for choice in company.choices}
    found += [_decided(name, version, build) for name, version in wish.decided]
    found += [_chosen(free, build, machine, fixed)] if free else []
    return Company(
        tuple(choice for company in found for choice in company.choices),
        tuple(dict.fromkeys(text for company in found for text in company.paired)),
        tuple(said for company in found for said in company.said),
        tuple(dict.fromkeys(text for company in found for text in company.later)),
        tuple(dict.fromkeys(text for company in found for text in company.built)),
        tuple(dict.fromkeys(text for company in found for text in company.others)),
    )


def _free(wish: Wish, build: Candidate) -> tuple[str, ...]:
    """Return the requirements that neither name the framework nor are paired with it."""
    paired = {row["package"] for row in rows("companions", "newest")} if build.name == "torch" else set()
    return tuple(text for text in wish.requirements if canonical(text) not in {build.name, *paired})


def _chosen(free: Sequence[str], build: Candidate, machine: Machine, fixed: dict[str, str]) -> Company:
    """Return what the tables' metadata chooses together; what is another framework's is left to that one."""
    from auditor.engine.planning.together import chosen_together

    ours = FRAMEWORK_OF.get(build.name, "")
    foreign = [text for text in free if (of := frameworks_of(canonical(text))) and ours not in of]
    found = chosen_together([text for text in free if text not in foreign], build, machine, fixed)
    said = [
        f"{text} belongs to {' or '.join(sorted(frameworks_of(canonical(text))))}, not to {ours}"
        for text in foreign
        if canonical(text) not in FRAMEWORK_OF
    ]
    said += [f"{text}: whether it fits {build.words} is undecided, {why}" for text, why in found.left]
    said += [_words(one, build) for one in found.chosen]
    return Company(
        tuple(_choice(one) for one in found.chosen),
        _brought(found.chosen, build, fixed),
        tuple(said),
        tuple(f"{one.package}=={one.version}" for one in found.chosen if one.platforms),
        tuple(f"{one.package}=={one.version}" for one in found.chosen if not one.platforms),
        tuple(text for text, _ in found.left),
    )


def _choice(one: Release) -> dict[str, Any]:
    """Return a choice from PyPI; "source" says of one without a wheel that it is built here."""
    choice = {"name": one.package, "version": one.version, "build": "", "index": ""}
    return choice if one.platforms else choice | {"source": True}


def _decided(name: str, version: str, build: Candidate) -> Company:
    choice = {"name": name, "version": version, "build": "", "index": ""}
    said = f"{name} {version} goes with {build.name} {build.version}: all resolve together by the index's metadata"
    return Company((choice,), (), (said,), (f"{name}=={version}",))


def _words(one: Release, build: Candidate) -> str:
    needs = [text for text in one.requires if canonical(text) in FRAMEWORK_OF]
    wants = f" (it wants {', '.join(needs)})" if needs else ""
    built = (
        ""
        if one.platforms
        else "; it has no wheel: building it takes a compiler and, for the GPU, CUDA's toolkit"
    )
    return f"{one.package} {one.version} goes with {build.words} by its metadata{wants}{built}"


def _brought(chosen: Sequence[Release], build: Candidate, fixed: dict[str, str]) -> tuple[str, ...]:
    """Return what a release requires that must come from the build's own index."""
    if not build.index:
        return ()
    paired = {row["package"] for row in rows("companions", "newest")}
    needs = [text for one in chosen for text in one.requires]
    return tuple(text for text in needs if (name := canonical(text)) in paired and name not in fixed)


def lacks_companions(facts: Facts, wish: Wish) -> bool:
    """Whether something that the wish wants is not known to be installed, in a version that it allows."""
    there = facts.value("python.distributions") or ()
    installed = {normal(str(row["name"])): str(row.get("version") or "") for row in there if row.get("name")}
    asked = (*wish.requirements, *(f"{name}=={version}" for name, version in wish.decided))
    return not installed.keys() >= set(wish.companions) or any(_is_unmet(text, installed) for text in asked)


def _is_unmet(requirement: str, installed: Mapping[str, str]) -> bool:
    from packaging.requirements import Requirement  # 10 ms, which no scan without a wish pays

    wanted = Requirement(requirement)
    return not wanted.specifier.contains(installed.get(normal(wanted.name), "") or "0.dev0")


def _companion(name: str, build: Candidate, machine: Machine) -> Company:
    if build.name == "torch" and any(row["package"] == name for row in rows("companions", "newest")):
        return _paired(name, build, machine)
    row = next((row for row in rows("companions", "loose") if _fits(row, name, build)), None)
    if row is None:
        return Company(said=(f"no release of {name} is known to work with {build.words}, so it is left out",))
    said = f"{name} is tied to no release of {build.name}: its newest is taken"
    return Company(others=(name,), said=(said,))


def _fits(row: Row, name: str, build: Candidate) -> bool:
    framework = build.name.partition("-")[0]
    return (row["package"], row["framework"]) == (name, framework) and minor(build.version) >= minor(
        row["from"]
    )


def _paired(name: str, build: Candidate, machine: Machine) -> Company:
    pairs = {row["torch"]: row["version"] for row in rows("companions", "newest") if row["package"] == name}
    version = pairs.get(build.version, "")
    line = next((pairs[torch] for torch in pairs if minor(torch) == minor(build.version)), "")
    if not line:
        why = f"no release of {name} belongs to {build.name} {build.version}: it is left out"
        return Company(said=(why,))
    if why := unlike(name, version or line, build, machine):
        said = (
            f"{name} {version or line}, which belongs to {build.name} {build.version}, {why}: it is left out"
        )
        return Company(said=(said,))
    exact = version or ".".join(line.split(".")[:2])
    choice = {"name": name, "version": exact, "build": build.build, "index": build.index}
    requirement = f"{name}=={version}" if version else f"{name}=={exact}.*"
    said = f"{name} {exact} belongs to {build.name} {build.version} and comes from the same index"
    return Company((choice,), (requirement,), (said, *open_question(name, exact, build)))


def _required(text: str, build: Candidate) -> Company:
    """Return a requirement on the framework itself, or on what is paired with it."""
    from packaging.requirements import Requirement

    wanted = Requirement(text)
    name = canonical(text)
    if name == build.name:
        return Company()
    pairs = [row for row in rows("companions", "newest") if row["package"] == name]
    fitting = [row["version"] for row in pairs if minor(row["torch"]) == minor(build.version)]
    if not any(wanted.specifier.contains(version) for version in fitting):
        said = f"{text}: {build.words} belongs to {name} {', '.join(fitting) or 'of no known release'}"
        return Company(said=(said,))
    choice = {"name": name, "version": fitting[0], "build": build.build, "index": build.index}
    return Company((choice,), (f"{name}=={fitting[0]}",), open_question(name, fitting[0], build))


def allowed(candidates: Sequence[Candidate], wish: Wish, machine: Machine) -> list[Candidate]:
    """Return the builds that every requirement allows, by its own name, by a pair, or by its metadata."""
    left = _allowed_by_pairs(candidates, wish, machine)
    if not left or not (free := _free(wish, left[0])):
        return left
    from auditor.engine.planning.together import belongs_to, chosen_together, for_others, pins_on

    ours = FRAMEWORK_OF.get(left[0].name, "")
    names = {text: canonical(text) for text in free}
    left = [one for one in left if not any(for_others(name, one) for name in names.values())]
    if not left:
        return []
    free = tuple(text for text, name in names.items() if ours in belongs_to(name))
    if not free:
        return left
    exact = [Pin(left[0].name, version) for version in pins_on(left[0], free)]
    every = dict.fromkeys([*left, *(found for one in left for pin in exact for found in matching(one, pin))])
    return [one for one in every if not chosen_together(free, one, machine, {}).against]


def disallowed(candidates: Sequence[Candidate], wish: Wish, machine: Machine) -> tuple[tuple[str, ...], bool]:
    """Return why no build that fits the machine is allowed, of the newest one, and whether that is final."""
    from auditor.engine.planning.choose import choose
    from auditor.engine.planning.together import chosen_together

    left = _allowed_by_pairs(candidates, wish, machine)
    if not left:
        return _without_pair(candidates, wish, machine), True
    build = choose(left, machine, machine.family).build or next(iter(left), None)
    free = _free(wish, build) if build else ()
    if build is None or not free:
        return (), True
    found = chosen_together(free, build, machine, {})
    return tuple(f"{why} ({build.words})" for why in found.against), found.final


def _allowed_by_pairs(candidates: Sequence[Candidate], wish: Wish, machine: Machine) -> list[Candidate]:
    left = list(candidates)
    if not wish.requirements:
        return left
    from packaging.requirements import Requirement

    for wanted in map(Requirement, wish.requirements):
        name = wanted.name.lower().replace("_", "-")
        fits = [row["torch"] for row in rows("companions", "newest") if row["package"] == name]
        good = {
            row["torch"]: row["version"]
            for row in rows("companions", "newest")
            if row["package"] == name and wanted.specifier.contains(row["version"])
        }
        left = [
            candidate
            for candidate in left
            if (candidate.name != name or wanted.specifier.contains(candidate.version))
            and (not fits or candidate.name != "torch" or _has_pair(name, good, candidate, machine))
        ]
    return left


def _has_pair(name: str, good: Mapping[str, str], build: Candidate, machine: Machine) -> bool:
    version = good.get(build.version)
    return version is not None and not unlike(name, version, build, machine)


def _without_pair(candidates: Sequence[Candidate], wish: Wish, machine: Machine) -> tuple[str, ...]:
    """Return why what belongs to the newest build does not exist for this Python or variant."""
    from auditor.engine.planning.choose import choose

    build = choose(candidates, machine, machine.family).build
    if build is None:
        return ()
    names = {canonical(text) for text in wish.requirements}
    pairs = [
        (row["package"], row["version"])
        for row in rows("companions", "newest")
        if row["package"] in names and row["torch"] == build.version
    ]
    found = ((name, version, unlike(name, version, build, machine)) for name, version in pairs)
    return tuple(f"{name} {version} {why} ({build.words})" for name, version, why in found if why)
