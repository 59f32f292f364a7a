"""CUDA toolkits and the nvcc on PATH."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from typing import Any, NamedTuple

import msgspec

from auditor.host.protocol import Host, NotRecorded
from auditor.model.fact import Evidence, Fact, Facts, command, env, file, known, unknown
from auditor.probes.base import Probe, ask, list_or_empty, read_or_none
from auditor.probes.macros import define, read_header
from auditor.probes.paths import Links, is_folder, which

_HPC_SDK = "/opt/nvidia/hpc_sdk"
# torch/utils/cpp_extension.py asks CUDA_HOME first, cuda-python CUDA_PATH: both are shown
_HOME_VARIABLES = ("CUDA_HOME", "CUDA_PATH")
_DEBIAN = "/usr/lib/nvidia-cuda-toolkit"
_NVCC_TIMEOUT = 10.0


class Version(NamedTuple):
    """A toolkit's version and the file that says it."""

    text: str
    path: str


def collect(host: Host, facts: Facts) -> dict[str, Fact]:
    """Return the toolkits, CUDA_HOME, and which nvcc a build would take."""
    links = Links(host)
    nvcc = ask(lambda: which(host, "nvcc"), env("PATH"), missing="there is no nvcc on PATH")
    return {
        "cuda.toolkits": _toolkits(host, links, nvcc, _target_prefix(facts)),
        "cuda.home": ask(lambda: _home(host), env(" or ".join(_HOME_VARIABLES)), missing="neither is set"),
        "cuda.nvcc_path": nvcc,
        "cuda.nvcc_version": _nvcc_version(host, links, nvcc),
    }


def _home(host: Host) -> str | None:
    return next((value for name in _HOME_VARIABLES if (value := host.env(name))), None)


def _target_prefix(facts: Facts) -> str:
    """Return the prefix of the audited interpreter, PREFIX/bin/python, or ""."""
    return str(facts.value("target.python", "")).rpartition("/")[0].rpartition("/")[0]


def _toolkits(host: Host, links: Links, nvcc: Fact, prefix: str) -> Fact:
    """Return every toolkit once, with all that leads to it; no version where none is told."""
    found: dict[str, dict[str, Any]] = {}
    evidence: list[Evidence] = []
    for path, source in _places(host, links, nvcc, prefix):
        real = links.resolve(path)
        if real in found:
            found[real]["found_by"] = list(dict.fromkeys([*found[real]["found_by"], source]))
            continue
        version = toolkit_version(host, real)
        if version is None and not is_folder(host, f"{real}/nvvm"):
            continue
        if version:
            evidence.append(file(version.path, version.text))
        found[real] = {"path": real, "version": version.text if version else None, "found_by": [source]}
    if not found:
        places = file("/usr/local/cuda*"), file("/opt")
        if nvcc.state == "unknown":
            return unknown(nvcc.reason, *places)
        return ask(lambda: _unlisted(host), *places, missing="no toolkit in the usual places")
    return known(list(found.values()), *evidence)


def _unlisted(host: Host) -> None:
    """Raise NotRecorded where a recording was never asked what stands in the usual places."""
    for folder in ("/usr/local", "/opt", _HPC_SDK):
        with contextlib.suppress(OSError):
            host.listdir(folder)


def _places(host: Host, links: Links, nvcc: Fact, prefix: str) -> Iterator[tuple[str, str]]:
    for name in _HOME_VARIABLES:
        try:
            if home := host.env(name):
                yield home, name
        except NotRecorded:
            pass
    if nvcc.is_known:
        yield _toolkit_of(links.resolve(nvcc.value)), "nvcc on PATH"
    for parent in ("/usr/local", "/opt"):
        for name in list_or_empty(host, parent):
            if name == "cuda" or name.startswith("cuda-"):
                yield f"{parent}/{name}", parent
    yield from ((path, _HPC_SDK) for path in _hpc_sdk(host))
    yield _DEBIAN, "distribution package"
    for folder in dict.fromkeys((prefix, _conda_prefix(host))):
        if folder and is_folder(host, f"{folder}/conda-meta"):
            yield folder, "conda"


