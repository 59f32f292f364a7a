"""Whether an installed component fits what it depends on: requirements, known pairs, builds."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Protocol

from auditor.engine.versions import NoVersion, local, minor, version_lt
from auditor.knowledge.components import Component, Need
from auditor.knowledge.tables import table
from auditor.model.fact import Facts
from auditor.model.specifiers import satisfied

# (holds, why): None where nothing decides
Check = tuple[bool | None, str]


class Installed(Protocol):
    """What is installed, as `components.Inventory` says it."""

    facts: Facts
    rows: dict[str, Mapping[str, Any]]
    unmet: Iterable[Mapping[str, Any]] | None

    def version(self, name: str) -> str | None:
        """Return the installed version of a distribution."""


def fitting(component: Component, name: str, version: str, installed: Installed) -> Check:
    """Return whether every condition holds: one that fails decides, then one that is unknown."""
    try:
        checks = list(_checks(component, name, version, installed))
    except NoVersion as error:
        return None, str(error)
    for holds in (False, None):
        whys = [why for held, why in checks if held is holds]
        if whys:
            return holds, "; ".join(whys)
    return True, "; ".join(why for _, why in checks if why)


def _checks(component: Component, name: str, version: str, installed: Installed) -> Iterator[Check]:
    yield from _requirements(name, installed)
    for need in component.needs:
        yield from _need(need, version, installed)
    if component.pairing:
        yield _pair(component.pairing, version, installed)
    if component.same_minor:
        yield _same_minor(component.same_minor, version, installed)
    if component.pairing:
        yield from _build(name, version, installed)


def _requirements(name: str, installed: Installed) -> Iterator[Check]:
    """Yield what its own metadata requires and does not find; a stand-in counts, as `import` counts it."""
    if installed.unmet is None:
        yield None, "its requirements could not be held against what is installed"
        return
    for row in installed.unmet:
        if row["distribution"] != name:
            continue
        other = row.get("provided_by")
        if other:
            yield True, f"{other} stands in for {row['requirement']}, which pip does not count"
        else:
            there = row.get("installed")
            yield (
                False,
                f"it requires {row['requirement']}, "
                + (f"but {there} is installed" if there else "which is missing"),
            )


def _need(need: Need, version: str, installed: Installed) -> Iterator[Check]:
    """Yield whether a condition of `rules/components.toml` holds, where it concerns this release."""
    if (need.below and not version_lt(version, need.below)) or (
        need.first and version_lt(version, need.first)
    ):
        return
    there = installed.version(need.distribution)
    if there is None:
        yield False, f"it needs {need.distribution}, which is missing"
        return
    if not satisfied(there, need.specifier):
        yield False, f"{need.why}; {need.distribution} {there} is installed"


def _pair(pairing: str, version: str, installed: Installed) -> Check:
    """Hold a release against the torch that its binaries belong to (tables/companions.toml)."""
    torch = installed.version("torch")
    if torch is None:
        return False, "torch is not installed"
    source = table("companions")
    wanted = [row["torch"] for row in source.named(pairing) if minor(row["package"]) == minor(version)]
    if wanted:
        held = minor(wanted[0]) == minor(torch)
        return held, f"{version} belongs to torch {wanted[0]}" + ("" if held else f", installed is {torch}")
    for row in source.named("open"):
        if row["package"] == pairing and minor(version) >= minor(row["from"]):
            held = minor(torch) >= minor(row["torch"])
            said = f"{version} fits torch {row['torch']} and newer"
            return held, said + ("" if held else f", installed is {torch}")
    return None, f"which torch {version} belongs to is not in the table companions ({source.date})"


def _same_minor(name: str, version: str, installed: Installed) -> Check:
    there = installed.version(name)
    if there is None:
        return False, f"{name} is not installed"
    held = minor(version) == minor(there)
    return held, f"its release belongs to the same release of {name}" + (
        "" if held else f"; {there} is installed"
    )


def _build(name: str, version: str, installed: Installed) -> Iterator[Check]:
    """Yield a clash of builds: "+cu130" beside "+cpu" breaks the operators."""
    row = installed.rows.get(name, {})
    own, torch = row.get("build") or local(version), installed.facts.value("torch.build")
    if own and torch and own != torch:
        yield False, f"it is built for {own}, torch for {torch}"
