"""The cuDNN that programs load while they run, against the one that they were built for."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from auditor.engine.look import Look, Undecided
from auditor.engine.lookup import NotInTable, row_for
from auditor.engine.predicates.loaded_libraries import brought_by_wheels, misses_gpu, tensorflow_row
from auditor.engine.subjects import distributions, has_vendor, is_from_conda, lacks_vendor
from auditor.engine.verdict import Verdict, fail, not_applicable, passed
from auditor.engine.versions import minor, release, satisfies, version_lt
from auditor.knowledge.tables import table

Options = Mapping[str, Any]

# the oldest cuDNN that NVIDIA put on PyPI, for CUDA 11 and 12 (file lists of nvidia-cudnn-cu11 and -cu12)
_FIRST_WHEEL, _FIRST_FOR_12 = "8.5", "8.8"
# jaxlib before the plugins: 0.4.7+cuda11.cudnn86, 0.3.15+cuda11.cudnn805
_JAXLIB = re.compile(r"\+cuda(?P<cuda>1\d)\.cudnn(?P<major>\d)(?P<minor>\d)")


class Wish(NamedTuple):
    """Who wants which cuDNN (a bare major, or with its minor), the wheel's CUDA, and releases that want another."""

    who: str
    cudnn: str
    cuda: str = ""
    other: str = ""
    own: bool = True  # whether it is what the text's program itself loads


def cudnn_mismatch(look: Look, _: Options) -> Verdict:
    """Hold the cuDNN that a program asked for, or a framework was built for, against the one that is found."""
    said = look.maybe("log.cudnn_wanted")
    wishes = [wish for wish in _beside(look) if said is None or release(wish.cudnn)[0] == release(said)[0]]
    for wish in wishes:
        if found := _unfit(look, wish):
            return found
    if said is not None:
        return _judged(look, Wish("the program", str(said)), look.maybe("log.cudnn_loaded"))
    wanted = _tensorflow_cudnn(look)
    if wanted is None:
        return passed() if wishes else not_applicable("nothing here asks for a cuDNN of its own")
    return _judged(look, wanted, look.maybe("log.cudnn_loaded"))


def _unfit(look: Look, wish: Wish) -> Verdict | None:
    """Judge a package by the wheel of cuDNN that lies beside it, else by what the loader finds."""
    wheel = distributions(look).get(f"nvidia-cudnn-cu{wish.cuda}")
    found = look.maybe("log.cudnn_loaded") or wheel or look.maybe("loader.cudnn_version")
    if found is None or _fits(str(found), wish.cudnn):
        return None
    return _failed(look, wish, str(found), by_wheel=bool(wheel))


def _judged(look: Look, wish: Wish, found: Any) -> Verdict:
    found = found or look.value("loader.cudnn_version")
    if found is None:
        return not_applicable("the loader finds no cuDNN")
    return passed() if _fits(str(found), wish.cudnn) else _failed(look, wish, str(found))


def _failed(look: Look, wish: Wish, found: str, *, by_wheel: bool = False) -> Verdict:
    wanted = ".".join(wish.cudnn.split(".")[:2])
    # hearsay: nothing of the loader was seen, and nothing says that the program came to harm
    seen = wish.who == "the program" or by_wheel or look.maybe("loader.libraries") is not None
    complained = any(look.maybe(f"log.cudnn_{what}") is not None for what in ("loaded", "wanted"))
    harmed = misses_gpu(look) or complained
    return fail(
        who=wish.who,
        wanted=wanted,
        found=found,
        where=" beside it" if by_wheel else "",
        below=release(wanted)[0] + 1,
        cuda_major=wish.cuda or _cuda_major(look, wanted),
        other=f"{wish.who.split()[0]}{wish.other}",
        severity=None if (seen and wish.own) or harmed else "warning",
        variant=_variant(wish, wanted, by_wheel),
    )


