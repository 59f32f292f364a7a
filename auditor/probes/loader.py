"""The libraries of CUDA, ROCm, oneAPI, OpenMP and the frameworks that the loader would find outside wheels."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from auditor.host.protocol import Host
from auditor.model.fact import Fact, Facts, absent, env, file, known, unknown
from auditor.probes import ldcache
from auditor.probes.base import Probe, ask
from auditor.probes.loader_path import DEFAULT, VARIABLE, Found, Loader, is_library
from auditor.probes.macros import version_in_header

_WSL, _WSL_STEMS = "/usr/lib/wsl/lib", ("libcuda.so", "libnvidia-ml.so", "libd3d12.so", "libdxcore.so")

CUDA = (
    "libcuda.so", "libcudart.so", "libcublas", "libcufft", "libcurand.so", "libcusolver", "libcusparse", "libnvrtc",
    "libnvJitLink.so", "libcupti.so", "libcufile.so", "libnvidia-ml.so", "libnvToolsExt.so", "libnvshmem", "libnvinfer",
    "libcutensor",
)  # fmt: skip
CUDNN, NCCL = "libcudnn", "libnccl.so"
ROCM = (
    "libamdhip64.so", "libhsa-runtime64.so", "librccl.so", "libMIOpen.so", "librocblas.so", "libhipblas", "libhiprtc.so",
    "librocsolver.so", "librocm_smi64.so", "libamd_smi.so",
)  # fmt: skip
ONEAPI = (
    "libmkl_rt.so",
    "libmkl_core.so",
    "libsycl.so",
    "libze_loader.so",
    "libze_intel_gpu.so",
    "libccl.so",
    "libdnnl.so",
)
OPENMP = ("libgomp.so", "libiomp5.so", "libomp.so", "libomp5.so")
FRAMEWORKS = ("libc10", "libtorch", "libtensorflow_framework.so", "libtensorflow_cc.so")
STEMS = (*CUDA, CUDNN, NCCL, *ROCM, *ONEAPI, *OPENMP, *FRAMEWORKS)

_CUDNN_HEADERS = ("cudnn_version.h", "cudnn_version_v9.h", "cudnn_version_v8.h", "cudnn.h")
_CUDNN_MACROS = ("CUDNN_MAJOR", "CUDNN_MINOR", "CUDNN_PATCHLEVEL")
_NCCL_MACROS = ("NCCL_MAJOR", "NCCL_MINOR", "NCCL_PATCH")


def collect(host: Host, facts: Facts) -> dict[str, Fact]:
    """Return the libraries in the loader's order, and the variables that change it."""
    loader = Loader(host, facts.value("os.arch", ""), facts.value("request.cwd", ""))
    evidence = (env(VARIABLE), file(ldcache.PATH), file(DEFAULT))
    found = ask(lambda: loader.find(STEMS), *evidence)
    libraries: list[Found] = found.value or []
    versions = {each.path: library_version(host, each) for each in libraries}
    return {
        "loader.libraries": known([_described(each, versions) for each in libraries], *evidence)
        if found.is_known
        else unknown(found.reason, *evidence),
        "loader.cudnn_version": _first(CUDNN, found, versions),
        "loader.nccl_version": _first(NCCL, found, versions),
        "loader.ld_library_path": ask(
            lambda: loader.variable_folders() or None, env(VARIABLE), missing=f"{VARIABLE} is not set"
        ),
        "loader.ld_preload": ask(
            lambda: _preloaded(host), env("LD_PRELOAD"), missing="LD_PRELOAD is not set"
        ),
        "loader.wsl_libraries": _wsl(host, found),
    }


def _described(each: Found, versions: Mapping[str, str | None]) -> dict[str, Any]:
    return {"soname": each.soname, "path": each.path, "source": each.source, "version": versions[each.path]}


def _first(stem: str, found: Fact, versions: Mapping[str, str | None]) -> Fact:
    """Return the version of the library that the loader would take for a name."""
    if not found.is_known:
        return unknown(found.reason, *found.evidence)
    first = next((each for each in found.value if each.soname.startswith(stem)), None)
    if first is None:
        return absent(f"the loader finds no {stem.removesuffix('.so')}.so outside wheels", *found.evidence)
    version = versions[first.path]
    where = file(first.path, first.real)
    return (
        known(version, where)
        if version
        else unknown(f"neither {first.real} nor a header says its version", where)
    )


def library_version(host: Host, each: Found) -> str | None:
    """Return a library's version: from its file's name, for cuDNN and NCCL else from the header beside it.

    The number of a soname alone (libcublas.so.12) is no version of the library.
    """
    number = each.real.rpartition("/")[2].rpartition(".so.")[2]
    parts = number.split(".")
    if ".so." in each.real and all(map(str.isdigit, parts)) and _says_more(each, parts):
        return number
    if each.soname.startswith(CUDNN):
        return version_in_header(host, include_folders(each.real), _CUDNN_HEADERS, _CUDNN_MACROS)
    if each.soname.startswith(NCCL):
        return version_in_header(host, include_folders(each.real), ("nccl.h",), _NCCL_MACROS)
    return None


def _says_more(each: Found, parts: list[str]) -> bool:
    asked = each.soname.rpartition(".so.")[2].split(".") if ".so." in each.soname else []
    return len(parts) >= 3 or (len(parts) == 2 and len(asked) < 2)


def include_folders(library: str) -> list[str]:
    """Return where the headers of a library lie: lib/../include, and Debian's /usr/include/TRIPLET."""
    folder = library.rpartition("/")[0]
    parent, _, name = folder.rpartition("/")
    here = [f"{parent}/include"]
    if name.endswith(("-linux-gnu", "-linux-gnueabihf")):
        above = parent.rpartition("/")[0]
        here = [f"{above}/include/{name}", f"{above}/include"]
    return here if here[-1] == "/usr/include" else [*here, "/usr/include"]


def _preloaded(host: Host) -> list[str] | None:
    """Return the entries of LD_PRELOAD, which colons or spaces separate (ld.so(8))."""
    return (host.env("LD_PRELOAD") or "").replace(":", " ").split() or None


def _wsl(host: Host, found: Fact) -> Fact:
    """Return what Windows lends to WSL, and whether the loader finds any of it."""
    lent = ask(
        lambda: [name for name in host.listdir(_WSL) if is_library(name, _WSL_STEMS)] or None,
        file(_WSL),
        missing=f"no libraries of Windows in {_WSL}",
    )
    if not lent.is_known:
        return lent
    reached = any(each.path.startswith(f"{_WSL}/") for each in found.value) if found.is_known else None
    return known({"folder": _WSL, "libraries": lent.value, "on_loader_path": reached}, file(_WSL))


PROBE = Probe(
    name="loader",
    provides=(
        "loader.libraries",
        "loader.cudnn_version",
        "loader.nccl_version",
        "loader.ld_library_path",
        "loader.ld_preload",
        "loader.wsl_libraries",
    ),
    needs=("os.arch",),
    platforms=("linux",),
    collect=collect,
)
