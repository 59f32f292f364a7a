"""What the frameworks were built for, from their own files as the interpreter reported them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from auditor.model.fact import Evidence, Fact, absent, file, known, unknown
from auditor.model.specifiers import normal
from auditor.probes.packages import by_name
from auditor.target.answer import Build, Distribution, Target

PROVIDES = (
    "python.frameworks",
    "torch.version", "torch.location", "torch.cuda_build", "torch.hip_build", "torch.xpu_build", "torch.commit",
    "torch.cudnn_build", "torch.arch_list", "torch.build",
    "tensorflow.version", "tensorflow.distribution", "tensorflow.location", "tensorflow.cuda_build",
    "tensorflow.cudnn_build", "tensorflow.arch_list", "tensorflow.commit",
    "jax.version", "jax.jaxlib_version", "jax.plugins",
)  # fmt: skip
# the distributions that bring the package `tensorflow`, the usual ones first
TENSORFLOWS = (
    "tensorflow", "tensorflow-cpu", "tensorflow-gpu", "tensorflow-rocm", "tensorflow-macos", "tensorflow-intel",
    "tensorflow-cpu-aws", "tensorflow-aarch64", "intel-tensorflow", "tf-nightly", "tf-nightly-cpu", "tf-nightly-gpu",
    "tensorflow-base",
)  # fmt: skip
Copies = Mapping[str, list[Distribution]]


def facts(target: Target, asked: Evidence) -> dict[str, Fact]:
    """Return the build facts of torch, TensorFlow and JAX."""
    copies = by_name(target)
    found = {name: locate(target, name) for name in ("torch", "tensorflow", "jax", "jaxlib")}
    slugs = {"torch": "pytorch", "tensorflow": "tensorflow", "jax": "jax"}
    held = [slug for name, slug in slugs.items() if (build := found[name]) and build.complete]
    told = {
        "python.frameworks": known(held, asked),
        **torch_facts(found["torch"], copies, asked),
        **tensorflow_facts(found["tensorflow"], copies, asked),
        **jax_facts(found, copies, asked),
    }
    hidden = next((f"{f.path} cannot be listed: {f.error}" for f in target.on_path if f.error), "")
    return _doubted(told, held, hidden) if hidden else told


def _doubted(told: dict[str, Fact], held: list[str], hidden: str) -> dict[str, Fact]:
    """Return the facts where a folder of the path could not be looked into: what was not found may be there."""
    if not held:
        told["python.frameworks"] = unknown(hidden)
    seen = {"pytorch": "torch", "tensorflow": "tensorflow", "jax": "jax"}
    sure = tuple(f"{seen[slug]}." for slug in held)
    return {
        key: unknown(hidden) if fact.state == "absent" and not key.startswith(sure) else fact
        for key, fact in told.items()
    }


def locate(target: Target, name: str) -> Build | None:
    """Return the package that `import` would find: the first on the path that is complete."""
    builds = [folder.builds[name] for folder in target.on_path if name in folder.builds]
    return next((build for build in builds if build.complete), builds[0] if builds else None)


def _version(told: object, distribution: Distribution | None, evidence: Evidence) -> Fact:
    """Return a version by the package's own file, else by its distribution."""
    if isinstance(told, str) and told:
        return known(told, evidence)
    if distribution:
        return known(distribution.version, file(f"{distribution.location}/{distribution.info}/METADATA"))
    return unknown("neither its files nor its metadata tell", evidence)


# ---- torch


def torch_facts(found: Build | None, copies: Copies, asked: Evidence) -> dict[str, Fact]:
    """Return torch.*; `version.py` tells all but the architectures, which stand in its library."""
    distribution = copies.get("torch", [None])[0]
    if found is None or not found.complete:
        return _missing("torch", found, distribution, asked)
    folder, build = found.location, found
    source = file(f"{folder}/version.py")
    said = build.said
    version = _version(said.get("__version__"), distribution, source)
    return {
        "torch.version": version,
        "torch.location": known(folder, asked),
        "torch.cuda_build": _said(said, "cuda", "built without CUDA", source),
        "torch.hip_build": _said(said, "hip", "built without HIP", source),
        "torch.xpu_build": _said(said, "xpu", "built without XPU", source),
        "torch.commit": _said(said, "git_version", "its version file names no commit", source),
        "torch.cudnn_build": _torch_cudnn(said, build, distribution, folder, source),
        "torch.arch_list": _torch_archs(said, build, folder, source),
        "torch.build": _torch_build(said, version, source),
    }


def _said(said: Mapping[str, Any], name: str, missing: str, evidence: Evidence) -> Fact:
    """Return a literal of the version file; a file that lacks the name, or cannot be read, is no answer."""
    if not said:
        return unknown("its version file cannot be read", evidence)
    value = said.get(name)
    return known(str(value), evidence) if value else absent(missing, evidence)


def _torch_build(said: Mapping[str, Any], version: Fact, evidence: Evidence) -> Fact:
    local = str(version.value or "").partition("+")[2]
    if re.fullmatch(r"cpu|xpu|cu\d+|rocm[\d.]+", local):
        return known(local, evidence)
    if not said:
        return unknown("its version file cannot be read", evidence)
    if said.get("cuda"):
        return known("cu" + "".join(str(said["cuda"]).split(".")[:2]), evidence)
    if said.get("hip"):
        return known("rocm" + ".".join(str(said.get("rocm") or said["hip"]).split(".")[:2]), evidence)
    return known("xpu" if said.get("xpu") else "cpu", evidence)


