"""The compute topology of the amdgpu driver: one node a GPU, or one a partition of it."""

from __future__ import annotations

import msgspec

from auditor.host.formats.pci import bus_id
from auditor.host.formats.readings import Device
from auditor.host.protocol import Host
from auditor.probes.base import list_or_empty, read_or_none

NODES = "/sys/class/kfd/kfd/topology/nodes"


class Node(msgspec.Struct, frozen=True):
    """A GPU node. `card` names the physical GPU: partitions of one share it."""

    number: int
    gfx_target: str | None
    card: tuple[int, int] | None
    device: Device


def gpu_nodes(host: Host) -> list[Node] | None:
    """Return the GPU nodes in the driver's order, or None where there is no topology.

    Raises:
        NotRecorded: /sys was not captured.

    """
    try:
        names = host.listdir(NODES)
    except (FileNotFoundError, NotADirectoryError):
        return None
    numbers = sorted(int(name) for name in names if name.isdigit())
    nodes = [_node(host, number) for number in numbers]
    return [node for node in nodes if node is not None]


def _node(host: Host, number: int) -> Node | None:
    """Return a node if it is a GPU: those of processors have the gpu_id 0 and no SIMD units."""
    folder = f"{NODES}/{number}"
    lines = (read_or_none(host, f"{folder}/properties") or "").splitlines()
    pairs = (line.split() for line in lines)
    properties = {pair[0]: int(pair[1]) for pair in pairs if len(pair) == 2 and pair[1].isdigit()}
    identity = read_or_none(host, f"{folder}/gpu_id") or "0"
    if identity == "0" and not properties.get("simd_count"):
        return None
    target = gfx(properties.get("gfx_target_version", 0))
    return Node(number, target, _card(properties), _device(host, folder, properties, target))


def _card(properties: dict[str, int]) -> tuple[int, int] | None:
    """Return domain and location without its low three bits, which number the partitions of one GPU."""
    location = properties.get("location_id")
    return None if location is None else (properties.get("domain", 0), location >> 3)


def _device(host: Host, folder: str, properties: dict[str, int], target: str | None) -> Device:
    found = Device({"gfx_target": target} if target else {})
    location = properties.get("location_id")
    if location is not None:
        # the function is the partition, never a PCI function of its own
        address = f"{properties.get('domain', 0):04x}:{location >> 8 & 0xFF:02x}:{location >> 3 & 0x1F:02x}.0"
        found.values["pci_bus_id"] = bus_id(address)
    if properties.get("device_id"):
        found.values["device_id"] = f"0x{properties['device_id']:04x}"
    if properties.get("unique_id"):
        found.values["uuid"] = f"0x{properties['unique_id']:x}"
    memory = _memory(host, folder) or properties.get("local_mem_size", 0)
    if memory:
        found.values["memory_total_mib"] = memory >> 20
    return found


def _memory(host: Host, folder: str) -> int:
    """Return the bytes of the node's frame buffer: heaps 1 (public) and 2 (private) of kfd_crat.h."""
    total = 0
    for bank in list_or_empty(host, f"{folder}/mem_banks"):
        text = read_or_none(host, f"{folder}/mem_banks/{bank}/properties") or ""
        pairs = dict(line.split()[:2] for line in text.splitlines() if len(line.split()) >= 2)
        if pairs.get("heap_type") in ("1", "2"):
            total += int(pairs.get("size_in_bytes", "0"))
    return total


def gfx(version: int) -> str | None:
    """Return the name of a gfx_target_version: 90010 is gfx90a (major, minor, step in hexadecimal)."""
    if not version:
        return None
    return f"gfx{version // 10000}{version // 100 % 100:x}{version % 100:x}"
