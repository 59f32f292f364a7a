"""Facts that follow from other facts by the tables: a card's name -> its compute capability.

Only what is unknown is derived, so that what a probe saw, or a user assumed, always stands.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import Any

from auditor.engine import components, masks, said, variables
from auditor.engine.arch import compiled
from auditor.engine.gpu_names import by_device, capability_of
from auditor.engine.lookup import NotInTable, newer_than_knowledge, row_for
from auditor.engine.versions import NoVersion, local, minor, minor_text, parse, release
from auditor.knowledge.tables import table
from auditor.model.fact import Evidence, Fact, Facts, absent, computed, known, unknown

_X86_NAME = re.compile(
    r"\b(?:intel|xeon|pentium|celeron|core ?2|phenom|athlon|turion|opteron|ryzen|epyc|threadripper)\b|\bi[3579][ -]\d",
    re.IGNORECASE,
)


def derive(facts: Facts) -> dict[str, Fact]:
    """Return every derived fact; later steps see what earlier ones found."""
    found: dict[str, Fact] = {}
    for step in _STEPS:
        # a fact of an unforeseen form costs what this step would have derived, nothing more
        with suppress(ValueError, TypeError, LookupError, AttributeError):
            found |= step(facts.merged(found))
    return found


def _cites(name: str, *keys: str) -> tuple[Evidence, Evidence]:
    source = table(name)
    return computed(*keys), Evidence("computed", f"rules/tables/{source.cite(source.sets[0].name)}")


def _platform(facts: Facts) -> dict[str, Fact]:
    """Tell WSL from the kernel's name."""
    kernel = facts.value("os.kernel")
    if kernel is None or facts["os.wsl"].state != "unknown":
        return {}
    return {"os.wsl": known("microsoft" in str(kernel).lower(), computed("os.kernel"))}


def _processor(facts: Facts) -> dict[str, Fact]:
    """Tell that a processor has no AVX where its family, by its name, never had it."""
    name = facts.value("cpu.model_name")
    if name is None or facts["cpu.flags"].state != "unknown":
        return {}
    plain = re.sub(r"\((?:r|tm)\)|\bcpu\b|@.*$", " ", str(name), flags=re.IGNORECASE)
    words = " ".join(plain.lower().split())
    if not any(re.search(row["pattern"], words) for row in table("processors_without_avx").all()):
        return {}
    return {"cpu.flags": known([], *_cites("processors_without_avx", "cpu.model_name"))}


def _architecture(facts: Facts) -> dict[str, Fact]:
    """Tell the machine's architecture by the name of its processor, where a report says no more of it."""
    name = facts.value("cpu.model_name")
    if name is None or facts["os.arch"].state != "unknown" or not _X86_NAME.search(str(name)):
        return {}
    return {"os.arch": known("x86_64", computed("cpu.model_name"))}


def _pci_names(facts: Facts) -> dict[str, Fact]:
    """Name the cards on the PCI bus by their device id."""
    cards: list[dict[str, Any]] = facts.value("nvidia.pci_gpus") or []
    if all(card.get("name") for card in cards):
        return {}
    named = [_named(card) for card in cards]
    return {"nvidia.pci_gpus": known(named, *facts["nvidia.pci_gpus"].evidence, *_cites("nvidia_pci"))}


def _named(card: dict[str, Any]) -> dict[str, Any]:
    row = by_device(str(card.get("device_id") or ""))
    return card if row is None or card.get("name") else {**card, "name": f"NVIDIA {row['product']}"}


def _capabilities(facts: Facts) -> dict[str, Fact]:
    """Fill in name and compute capability of the NVIDIA cards, and the summary that repeats them."""
    devices = {
        card.get("pci_bus_id"): str(card.get("device_id") or "")
        for card in facts.value("nvidia.pci_gpus") or []
    }
    found: dict[str, Fact] = {}
    for index in facts.instances("gpu"):
        if facts.value(f"gpu[{index}].vendor", "nvidia") == "nvidia":
            found |= _card(facts, index, devices)
    return found | _summary(facts.merged(found)) if found else found


