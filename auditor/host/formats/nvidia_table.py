"""The table of plain `nvidia-smi`, old and new, and the lists of -L, --query-gpu and nvlink."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from auditor.host.formats.pci import bus_id
from auditor.host.formats.readings import Device, mib, number, whole

_COMPUTE = {"E. Process": "Exclusive_Process", "E. Thread": "Exclusive_Thread"}
_ADDRESS = r"[0-9A-Fa-f]{4,8}:[0-9A-Fa-f]{2}:[0-9A-Fa-f]{2}\.[0-7]"


def parse_table(text: str) -> list[Device]:
    """Return the GPUs of the table; a long name ends in "..." there."""
    devices: list[Device] = []
    row = 0
    for cells in _rows(text):
        if len(cells) >= 3 and (address := re.search(_ADDRESS, cells[1])) and cells[0].split()[0].isdigit():
            devices.append(_identity(cells, address.group()))
            row = 0
        elif devices and len(cells) == 3:
            row += 1
            (_state if row == 1 else _third)(cells, devices[-1])
    _mig_rows(text, devices)
    _process_rows(text, devices)
    return devices


def _rows(text: str) -> list[list[str]]:
    """Return the cells of the first table's rows: it ends at the first empty line or at "Processes:"."""
    rows = []
    for line in text.splitlines():
        if "Processes:" in line or "MIG devices:" in line:
            break
        if line.startswith("|") and not line.startswith(("|=", "|-")):
            rows.append([cell.strip() for cell in line.strip().strip("|").split("|")])
    return rows


def _identity(cells: list[str], address: str) -> Device:
    words = cells[0].split()
    found = Device()
    found.put("name", " ".join(words[1:-1]), str)
    state = words[-1]
    if state in ("On", "Off"):
        found.values["persistence_mode"] = "Enabled" if state == "On" else "Disabled"
    else:
        found.put("driver_model", state, str)
    found.put("pci_bus_id", address, bus_id)
    _ecc(cells[2], found)
    return found


def _ecc(cell: str, found: Device) -> None:
    """Read "Volatile Uncorr. ECC": a count, N/A without ECC; in MIG mode it reads On."""
    if cell.isdigit():
        found.values["ecc_mode"] = "Enabled"
        found.values["ecc_uncorrected_volatile"] = int(cell)
    elif cell == "Off":
        found.values["ecc_mode"] = "Disabled"
    elif cell == "N/A":
        found.values["ecc_mode"] = None


def _state(cells: list[str], found: Device) -> None:
    temperature = re.search(r"(-?\d+)C\b", cells[0])
    found.put("temperature_c", temperature[1] if temperature else None, int)
    power = re.search(r"(\S+?)W?\s*/\s*(\S+?)W?$", cells[0])
    if power:
        found.put("power_draw_w", power[1], number)
        found.put("power_limit_w", power[2], number)
    used, _, total = cells[1].partition("/")
    if total:
        found.put("memory_used_mib", used, mib)
        found.put("memory_total_mib", total, mib)
    usage = re.match(r"(\S+%|N/A|ERR!)?\s*(.*)", cells[2])
    if usage:
        found.put("utilization_percent", usage[1], whole)
        found.put("compute_mode", _COMPUTE.get(usage[2], usage[2]), str)


def _third(cells: list[str], found: Device) -> None:
    if cells[2] and "mig_mode" not in found.values:
        found.put("mig_mode", cells[2].rstrip("*"), str)
        found.values.setdefault("mig_devices", None if found.values.get("mig_mode") is None else [])


def _mig_rows(text: str, devices: list[Device]) -> None:
    pattern = r"^\|\s+(\d+)\s+(\d+)\s+(\d+)\s+(\d+)\s*\|\s*(\S+)\s*/\s*(\S+)\s*\|\s*(\d+)"
    for gpu, instance, _, index, _, total, processors in re.findall(pattern, text, re.MULTILINE):
        if int(gpu) < len(devices):
            row = {
                "index": int(index),
                "gpu_instance_id": int(instance),
                "memory_total_mib": mib(total),
                "multiprocessors": int(processors),
            }
            devices[int(gpu)].values["mig_devices"] = [
                *(devices[int(gpu)].values.get("mig_devices") or []),
                row,
            ]