def _toolkit_of(nvcc: str) -> str:
    return nvcc.rpartition("/")[0].rpartition("/")[0]


def _conda_prefix(host: Host) -> str:
    try:
        return host.env("CONDA_PREFIX") or ""
    except NotRecorded:
        return ""


def _hpc_sdk(host: Host) -> Iterator[str]:
    """Yield /opt/nvidia/hpc_sdk/Linux_x86_64/24.5/cuda/12.4 and its like."""
    for system in list_or_empty(host, _HPC_SDK):
        for release in list_or_empty(host, f"{_HPC_SDK}/{system}"):
            folder = f"{_HPC_SDK}/{system}/{release}/cuda"
            yield from (f"{folder}/{name}" for name in list_or_empty(host, folder) if name[:1].isdigit())


def toolkit_version(host: Host, path: str) -> Version | None:
    """Return a toolkit's version: version.json (CUDA 11 and later), version.txt (before), its headers, conda's record."""
    ways = (_from_json, _from_text, _from_headers, _from_conda)
    return next((version for way in ways if (version := way(host, path))), None)


def _from_json(host: Host, path: str) -> Version | None:
    place = f"{path}/version.json"
    try:
        return Version(str(msgspec.json.decode(host.read_bytes(place))["cuda"]["version"]), place)
    except (OSError, NotRecorded, ValueError, LookupError, TypeError):
        return None


def _from_text(host: Host, path: str) -> Version | None:
    text = read_or_none(host, f"{path}/version.txt") or ""
    head, _, rest = text.partition("CUDA Version ")
    return Version(rest.split()[0], f"{path}/version.txt") if rest.split() and not head else None


def _from_headers(host: Host, path: str) -> Version | None:
    """Return CUDA_VERSION of cuda.h: 1000 x major + 10 x minor (CUDA driver API, cuDriverGetVersion)."""
    folders = [
        f"{path}/include",
        f"{path}/targets/x86_64-linux/include",
        f"{path}/targets/sbsa-linux/include",
    ]
    if path == _DEBIAN:
        folders = ["/usr/include"]
    for place in (f"{folder}/cuda.h" for folder in folders):
        number = define(read_header(host, place), "CUDA_VERSION")
        if number:
            return Version(f"{int(number) // 1000}.{int(number) % 1000 // 10}", place)
    return None


def _from_conda(host: Host, path: str) -> Version | None:
    """Return the version of conda's cuda-nvcc or cudatoolkit by the name of its record."""
    folder = f"{path}/conda-meta"
    for package in ("cuda-nvcc", "cuda-toolkit", "cudatoolkit-dev", "cudatoolkit"):
        for name in list_or_empty(host, folder):
            stem, _, build = name.removesuffix(".json").rpartition("-")
            owner, _, version = stem.rpartition("-")
            if owner == package and build and version[:1].isdigit():
                return Version(version, f"{folder}/{name}")
    return None


def _nvcc_version(host: Host, links: Links, nvcc: Fact) -> Fact:
    """Return the release of the nvcc on PATH: what lies beside it says so, else it is asked."""
    if not nvcc.is_known:
        return nvcc
    version = toolkit_version(host, _toolkit_of(links.resolve(nvcc.value)))
    if version:
        return known(".".join(version.text.split(".")[:2]), file(version.path, version.text))
    argv = ["nvcc", "--version"]
    return ask(lambda: _asked(host, argv), command(" ".join(argv)), missing="nvcc does not say its release")


def _asked(host: Host, argv: list[str]) -> str | None:
    answer = host.run("nvcc --version", argv, _NVCC_TIMEOUT)
    if answer.timed_out:
        raise OSError(110, f"nvcc did not answer within {_NVCC_TIMEOUT:.0f} s")
    _, _, rest = answer.stdout.partition("release ")
    return rest.partition(",")[0].strip() or None


PROBE = Probe(
    name="cuda",
    provides=("cuda.toolkits", "cuda.home", "cuda.nvcc_version", "cuda.nvcc_path"),
    collect=collect,
    platforms=("linux",),
    cost=0.02,
)
