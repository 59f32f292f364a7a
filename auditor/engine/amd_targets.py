"""The AMD instruction sets in torch's ROCm wheels, by the table rocm_gfx."""

from __future__ import annotations

from auditor.engine.lookup import NotInTable
from auditor.engine.versions import NoVersion, minor
from auditor.knowledge.tables import knowledge_date, table


def compiled_targets(rocm: str, torch: str = "") -> list[str]:
    """Return the targets ("gfx942") of the wheel of `torch` for `rocm`, both by minor release.

    One ROCm served several releases of torch; where this one has no row, those of the nearest older one
    count, else of the oldest: makers add targets and hardly ever take one away.

    Raises:
        NotInTable: that ROCm is not known.

    """
    found = [row for row in table("rocm_gfx").all() if minor(row["rocm"]) == minor(rocm)]
    if not found:
        msg = f"{rocm} is not in the table rocm_gfx ({knowledge_date()})"
        raise NotInTable(msg)
    found.sort(key=lambda row: minor(row["torch"]))
    try:
        older = [row for row in found if minor(row["torch"]) <= minor(torch)] if torch else found
    except NoVersion:
        older = found
    targets: list[str] = (older or found[:1])[-1]["gfx"]
    return targets
