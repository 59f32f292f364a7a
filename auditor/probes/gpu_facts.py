"""From a device as a tool shows it to the facts gpu[i].*: the same for every vendor."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from auditor.host.formats.readings import Device
from auditor.model.fact import Evidence, Fact, absent, known, unknown

# every field that a card may have; those of one vendor only are left out for others
COMMON = (
    "name", "uuid", "pci_bus_id", "device_id", "numa_node", "memory_total_mib", "memory_used_mib", "memory_free_mib",
    "pcie_width", "pcie_width_max", "pcie_generation", "pcie_generation_max", "temperature_c", "power_draw_w",
    "power_limit_w", "utilization_percent", "processes", "vbios_version", "architecture", "ecc_uncorrected_volatile",
    "ecc_corrected_volatile",
)  # fmt: skip
NVIDIA = (
    *COMMON, "serial", "compute_capability", "ecc_mode", "ecc_uncorrected_aggregate", "ecc_corrected_aggregate", "remapped_rows",
    "sram_threshold_exceeded", "repair",
    "retired_pages", "mig_mode", "mig_devices", "persistence_mode", "compute_mode", "temperature_slowdown_c",
    "temperature_shutdown_c", "temperature_memory_c", "temperature_margin_c", "temperature_slowdown_margin_c",
    "temperature_shutdown_margin_c", "clock_sm_mhz", "clock_sm_max_mhz", "clock_memory_mhz", "clock_event_reasons",
    "nvlinks", "fabric_state", "fabric_status", "fabric_health", "recovery_action", "gsp_firmware_version", "inforom",
    "driver_model", "virtualization_mode",
)  # fmt: skip
AMD = (*COMMON, "gfx_target")


def facts_of(
    devices: Sequence[Device],
    vendor: str,
    fields: Sequence[str],
    first: int,
    source: str,
    *evidence: Evidence,
) -> dict[str, Fact]:
    """Return gpu[i].* from index `first` on; a field that the source left out is unknown, by its name."""
    found: dict[str, Fact] = {}
    for index, device in enumerate(devices, start=first):
        found[f"gpu[{index}].vendor"] = known(vendor, *evidence)
        for field in fields:
            found[f"gpu[{index}].{field}"] = _fact(device, field, source, evidence)
    return found


def _fact(device: Device, field: str, source: str, evidence: tuple[Evidence, ...]) -> Fact:
    if field in device.problems:
        return unknown(device.problems[field], *evidence)
    if field not in device.values:
        return unknown(f"{source} does not show it", *evidence)
    value = device.values[field]
    return (
        absent(f"{source} says that there is none", *evidence) if value is None else known(value, *evidence)
    )


def summary(devices: Sequence[Device], fields: Sequence[str]) -> list[dict[str, Any]]:
    """Return one object a device with its known fields."""
    return [
        {field: device.values[field] for field in fields if device.values.get(field) is not None}
        for device in devices
    ]
