"""Whether the job's environment holds the packages that a profile names, in versions that fit."""

from __future__ import annotations

from typing import Any

from auditor.host.protocol import Host
from auditor.model.fact import Facts, known
from auditor.probes.base import Collected, Probe


def collect(host: Host, facts: Facts) -> Collected:  # noqa: ARG001
    """Return node.packages."""
    wanted = dict((facts.value("request.look") or {}).get("packages", {}))
    installed = facts["python.distributions"]
    if installed.state != "known":
        return {"node.packages": installed}
    versions = {row["name"]: row["version"] for row in reversed(installed.value)}
    return {"node.packages": known([_one(versions, *item) for item in wanted.items()], *installed.evidence)}


def _one(versions: dict[str, str], name: str, wanted: str) -> dict[str, Any]:
    from packaging.specifiers import InvalidSpecifier, SpecifierSet
    from packaging.version import InvalidVersion

    found = versions.get(name.lower().replace("_", "-"))
    row: dict[str, Any] = {"name": name, "wanted": wanted, "version": found}
    try:
        return {**row, "fits": found is not None and SpecifierSet(wanted).contains(found, prereleases=True)}
    except (InvalidSpecifier, InvalidVersion) as error:
        return {**row, "unknown_because": str(error)}


PROBE = Probe(
    name="node/packages",
    needs=("python.distributions",),
    provides=("node.packages",),
    collect=collect,
    cost=0.002,
)
