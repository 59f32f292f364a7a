"""Which of the comparison's systems are here, and whether each fits what it depends on."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from auditor.engine.fitting import Check, fitting
from auditor.engine.versions import NoVersion, version_lt
from auditor.knowledge.components import Component, load_components
from auditor.model.fact import Fact, Facts, computed, known, unknown

Row = Mapping[str, Any]
_FRAMEWORKS = ("torch", "tensorflow", "jax")


class Inventory:
    """What the facts say is installed: versions by normalised name, and rows of what does not hold."""

    def __init__(self, facts: Facts) -> None:
        self.facts = facts
        rows = facts.value("python.distributions", ())
        self.rows: dict[str, Row] = {
            str(row["name"]).lower().replace("_", "-"): row for row in reversed(rows)
        }
        self.unmet: Iterable[Row] | None = facts.value("python.unmet_requirements")
        self.elsewhere: list[Row] = facts.value("components.elsewhere", [])

    def version(self, name: str) -> str | None:
        """Return what is installed of a distribution; a framework's own file is the better witness."""
        told = self.facts.value(f"{name}.version") if name in _FRAMEWORKS else None
        row = self.rows.get(name)
        return str(told) if told else str(row["version"]) if row else None


def components(facts: Facts, table: Iterable[Component]) -> Fact:
    """Return the fact `components`: one row for each system of `table`.

    `installed` is False where there is none; `fits` is None where it is not installed or nothing
    decides, and `why` says what decided.
    """
    installed = facts["python.distributions"]
    if not installed.is_known:
        return unknown(
            f"what is installed is not known: {installed.reason}", computed("python.distributions")
        )
    inventory = Inventory(facts)
    rows = [row(component, inventory) for component in table]
    return known(rows, computed("python.distributions", "python.unmet_requirements", "rules/components.toml"))


def derive(facts: Facts) -> dict[str, Fact]:
    """Return the derived fact of the program's own table."""
    return {"components": components(facts, load_components())}


def row(component: Component, inventory: Inventory) -> dict[str, Any]:
    """Return one system's row."""
    brought_by, version = present(component, inventory)
    check: Check = (None, "")
    if brought_by in component.distributions:
        check = fitting(component, brought_by, version or "", inventory)
    elif brought_by:
        check = (True, f"part of {brought_by} {version}") if brought_by == component.within else (None, "")
    return {
        "slug": component.slug,
        "name": component.name,
        "framework": component.framework,
        "distribution": brought_by
        or (component.distributions[0] if component.distributions else component.within),
        "installed": bool(brought_by),
        "version": version,
        "fits": check[0],
        "why": check[1] or component.note,
        "status": component.status,
        "successor": component.successor,
    }


def present(component: Component, inventory: Inventory) -> tuple[str, str | None]:
    """Return (what brings it, version), ("", None) where nothing does."""
    for name in component.distributions:
        if name in inventory.rows:
            return name, inventory.version(name)
    if component.within:
        version = _within(component, inventory)
        if version:
            return component.within, version
    for found in inventory.elsewhere:
        if found["name"] in (*component.npm, *component.programs):
            return str(found["name"]), found.get("version")
    for key in component.facts:
        value = inventory.facts.value(key)
        if value:
            return key, str(value) if isinstance(value, str) else None
    return "", None


def _within(component: Component, inventory: Inventory) -> str | None:
    if component.within == "python":
        version = inventory.facts.value("python.version")
        return str(version) if version else None
    version = inventory.version(component.within)
    try:
        return (
            None if version is None or (component.since and version_lt(version, component.since)) else version
        )
    except NoVersion:
        return None
