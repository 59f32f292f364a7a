"""What someone tried to install and did not get: the Python, the platform or the pin is at fault."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, NamedTuple

from auditor.engine.look import Look, Undecided
from auditor.engine.predicates.refused_wheels import of_another_system, refused_wheel
from auditor.engine.verdict import Verdict, fail, not_applicable, passed
from auditor.engine.versions import NoVersion, minor, parse, version_lt
from auditor.knowledge.tables import Row, table

Options = Mapping[str, Any]

# the last torch with wheels for macOS on x86-64, by the file list on PyPI
LAST_FOR_INTEL_MACS = "2.2.2"
TORCHES = ("torch", "torchvision", "torchaudio")
_TENSORFLOWS = ("tensorflow", "tensorflow-gpu", "tensorflow-cpu")
_X86 = ("x86_64", "amd64", "i386")
_BITS_32 = ("x86", "i386", "i686", "armv6l", "armv7l")
_NUMBER = re.compile(r"\d+(?:\.\d+)*(?:[a-z]+\d*)?(?:\+[\w.]+)?")


class Wish(NamedTuple):
    """A package, the version asked for (empty where none was), what was offered (None where unknown).

    `bound` is the operator before the version: "==" where none was written.
    """

    package: str
    version: str
    offered: list[str] | None
    bound: str = "=="


def wish_of(look: Look) -> Wish | None:
    """Return what was asked of the installer in vain, or None where nothing was.

    Raises:
        Undecided: that is unknown.

    """
    package = look.value("log.wanted_package")
    if package is None:
        return None
    wanted = str(look.maybe("log.wanted_version") or "")
    number = _NUMBER.search(wanted)
    offered = look.maybe("log.offered_versions")
    words = (
        None if offered is None else [word for word in re.split(r"[,\s]+", str(offered)) if _is_version(word)]
    )
    name = str(package).lower().replace("_", "-")
    bound = wanted[: number.start()].strip() if number else ""
    return Wish(name, number.group() if number else "", words, bound or "==")


def _is_version(word: str) -> bool:
    try:
        parse(word)
    except NoVersion:
        return False
    return True


def fits_python(wish: Wish, python: str) -> bool | None:
    """Return whether the wished release has wheels for a Python; None where the tables do not know."""
    chosen = _releases(wish)
    return any(_serves(row, python) for row in chosen) if chosen else None


def python_for(wish: Wish, python: str | None) -> str:
    """Return the Python nearest to this one that the wished release has a wheel for; empty where none is known."""
    rows = [row for row in _releases(wish) if row["python_min"]] if wish.version else []
    if not rows:
        return ""
    newest = max((str(row["python_max"]) for row in rows), key=minor)
    oldest = min((str(row["python_min"]) for row in rows), key=minor)
    if python is None and newest != oldest and _may_be_here(wish, newest):
        return f"{minor(newest)[0]}.{minor(newest)[1] - 1}"
    return oldest if python and version_lt(python, oldest) else newest


def _may_be_here(wish: Wish, python: str) -> bool:
    """Return whether all that was offered has wheels for this Python and no older release has, the wish apart.

    The table is of Linux on x86-64: elsewhere a release often reached the newest Python later (torch 1.13 on Windows).
    """
    offered = [wish._replace(version=version, bound="==") for version in wish.offered or []]
    if not offered or not all(fits_python(one, python) for one in offered):
        return False
    oldest = min((one.version for one in offered), key=parse)
    between = (row for row in _releases(wish._replace(bound=">=")) if version_lt(wish.version, row["from"]))
    return not any(_serves(row, python) for row in between if version_lt(row["from"], oldest))


def _releases(wish: Wish) -> list[Row]:
    """Return the rows of the releases that the wish allows; none where it is newer than the table."""
    source = table("wheel_pythons")
    # jax is Python alone, and runs beside the jaxlib of its number; before 0.4 the two were numbered apart
    alike = wish.package == "jax" and wish.version and not version_lt(wish.version, "0.4")
    package = "jaxlib" if alike else wish.package
    newest = next((row["version"] for row in source.named("newest") if row["package"] == package), "")
    if not newest or version_lt(newest, wish.version):
        return []
    rows = [row for row in source.named("releases") if row["package"] == package]
    older = [row for row in rows if not version_lt(wish.version, row["from"])]
    if wish.bound.startswith("<"):
        return older
    if wish.bound.startswith(">"):
        return [*older[-1:], *rows[len(older) :]]
    return older[-1:]


def _serves(row: Row, python: str) -> bool:
    """Return whether the releases of a row have a wheel for this Python; none named serves every one."""
    return not row["python_min"] or minor(row["python_min"]) <= minor(python) <= minor(row["python_max"])


def blames_python(wish: Wish, python: str | None) -> bool | None:
    """Return whether it is the Python for which the wish has no wheel; None where that cannot be told.

    Where Python is not known, versions tell: all that is offered is newer than the wish, or nothing is.
    """
    if python and wish.version:
        fits = fits_python(wish, python)
        if fits is not None:
            return not fits
    if wish.offered is None:
        return None
    if not wish.offered:
        return wish.package in (*TORCHES, *_TENSORFLOWS, "jaxlib")
    if not wish.version or "+" in wish.version:
        return False
    return all(version_lt(wish.version, offered) for offered in wish.offered)


def macos_intel_dropped(look: Look, _: Options) -> Verdict:
    """Find a wish for a torch that Intel Macs never got."""
    platform = look.maybe("os.platform")
    if platform not in (None, "darwin") or look.maybe("os.arch", "x86_64") not in _X86:
        return not_applicable("not an Intel Mac")
    wish = wish_of(look)
    if wish is None or wish.package not in TORCHES:
        return not_applicable("no torch was asked for")
    if "+" in wish.version:
        return passed()  # a local version was never published for macOS: platform_unsupported says so
    newest = max((parse(word) for word in wish.offered or []), default=None)
    told = newest is not None and wish.package == "torch" and str(newest) == LAST_FOR_INTEL_MACS
    if not told and not (platform == "darwin" and look.maybe("os.arch")):
        raise Undecided("os.platform: whether this is an Intel Mac is not known")
    if wish.package != "torch" or not wish.version:
        return fail("pytorch", wanted="later than that") if told else passed()
    newer = version_lt(LAST_FOR_INTEL_MACS, wish.version)
    return fail("pytorch", wanted=wish.version) if newer else passed()


def pin_unavailable(look: Look, _: Options) -> Verdict:
    """Find a pin that the index does not hold, where neither Python nor platform is to blame."""
    wish = wish_of(look)
    if wish is None or not wish.version:
        return not_applicable("no version was asked for in vain")
    if blames_python(wish, look.maybe("python.version")):
        return passed()
    if not wish.offered:
        raise Undecided("log.offered_versions: what the index offers is not known")
    if wish.version in wish.offered:
        return passed()
    some = ", ".join(wish.offered[-4:])
    return fail(package=wish.package, version=f" {wish.version}", offered=some)


def platform_unsupported(look: Look, _: Options) -> Verdict:
    """Find a system without wheels: musl, 32 bits, or the local version of another system's build."""
    wish = wish_of(look) if look.maybe("log.wanted_package") else None
    if look.maybe("os.platform") == "darwin" and wish and wish.package in TORCHES and "+" in wish.version:
        plain, local = wish.version.split("+", 1)
        what = (
            f"{wish.package} {wish.version} is a build for Linux and Windows; macOS has none called +{local}"
        )
        return fail(what=what, variant="local", package=wish.package, plain=plain)
    wheel = refused_wheel(look)
    if wheel and (elsewhere := of_another_system(look, wheel)):
        return elsewhere
    if look.maybe("python.frameworks") if wish else look.value("python.frameworks"):
        return not_applicable("a framework is installed")
    arch = look.maybe("python.arch") or look.value("os.arch")
    if str(arch).lower() in _BITS_32:
        return fail(what=f"the interpreter is of a 32-bit system ({arch})")
    if look.value("os.platform") in ("windows", "darwin"):
        return passed()
    if look.value("os.libc") == "musl":
        return fail(what="the C library is musl, for which there are no wheels of torch and TensorFlow")
    return passed()
