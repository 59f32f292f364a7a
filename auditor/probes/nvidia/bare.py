"""GPUs without NVML or nvidia-smi: what the kernel module shows in /proc, else the PCI bus alone."""

from __future__ import annotations

from typing import Any

from auditor.host.formats.node import from_indented
from auditor.host.formats.pci import bus_id
from auditor.host.formats.readings import Device
from auditor.host.protocol import Host
from auditor.model.fact import Facts
from auditor.probes.base import list_or_empty, read_or_none
from auditor.probes.pci import NVIDIA

GPUS = "/proc/driver/nvidia/gpus"
_GPU_CLASSES = ("0x0300", "0x0302", "0x0380", "0x1200")


def pci_gpus(facts: Facts) -> list[dict[str, Any]]:
    """Return NVIDIA's GPUs on the PCI bus; their audio and USB functions and NVSwitches are none."""
    rows = facts.value("pci.accelerators", [])
    return [row for row in rows if row["vendor"] == NVIDIA and (row["class"] or "").startswith(_GPU_CLASSES)]


def switches(facts: Facts) -> int:
    """Return the number of NVSwitches on the PCI bus."""
    rows = facts.value("pci.accelerators", [])
    return sum(row["vendor"] == NVIDIA and (row["class"] or "").startswith("0x0680") for row in rows)


def from_proc(host: Host) -> list[Device]:
    """Return the GPUs that the kernel module lists."""
    return [_proc(host, address) for address in list_or_empty(host, GPUS)]


def _proc(host: Host, address: str) -> Device:
    """Read "Model:", "GPU UUID:" and "Video BIOS:"; a GPU that was never initialised shows question marks."""
    node = from_indented(read_or_none(host, f"{GPUS}/{address}/information") or "")
    found = Device()
    found.put("pci_bus_id", address, bus_id)
    found.put("name", node.text("model"), str)
    found.put("vbios_version", _shown(node.text("video_bios")), str)
    found.put("uuid", _shown(node.text("gpu_uuid")), str)
    return found


def _shown(text: str | None) -> str | None:
    return None if text is None or "??" in text else text


def from_pci(facts: Facts) -> list[Device]:
    """Return the GPUs that the bus shows; their names are worked out from the device id elsewhere."""
    return [Device({"pci_bus_id": bus_id(row["address"])}) for row in pci_gpus(facts)]


def add_pci(devices: list[Device], facts: Facts) -> None:
    """Add what only the bus knows (NUMA node, device id) and what a tool left out (the link)."""
    rows = {bus_id(row["address"]): row for row in pci_gpus(facts)}
    for device in devices:
        row = rows.get(device.values.get("pci_bus_id") or "")
        if row is None:
            continue
        for field, column in (
            ("device_id", "device"),
            ("numa_node", "numa_node"),
            ("pcie_width", "width"),
            ("pcie_width_max", "width_max"),
            ("pcie_generation", "generation"),
            ("pcie_generation_max", "generation_max"),
        ):
            if row.get(column) is not None and device.values.get(field) is None:
                device.values[field] = row[column]
                device.problems.pop(field, None)
