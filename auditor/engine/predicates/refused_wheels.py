"""A wheel's file that pip refused: its name says for which Python and which system it was made."""

from __future__ import annotations

import re
from typing import NamedTuple

from auditor.engine.look import Look
from auditor.engine.verdict import Verdict, fail, passed, unknown
from auditor.engine.versions import minor

# PEP 427: name-version(-build)-python-abi-platform.whl
_NAME = re.compile(
    r"(?P<package>[A-Za-z][\w.]*)-(?P<version>[^-]+)(?:-\d[^-]*)?-(?P<python>[\w.]+)-(?P<abi>[\w.]+)-(?P<platform>[\w.]+)\.whl"
)
_CPYTHON = re.compile(r"\bcp(\d)(\d{1,2})")
# the beginning of a platform's tag -> os.platform
_SYSTEMS = {
    "linux": "linux",
    "manylinux": "linux",
    "musllinux": "linux",
    "win": "windows",
    "macosx": "darwin",
}
_ARCHES = {"x86_64": "x86_64", "amd64": "x86_64", "aarch64": "aarch64", "arm64": "aarch64"}


class Wheel(NamedTuple):
    """What a wheel's name tells: package, version, the CPythons ("3.8"; none for any), systems and processors."""

    package: str
    version: str
    pythons: list[str]
    systems: set[str]
    arches: set[str]


def refused_wheel(look: Look) -> Wheel | None:
    """Return the wheel that pip refused; None where none was, or its name is none of a wheel."""
    found = _NAME.fullmatch(str(look.maybe("log.refused_wheel") or "").replace("%2B", "+"))
    if not found:
        return None
    tags = found["platform"].lower().split(".")
    systems = {system for tag in tags for name, system in _SYSTEMS.items() if tag.startswith(name)}
    arches = {arch for tag in tags for name, arch in _ARCHES.items() if tag.endswith(name)}
    pythons = [f"{major}.{rest}" for major, rest in _CPYTHON.findall(found["python"])]
    return Wheel(found["package"], found["version"], pythons, systems, arches)


def of_another_python(look: Look, wheel: Wheel) -> Verdict:
    """Judge the Python that a refused wheel was made for against this one."""
    python = look.maybe("python.version")
    if not wheel.pythons:
        return passed()
    if not python:
        return unknown(f"python.version: {look.facts['python.version'].reason}")
    if any(minor(made) == minor(str(python)) for made in wheel.pythons):
        return passed()
    made = wheel.pythons[-1]
    wanted = f"this file of {wheel.package} {wheel.version}"
    return fail(
        said=f"{wanted} is for Python {' and '.join(wheel.pythons)}, and this is Python {python}",
        severity="error",
        wanted=f"{wheel.package} {wheel.version}",
        fitting=made,
        variant="release",
    )


def of_another_system(look: Look, wheel: Wheel) -> Verdict | None:
    """Find a refused wheel that was made for another system or processor; None where that is not known."""
    platform, arch = look.maybe("os.platform"), _ARCHES.get(str(look.maybe("os.arch", "")).lower())
    what = f"the file of {wheel.package} {wheel.version}"
    if wheel.systems and platform and platform not in wheel.systems:
        return fail(what=f"{what} is for {' and '.join(sorted(wheel.systems))}, and this is {platform}")
    if wheel.arches and arch and arch not in wheel.arches and platform != "darwin":
        return fail(what=f"{what} is for {' and '.join(sorted(wheel.arches))}, and this is {arch}")
    return None