def _card(facts: Facts, index: int, devices: dict[Any, str]) -> dict[str, Fact]:
    name_key, key = f"gpu[{index}].name", f"gpu[{index}].compute_capability"
    row = by_device(devices.get(facts.value(f"gpu[{index}].pci_bus_id"), ""))
    found: dict[str, Fact] = {}
    if row and not facts[name_key].is_known:
        found[name_key] = known(f"NVIDIA {row['product']}", *_cites("nvidia_pci", "nvidia.pci_gpus"))
    if facts[key].is_known:
        return found
    name = facts.value(name_key)
    if name and (capability := capability_of(str(name))):
        return {**found, key: known(capability, *_cites("nvidia_names", name_key))}
    if row:
        return {**found, key: known(row["cc"], *_cites("nvidia_pci", "nvidia.pci_gpus"))}
    why = newer_than_knowledge(f"the card {name!r}") if name else facts[key].reason
    return {
        **found,
        key: unknown(f"not by its name: either it is old or {why}" if name else why, computed(name_key)),
    }


def _summary(facts: Facts) -> dict[str, Fact]:
    """Repeat the derived capabilities in `nvidia.gpus`, whose rows follow the cards' order."""
    rows = facts.value("nvidia.gpus")
    if not rows:
        return {}
    filled = [_filled(facts, index, row) for index, row in enumerate(rows)]
    return {} if filled == rows else {"nvidia.gpus": known(filled, *facts["nvidia.gpus"].evidence)}


def _filled(facts: Facts, index: int, row: dict[str, Any]) -> dict[str, Any]:
    capability = facts.value(f"gpu[{index}].compute_capability")
    same = facts.value(f"gpu[{index}].name") in (row.get("name"), None) or not row.get("name")
    return (
        {**row, "compute_capability": capability}
        if capability and same and not row.get("compute_capability")
        else row
    )


def _vendors(facts: Facts) -> dict[str, Fact]:
    """List the accelerators' vendors where no probe did: pasted text describes cards alone."""
    if facts["accelerators.vendors"].state != "unknown":
        return {}
    vendors = {facts.value(f"gpu[{index}].vendor") for index in facts.instances("gpu")} - {None}
    if facts.value("nvidia.gpu_count") or facts.value("nvidia.gpus"):
        vendors.add("nvidia")
    return {"accelerators.vendors": known(sorted(vendors), computed("gpu[i].vendor"))} if vendors else {}


def _torch_build(facts: Facts) -> dict[str, Fact]:
    """Read torch's build from the local part of its version, 2.1.2+cu121, +cpu, +rocm6.1, or from its index's name."""
    version, told = facts.value("torch.version"), facts.value("torch.build")
    if version is None or (told is not None and facts["torch.cuda_build"].state != "unknown"):
        return {}
    if told is None and facts["torch.build"].state != "unknown":
        return {}
    try:
        build = str(told or local(version))
    except NoVersion:
        return {}
    evidence = computed("torch.build" if told else "torch.version")
    if build == "cpu":
        return {
            key: absent("a build for the CPU", evidence) for key in ("torch.cuda_build", "torch.hip_build")
        } | {"torch.build": known("cpu", evidence)}
    if build.startswith("cu") and build[2:].isdigit():
        cuda = f"{build[2:-1]}.{build[-1]}"
        return {"torch.build": known(build, evidence), "torch.cuda_build": known(cuda, evidence)}
    if build.startswith("rocm"):
        return {"torch.build": known(build, evidence), "torch.hip_build": known(build[4:], evidence)}
    return {}


def _torch_default(facts: Facts) -> dict[str, Fact]:
    """Take a release without a local part for the wheel on PyPI: those of other indexes bear one on Linux."""
    version = facts.value("torch.version")
    if (
        version is None
        or facts["torch.cuda_build"].state != "unknown"
        or facts["torch.build"].state != "unknown"
    ):
        return {}
    parsed = parse(version)
    by_pip = "pip" in {
        row.get("installer") for row in facts.value("python.distributions") or [] if row["name"] == "torch"
    }
    if parsed.local or parsed.is_prerelease or not by_pip or not _may_be_linux(facts):
        return {}
    if facts.value("os.arch", "x86_64") != "x86_64":
        return {}
    try:
        cuda = row_for(table("torch_releases"), version)["pypi_cuda"]
    except NotInTable:
        return {}
    evidence = _cites("torch_releases", "torch.version")
    build = "cu" + cuda.replace(".", "")
    return (
        {"torch.cuda_build": known(cuda, *evidence), "torch.build": known(build, *evidence)} if cuda else {}
    )


def _may_be_linux(facts: Facts) -> bool:
    """Return whether the system is Linux, or may well be where nobody tells.

    PyPI's torch for Windows is a build for the CPU: that torch sees no GPU, of whose driver nothing is told, may be
    for want of the build, which must not be guessed then.
    """
    platform = facts["os.platform"]
    if platform.is_known:
        return platform.value in ("linux", "wsl2")
    names = [str(row["name"]) for row in facts.value("python.distributions") or []]
    if facts["nvidia.driver_version"].is_known or any(
        name == "triton" or name.startswith("nvidia-cu") for name in names
    ):
        return True
    return bool(facts.value("smoke.pytorch.devices") != ["cpu"])


