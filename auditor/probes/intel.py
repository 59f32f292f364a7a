"""Intel GPUs, integrated and discrete, and the Level Zero loader that XPU builds need."""

from __future__ import annotations

from typing import Any

from auditor.host.formats.pci import bus_id
from auditor.host.formats.readings import Device
from auditor.host.protocol import Host
from auditor.model.fact import Fact, Facts, absent, file, known, unknown
from auditor.probes.base import Probe
from auditor.probes.gpu_facts import facts_of
from auditor.probes.pci import INTEL

_INTEGRATED = "0000:00:02.0"  # where every Intel processor has its own graphics
_FIELDS = (
    "name",
    "pci_bus_id",
    "device_id",
    "numa_node",
    "memory_total_mib",
    "pcie_width",
    "pcie_width_max",
    "pcie_generation",
    "pcie_generation_max",
)


def collect(host: Host, facts: Facts) -> dict[str, Fact]:  # noqa: ARG001
    """Return intel.*, and gpu[i].* of discrete cards after those of NVIDIA and AMD."""
    bus = facts["pci.accelerators"]
    rows = [row for row in bus.value or [] if row["vendor"] == INTEL]
    discrete = [_device(row) for row in rows if row["address"] != _INTEGRATED]
    first = len(facts.instances("gpu"))
    return {
        "intel.gpus": known([_described(row) for row in rows], *bus.evidence)
        if bus.is_known
        else unknown(bus.reason, *bus.evidence),
        "intel.xpu_runtime": _level_zero(facts),
        **facts_of(discrete, "intel", _FIELDS, first, "the PCI bus", *bus.evidence),
    }


def _described(row: dict[str, Any]) -> dict[str, Any]:
    return {
        "pci_bus_id": row["address"],
        "device_id": row["device"],
        "name": row.get("name"),
        "driver": row.get("driver"),
        "integrated": row["address"] == _INTEGRATED,
    }


def _device(row: dict[str, Any]) -> Device:
    shown = {
        "device_id": row["device"],
        "numa_node": row.get("numa_node"),
        "pcie_width": row.get("width"),
        "pcie_width_max": row.get("width_max"),
        "pcie_generation": row.get("generation"),
        "pcie_generation_max": row.get("generation_max"),
    }
    values = {field: value for field, value in shown.items() if value is not None}
    return Device({"pci_bus_id": bus_id(row["address"]), **values})


def _level_zero(facts: Facts) -> Fact:
    libraries = facts["loader.libraries"]
    if not libraries.is_known:
        return unknown(libraries.reason, *libraries.evidence)
    first = next((entry for entry in libraries.value if entry["soname"].startswith("libze_loader.so")), None)
    if first is None:
        return absent("the loader finds no libze_loader.so", *libraries.evidence)
    where = file(first["path"])
    return (
        known(first["version"], where)
        if first["version"]
        else unknown("its file's name has no version", where)
    )


PROBE = Probe(
    name="intel",
    needs=("pci.accelerators", "loader.libraries", "nvidia.gpus", "amd.gpus"),
    provides=("intel.gpus", "intel.xpu_runtime"),
    collect=collect,
)
