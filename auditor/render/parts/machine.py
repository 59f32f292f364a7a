"""What is here: accelerators, driver, processor, memory, system."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from auditor.model.fact import Facts
from auditor.model.report import Report
from auditor.render.page import Page
from auditor.render.parts.wording import facts_of, gib, number, objects, ranges, shown


def write(page: Page, report: Report) -> None:
    """Write one row a subject; what is not known stands in its own section."""
    known = rows(facts_of(report))
    if not known:
        return
    page.heading("What is here")
    for name, text in known:
        page.row(name, text)


def rows(facts: Facts) -> list[tuple[str, str]]:
    """Return (subject, text) of everything that is known to be here."""
    found = [
        *gpus(facts),
        *other_accelerators(facts),
        ("driver", driver(facts)),
        ("CPU", cpu(facts)),
        ("memory", memory(facts)),
        ("system", system(facts)),
    ]
    return [(name, text) for name, text in found if text]


def gpus(facts: Facts) -> list[tuple[str, str]]:
    """Return a row for each kind of GPU: equal ones are named together."""
    kinds: dict[str, list[int]] = {}
    for index in facts.instances("gpu"):
        kinds.setdefault(_gpu(facts, f"gpu[{index}]"), []).append(index)
    rows = [
        (f"GPU {ranges(indices)}", text + (", each" if len(indices) > 1 else ""))
        for text, indices in kinds.items()
    ]
    return rows or [("GPU", _unseen_gpu(facts))]


def _gpu(facts: Facts, prefix: str) -> str:
    mib = facts.value(f"{prefix}.memory_total_mib")
    parts = [
        str(facts.value(f"{prefix}.name", "a GPU whose name is unknown")),
        gib(mib * 1024) if isinstance(mib, (int, float)) else "memory unknown",
        shown(facts[f"{prefix}.compute_capability"], "compute capability {}"),
        shown(facts[f"{prefix}.gfx_target"]),
    ]
    return ", ".join(filter(None, parts))


def _unseen_gpu(facts: Facts) -> str:
    on_bus = objects(facts.value("nvidia.pci_gpus"))
    names = [str(gpu.get("name") or "an NVIDIA device") for gpu in on_bus]
    if names:
        return f"{', '.join(dict.fromkeys(names))} on the PCI bus, but no driver shows it"
    vendors = facts["accelerators.vendors"]
    if vendors.state == "unknown":
        return f"unknown: {vendors.reason}"
    return "" if vendors.value else "none found"


def other_accelerators(facts: Facts) -> list[tuple[str, str]]:
    """Return rows for what is no entry of gpu[i]: TPU, Gaudi, Intel and Apple chips."""
    rows = [
        ("TPU", _names(facts.value("tpu.chips"), "generation")),
        ("Intel GPU", _names(facts.value("intel.gpus"), "name")),
    ]
    gaudi = facts.value("gaudi.device_count")
    rows.append(("Gaudi", f"{gaudi} devices" if gaudi else ""))
    rows.append(("chip", shown(facts["apple.chip"]) + (", Metal" if facts.value("apple.metal") else "")))
    return rows


def _names(chips: Any, field: str) -> str:
    if not isinstance(chips, list) or not chips:
        return ""
    names = [str(chip.get(field) or "unnamed") for chip in chips if isinstance(chip, dict)]
    return ", ".join(f"{names.count(name)} x {name}" for name in dict.fromkeys(names))


def driver(facts: Facts) -> str:
    """Return the drivers with what they support."""
    parts = [
        shown(facts["nvidia.driver_version"], "NVIDIA {}"),
        shown(facts["nvidia.cuda_driver_version"], "for CUDA up to {}"),
        shown(facts["amd.driver_version"], "amdgpu {}"),
        shown(facts["amd.rocm_version"], "ROCm {}"),
    ]
    return ", ".join(filter(None, parts))


def cpu(facts: Facts) -> str:
    """Return the processor and how much of it this process may use."""
    logical, usable = facts.value("cpu.logical_online"), facts.value("cpu.usable")
    return _listed(
        [shown(facts["cpu.model_name"]), f"{number(usable)} of {logical} CPUs usable" if logical and usable else "",
         shown(facts["cpu.x86_64_level"])]
    )  # fmt: skip


def memory(facts: Facts) -> str:
    """Return the memory, and the limit where there is one."""
    total, usable = facts.value("memory.total_kib"), facts.value("memory.usable_kib")
    limit = f"{gib(usable)} usable" if usable and usable != total else ""
    available = facts.value("memory.available_kib")
    return _listed([gib(total), limit, f"{gib(available)} available" if available else ""])


def system(facts: Facts) -> str:
    """Return operating system, kernel, C library, container and scheduler."""
    wsl, name = facts.value("os.platform"), shown(facts["os.pretty_name"]) or _named_system(facts)
    return _listed(
        [
            name,
            shown(facts["os.kernel"], "kernel {}"),
            shown(facts["os.glibc_version"], "glibc {}"),
            shown(facts["os.arch"]),
            str(wsl) if wsl in ("wsl1", "wsl2") and str(wsl) not in name.lower() else "",
            shown(facts["container.runtime"], "in a container ({})"),
            shown(facts["orchestrator.name"], "under {}"),
        ]
    )


def _named_system(facts: Facts) -> str:
    """Return what a system without a written-out name is, such as one that is assumed."""
    name = shown(facts["os.id"]) or str(facts.value("os.platform") or "")
    return " ".join(filter(None, (name, shown(facts["os.version_id"]))))


def _listed(parts: Iterable[str]) -> str:
    return ", ".join(filter(None, parts))
