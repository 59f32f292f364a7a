"""NVIDIA GPUs: hardware, driver and tools, each apart, so that one's failure does not hide the others."""

from __future__ import annotations

from auditor.host.protocol import Host
from auditor.model.fact import Fact, Facts, absent, computed, known, unknown
from auditor.probes.base import Probe
from auditor.probes.gpu_facts import NVIDIA, facts_of, summary
from auditor.probes.nvidia import bare, driver, fabric, messages
from auditor.probes.nvidia.source import Inventory, inventory

_LOOKS = computed("nvidia.nvml_state", "nvidia.tool_state")
_SUMMARY = ("name", "uuid", "pci_bus_id", "memory_total_mib", "compute_capability")


def collect(host: Host, facts: Facts) -> dict[str, Fact]:
    """Return nvidia.* and gpu[i].* of NVIDIA's GPUs, which come first among all GPUs."""
    found = driver.collect(host, facts)
    gpus = inventory(host, facts)
    found |= gpus.states
    found |= _versions(gpus, found)
    found |= _counts(gpus, facts, found)
    found |= facts_of(gpus.devices, "nvidia", NVIDIA, 0, gpus.source or "", *gpus.evidence)
    bus_is_known = facts["pci.accelerators"].is_known
    look = gpus.is_present or host.kind == "root" or (gpus.signs is None and not bus_is_known)
    found |= messages.collect(host, look=look)
    found |= fabric.collect(host, bare.switches(facts) if bus_is_known else None, look=look)
    return found


def _versions(gpus: Inventory, found: dict[str, Fact]) -> dict[str, Fact]:
    """Return where the facts come from, and the driver's versions by the best source that has one."""
    none = _none(gpus, "the driver")
    said = {
        "nvidia.source": known(gpus.source, *gpus.evidence) if gpus.source else none,
        "nvidia.source_why": known(gpus.why, *(gpus.evidence or [_LOOKS]))
        if gpus.why
        else absent("it is the best source"),
        "nvidia.cuda_driver_version": known(gpus.cuda_version, *gpus.evidence) if gpus.cuda_version else none,
        "nvidia.driver_version": known(gpus.driver_version, *gpus.evidence) if gpus.driver_version else none,
        "nvidia.confidential_compute": none
        if gpus.confidential_compute is None
        else known(gpus.confidential_compute, *gpus.evidence),
    }
    if gpus.nvml_version and not found["nvidia.nvml_library_version"].is_known:
        said["nvidia.nvml_library_version"] = known(gpus.nvml_version, *gpus.evidence)
    for key in ("nvidia.nvml_library_version", "nvidia.libcuda_version", "nvidia.kernel_module_version"):
        fallback = said.get(key, found[key])
        if not said["nvidia.driver_version"].is_known and fallback.is_known:
            said["nvidia.driver_version"] = known(fallback.value, *fallback.evidence, computed(key))
    return said


def _none(gpus: Inventory, what: str) -> Fact:
    """Return why something is not known: there is nothing of NVIDIA, or nobody who says it."""
    if gpus.signs == [] and not gpus.source:
        return absent("nothing shows NVIDIA hardware or a driver here")
    return unknown(
        f"{what} does not say; {gpus.why}" if gpus.why else f"{gpus.source} does not say", *gpus.evidence
    )


def _counts(gpus: Inventory, facts: Facts, found: dict[str, Fact]) -> dict[str, Fact]:
    """Return the GPUs that the driver shows and those on the bus, which are there without a driver too."""
    bus = facts["pci.accelerators"]
    rows = [
        {
            "pci_bus_id": row["address"],
            "device_id": row["device"],
            "name": row.get("name"),
            "driver": row.get("driver"),
        }
        for row in bare.pci_gpus(facts)
    ]
    nameless = any(row["vendor"] is None and "name" not in row for row in bus.value or [])
    seen = bus.is_known and not nameless
    unseen = unknown(bus.reason or "the vendor of a display controller cannot be read", *bus.evidence)
    count, listed = _shown(gpus, seen and not rows, found)
    return {
        "nvidia.gpu_count": count,
        "nvidia.gpus": listed,
        "nvidia.pci_gpus": known(rows, *bus.evidence) if seen else unseen,
        "nvidia.pci_gpu_count": known(len(rows), *bus.evidence) if seen else unseen,
    }


def _shown(gpus: Inventory, bus_is_empty: bool, found: dict[str, Fact]) -> tuple[Fact, Fact]:
    """Return how many GPUs the driver shows, and the list of those of which anything is known."""
    module = found["nvidia.kernel_module_version"]
    listed = known(summary(gpus.devices, _SUMMARY), computed("gpu[i].*"))
    if gpus.answered:
        return known(len(gpus.devices), *gpus.evidence), listed
    if gpus.attached is not None and gpus.devices:
        return known(gpus.attached, *gpus.evidence), listed
    if gpus.is_mute:
        state, said = gpus.states["nvidia.tool_state"], gpus.states["nvidia.tool_error"]
        reason = unknown(f"nvidia-smi {state.value}: {said.value}", *state.evidence)
        return reason, listed if gpus.devices else reason
    if gpus.is_slow:
        reason = unknown(gpus.why, *gpus.evidence)
        return reason, listed if gpus.devices else reason
    if not gpus.is_present and (bus_is_empty or gpus.signs == []):
        nothing = computed("pci.accelerators")
        return known(0, nothing), known([], nothing)
    if module.state == "absent" and not _is_wsl(found):
        return known(0, *module.evidence), listed
    reason = unknown(gpus.why or "no source answered", *gpus.evidence)
    return reason, listed if gpus.devices else reason


def _is_wsl(found: dict[str, Fact]) -> bool:
    """Return whether Windows holds the driver, so that no kernel module is ever loaded here."""
    return any(row["path"] == "/dev/dxg" for row in found["nvidia.device_nodes"].value or [])


PROBE = Probe(
    name="nvidia",
    needs=("pci.accelerators", "loader.libraries"),
    provides=(
        "nvidia.source", "nvidia.source_why", "nvidia.tool_state", "nvidia.tool_error", "nvidia.nvml_state",
        "nvidia.nvml_error", "nvidia.driver_version", "nvidia.kernel_module_version", "nvidia.kernel_module_open",
        "nvidia.libcuda_version", "nvidia.libcuda_paths", "nvidia.nvml_library_version", "nvidia.cuda_driver_version",
        "nvidia.gpus", "nvidia.gpu_count", "nvidia.pci_gpus", "nvidia.pci_gpu_count", "nvidia.modules",
        "nvidia.device_nodes", "nvidia.xids", "nvidia.sxids", "nvidia.fabric_manager", "nvidia.fabric_manager_version",
        "nvidia.confidential_compute", "gpu[i].*",
    ),
    collect=collect,
    cost=0.3,
)  # fmt: skip