def _process_rows(text: str, devices: list[Device]) -> None:
    if "Processes:" not in text:
        return
    for device in devices:
        device.values["processes"] = []
    pattern = r"^\|\s+(\d+)\s+(?:\S+\s+\S+\s+)?(\d+)\s+([CGM+]+)\s+(.*?)\s+(\d+MiB|N/A)\s*\|"
    for gpu, pid, kind, name, memory in re.findall(pattern, text.partition("Processes:")[2], re.MULTILINE):
        if int(gpu) < len(devices):
            size = None if memory == "N/A" else mib(memory)
            row = {"pid": int(pid), "name": name, "memory_mib": size, "type": kind}
            devices[int(gpu)].values["processes"].append(row)


def parse_list(text: str) -> list[Device]:
    """Return the GPUs of `nvidia-smi -L`: name, UUID and MIG devices with their profiles."""
    devices: list[Device] = []
    for line in text.splitlines():
        gpu = re.match(r"GPU (\d+): (.*?) \(UUID: (.*?)\)", line)
        mig = re.match(r"\s+MIG (\S+)\s+Device\s+(\d+): \(UUID: (.*?)\)", line)
        if gpu:
            devices.append(Device({"name": gpu[2], "uuid": gpu[3]}))
        elif mig and devices:
            row = {"index": int(mig[2]), "profile": mig[1], "uuid": mig[3]}
            devices[-1].values["mig_devices"] = [*devices[-1].values.get("mig_devices", []), row]
            devices[-1].values["mig_mode"] = "Enabled"
    return devices


# columns of --query-gpu that are fields of ours; "gpu_name" and "name" are the same column
_COLUMNS: dict[str, tuple[str, Any]] = {
    "name": ("name", str),
    "gpu_name": ("name", str),
    "uuid": ("uuid", str),
    "gpu_uuid": ("uuid", str),
    "pci.bus_id": ("pci_bus_id", bus_id),
    "gpu_bus_id": ("pci_bus_id", bus_id),
    "compute_cap": ("compute_capability", str),
    "memory.total": ("memory_total_mib", mib),
    "memory.used": ("memory_used_mib", mib),
    "memory.free": ("memory_free_mib", mib),
    "driver_version": ("driver_version", str),
    "serial": ("serial", str),
    "gpu_serial": ("serial", str),
    "vbios_version": ("vbios_version", str),
    "persistence_mode": ("persistence_mode", str),
    "compute_mode": ("compute_mode", str),
    "ecc.mode.current": ("ecc_mode", str),
    "mig.mode.current": ("mig_mode", str),
    "temperature.gpu": ("temperature_c", whole),
    "power.draw": ("power_draw_w", number),
    "power.limit": ("power_limit_w", number),
    "utilization.gpu": ("utilization_percent", whole),
    "pcie.link.gen.current": ("pcie_generation", whole),
    "pcie.link.gen.max": ("pcie_generation_max", whole),
    "pcie.link.width.current": ("pcie_width", whole),
    "pcie.link.width.max": ("pcie_width_max", whole),
}


def parse_csv(text: str, columns: Sequence[str] = ()) -> list[Device]:
    """Return the GPUs of `nvidia-smi --query-gpu=... --format=csv`; `columns` where it has no header.

    Raises:
        ValueError: a row has another number of columns than the header.

    """
    rows = [[cell.strip() for cell in line.split(",")] for line in text.splitlines() if line.strip()]
    names = list(columns) or [name.partition(" [")[0] for name in (rows.pop(0) if rows else [])]
    devices = []
    for row in rows:
        if len(row) != len(names):
            msg = f"{len(row)} columns where {len(names)} were asked for: {', '.join(row)[:80]}"
            raise ValueError(msg)
        found = Device()
        for name, cell in zip(names, row, strict=True):
            if name in _COLUMNS:
                field, how = _COLUMNS[name]
                found.put(field, cell, how)
        devices.append(found)
    return devices


def parse_nvlink(text: str) -> dict[int, list[dict[str, Any]]]:
    """Return the links of `nvidia-smi nvlink --status` by GPU index: link, active, gigabytes a second."""
    found: dict[int, list[dict[str, Any]]] = {}
    index = None
    for line in text.splitlines():
        gpu = re.match(r"GPU (\d+):", line)
        link = re.match(r"\s+Link (\d+): (.*)", line)
        if gpu:
            index = int(gpu[1])
            found[index] = []
        elif link and index is not None:
            rate = re.match(r"([\d.]+) GB/s", link[2])
            found[index].append(
                {
                    "link": int(link[1]),
                    "active": rate is not None,
                    "gb_per_s": float(rate[1]) if rate else 0.0,
                }
            )
    return found
