"""Extensions: built for which torch, by which compiler, with kernels for which GPU."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from auditor.engine.arch import covers
from auditor.engine.look import Look, Undecided
from auditor.engine.remedy.environment import torch_index
from auditor.engine.subjects import cuda_builds, distributions, gpu_name, nvidia_gpus
from auditor.engine.verdict import Verdict, fail, not_applicable, passed
from auditor.engine.versions import NoVersion, local, minor, minor_text, parse
from auditor.knowledge.tables import table

Options = Mapping[str, Any]

# how makers of extensions name torch in a wheel's local version: 2.5.3+cu122torch2.1cxx11abiFALSE
_FOR_TORCH = re.compile(r"(?:torch|pt)\.?(\d{1,2}\.\d{1,2}|\d{2,3})(?!\d)", re.IGNORECASE)
_OLD_ABI = re.compile(r"cxx11abifalse", re.IGNORECASE)


def nvcc_differs(look: Look, _: Options) -> Verdict:
    """Compare the majors of nvcc and of torch's CUDA while something is being built."""
    what = look.value("log.builds_extension")
    if not what:
        return not_applicable("nothing is being built")
    cuda = look.value("torch.cuda_build")
    if cuda is None:
        return not_applicable("torch is not built for CUDA")
    nvcc = look.maybe("cuda.nvcc_version") or _only_toolkit(look)
    return fail(nvcc=nvcc, cuda=cuda) if minor(nvcc)[0] != minor(cuda)[0] else passed()


def _only_toolkit(look: Look) -> str:
    versions = {row["version"] for row in look.maybe("cuda.toolkits") or [] if row.get("version")}
    if len(versions) != 1:
        raise Undecided(f"cuda.nvcc_version: {look.facts['cuda.nvcc_version'].reason}")
    return str(versions.pop())


# extensions whose every release pins one torch (tables/companions.toml)
_EXACT = ("xformers", "vllm")
# whose other requirements hardly change from one release to the next
_ALONE = ("xformers",)


def extension_abi(look: Look, _: Options) -> list[Verdict] | Verdict:
    """Hold extensions whose version names a torch, or that pin one, against the installed torch.

    Many load beside the next release of torch all the same (flashinfer for 2.4 beside 2.5 was what SGLang 0.4 told its
    users to install): until one is seen to fail, it is a warning.
    """
    image = look.maybe("log.nvidia_image")
    if said := look.maybe("log.extension"):
        return _said(look, str(said).lower())
    if image and look.facts["torch.version"].state == "unknown":
        return _in_nvidia_image(look, str(image))
    torch = look.value("torch.version")
    if torch is None:
        return not_applicable("torch is not installed")
    found = []
    for name, version in distributions(look).items():
        wanted = _wanted_torch(name, version)
        if wanted:
            found.append(_fits_torch(name, version, wanted, torch))
    return found or not_applicable("no extension here names its torch")


def _said(look: Look, name: str) -> Verdict:
    """Judge what an extension itself says of the torch that it was built for."""
    torch, wanted = str(look.value("torch.version")), str(look.value("log.extension_torch"))
    version = distributions(look).get(name, "") if look.facts["python.distributions"].is_known else ""
    return fail(name, wanted=wanted, **_texts(name, version, torch))


def _fits_torch(name: str, version: str, wanted: str, torch: str) -> Verdict:
    """Compare the torch that an extension was built for, and its C++ ABI, with the one that is there."""
    texts = _texts(name, version, torch)
    if minor(wanted) != minor(torch):
        return fail(name, severity="warning", confidence="likely", wanted=wanted, **texts)
    if _OLD_ABI.search(version) and _is_nvidia_build(torch):
        return fail(name, wanted=f"{wanted} (old C++ ABI)", **texts)
    return passed(name)


def _texts(name: str, version: str, torch: str) -> dict[str, Any]:
    """Return what the card says of an extension, with the release of it that belongs to this torch, if one is known."""
    right = _right(name, torch)
    variant = {"variant": "pinned" if name in _ALONE else "pinned_whole"} if right else {}
    release = version.partition("+")[0]
    return {
        "package": name, "named": f"{name} {version}".strip(), "torch": torch, "index": _index(torch),
        "same": f"{name}=={release}" if release else name, "right": f"{name}=={right}", **variant,
    }  # fmt: skip