def _cuda_major(look: Look, wanted: str) -> str:
    """Return of which CUDA major the wheel of a cuDNN is: that of the framework, where PyPI has such a wheel."""
    builds = (look.maybe(f"{module}.cuda_build") for module in ("torch", "tensorflow"))
    major = next((str(build).split(".")[0] for build in builds if build), "12")
    if release(wanted)[0] >= 9:
        return major if major in ("12", "13") else "12"
    return "11" if major == "11" or ("." in wanted and version_lt(wanted, _FIRST_FOR_12)) else "12"


def _variant(wish: Wish, wanted: str, by_wheel: bool) -> str:
    if wish.other:
        return "other_release"
    if by_wheel:
        return "wheel"
    if release(wanted)[0] < 8 or ("." in wanted and version_lt(wanted, _FIRST_WHEEL)):
        return "before_wheels"
    return "jax" if wish.who.startswith("jax") else ""


def _beside(look: Look) -> Iterator[Wish]:
    """Yield what JAX and the packages of the table want; nothing where there is no NVIDIA GPU, or no list."""
    if lacks_vendor(look, "nvidia"):
        return
    try:
        installed = distributions(look)
    except Undecided:
        return
    yield from _of_torch(look, installed)
    yield from _of_tensorflow_wheel(look, installed)
    if named := _JAXLIB.search(installed.get("jaxlib", "")):
        version = installed["jaxlib"]
        yield Wish(f"jaxlib {version}", f"{named['major']}.{named['minor']}", named["cuda"])
    source = table("cudnn_wanted")
    for name in ("jax", "ctranslate2"):
        for row in source.named(name):
            release_here = installed.get(row["package"])
            if release_here and satisfies(release_here, row["versions"]):
                look.cite(source, name)
                who = f"{row['package']} {release_here}"
                yield Wish(who, row["cudnn"], row["cuda"], row["other"], own=name == "jax")


def _of_torch(look: Look, installed: Mapping[str, str]) -> Iterator[Wish]:
    """Yield the major that torch's Linux wheels for CUDA 12 and later were linked to; other builds carry their own.

    The indexes pin different minors of one major, so that the major alone is asked for.
    """
    version = installed.get("torch", "")
    build = release(look.maybe("torch.cuda_build") or "0")[0]
    if not version or look.maybe("os.platform") in ("windows", "darwin") or build < 12:
        return
    try:
        pins = row_for(table("torch_pins"), version)
    except NotInTable:
        return
    major = str(release(pins["cudnn"])[0])
    if not is_from_conda(look, "torch") and f"nvidia-cudnn-cu{build}" in installed:
        look.cite(table("torch_pins"))
        yield Wish(f"torch {version}", major, str(build))


def _of_tensorflow_wheel(look: Look, installed: Mapping[str, str]) -> Iterator[Wish]:
    """Yield what TensorFlow was built with, where the one wheel of cuDNN here, which torch pins, is an older minor of it.

    A wheel of another major is left to TensorFlow's own requirements.
    """
    version = look.maybe("tensorflow.version")
    wheels = {name: found for name, found in installed.items() if name.startswith("nvidia-cudnn-cu")}
    row = tensorflow_row(str(version)) if version and len(wheels) == 1 else None
    if row is None or not row["cudnn"] or not has_vendor(look, "nvidia"):
        return
    ((name, found),) = wheels.items()
    if release(found)[0] == release(row["cudnn"])[0]:
        look.cite(table("tensorflow_releases"))
        cuda = name.removeprefix("nvidia-cudnn-cu")
        yield Wish(f"TensorFlow {version}", str(row["cudnn"]), cuda, own=False)


def _tensorflow_cudnn(look: Look) -> Wish | None:
    """Return the cuDNN that a TensorFlow without CUDA wheels takes from the system."""
    version = look.value("tensorflow.version")
    if version is None or not has_vendor(look, "nvidia") or brought_by_wheels(look):
        return None
    row = tensorflow_row(str(version))
    return Wish(f"TensorFlow {version}", str(row["cudnn"])) if row else None


def _fits(found: str, wanted: str) -> bool:
    """Return whether the majors agree and the minor is not older; a bare major asks for no minor."""
    have, want = release(found), release(wanted)
    return have[0] == want[0] and (len(want) < 2 or "." not in wanted or minor(found) >= minor(wanted))
