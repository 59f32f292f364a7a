"""CUDA releases against NVIDIA drivers."""

from __future__ import annotations

from typing import NamedTuple

from auditor.engine.lookup import NotInTable, newer_than_knowledge, row_for
from auditor.engine.versions import minor, release, version_lt
from auditor.knowledge.tables import Row, Table, table


class Floor(NamedTuple):
    """The oldest driver for a CUDA release, on one platform."""

    driver: str
    source: Table


def is_windows_driver(platform: str | None) -> bool:
    """Return whether the driver is a Windows driver: WSL uses that of the Windows beneath it."""
    return platform in ("windows", "wsl2", "wsl1")


def floor(cuda: str, platform: str | None) -> Floor:
    """Return the driver below which nothing built for `cuda` runs (minor-version compatibility).

    Raises:
        NotInTable: a CUDA major that the tables do not know.

    """
    source = table("cuda_driver")
    rows = source.named("floor")
    newest = max(minor(row["cuda"])[0] for row in rows)
    if minor(cuda)[0] > newest:
        raise NotInTable(newer_than_knowledge(f"CUDA {cuda}"))
    return Floor(
        row_for(source, cuda, "floor")["windows" if is_windows_driver(platform) else "linux"], source
    )


def newest_major(driver: str, platform: str | None) -> int:
    """Return the newest CUDA major whose programs run on this driver; 0 where none of the tables does."""
    column = "windows" if is_windows_driver(platform) else "linux"
    rows: list[Row] = table("cuda_driver").named("floor")
    return max((minor(row["cuda"])[0] for row in rows if not version_lt(driver, row[column])), default=0)


def is_driver_version(text: str) -> bool:
    """Return whether a text is a driver's version: three digits first (libcuda.so.1.1 of a Jetson is none)."""
    head = text.partition(".")[0]
    return head.isdigit() and len(head) == 3


def branch_of(driver: str, platform: str | None) -> int:
    """Return the branch of a driver: on Windows 581 and 582 are of branch 580, on Linux each number is a branch."""
    first = release(driver)[0]
    if not is_windows_driver(platform):
        return first
    known = [row["branch"] for row in table("driver_branches").all() if row["branch"] <= first]
    return max(known, default=first)