def _torch_archs(facts: Facts) -> dict[str, Fact]:
    """Take the compiled architectures from the table of releases where the files did not tell."""
    version, cuda = facts.value("torch.version"), facts.value("torch.cuda_build")
    if facts["torch.arch_list"].state != "unknown" or not version or not cuda:
        return {}
    # a nightly or a source build of a release need not have its architectures
    if parse(version).is_prerelease:
        return {"torch.arch_list": unknown(f"torch {version} is no release", computed("torch.version"))}
    platform = "linux_aarch64" if facts.value("os.arch") in ("aarch64", "arm64") else "linux_x86_64"
    key = ".".join(str(part) for part in release(version)[:3])
    archs = compiled(key, minor_text(cuda), platform)
    evidence = _cites("torch_archs", "torch.version", "torch.cuda_build")
    if not archs:
        return {
            "torch.arch_list": unknown(
                f"torch {version} for CUDA {cuda} is not in the table torch_archs", *evidence
            )
        }
    return {"torch.arch_list": known(archs, *evidence)}


def _tensorflow_build(facts: Facts) -> dict[str, Fact]:
    """Take TensorFlow's CUDA and architectures from the table where its files did not tell."""
    version, name = facts.value("tensorflow.version"), facts.value("tensorflow.distribution")
    if version and name == "tensorflow-cpu" and facts["tensorflow.cuda_build"].state == "unknown":
        return {"tensorflow.cuda_build": absent("tensorflow-cpu is the build for the CPU")}
    if not version or name not in ("tensorflow", "tensorflow-gpu"):
        return {}
    if name == "tensorflow" and is_cpu_alone(version) and facts["tensorflow.cuda_build"].state == "unknown":
        return {"tensorflow.cuda_build": absent("before 2.1 tensorflow-gpu was the build for GPUs")}
    if facts.value("os.platform") not in ("linux", "wsl2") or facts.value("os.arch") not in (
        "x86_64",
        "aarch64",
    ):
        return {}
    row = _tensorflow_row(version)
    wanted = {
        "tensorflow.cuda_build": row.get("cuda"),
        "tensorflow.cudnn_build": row.get("cudnn"),
        "tensorflow.arch_list": row.get("archs"),
    }
    evidence = _cites("tensorflow_releases", "tensorflow.version")
    return {
        key: known(value, *evidence)
        for key, value in wanted.items()
        if facts[key].state == "unknown" and value
    }


def is_cpu_alone(version: str) -> bool:
    """Return whether the distribution "tensorflow" of this release was built for the CPU alone.

    From 0.12 to 2.0 builds for GPUs were called tensorflow-gpu; 1.15 was the exception (TensorFlow's release notes).
    """
    return (0, 12) <= minor(version) < (2, 1) and minor(version) != (1, 15)


def _tensorflow_row(version: str) -> dict[str, Any]:
    for name in ("wheels", "older"):
        with suppress(NotInTable):
            return row_for(table("tensorflow_releases"), version, name)
    return {}


def _from_distributions(facts: Facts) -> Iterator[tuple[str, Fact]]:
    """Take the frameworks' versions from a list of packages where nothing better told."""
    rows = facts.value("python.distributions")
    if rows is None:
        return
    versions = {str(row["name"]).lower().replace("_", "-"): str(row["version"]) for row in reversed(rows)}
    evidence = computed("python.distributions")
    for key, names in _VERSION_KEYS.items():
        if facts[key].state == "unknown":
            found = next((versions[name] for name in names if name in versions), None)
            if found:  # a pasted list may be cut, so that what it lacks stays unknown
                yield key, known(found, evidence)


_VERSION_KEYS = {
    "torch.version": ("torch", "pytorch"),
    "tensorflow.version": (
        "tensorflow",
        "tensorflow-cpu",
        "tensorflow-gpu",
        "tf-nightly",
        "tensorflow-intel",
    ),
    "jax.version": ("jax",),
    "jax.jaxlib_version": ("jaxlib",),
}

_STEPS: tuple[Callable[[Facts], dict[str, Fact]], ...] = (
    said.derive,
    _platform,
    _processor,
    _architecture,
    _pci_names,
    _capabilities,
    _vendors,
    lambda facts: dict(_from_distributions(facts)),
    _torch_build,
    _torch_default,
    _torch_archs,
    _tensorflow_build,
    masks.derive,
    variables.derive,
    components.derive,
)
