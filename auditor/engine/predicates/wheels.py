"""What wheels need of the machine: Python, C library, processor."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from auditor.engine.look import Look
from auditor.engine.lookup import newer_than_knowledge
from auditor.engine.predicates.python_libraries import tensorflow_of
from auditor.engine.predicates.refused_wheels import of_another_python, refused_wheel
from auditor.engine.predicates.wanted import (
    LAST_FOR_INTEL_MACS,
    TORCHES,
    Wish,
    blames_python,
    fits_python,
    python_for,
    wish_of,
)
from auditor.engine.subjects import distributions, framework_of
from auditor.engine.verdict import Verdict, fail, not_applicable, passed, unknown
from auditor.engine.versions import local, minor, minor_text, version_lt
from auditor.knowledge.tables import Row, table
from auditor.model.specifiers import satisfied

Options = Mapping[str, Any]

_X86 = ("x86_64", "amd64", "AMD64")


def _applicable(look: Look, name: str) -> list[tuple[str, str, Row]]:
    """Return (package, version, row) of each installed package with a need on this architecture.

    Of several rows the newest that the installed release reaches counts. Packages that conda installed
    are left out: their builds are other builds.
    """
    arch = look.value("os.arch")
    arch = "x86_64" if arch in _X86 else arch
    installed = _told(look)
    by_conda = {
        row["name"] for row in look.maybe("python.distributions") or [] if row.get("installer") == "conda"
    }
    found: dict[str, tuple[str, str, Row]] = {}
    for row in table("wheel_needs").named(name):
        package = row["package"]
        version = tensorflow_of(installed) if package == "tensorflow" else installed.get(package, "")
        reached = version and row["arch"] == arch and not version_lt(version, row["from"])
        if reached and package not in by_conda and _is_later(row, found.get(package)):
            found[package] = (package, version, row)
    return list(found.values())


def _told(look: Look) -> dict[str, str]:
    """Return what is installed by its list, or by a statement of the release alone, and what was asked for.

    Raises:
        Undecided: nothing of it is known.

    """
    names = {"torch.version": "torch", "tensorflow.version": "tensorflow", "jax.jaxlib_version": "jaxlib"}
    stated = {name: str(look.maybe(key)) for key, name in names.items() if look.maybe(key)}
    wish = wish_of(look) if look.maybe("log.wanted_package") else None
    if wish and wish.version and wish.bound == "==":
        stated.setdefault(wish.package, wish.version)
    if stated and not look.facts["python.distributions"].is_known:
        return stated
    return {**stated, **distributions(look)}


def _is_later(row: Row, before: tuple[str, str, Row] | None) -> bool:
    return before is None or version_lt(before[2]["from"], row["from"])


def glibc_too_old(look: Look, _: Options) -> list[Verdict] | Verdict:
    """Hold the C library against the tags of the installed wheels."""
    if look.maybe("os.platform") in ("windows", "darwin") or look.maybe("os.libc") == "musl":
        return not_applicable("no glibc here")
    needs = _applicable(look, "glibc")
    if not needs:
        return not_applicable("no wheel here has such a need")
    glibc = look.maybe("python.glibc_version") or look.value("os.glibc_version")
    if glibc is None:
        return not_applicable("no glibc here")
    look.cite(table("wheel_needs"), "glibc")
    found = [
        fail(
            framework_of(package),
            package=package,
            version=version,
            needs=row["glibc"],
            glibc=glibc,
            variant=package,
        )
        for package, version, row in needs
        if version_lt(glibc, row["glibc"])
    ]
    return found or passed()


def cpu_lacks_instructions(look: Look, _: Options) -> list[Verdict] | Verdict:
    """Hold the processor's flags against what the installed wheels execute."""
    needs = _applicable(look, "cpu")
    if not needs:
        return not_applicable("no wheel here has such a need")
    flags = set(look.value("cpu.flags") or [])
    look.cite(table("wheel_needs"), "cpu")
    found = [
        fail(
            framework_of(package),
            package=package,
            module=package,
            version=version,
            lacks=", ".join(lacking).upper(),
        )
        for package, version, row in needs
        if (lacking := [flag for flag in row["flags"] if flag not in flags])
    ]
    return found or passed()


