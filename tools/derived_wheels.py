"""What the names of wheels tell: for which Pythons each release has one, and the C library that they need."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from packaging.tags import Tag
from packaging.version import Version
from pypi_metadata import Index, PyPIError, Wheel, on_linux

Row = dict[str, Any]
Rows = dict[tuple[Any, ...], Row]
# PEP 599 and 600; manylinux1 and 2010 stood on wheels of torch and TensorFlow that needed more than they promise
_OLD_NAMES = {"manylinux2014": (2, 17)}
_TAG = re.compile(r"(manylinux2014|manylinux_(\d+)_(\d+))_(x86_64|aarch64)")


def wheel_pythons(index: Index, known: Rows) -> Iterator[Row]:
    """Yield from which release on the wheels are for which Pythons; none named where one serves every Python 3.

    A package of which PyPI offers nothing any more keeps its rows.
    """
    for package in dict.fromkeys(key[0] for key in known):
        last = None
        for version, wheels in _releases(index, package):
            span = _span(wheels)
            if span and span != last:
                last = span
                yield {"package": package, "from": version, "python_min": span[0], "python_max": span[1]}
        if last is None:
            yield from (row for key, row in known.items() if key[0] == package)


def newest_listed(index: Index, known: Rows) -> Iterator[Row]:
    """Yield the newest release of each package with a row."""
    for package in dict.fromkeys(key[0] for key in known):
        versions = [version for version, wheels in _releases(index, package) if _span(wheels)]
        if versions:
            yield {"package": package, "version": versions[-1]}
        else:
            yield from (row for key, row in known.items() if key[0] == package)


def glibc_floors(index: Index, known: Rows) -> Iterator[Row]:
    """Yield from which release on the wheels of an architecture need which C library.

    A row of the table that still holds is told as it stands, "2.7" for 2.7.0; another one where a release differs.
    """
    yield from known.values()
    for package, arch in dict.fromkeys(key[:2] for key in known):
        steps = {Version(key[2]): row["glibc"] for key, row in known.items() if key[:2] == (package, arch)}
        for version, wheels in _releases(index, package):
            found = [floor for wheel in wheels for tag in wheel.tags if (floor := _floor(tag, arch))]
            before = [step for step in steps if step <= Version(version)]
            told = "{}.{}".format(*min(found)) if found else ""
            if told and before and steps[max(before)] != told:
                steps[Version(version)] = told
                yield {"package": package, "from": version, "arch": arch, "glibc": told}


def _releases(index: Index, package: str) -> Iterator[tuple[str, list[Wheel]]]:
    """Yield each release with its wheels, oldest first; nothing where PyPI offers none."""
    try:
        every = index.wheels(package)
    except PyPIError:
        return
    for version in sorted({wheel.version for wheel in every}):
        yield str(version), [wheel for wheel in every if wheel.version == version]


def _span(wheels: list[Wheel]) -> tuple[str, str] | None:
    """Return the oldest and the newest CPython for which there is a wheel for Linux on x86-64."""
    tags = [tag for wheel in wheels for tag in wheel.tags if on_linux(tag)]
    if any(tag.abi == "abi3" or (tag.abi == "none" and "py3" in tag.interpreter) for tag in tags):
        return "", ""
    own = (re.fullmatch(r"cp3(\d+)", tag.interpreter) for tag in tags if not tag.abi.endswith("t"))
    minors = [int(found[1]) for found in own if found]
    return (f"3.{min(minors)}", f"3.{max(minors)}") if minors else None


def _floor(tag: Tag, arch: str) -> tuple[int, int] | None:
    found = _TAG.fullmatch(tag.platform)
    if not found or found[4] != arch:
        return None
    return _OLD_NAMES.get(found[1]) or (int(found[2]), int(found[3]))
