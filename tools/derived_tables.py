"""Which sets of rules/tables PyPI's metadata tells, and how: each is a function from an index to rows."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

from derived_wheels import glibc_floors, newest_listed, wheel_pythons
from packaging.requirements import Requirement
from packaging.version import Version
from pypi_metadata import PYTHONS, Index, Release

Row = dict[str, Any]
Rows = dict[tuple[Any, ...], Row]
# the first whose metadata says which jaxlib it takes
FIRST_JAX = Version("0.4.30")


class Derived(NamedTuple):
    """A set of rows that metadata tells: its table, its name there, its key (a version last), and how it is told.

    In a set of `steps` a row holds until the next one, so that a row which is no longer told is wrong.
    """

    table: str
    name: str
    key: tuple[str, ...]
    rows: Callable[[Index, Rows], Iterator[Row]]
    steps: bool = False

    @property
    def called(self) -> str:
        """The name by which a user asks for it."""
        return f"{self.table}/{self.name}" if self.name else self.table


def minor(version: str) -> str:
    """Return "2.13" for "2.13.0"."""
    return ".".join(version.split(".")[:2])


def companions(package: str) -> Callable[[Index, Rows], Iterator[Row]]:
    """Return the rows [minor release, minor release of torch] of a package whose releases of a minor pin one torch."""

    def rows(index: Index, _: Rows) -> Iterator[Row]:
        for number in index.newest_by_minor(package):
            every = [version for version in index.every_version(package) if minor(version) == number]
            pinned = {minor(index.release(package, version).pin("torch") or "") for version in every}
            if len(pinned) == 1 and (torch := pinned.pop()):
                yield {"package": number, "torch": torch}

    return rows


def exact(package: str) -> Callable[[Index, Rows], Iterator[Row]]:
    """Return every release of a package with the torch that it pins: its binaries belong to one build."""

    def rows(index: Index, _: Rows) -> Iterator[Row]:
        for version in index.every_version(package):
            if torch := index.release(package, version).pin("torch"):
                yield {"package": version, "torch": minor(torch)}

    return rows


def pins(index: Index, known: Rows) -> Iterator[Row]:
    """Yield the cuDNN, NCCL and Triton that each torch pins, from the oldest release with a row on."""
    oldest = min(Version(key[0]) for key in known)
    for version in index.every_version("torch"):
        if Version(version) >= oldest:
            asked = index.release("torch", version).requires
            wanted = {"cudnn": "nvidia-cudnn-", "nccl": "nvidia-nccl-", "triton": "triton"}
            found = {column: _first(asked, start) for column, start in wanted.items()}
            if all(found.values()):
                yield {"torch": version, **found}


def _first(requirements: tuple[Requirement, ...], start: str) -> str:
    every = (str(each.specifier) for each in requirements if each.name.startswith(start))
    return next((re.sub(r"^[=~]=", "", specifier) for specifier in every), "")


def newest_pythons(index: Index, _: Rows) -> Iterator[Row]:
    """Yield from which minor release on the wheels reach up to which Python: the rows where that changes."""
    for package in ("torchvision", "torchaudio"):
        last: Row = {}
        for number, version in index.newest_by_minor(package).items():
            row = {"package": package, "from": number, "python_max": index.pythons(package, version)[-1]}
            if last and last["python_max"] != row["python_max"]:
                yield last
            last = row


def newest_wheels(index: Index, _: Rows) -> Iterator[Row]:
    """Yield the newest release for each Python."""
    for package in ("torch", "tensorflow", "jaxlib"):
        for python in PYTHONS:
            if found := index.versions(package, python):
                yield {"package": package, "python": python, "newest": found[0]}


def _wheels_for(index: Index, package: str, number: str) -> list[str]:
    """Return the Pythons for which any release of a minor one has a wheel, oldest first."""
    every = [version for version in index.every_version(package) if minor(version) == number]
    found = {python for version in every for python in index.pythons(package, version)}
    return [python for python in PYTHONS if python in found]


def _floor(specifier: str) -> str:
    floors = re.findall(r"(?:>=|==)\s*(\d[\w.]*)", specifier)
    return max(floors, key=Version, default="")


def _extra(told: Release, name: str, extra: str) -> str:
    for requirement in told.requires:
        if requirement.name == name and f'extra == "{extra}"' in str(requirement.marker).replace("'", '"'):
            return str(requirement.specifier)
    return ""


def _jax_wanted(index: Index, known: Rows) -> Iterator[str]:
    """Yield the releases of JAX with a row that PyPI offers, and the newest of each minor newer than the oldest."""
    oldest = max(min(Version(key[0]) for key in known), FIRST_JAX)
    offered = index.every_version("jax")
    wanted = {*index.newest_by_minor("jax").values(), *(key[0] for key in known)}.intersection(offered)
    yield from sorted((version for version in wanted if Version(version) >= oldest), key=Version)


def jax(index: Index, known: Rows) -> Iterator[Row]:
    """Yield what releases of JAX ask for."""
    for version in _jax_wanted(index, known):
        told = index.release("jax", version)
        if jaxlib := told.specifier("jaxlib"):
            yield {
                "jax": version,
                "jaxlib_min": _floor(jaxlib),
                "python_min": _floor(told.python),
                "numpy": told.specifier("numpy"),
                "libtpu": _extra(told, "libtpu", "tpu"),
            }


def jax_builds(index: Index, known: Rows) -> Iterator[Row]:
    """Yield up to which Python jaxlib has wheels, for which free-threaded ones, and the CUDA plugins."""
    for version in _jax_wanted(index, known):
        if not (found := index.pythons("jaxlib", version)):
            continue
        free = [p for p in PYTHONS if version in index.versions("jaxlib", p, free_threaded=True)]
        plugins = [extra for extra in ("cuda13", "cuda12") if extra in index.release("jax", version).extras]
        yield {"jax": version, "python_max": found[-1], "free_threaded": free, "plugins": plugins}


def tensorflow(index: Index, known: Rows) -> Iterator[Row]:
    """Yield what each minor release of TensorFlow asks for; CUDA, cuDNN and architectures stand in its build only."""
    oldest = min(Version(key[0]) for key in known)
    for number, version in index.newest_by_minor("tensorflow").items():
        if Version(number) >= oldest:
            told, found = index.release("tensorflow", version), index.pythons("tensorflow", version)
            asked = {name: told.specifier(name) for name in ("numpy", "protobuf", "keras")}
            yield {
                "tensorflow": number,
                "newest": version,
                "python_min": found[0],
                "python_max": found[-1],
                **asked,
            }


def torch(index: Index, known: Rows) -> Iterator[Row]:
    """Yield what each minor release of torch has wheels for, and the CUDA of PyPI's."""
    for number, version in index.newest_by_minor("torch").items():
        found = _wheels_for(index, "torch", number)
        row: Row = {"torch": number, "newest": version, "python_min": found[0], "python_max": found[-1]}
        if cuda := _cuda(index.release("torch", version)):
            row["pypi_cuda"] = cuda
        if (number,) in known or Version(number) > max(Version(key[0]) for key in known):
            yield row


