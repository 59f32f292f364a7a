"""Rules that weigh what a message said against what else is known."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from auditor.engine.look import Look
from auditor.engine.predicates.python_libraries import tensorflow_of
from auditor.engine.subjects import distributions, is_from_conda
from auditor.engine.verdict import Verdict, fail, not_applicable, passed, unknown
from auditor.engine.versions import minor, version_ge, version_lt
from auditor.knowledge.tables import table

Options = Mapping[str, Any]

_PACKAGE = {"torch": "torch", "tensorflow": "tensorflow", "keras": "keras", "jax": "jax", "jaxlib": "jaxlib"}
# the first bitsandbytes with CUDA libraries for Windows, by its release notes
_BITSANDBYTES_ON_WINDOWS = "0.43"


def numpy_names_gone(look: Look, _: Options) -> list[Verdict] | Verdict:
    """Find packages that use names which the installed NumPy dropped."""
    installed = distributions(look)
    numpy = installed.get("numpy")
    if numpy is None:
        return not_applicable("NumPy is not installed")
    source = table("numpy_names")
    look.cite(source)
    found = []
    for row in source.all():
        package = row["package"]
        version = tensorflow_of(installed) if package == "tensorflow" else installed.get(package, "")
        if version and version_lt(version, row["before"]) and version_ge(numpy, row["gone"]):
            found.append(fail(package, package=package, version=version, numpy=numpy, since=row["gone"]))
    return found or passed()


def different_interpreter(look: Look, _: Options) -> list[Verdict] | Verdict:
    """Find an import that failed although the package is installed where we look, and sayings that contradict."""
    rows = look.value("log.contradictions") or []
    found = [
        fail(
            row["key"],
            said=f"{row['key']} is said to be {row['first']} and {row['other']}: both cannot hold of one environment",
            variant="contradiction",
        )
        for row in rows
    ]
    found += _programs_apart(look)
    module = look.value("log.missing_module")
    if module is None:
        return found or not_applicable("no import of a framework failed, and nothing contradicts")
    installed = distributions(look)
    package = _PACKAGE.get(str(module), str(module))
    if package in installed:
        version = installed[package]
        said = f"an import of {module} failed, and {package} {version} is installed in the environment that was looked at"
        found.append(fail(said=said, module=module))
    return found or passed()


# folders of one and the same Python, the system's
_OF_SYSTEM = ("/usr/bin", "/usr/local/bin", "/bin")


def _programs_apart(look: Look) -> list[Verdict]:
    """Find a torchrun, pip or another starter that belongs to another Python than the shell's."""
    programs = {str(name): str(path) for name, path in (look.maybe("log.programs") or {}).items()}
    python = programs.pop("python", "").rpartition("/")[0]
    return [
        fail(name, said=f"{name} is {path}, and python that of {python}", variant="starter", starter=name)
        for name, path in programs.items()
        if python and not _together(python, path.rpartition("/")[0])
    ]


def _together(python: str, folder: str) -> bool:
    of_system = (*_OF_SYSTEM, folder if folder.endswith("/.local/bin") else "")
    return python == folder or (python in _OF_SYSTEM and folder in of_system)


def bitsandbytes_cuda(look: Look, _: Options) -> Verdict:
    """Find a bitsandbytes whose wheel holds no library for torch's CUDA, or none for Windows at all."""
    version = distributions(look).get("bitsandbytes")
    if version is None:
        return not_applicable("bitsandbytes is not installed")
    if look.maybe("os.platform") == "windows" and version_lt(version, _BITSANDBYTES_ON_WINDOWS):
        return fail(version=version, what=f"Windows (since {_BITSANDBYTES_ON_WINDOWS} it has)")
    cuda = look.value("torch.cuda_build")
    if cuda is None:
        return not_applicable("torch is not built for CUDA")
    source = table("bitsandbytes_builds")
    row = next((row for row in source.all() if not version_lt(version, row["from"])), None)
    if row is None or is_from_conda(look, "bitsandbytes"):
        return unknown(f"python.distributions: what bitsandbytes {version} holds is not in the table")
    look.cite(source)
    held = [minor(one) for one in row["cuda"]]
    if minor(cuda) in held or (not row["exact"] and minor(cuda)[0] in {one[0] for one in held}):
        return passed()
    return fail(version=version, what=f"CUDA {cuda} (it has {', '.join(row['cuda'])})", severity="warning")


def rocm_wsl(look: Look, _: Options) -> Verdict:
    """Find a torch for ROCm in WSL that sees no device."""
    if not look.value("os.wsl"):
        return not_applicable("not WSL")
    hip = look.value("torch.hip_build")
    if hip is None:
        return not_applicable("torch is not built for ROCm")
    seen = any("cuda" in str(device) for device in look.value("smoke.pytorch.devices") or [])
    return passed("pytorch") if seen else fail("pytorch", hip=hip)
