"""Whether the disk holds what a plan installs."""

from __future__ import annotations

from functools import cache

from auditor.engine.planning.candidate import Candidate
from auditor.engine.planning.machine import Machine
from auditor.engine.planning.rows import rows
from auditor.engine.versions import release
from auditor.knowledge.tables import Row

_GIB = 1 << 20  # KiB


def scarce(build: Candidate, machine: Machine) -> str:
    """Return why too little is free for a build; empty where enough is, or nothing is known."""
    if machine.free_kib is None or machine.free_kib >= _largest():
        return ""
    known = size_of(build, machine)
    if known is None or machine.free_kib >= known["mib"] << 10:
        return ""
    size = f"{(known['mib'] << 10) / _GIB:.1f} once unpacked (as {known['package']} {known['release']})"
    return (
        f"only {machine.free_kib / _GIB:.1f} GiB are free {machine.free_where}, and it takes at least {size}"
    )


def takes(build: Candidate, machine: Machine) -> tuple[str, ...]:
    """Return how much disk a build takes, empty where nothing is known of it."""
    known = size_of(build, machine)
    return () if known is None else (f"it takes {(known['mib'] << 10) / _GIB:.1f} GiB of the disk at least",)


def size_of(build: Candidate, machine: Machine) -> Row | None:
    """Return the row of the release that is nearest below a build's, else of the oldest; None where there is none."""
    same = _sizes(build.name, build.family, machine.platform)
    older = [row for row in same if release(row["release"]) <= release(build.version)]
    return next(iter(older[-1:] or same[:1]), None)


@cache
def _largest() -> int:
    """Return the KiB beyond which any build fits, so that most machines are done with at once."""
    every = rows("install_sizes", "measured") + rows("install_sizes", "unpacked")
    return max(int(row["mib"]) for row in every) << 10


@cache
def _sizes(name: str, family: str, platform: str) -> tuple[Row, ...]:
    """Return the rows of a kind of build, oldest release first."""
    wanted = ("tensorflow" if name.startswith("tensorflow") else name, family, platform)
    every = rows("install_sizes", "measured") + rows("install_sizes", "unpacked")
    found = (row for row in every if (row["package"], row["family"], row["platform"]) == wanted)
    return tuple(sorted(found, key=lambda row: release(row["release"])))
