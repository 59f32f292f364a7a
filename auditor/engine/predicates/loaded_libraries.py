"""CUDA that programs load while they run, against what is here."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from auditor.engine.derive import is_cpu_alone
from auditor.engine.look import Look, Undecided
from auditor.engine.lookup import NotInTable, row_for
from auditor.engine.predicates.vendors import idle_severity
from auditor.engine.subjects import distributions, has_vendor
from auditor.engine.verdict import Verdict, fail, not_applicable, passed, unknown
from auditor.engine.versions import minor, minor_text, release, version_ge, version_lt
from auditor.knowledge.tables import Row, table
from auditor.model.finding import Severity

Options = Mapping[str, Any]

_CUDART = re.compile(r"(?:libcudart\.so\.|cudart64_)(\d{1,3}(?:\.\d)?)")
# the first CUDA of conda-forge's cudatoolkit that has a cuDNN beside it; older ones are in conda's own channel
_CONDA_FORGE = (10, 1)
# the last TensorFlow whose GPU build runs on native Windows
_LAST_ON_WINDOWS = (2, 10)


def misses_gpu(look: Look) -> bool:
    """Return whether TensorFlow was asked for its devices and named no GPU."""
    return look.maybe("smoke.tensorflow.devices") is not None and not _sees_gpu(look)


def tensorflow_row(version: str) -> Row | None:
    """Return what the tables say of a TensorFlow release; None for one that they do not hold."""
    for name in ("wheels", "older"):
        try:
            return row_for(table("tensorflow_releases"), version, name)
        except NotInTable:
            continue
    return None


def brought_by_wheels(look: Look) -> bool:
    """Return whether wheels brought the CUDA libraries."""
    installed = look.maybe("python.distributions") or []
    return any(str(row["name"]).lower().startswith("nvidia-c") for row in installed)


def tensorflow_cuda_libraries(look: Look, _: Options) -> Verdict:
    """Hold the CUDA that TensorFlow loads by name against the toolkits and libraries that are here."""
    version = look.value("tensorflow.version")
    why = _no_question(look, version)
    if why:
        return not_applicable(why, "tensorflow")
    row = tensorflow_row(str(version))
    if row is None:
        return unknown(
            f"tensorflow.version: {version} is not in the table tensorflow_releases", subject="tensorflow"
        )
    look.cite(table("tensorflow_releases"))
    found = sorted(set(_cuda_here(look)), key=minor)
    missing = look.maybe("log.missing_library")
    if missing and look.facts["torch.version"].state != "known":
        return _lacking(look, row, f"no {missing}")
    if not found:
        return _none_found(look, row)
    if any(_runs_with(row["cuda"], here) for here in found) or _sees_gpu(look):
        return passed("tensorflow")
    if _by_compiler_alone(look) and not misses_gpu(look):
        why = look.facts["loader.libraries"].reason
        return unknown(f"loader.libraries: {why}; nvcc alone tells of no library", subject="tensorflow")
    return _lacking(look, row, f"CUDA {', '.join(found)}", "warning" if _hearsay(look) else None)


def _sees_gpu(look: Look) -> bool:
    return any("gpu" in str(name).lower() for name in look.maybe("smoke.tensorflow.devices") or [])


def _by_compiler_alone(look: Look) -> bool:
    """Return whether nvcc is all that tells of a CUDA: TensorFlow loads libraries, and they may lie elsewhere."""
    return not look.maybe("cuda.toolkits") and look.facts["loader.libraries"].state == "unknown"


def _hearsay(look: Look) -> bool:
    """Return whether the CUDA here is but what somebody wrote, and nothing says that TensorFlow misses its own.

    Wheels may bring the libraries that TensorFlow loads: then a toolkit beside them is of no concern.
    """
    toolkits = look.maybe("cuda.toolkits") or []
    if look.facts["python.distributions"].state == "unknown" and not misses_gpu(look):
        return True
    return (
        bool(toolkits)
        and all(row.get("found_by") == "stated" for row in toolkits)
        and not look.maybe("loader.libraries")
        and look.maybe("smoke.tensorflow.devices") is None
    )


def _lacking(look: Look, row: Row, found: str, severity: Severity | None = None) -> Verdict:
    version = look.value("tensorflow.version")
    if severity is None and look.facts["accelerators.vendors"].is_known:
        severity = idle_severity(look)
    return fail(
        "tensorflow",
        version=version,
        cuda=row["cuda"],
        cudnn=f" with cuDNN {row['cudnn']}" if row["cudnn"] else "",
        conda_cudnn=f" cudnn={row['cudnn']}" if row["cudnn"] else "",
        channel=" -c conda-forge" if minor(row["cuda"]) >= _CONDA_FORGE else "",
        found=found,
        severity=severity,
        variant="" if version_ge(version, "2.14") else _beside(look, str(row["cuda"])),
    )


def _beside(look: Look, cuda: str) -> str:
    """Return how CUDA comes beside an older TensorFlow: the wheels of CUDA 11 have the names of 11.1 and later."""
    on_linux = look.maybe("os.platform", "linux") not in ("windows", "darwin")
    is_eleven = cuda.startswith("11.") and cuda != "11.0"
    return "wheels" if on_linux and is_eleven and look.maybe("os.arch", "x86_64") == "x86_64" else "old"


def _no_question(look: Look, version: Any) -> str:
    if version is None:
        return "TensorFlow is not installed"
    if look.maybe("tensorflow.distribution") in ("tensorflow-cpu", "tensorflow-intel", "tensorflow-macos"):
        return "a build for the CPU"
    if look.maybe("tensorflow.distribution") == "tensorflow" and is_cpu_alone(version):
        return "a build for the CPU: the one for GPUs was tensorflow-gpu"
    if look.maybe("os.platform") == "windows" and minor(version) > _LAST_ON_WINDOWS:
        return "TensorFlow has no GPU support on native Windows"
    if "nvidia" not in look.maybe("accelerators.vendors", ["nvidia"]):
        return "no NVIDIA GPU"
    if look.maybe("python.installer") == "conda" and look.maybe("python.conda_packages"):
        return "conda brings the CUDA of its own builds"
    return "wheels brought the CUDA libraries" if brought_by_wheels(look) else ""


def _none_found(look: Look, row: Row) -> Verdict:
    """Judge a machine where no CUDA shows: only a look at the loader's own view can say so."""
    libraries = look.fact("loader.libraries")
    if libraries.state == "unknown":
        return unknown(f"loader.libraries: {libraries.reason}", subject="tensorflow")
    if not has_vendor(look, "nvidia"):
        return not_applicable("no NVIDIA GPU", "tensorflow")
    return _lacking(look, row, "none")