def _right(name: str, torch: str) -> str:
    """Return the newest release of an extension that pins this torch; empty where the table has none."""
    rows = [
        str(row["package"]) for row in table("companions").named(name) if row["torch"] == minor_text(torch)
    ]
    return max(rows, key=parse, default="") if name in _EXACT else ""


def _index(torch: str) -> str:
    """Return the index of torch's build, which holds xFormers for it since torch 2.1 (its README of release 0.0.22)."""
    build = local(torch)
    return torch_index(build) if build.startswith("cu") and minor(torch) >= (2, 1) else ""


def _in_nvidia_image(look: Look, image: str) -> list[Verdict] | Verdict:
    """Find wheels of the old C++ ABI in an image of NVIDIA's, whose torch is built with the new one."""
    if look.facts["python.distributions"].state == "unknown":
        return not_applicable("no wheel is told of beside NVIDIA's image")
    old = [(name, version) for name, version in distributions(look).items() if _OLD_ABI.search(version)]
    found = [
        fail(name, package=name, named=f"{name} {version}", same=name, wanted="with the old C++ ABI",
             torch=f"NVIDIA's, of the image {image}, which has the new one", confidence="likely")
        for name, version in old
    ]  # fmt: skip
    return found or not_applicable("no wheel of the old C++ ABI is told of beside NVIDIA's image")


def _wanted_torch(name: str, version: str) -> str:
    """Return the torch that a distribution was built for, as its version or its maker's pin says."""
    local = version.partition("+")[2]
    if named := _FOR_TORCH.search(local):
        digits = named[1]
        return digits if "." in digits else f"{digits[0]}.{digits[1:]}"
    if name not in _EXACT or (local and not local.startswith("cu")):
        return ""
    rows = [row for row in table("companions").named(name) if row["package"] == version.partition("+")[0]]
    return str(rows[0]["torch"]) if rows else ""


def _is_nvidia_build(torch: str) -> bool:
    """Return whether this is the torch of NVIDIA's containers (2.1.0a0+32f93b1), built with the new C++ ABI."""
    try:
        version = parse(torch)
    except NoVersion:
        return False
    return version.pre == ("a", 0) and bool(version.local)


def extension_missing_arch(look: Look, _: Options) -> list[Verdict] | Verdict:
    """Find GPUs for which a kernel was missing although the framework has kernels for them.

    Where it has none for another card that is here, that card tells what was missing.
    """
    if look.value("log.no_kernel_image") is None:
        return not_applicable("no kernel was missing")
    found = []
    for build in cuda_builds(look):
        archs = look.maybe(f"{build.prefix}.arch_list")
        told = {index: look.maybe(f"gpu[{index}].compute_capability") for index in nvidia_gpus(look)}
        cards = {index: str(capability) for index, capability in told.items() if archs and capability}
        fits = all(covers(archs, capability, build.cuda) for capability in cards.values())
        found += [_missing(look, index, build.framework, fits) for index in cards]
    if not found:
        raise Undecided("torch.arch_list: neither the build's architectures nor the GPU's are known")
    return found


def _missing(look: Look, index: int, framework: str, fits: bool) -> Verdict:
    subject = f"gpu:{index}"
    if not fits:
        return passed(subject)
    capability = look.maybe(f"gpu[{index}].compute_capability")
    return fail(subject, framework=framework, gpu=gpu_name(look, index), capability=capability)


def c_compiler_missing(look: Look, _: Options) -> Verdict:
    """Note that torch.compile and Triton will find no compiler."""
    if look.value("torch.version") is None:
        return not_applicable("torch is not installed")
    return passed() if look.value("compilers.cc") else fail(severity="note")


def python_headers_missing(look: Look, _: Options) -> Verdict:
    """Note that Triton will not find Python.h."""
    if look.value("torch.version") is None:
        return not_applicable("torch is not installed")
    if look.value("compilers.python_h"):
        return passed()
    return fail(include=look.maybe("python.include", "its include folder"), severity="note")
