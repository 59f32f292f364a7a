"""Packages that come along with a build: those paired with its release, and any other requirement."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import msgspec

from auditor.engine.planning.candidate import Candidate
from auditor.engine.planning.machine import Machine
from auditor.engine.planning.rows import rows
from auditor.engine.planning.wish import Wish
from auditor.engine.versions import minor
from auditor.knowledge.tables import Row
from auditor.model.fact import Facts


class Company(msgspec.Struct, frozen=True):
    """What comes along: `choices` with their versions and `paired` as pip takes them, `others` from PyPI alone."""

    choices: tuple[dict[str, Any], ...] = ()
    paired: tuple[str, ...] = ()
    said: tuple[str, ...] = ()
    others: tuple[str, ...] = ()


def companions(build: Candidate, wish: Wish, machine: Machine) -> Company:
    """Return what the wish wants beside a build, each in the version that belongs to it."""
    found = [_companion(name, build, machine) for name in dict.fromkeys(wish.companions)]
    found += [_required(text, build) for text in wish.requirements]
    return Company(
        tuple(choice for company in found for choice in company.choices),
        tuple(dict.fromkeys(text for company in found for text in company.paired)),
        tuple(said for company in found for said in company.said),
        tuple(dict.fromkeys(text for company in found for text in company.others)),
    )


def lacks_companions(facts: Facts, wish: Wish) -> bool:
    """Whether something that the wish wants is not known to be installed."""
    if not wish.companions and not wish.requirements:
        return False
    installed = {str(row.get("name")) for row in facts.value("python.distributions") or ()}
    return bool(wish.requirements) or not installed.issuperset(wish.companions)


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
    last = _newest_python(name, line)
    if last and minor(machine.python) > minor(last):
        why = f"{name} {line}, which belongs to {build.words}, has wheels up to Python {last}: it is left out"
        return Company(said=(why,))
    exact = version or ".".join(line.split(".")[:2])
    choice = {"name": name, "version": exact, "build": build.build, "index": build.index}
    requirement = f"{name}=={version}" if version else f"{name}=={exact}.*"
    said = f"{name} {exact} belongs to {build.name} {build.version} and comes from the same index"
    return Company((choice,), (requirement,), (said,))


def _newest_python(name: str, version: str) -> str:
    """Return the newest Python for which the package has wheels in a release; empty where any has, or not known."""
    known = [row for row in rows("companions", "pythons") if row["package"] == name]
    reached = [row for row in known if minor(version) >= minor(row["from"])]
    newest = max(known, key=lambda row: minor(row["from"]), default=None)
    found = max(reached, key=lambda row: minor(row["from"]), default=None)
    return "" if found is None or found is newest else str(found["python_max"])


def _required(text: str, build: Candidate) -> Company:
    """Return a further requirement, and what the tables know of its fit: nothing, unless it is paired."""
    from packaging.requirements import Requirement

    wanted = Requirement(text)
    name = wanted.name.lower().replace("_", "-")
    if name == build.name:
        return Company()
    pairs = [row for row in rows("companions", "newest") if row["package"] == name]
    if not pairs or build.name != "torch":
        said = f"{text}: the tables hold nothing of its requirements, so whether it fits {build.words} is undecided"
        return Company(others=(text,), said=(f"{said}; pip refuses where it does not",))
    fitting = [row["version"] for row in pairs if row["torch"] == build.version]
    if not any(wanted.specifier.contains(version) for version in fitting):
        said = f"{text}: {build.words} belongs to {name} {', '.join(fitting) or 'of no known release'}"
        return Company(said=(said,))
    choice = {"name": name, "version": fitting[0], "build": build.build, "index": build.index}
    return Company((choice,), (f"{name}=={fitting[0]}",), ())


def allowed(candidates: Sequence[Candidate], wish: Wish) -> list[Candidate]:
    """Return the builds whose release every requirement allows, by its own name or by what is paired with it."""
    left = list(candidates)
    if not wish.requirements:
        return left
    from packaging.requirements import Requirement

    for wanted in map(Requirement, wish.requirements):
        name = wanted.name.lower().replace("_", "-")
        fits = [row["torch"] for row in rows("companions", "newest") if row["package"] == name]
        good = {
            row["torch"]
            for row in rows("companions", "newest")
            if row["package"] == name and wanted.specifier.contains(row["version"])
        }
        left = [
            candidate
            for candidate in left
            if (candidate.name != name or wanted.specifier.contains(candidate.version))
            and (not fits or candidate.name != "torch" or candidate.version in good)
        ]
    return left
