"""Whether the disk holds what a plan installs."""

from __future__ import annotations

from typing import Any

from auditor.engine.planning.candidate import Candidate
from auditor.engine.planning.rows import rows
from auditor.model.fact import Facts

_ROLES = ("environment", "home")  # where an environment lies, or a new one would
_GIB = 1 << 20  # KiB


def scarce(build: Candidate, facts: Facts) -> tuple[str, ...]:
    """Return a warning where too little is free for a build; empty where enough is, or nothing is known."""
    needed = next((row["mib"] << 10 for row in rows("install_sizes") if _is(row, build)), 0)
    place = _place(facts)
    free = place.get("free_kib")
    if not needed or free is None or free >= needed:
        return ()
    where = f"where {place['role']} lies ({place.get('path', '')})"
    return (
        f"only {free / _GIB:.1f} GiB are free {where}, and it takes at least {needed / _GIB:.1f}: make room first",
    )


def _is(row: dict[str, Any], build: Candidate) -> bool:
    return (row["package"], row["family"]) == (build.name, build.family)


def _place(facts: Facts) -> dict[str, Any]:
    places = {place.get("role"): place for place in facts.value("disk.places") or ()}
    return next((places[role] for role in _ROLES if role in places), {})
