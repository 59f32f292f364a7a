"""Which adapters or interfaces a variable such as NCCL_IB_HCA selects."""

from __future__ import annotations

from collections.abc import Sequence


def choose(value: str, names: Sequence[str], *, exact: bool = False) -> tuple[list[str], list[str]]:
    """Return the names that a list selects and the entries of it that match nothing.

    NCCL's grammar (user guide, NCCL_IB_HCA): entries are beginnings of names, parted by commas; `^`
    before the list excludes, `=` makes the names exact; `:port` narrows to one port.
    """
    listed = value.strip()
    excludes = listed.startswith("^")
    listed = listed.removeprefix("^")
    exact = exact or listed.startswith("=")
    entries = [entry.strip() for entry in listed.removeprefix("=").split(",") if entry.strip()]
    if entries == ["all"]:
        return list(names), []
    hit = {entry: [name for name in names if _fits(name, entry, exact)] for entry in entries}
    matched = {name for found in hit.values() for name in found}
    chosen = [name for name in names if (name in matched) != excludes]
    missing = [] if excludes else [entry for entry, found in hit.items() if not found]
    return chosen, missing


def _fits(name: str, entry: str, exact: bool) -> bool:
    device, _, port = name.partition(":")
    wanted, _, wanted_port = entry.partition(":")
    if wanted_port and port and wanted_port != port:
        return False
    return device == wanted if exact else device.startswith(wanted)