def _cuda(told: Release) -> str:
    """Return the CUDA of a torch from the runtime wheel or the toolkit that it pins."""
    for requirement in told.requires:
        if requirement.name == "cuda-toolkit" or requirement.name.startswith("nvidia-cuda-runtime"):
            return minor(_floor(str(requirement.specifier)))
    return ""


def onnxruntime(index: Index, _: Rows) -> Iterator[Row]:
    """Yield from which minor release on onnxruntime-gpu asks for which CUDA and cuDNN, by its extras of these names."""
    last: Row = {}
    for number, version in index.newest_by_minor("onnxruntime-gpu").items():
        majors = _extra_majors(index.release("onnxruntime-gpu", version))
        if last and last | majors == last and majors:
            last["first"] = number
            continue
        if last:
            yield last
        if not majors:
            return
        last = {"first": number, **majors}


def _extra_majors(told: Release) -> dict[str, str]:
    """Return the majors of CUDA and cuDNN that a release's extras want; nothing where it has no such extras."""
    starts = {"cuda": "nvidia-cuda-runtime", "cudnn": "nvidia-cudnn"}
    found = {name: _first(told.requires, start).partition(".")[0] for name, start in starts.items()}
    return found if all(found.values()) else {}


DERIVED = (
    Derived("companions", "torchvision", ("package",), companions("torchvision")),
    Derived("companions", "torchaudio", ("package",), companions("torchaudio")),
    Derived("companions", "xformers", ("package",), exact("xformers")),
    Derived("companions", "vllm", ("package",), exact("vllm")),
    Derived("torch_pins", "", ("torch",), pins),
    Derived("companions", "pythons", ("package", "from"), newest_pythons, steps=True),
    Derived("python_wheels", "", ("package", "python"), newest_wheels),
    Derived("jax_releases", "", ("jax",), jax),
    Derived("jax_builds", "releases", ("jax",), jax_builds),
    Derived("tensorflow_releases", "wheels", ("tensorflow",), tensorflow),
    Derived("torch_releases", "", ("torch",), torch),
    Derived("wheel_pythons", "releases", ("package", "from"), wheel_pythons, steps=True),
    Derived("wheel_pythons", "newest", ("package", "version"), newest_listed, steps=True),
    Derived("wheel_needs", "glibc", ("package", "arch", "from"), glibc_floors),
    Derived("onnxruntime_builds", "extras", ("first",), onnxruntime, steps=True),
)
