"""Rows of the tables, read once: a plan looks at the same few hundreds of times."""

from __future__ import annotations

from functools import cache

from auditor.engine import cuda as cuda_floors
from auditor.engine.arch import number
from auditor.engine.cuda import is_windows_driver
from auditor.engine.lookup import NotInTable, row_for
from auditor.knowledge.tables import Row, table


@cache
def rows(name: str, of: str = "") -> tuple[Row, ...]:
    """Return the rows of a table, or of its sets called `of`."""
    found = table(name)
    return tuple(found.named(of) if of else found.all())


@cache
def support(capability: str) -> Row:
    """Return what is known of a compute capability (first CUDA, last driver branch); empty where nothing."""
    return next((row for row in rows("nvidia_archs", "support") if row["cc"] == capability), {})


@cache
def newest_capability() -> int:
    """Return the newest compute capability that the tables know, as 121 for 12.1."""
    return max(number(row["cc"]) for row in rows("nvidia_archs", "support"))


@cache
def least_driver(cuda: str, os: str) -> str:
    """Return the driver from which a program built for `cuda` runs (minor-version compatibility)."""
    return cuda_floors.floor(cuda, os).driver


@cache
def least_module_driver(cuda: str) -> str:
    """Return the driver of the first JetPack with a CUDA major, empty where not known."""
    major = cuda.partition(".")[0]
    return next((str(row["linux"]) for row in rows("cuda_driver", "jetson") if row["cuda"] == major), "")


@cache
def toolkit_driver(cuda: str, os: str) -> str:
    """Return the driver that came with the toolkit, from which its PTX compiles; empty where not known."""
    try:
        row = row_for(table("cuda_driver"), cuda, "toolkit")
    except NotInTable:
        return ""
    return str(row["windows" if is_windows_driver(os) else "linux"])
