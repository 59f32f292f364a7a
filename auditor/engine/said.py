"""What messages said (`log.*`) -> the facts that rules ask for. Only what is unknown is filled in."""

from __future__ import annotations

import re

from auditor.model.fact import Fact, Facts, computed, known

_SM = re.compile(r"(?:sm_|compute_)?(\d{1,2}?)\.?(\d)[af]?")
_ARCH = re.compile(r"(?:sm|compute)_\d{2,3}[af]?")


def derive(facts: Facts) -> dict[str, Fact]:
    """Return driver, card and build as messages described them."""
    found = {**_driver(facts), **_card(facts), **_archs(facts), **_cudas(facts)}
    return {key: fact for key, fact in found.items() if facts[key].state == "unknown"}


def _driver(facts: Facts) -> dict[str, Fact]:
    """Read 12020 as CUDA 12.2 (CUDA runtime API, cudaDriverGetVersion)."""
    number = facts.value("log.driver_cuda_number")
    if not number:
        return {}
    version = f"{int(number) // 1000}.{int(number) % 1000 // 10}"
    return {"nvidia.cuda_driver_version": known(version, *facts["log.driver_cuda_number"].evidence)}


def _card(facts: Facts) -> dict[str, Fact]:
    """Take the card that a framework complained of, where no other tells of the first one."""
    said = facts["log.unsupported_sm"]
    capability = compute_capability(str(said.value)) if said.is_known else ""
    if not capability:
        return {}
    found = {
        "gpu[0].vendor": known("nvidia", computed("log.unsupported_sm")),
        "gpu[0].compute_capability": known(capability, *said.evidence),
    }
    name = facts["log.unsupported_gpu"]
    if name.is_known:
        found["gpu[0].name"] = known(str(name.value).strip(), *name.evidence)
    return found


def compute_capability(text: str) -> str:
    """Return "12.0" for "sm_120", "120" or "12.0", empty for what is none."""
    parsed = _SM.fullmatch(text.strip())
    return f"{parsed[1]}.{parsed[2]}" if parsed else ""


def _archs(facts: Facts) -> dict[str, Fact]:
    said = facts["log.build_archs"]
    archs = _ARCH.findall(str(said.value)) if said.is_known else []
    return {"torch.arch_list": known(archs, *said.evidence)} if archs else {}


def _cudas(facts: Facts) -> dict[str, Fact]:
    """Take nvcc's and torch's CUDA from the complaint of a build."""
    pairs = (("log.toolkit_cuda", "cuda.nvcc_version"), ("log.torch_cuda", "torch.cuda_build"))
    return {
        key: known(facts.value(said), *facts[said].evidence) for said, key in pairs if facts[said].is_known
    }
