"""Rebuilds from PyPI metadata the rows of rules/tables that can be derived from it, and prints what changed.

usage: python tools/refresh_tables.py [--write] [SET ...]      (never run by tests: it asks PyPI, through pip)

Without --write only the differences are printed. Rows of releases that PyPI no longer offers stay as they are.
"""

from __future__ import annotations

import argparse
import json
import re
import subprocess
import sys
import tempfile
import tomllib
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

from packaging.requirements import Requirement
from packaging.version import Version

TABLES = Path(__file__).parents[1] / "rules" / "tables"
PIP = [sys.executable, "-m", "pip", "--disable-pip-version-check"]
# every tag that a wheel of these packages has borne; one that is left out hides releases
PLATFORMS = (
    "manylinux1_x86_64",
    "manylinux2014_x86_64",
    "manylinux_2_17_x86_64",
    "manylinux_2_27_x86_64",
    "manylinux_2_28_x86_64",
    "manylinux_2_34_x86_64",
)
PYTHONS = ("3.12", "3.10", "3.8")

Row = list[Any]


class Derived(NamedTuple):
    """A set of rows that metadata tells: its table, its name there, the package, and how a row is made."""

    table: str
    name: str
    package: str
    row: Callable[[str, list[Requirement]], Row | None]


@cache
def versions(package: str) -> list[str]:
    """Return the released versions of a package, newest first."""
    done = subprocess.run(
        [*PIP, "index", "versions", package], capture_output=True, text=True, check=True, timeout=120
    )
    found = re.search(r"Available versions: (.*)", done.stdout)
    return found[1].split(", ") if found else []


@cache
def requirements(package: str, version: str) -> tuple[Requirement, ...]:
    """Return what a release requires, from the metadata of the first Python that has a wheel of it."""
    for python in PYTHONS:
        with tempfile.TemporaryDirectory() as folder:
            report = Path(folder) / "report.json"
            options = [f"--platform={tag}" for tag in PLATFORMS]
            options += ["--python-version", python, "--only-binary=:all:", "--target", folder]
            command = [*PIP, "install", "--dry-run", "--no-deps", "--ignore-installed", "--quiet"]
            subprocess.run(
                [*command, *options, "--report", str(report), f"{package}=={version}"],
                capture_output=True,
                check=False,
                timeout=120,
            )
            if report.is_file():
                metadata = json.loads(report.read_text(encoding="utf-8"))["install"][0]["metadata"]
                return tuple(Requirement(line) for line in metadata.get("requires_dist", ()))
    return ()


def pinned_torch(version: str, required: list[Requirement]) -> Row | None:
    """Return [release, torch] where a release pins one torch."""
    for requirement in required:
        if requirement.name == "torch" and (
            found := re.fullmatch(r"==(\d+\.\d+)\..*", str(requirement.specifier))
        ):
            return [version, found[1]]
    return None


def pinned_torch_by_minor(version: str, required: list[Requirement]) -> Row | None:
    """Return the same by minor releases, since binaries of one minor fit each other."""
    row = pinned_torch(version, required)
    return row and [".".join(version.split(".")[:2]), row[1]]


def oldest_jaxlib(version: str, required: list[Requirement]) -> Row | None:
    """Return [jax, oldest jaxlib] by the lower bound."""
    for requirement in required:
        floors = [part.version for part in requirement.specifier if part.operator in (">=", "==")]
        if requirement.name == "jaxlib" and not requirement.marker and floors:
            return [version, floors[0]]
    return None


DERIVED = (
    Derived("companions", "torchvision", "torchvision", pinned_torch_by_minor),
    Derived("companions", "xformers", "xformers", pinned_torch),
    Derived("jax_releases", "", "jax", oldest_jaxlib),
)


def derived_rows(what: Derived) -> Iterator[Row]:
    """Yield the rows that PyPI tells, newest first, each key once."""
    seen = set()
    for version in versions(what.package):
        row = (
            None
            if Version(version).is_prerelease
            else what.row(version, list(requirements(what.package, version)))
        )
        if row and row[0] not in seen:
            seen.add(row[0])
            yield row


def refresh(what: Derived, *, write: bool) -> bool:
    """Print how one set differs from PyPI, and add what is new; return whether anything did."""
    path = TABLES / f"{what.table}.toml"
    sets = tomllib.loads(path.read_text(encoding="utf-8"))["sets"]
    kept = {row[0]: row for rows in sets if rows.get("name", "") == what.name for row in rows["rows"]}
    fresh = list(derived_rows(what))
    added = [row for row in fresh if row[0] not in kept]
    changed = [row for row in fresh if row[0] in kept and kept[row[0]][: len(row)] != row]
    for word, rows in (("new", added), ("changed", changed)):
        for row in rows:
            print(f"{what.table} {what.name or what.package}: {word} {json.dumps(row)}")
    if write and added:
        _append(path, what, added)
    return bool(added or changed)


def _append(path: Path, what: Derived, rows: list[Row]) -> None:
    """Add a set with the new rows; what changed is for a person to look at."""
    name = f'name = "{what.name}"\n' if what.name else ""
    lines = "".join(f"  {json.dumps(row)},\n" for row in rows)
    columns = json.dumps(
        next(iter(tomllib.loads(path.read_text(encoding="utf-8"))["sets"]))["columns"][: len(rows[0])]
    )
    with path.open("a", encoding="utf-8") as out:
        out.write(
            f'\n[[sets]]\n{name}source = "PyPI metadata of {what.package}"\ndate = "{datetime.now(UTC).date()}"\n'
            f'level = "artifact"\ncolumns = {columns}\nrows = [\n{lines}]\n'
        )


def main() -> int:
    """Refresh the sets that are named, or all."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    names = [what.name or what.package for what in DERIVED]
    parser.add_argument("sets", nargs="*", metavar="SET", choices=[*names, []], help=", ".join(names))
    parser.add_argument("--write", action="store_true", help="add new rows to the tables")
    given = parser.parse_args()
    wanted = [what for what in DERIVED if not given.sets or (what.name or what.package) in given.sets]
    differs = [refresh(what, write=given.write) for what in wanted]
    print("differs" if any(differs) else "nothing changed")
    return 0


if __name__ == "__main__":
    sys.exit(main())