def _torch_cudnn(
    said: Mapping[str, Any], build: Build, distribution: Distribution | None, folder: str, evidence: Evidence
) -> Fact:
    """Return the cuDNN that torch pins by its metadata, else the major version that it brings in its lib folder."""
    if said and not said.get("cuda"):
        return absent("built without CUDA", evidence)
    for line in distribution.requires if distribution else ():
        pinned = re.match(r"nvidia-cudnn-cu\d+\s*\(?==\s*([\d.]+)", line)
        if pinned and distribution:
            return known(pinned[1], file(f"{distribution.location}/{distribution.info}/METADATA", line))
    for name in build.files:
        brought = re.match(r"libcudnn\.so\.([\d.]+)$|cudnn64_(\d+)\.dll$", name)
        if brought:
            return known(brought[1] or brought[2], file(f"{folder}/lib/{name}"))
    return unknown("it neither pins nor brings one, so it takes what the loader finds", evidence)


def _torch_archs(said: Mapping[str, Any], build: Build, folder: str, evidence: Evidence) -> Fact:
    if build.architectures:
        return known(list(build.architectures), file(f"{folder}/lib", " ".join(build.architectures)))
    if said and not said.get("cuda") and not said.get("hip"):
        return absent("built for no GPU of NVIDIA or AMD", evidence)
    return unknown("no list of architectures was found in its library", file(f"{folder}/lib"))


# ---- TensorFlow


def tensorflow_facts(found: Build | None, copies: Copies, asked: Evidence) -> dict[str, Fact]:
    """Return tensorflow.*; `build_info.py` tells, in releases before 2.22."""
    distribution = next((copies[name][0] for name in TENSORFLOWS if name in copies), None)
    if found is None or not found.complete:
        return _missing("tensorflow", found, distribution, asked)
    folder, build = found.location, found
    source = file(f"{folder}/python/platform/build_info.py")
    said = build.said
    archs = said.get("cuda_compute_capabilities")
    by_hand = absent("no distribution brought it", asked)
    return {
        "tensorflow.version": _version(None, distribution, source),
        "tensorflow.distribution": known(normal(distribution.name), asked) if distribution else by_hand,
        "tensorflow.location": known(folder, asked),
        "tensorflow.cuda_build": _tensorflow_said(said, ("cuda_version", "cuda_version_number"), source),
        "tensorflow.cudnn_build": _tensorflow_said(said, ("cudnn_version", "cudnn_version_number"), source),
        "tensorflow.arch_list": known(list(archs), source) if archs else _tensorflow_said(said, (), source),
        "tensorflow.commit": unknown("it stands only inside the compiled library", asked),
    }


def _tensorflow_said(said: Mapping[str, Any], names: tuple[str, ...], evidence: Evidence) -> Fact:
    value = next((str(said[name]) for name in names if said.get(name)), "")
    if value:
        # Windows builds name their DLLs' suffix: 64_112 is 11.2, 64_8 is 8
        windows = re.fullmatch(r"64_(\d+?)(\d)?", value)
        return known(".".join(part for part in windows.groups() if part) if windows else value, evidence)
    if said.get("is_cuda_build") is False:
        return absent("built without CUDA", evidence)
    return unknown("this release's build_info.py does not tell", evidence)


# ---- JAX


def jax_facts(found: Mapping[str, Build | None], copies: Copies, asked: Evidence) -> dict[str, Fact]:
    """Return jax.*; plugins are distributions."""
    plugins = [
        {"name": name, "version": copies[name][0].version}
        for name in sorted(copies)
        if re.fullmatch(r"jax-.*-(plugin|pjrt)|jax-metal|libtpu(-nightly)?", name)
    ]
    return {
        "jax.version": _jax_version("jax", found["jax"], copies, asked),
        "jax.jaxlib_version": _jax_version("jaxlib", found["jaxlib"], copies, asked),
        "jax.plugins": known(plugins, asked),
    }


def _jax_version(name: str, found: Build | None, copies: Copies, asked: Evidence) -> Fact:
    distribution = copies.get(name, [None])[0]
    if found is None and distribution is None:
        return absent(f"{name} is not installed", asked)
    said = found.said if found else {}
    evidence = file(f"{found.location}/version.py") if found else asked
    told = said.get("_version") or said.get("__version__")
    return _version(None if distribution else told, distribution, evidence)


# ---- neither


def _missing(
    name: str, found: Build | None, distribution: Distribution | None, asked: Evidence
) -> dict[str, Fact]:
    """Return the facts of a framework that is not there, or of which only metadata or remains are."""
    keys = [key for key in PROVIDES if key.startswith(f"{name}.")]
    if distribution is None:
        why = f"{name} is not installed" + (
            f" (a folder {found.location} without __init__.py is no package)" if found else ""
        )
        return dict.fromkeys(keys, absent(why, asked))
    metadata = file(f"{distribution.location}/{distribution.info}")
    why = f"{name} {distribution.version} has metadata but its package has no __init__.py"
    return {
        **dict.fromkeys(keys, unknown(why, metadata)),
        f"{name}.version": known(distribution.version, metadata),
    }