def python_unsupported(look: Look, _: Options) -> Verdict:
    """Find a wish that this Python has no wheel for, or an environment that no current framework serves."""
    if look.maybe("log.python_required"):
        return _refused(look)
    if wheel := refused_wheel(look):
        return of_another_python(look, wheel)
    if look.maybe("log.wanted_package"):
        return _wish_unmet(look)
    if look.value("python.frameworks"):
        return _stated_in_vain(look) or not_applicable("a framework is installed")
    version = minor_text(look.value("python.version"))
    source = table("python_wheels")
    rows = source.all()
    look.cite(source)
    if minor(version) > max(minor(row["python"]) for row in rows):
        return unknown(f"python.version: {newer_than_knowledge(f'Python {version}')}")
    newest = {row["package"]: row["newest"] for row in rows if row["python"] == version}
    current = {package: _latest(rows, package) for package in ("torch", "tensorflow")}
    if any(newest.get(package) == latest for package, latest in current.items()):
        return passed()
    last = (
        ", ".join(f"{package} {newest[package]}" for package in current if package in newest) or "none at all"
    )
    return fail(
        said=f"Python {version} has no wheel of a current torch or TensorFlow; the last ones are {last}"
    )


def _refused(look: Look) -> Verdict:
    """Judge a package whose metadata refused this Python: what it takes is written there."""
    required = str(look.value("log.python_required")).rstrip(",")
    here = str(look.maybe("log.python_refused") or look.value("python.version"))
    said = f"a package takes Python {required}, and this one is {here}"
    fitting = _python_within(required, here)
    if not fitting:
        return fail(said=said, severity="error")
    return fail(said=said, severity="error", required=required, fitting=fitting, variant="required")


def _python_within(required: str, here: str) -> str:
    """Return the Python nearest to this one within bounds, of those that current frameworks serve where any is."""
    rows = table("python_wheels").all()
    known = sorted({str(row["python"]) for row in rows}, key=minor)
    current = {package: _latest(rows, package) for package in ("torch", "tensorflow")}
    served = [
        python
        for python in known
        if {(row["package"], row["newest"]) for row in rows if row["python"] == python}
        >= set(current.items())
    ]
    # a bound on patches ("<3.10.5") is met by the last patch or the first
    try:
        fits = [
            python for python in known if any(satisfied(f"{python}.{patch}", required) for patch in (99, 0))
        ]
    except ValueError:
        return ""
    choice = [python for python in fits if python in served] or fits
    if not choice:
        return ""
    return choice[0] if version_lt(here, choice[0]) else choice[-1]


def _stated_in_vain(look: Look) -> Verdict | None:
    """Find a release that was but stated, and for which this Python has no wheel: it cannot be what is installed.

    What a list of packages, a dump or the framework itself shows is installed, from wherever it came.
    """
    python, wished = look.maybe("python.version"), []
    if not python or look.maybe("python.distributions") or look.maybe("python.installer") == "conda":
        return None
    for package in ("torch", "tensorflow"):
        version = look.maybe(f"{package}.version")
        if version and not local(version) and look.maybe(f"{package}.cuda_build") is None:
            wished.append(Wish(package, str(version), None))
    if any(look.maybe(f"smoke.{name}.devices") for name in ("pytorch", "tensorflow")):
        return None
    vain = [wish for wish in wished if fits_python(wish, python) is False]
    if not vain:
        return None
    fitting = python_for(vain[0], python)
    return fail(
        said=f"{vain[0].package} {vain[0].version} has no wheel for Python {python}",
        severity="warning",
        confidence="likely",
        wanted=f"{vain[0].package} {vain[0].version}",
        fitting=fitting,
        variant="release" if fitting else "",
    )


def _wish_unmet(look: Look) -> Verdict:
    """Judge what was asked of the installer in vain."""
    wish, python = wish_of(look), look.maybe("python.version")
    blamed = blames_python(wish, python) if wish else None
    if wish is None or blamed is None:
        return unknown(f"python.version: {look.facts['python.version'].reason}")
    if not blamed or _is_dropped_platform(look, wish):
        return passed()
    wanted = f"{wish.package} {wish.version}".strip()
    here = f"Python {python}" if python else "this Python"
    fitting = python_for(wish, python)
    return fail(
        said=f"pip was asked for {wanted} and found none of it for {here}, others only",
        severity="error",
        wanted=wanted,
        fitting=fitting,
        variant="release" if fitting else "",
    )


def _is_dropped_platform(look: Look, wish: Wish) -> bool:
    """Return whether an Intel Mac, not its Python, is why no torch fits."""
    if wish.package not in TORCHES or (wish.version and not version_lt(LAST_FOR_INTEL_MACS, wish.version)):
        return False
    return look.maybe("os.platform") == "darwin" and look.maybe("os.arch") == "x86_64" and not wish.offered


def _latest(rows: list[Row], package: str) -> str:
    mine = [row for row in rows if row["package"] == package]
    return str(max(mine, key=lambda row: minor(row["python"]))["newest"])