def _cuda_here(look: Look) -> Iterator[str]:
    """Yield the CUDA releases of toolkits, of nvcc and of the runtime library by its name."""
    for toolkit in look.maybe("cuda.toolkits") or []:
        if toolkit.get("version"):
            yield minor_text(toolkit["version"])
    if nvcc := look.maybe("cuda.nvcc_version"):
        yield minor_text(nvcc)
    for row in look.maybe("loader.libraries") or []:
        if named := _CUDART.search(str(row.get("soname") or row.get("path"))):
            yield named[1] if "." in named[1] else f"{named[1]}.0"


def _runs_with(built: str, here: str) -> bool:
    """Return whether libraries of one CUDA serve a program built for another: from 11 on, within a major.

    What was built for 11.0 asks for libcusolver.so.10, which 11.1 replaced by .11 (CUDA release notes).
    """
    if minor(built) == (11, 0):
        return minor(here) == (11, 0)
    if minor(built)[0] >= 11:
        return minor(built)[0] == minor(here)[0]
    return minor(built) == minor(here)


def onnxruntime_cuda(look: Look, _: Options) -> Verdict:
    """Hold the CUDA and cuDNN majors of onnxruntime-gpu against those that are here."""
    version = distributions(look).get("onnxruntime-gpu")
    if version is None:
        return not_applicable("onnxruntime-gpu is not installed")
    source = table("onnxruntime_builds")
    row = next((row for row in source.all() if not version_lt(version, row["first"])), None)
    if row is None:
        return unknown(f"python.distributions: onnxruntime-gpu {version} is not in the table {source.name}")
    look.cite(source)
    cudas, cudnn = sorted(set(_cuda_here(look)), key=minor), look.maybe("loader.cudnn_version")
    if brought_by_wheels(look) and not look.maybe("log.missing_library"):
        return passed()
    if not cudas and cudnn is None:
        raise Undecided(f"cuda.toolkits: {look.facts['cuda.toolkits'].reason}")
    wrong = []
    if cudas and not any(str(minor(cuda)[0]) == row["cuda"] for cuda in cudas):
        wrong.append(f"CUDA {', '.join(cudas)}")
    if cudnn is not None and str(release(cudnn)[0]) != row["cudnn"]:
        wrong.append(f"cuDNN {cudnn}")
    if not wrong:
        return passed()
    # the extras that name the wheels came with 1.21; of CUDA 10 there are no wheels
    variant = "older" if version_lt(version, "1.21") and int(row["cuda"]) >= 11 else ""
    said = {"cuda": row["cuda"], "cudnn": row["cudnn"], "found": " and ".join(wrong)}
    return fail(version=version, variant=variant, **said)


def compat_shadowing(look: Look, _: Options) -> Verdict:
    """Find a libcuda of the package cuda-compat before the newer one of the driver."""
    paths = look.value("nvidia.libcuda_paths") or [""]
    if "compat" not in str(paths[0]):
        return not_applicable("no libcuda of cuda-compat comes first")
    library, module = look.value("nvidia.libcuda_version"), look.value("nvidia.kernel_module_version")
    if library is None or module is None:
        return not_applicable("no NVIDIA kernel module is loaded")
    return fail(path=paths[0], library=library, module=module) if version_lt(library, module) else passed()


def _of_conda(look: Look) -> dict[str, str]:
    """Return name to version of what conda installed, by its own records or by a list that somebody pasted."""
    if look.facts["python.conda_packages"].state == "unknown" and look.maybe("python.distributions"):
        listed = look.value("python.distributions")
        return {str(row["name"]): str(row["version"]) for row in listed if row.get("installer") == "conda"}
    return {str(row[0]): str(row[1]) for row in look.value("python.conda_packages") or []}


def mkl_too_new(look: Look, _: Options) -> Verdict:
    """Find conda's torch before 2.3.1 beside an MKL that dropped what it calls."""
    rows = _of_conda(look)
    torch, mkl = rows.get("pytorch") or rows.get("torch"), rows.get("mkl")
    if not torch or not mkl:
        return not_applicable("torch and MKL are not both from conda")
    if version_lt(torch, "2.3.1") and version_ge(mkl, "2024.1"):
        return fail("pytorch", torch=torch, mkl=mkl)
    return passed()
