"""AMD GPUs as `rocm-smi --json`, `amd-smi` and `rocminfo` show them."""

from __future__ import annotations

import re
from typing import Any

import msgspec

from auditor.host.formats.node import Node, from_indented
from auditor.host.formats.pci import bus_id
from auditor.host.formats.readings import Device, mib, number, whole


class Report(msgspec.Struct):
    """One device a card or partition, in the tool's order, and the versions that the tool names."""

    devices: list[Device] = []
    driver_version: str | None = None
    rocm_version: str | None = None


def parse(text: str) -> Report:
    """Return the report of rocm-smi's JSON, of amd-smi's table or of its lists.

    Raises:
        ValueError: it is none of them.

    """
    start = text.find("{")
    if start >= 0 and '"card' in text:
        return _rocm_json(text[start:])
    if "AMD-SMI" in text:
        return _amd_table(text)
    if re.search(r"^GPU: \d+", text, re.MULTILINE):
        return _amd_lists(text)
    msg = f"neither rocm-smi's JSON nor amd-smi's text: {text.strip()[:80]!r}"
    raise ValueError(msg)


# ROCm 5 and 6 write other capitals: keys are compared in lower case
_CARD = (
    ("name", ("card series", "market name", "device name"), str),
    ("device_id", ("device id", "gpu id"), str.lower),
    ("uuid", ("unique id",), str),
    ("pci_bus_id", ("pci bus",), bus_id),
    ("gfx_target", ("gfx version",), str),
    ("memory_total_mib", ("vram total memory (b)",), lambda text: int(text) >> 20),
    ("memory_used_mib", ("vram total used memory (b)",), lambda text: int(text) >> 20),
    ("temperature_c", ("temperature (sensor edge) (c)", "temperature (sensor junction) (c)"), whole),
    (
        "power_draw_w",
        ("average graphics package power (w)", "current socket graphics package power (w)"),
        number,
    ),
    ("power_limit_w", ("max graphics package power (w)",), number),
    ("utilization_percent", ("gpu use (%)",), whole),
    ("vbios_version", ("vbios version",), str),
    ("numa_node", ("(topology) numa node",), int),
)


def _rocm_json(text: str) -> Report:
    import json  # msgspec takes no text that goes on behind the object

    try:
        content, _ = json.JSONDecoder().raw_decode(text)
    except RecursionError as error:
        msg = "JSON nested without end"
        raise ValueError(msg) from error
    cards = {
        int(name[4:]): entry
        for name, entry in content.items()
        if re.fullmatch(r"card\d+", name) and isinstance(entry, dict)
    }
    system = content.get("system")
    driver = system.get("Driver version") if isinstance(system, dict) else None
    return Report([_card(cards[index]) for index in sorted(cards)], driver)


def _card(entry: dict[str, Any]) -> Device:
    by_key = {key.lower().strip(": "): str(value) for key, value in entry.items()}
    found = Device()
    for field, keys, how in _CARD:
        found.put(field, next((by_key[key] for key in keys if key in by_key), None), how)
    if isinstance(name := found.values.get("name"), str) and re.fullmatch(r"0x[0-9a-f]+", name):
        found.values.pop("name")  # a driver without the marketing name prints the device id in its place
    total, used = found.values.get("memory_total_mib"), found.values.get("memory_used_mib")
    if total is not None and used is not None:
        found.values["memory_free_mib"] = total - used
    return found


def _amd_table(text: str) -> Report:
    rocm = re.search(r"ROCm version:\s*([\d.]+)", text)
    driver = re.search(r"amdgpu version:\s*(\d[\w.-]*)", text)
    devices: list[Device] = []
    for line in text.splitlines():
        first = re.match(r"\|\s+([0-9a-f]{4}:[0-9a-f]{2}:[0-9a-f]{2}\.\d)\s+(.+?)\s+\|(.*)\|", line)
        memory = re.search(r"(\d+)/(\d+) MB \|", line)
        if first:
            devices.append(_table_device(*first.groups()))
        elif devices and memory and "memory_total_mib" not in devices[-1].values:
            devices[-1].values.update(memory_used_mib=int(memory[1]), memory_total_mib=int(memory[2]))
    return Report(devices, driver[1] if driver else None, rocm[1] if rocm else None)


def _table_device(address: str, name: str, rest: str) -> Device:
    found = Device({"name": name, "pci_bus_id": bus_id(address)})
    temperature = re.search(r"(\d+) .?C", rest)
    found.put("temperature_c", temperature[1] if temperature else None, int)
    power = re.search(r"(\S+)/(\S+) W", rest)
    if power:
        found.put("power_draw_w", power[1], number)
        found.put("power_limit_w", power[2], number)
    return found


_LISTED = (
    ("name", ("asic/market_name",), str),
    ("pci_bus_id", ("bus/bdf", "bdf"), bus_id),
    ("uuid", ("uuid",), str),
    ("gfx_target", ("asic/target_graphics_version",), str),
    ("memory_total_mib", ("mem_usage/total_vram", "vram/size"), mib),
    ("memory_used_mib", ("mem_usage/used_vram",), mib),
    ("memory_free_mib", ("mem_usage/free_vram",), mib),
    ("temperature_c", ("temperature/edge", "temperature/hotspot"), whole),
    ("power_draw_w", ("power/socket_power",), number),
    ("utilization_percent", ("usage/gfx_activity",), whole),
    ("pcie_width", ("pcie/width",), whole),
    ("ecc_corrected_volatile", ("ecc/total_correctable_count",), int),
    ("ecc_uncorrected_volatile", ("ecc/total_uncorrectable_count",), int),
)


def _amd_lists(text: str) -> Report:
    nodes = [node for label, node in from_indented(text).children if label == "gpu"]
    return Report([_listed(node) for node in nodes])


def _listed(node: Node) -> Device:
    found = Device()
    for field, paths, how in _LISTED:
        texts = [value for path in paths if (value := node.text(path)) is not None]
        found.put(field, next((value for value in texts if value != "N/A"), texts[0] if texts else None), how)
    return found


def parse_rocminfo(text: str) -> list[Device]:
    """Return the GPU agents of `rocminfo`: marketing name, gfx target, UUID."""
    devices = []
    for agent in re.split(r"^Agent \d+\s*$", text, flags=re.MULTILINE)[1:]:
        words = dict(
            re.findall(r"^\s+(Name|Marketing Name|Uuid|Device Type):\s+(.+?)\s*$", agent, re.MULTILINE)[:4]
        )
        # of an excerpt without the type, the name tells: that of a GPU is its target
        if words.get("Device Type", "GPU") == "GPU" and words.get("Name", "").startswith("gfx"):
            found = Device()
            found.put("gfx_target", words.get("Name"), str)
            found.put("name", words.get("Marketing Name"), str)
            found.put("uuid", words.get("Uuid"), str)
            devices.append(found)
    return devices
