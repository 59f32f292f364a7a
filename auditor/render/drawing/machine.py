"""The machine drawn: NUMA nodes with their processors, and what hangs on each: GPUs, links, network ports."""

from __future__ import annotations

from typing import Any

from auditor.model.fact import Facts
from auditor.render.drawing.svg import NARROW, WIDE, WIDTHS, Canvas
from auditor.render.page import count, wrap
from auditor.render.parts.wording import gib, objects, shown

_CELL_HEIGHT, _GAP = 66.0, 10.0
Part = tuple[str, str, str]  # name, first line, second line


def draw(facts: Facts, kind: str = WIDE) -> str:
    """Return an SVG of the nodes, of either kind, or nothing where neither a processor nor a GPU is known."""
    nodes = _nodes(facts)
    gpus = facts.instances("gpu")
    if not facts["cpu.model_name"].is_known and not gpus:
        return ""
    canvas = Canvas(WIDTHS[kind], f"{count(len(nodes), 'NUMA node')} with {count(len(gpus), 'GPU')}", kind)
    y = _sockets(canvas, facts)
    parts = _placed(facts)
    for name, cpus in nodes.items():
        y = _node(canvas, y, f"NUMA node {name}", f"CPUs {cpus}", parts.pop(name, []))
    elsewhere = [part for rest in parts.values() for part in rest]
    if elsewhere:
        y = _node(canvas, y, "NUMA node not known", "", elsewhere)
    _nvlink(canvas, y, facts)
    return canvas.svg()


def _sockets(canvas: Canvas, facts: Facts) -> float:
    """Write the sockets, their processor and memory over the nodes; which node lies in which socket no fact tells."""
    sockets, cores = facts.value("cpu.sockets"), facts.value("cpu.cores")
    kib = facts.value("memory.total_kib")
    told = [
        count(sockets, "socket") if isinstance(sockets, int) else "",
        str(facts.value("cpu.model_name") or "processor not known"),
        count(cores, "core") if isinstance(cores, int) else "",
        gib(kib) if isinstance(kib, (int, float)) else "",
    ]
    lines = wrap(", ".join(filter(None, told)), int((canvas.width - 28) / 8))
    for row, line in enumerate(lines):
        canvas.words(14, 18 + 18 * row, line, "strong")
    return 10.0 + 18 * len(lines)


def _nodes(facts: Facts) -> dict[str, str]:
    """Return NUMA nodes with their lists of CPUs; one for all where the kernel tells none."""
    listed = facts.value("numa.cpulist")
    if isinstance(listed, dict) and listed:
        return {
            str(name): str(cpus)
            for name, cpus in sorted(listed.items(), key=lambda node: str(node[0]).zfill(4))
        }
    return {"0": str(facts.value("cpu.logical_online", "unknown"))}


def _placed(facts: Facts) -> dict[str, list[Part]]:
    """Return GPUs and network devices by the node they hang on, "" where that is unknown."""
    found: dict[str, list[Part]] = {}
    for index in facts.instances("gpu"):
        found.setdefault(_place(facts.value(f"gpu[{index}].numa_node")), []).append(_gpu(facts, index))
    devices = facts.value("ib.device_info")
    for name, about in sorted(devices.items()) if isinstance(devices, dict) else ():
        about = about if isinstance(about, dict) else {}
        part = (str(name), str(about.get("kind") or "network"), _port(facts, name))
        found.setdefault(_place(about.get("numa_node")), []).append(part)
    return found


def _place(node: Any) -> str:
    return str(node) if isinstance(node, int) and node >= 0 else ""


def _gpu(facts: Facts, index: int) -> Part:
    at = f"gpu[{index}]"
    mib = facts.value(f"{at}.memory_total_mib")
    size = gib(mib * 1024) if isinstance(mib, (int, float)) else ""
    link = " ".join(
        filter(
            None, (shown(facts[f"{at}.pcie_generation"], "PCIe {}"), shown(facts[f"{at}.pcie_width"], "x{}"))
        )
    )
    return (
        f"GPU {index}",
        str(facts.value(f"{at}.name", "name unknown")),
        ", ".join(filter(None, (size, link))),
    )


def _port(facts: Facts, device: str) -> str:
    for port in objects(facts.value("ib.ports")):
        if port.get("device") == device:
            rate = port.get("rate_gbps")
            return ", ".join(filter(None, (str(port.get("state") or ""), f"{rate} Gbit/s" if rate else "")))
    return ""


def _node(canvas: Canvas, y: float, title: str, about: str, parts: list[Part]) -> float:
    """Draw a node and return where the next may begin."""
    across = 2 if canvas.kind == NARROW else 4
    wide = (canvas.width - 34 - _GAP * (across - 1)) / across
    rows = -(-len(parts) // across)
    height = 34 + rows * (_CELL_HEIGHT + _GAP) + (4 if rows else 0)
    canvas.box(1, y + 1, canvas.width - 2, height, "node")
    canvas.words(14, y + 23, title, "strong")
    canvas.words(190, y + 23, about, "dim", room=canvas.width - 210)
    for place, part in enumerate(parts):
        x, down = 14 + place % across * (wide + _GAP), place // across * (_CELL_HEIGHT + _GAP)
        _cell(canvas, x, y + 34 + down, wide, part)
    return y + height + _GAP


def _cell(canvas: Canvas, x: float, y: float, wide: float, part: Part) -> None:
    inset, size = (7, 11.5) if canvas.kind == NARROW else (10, 13)
    canvas.box(x, y, wide, _CELL_HEIGHT, "part")
    for line, down, kind in zip(part, (20, 39, 56), ("strong", "", "dim"), strict=True):
        canvas.words(x + inset, y + down, line, kind, room=wide - 2 * inset, size=size)


def _nvlink(canvas: Canvas, y: float, facts: Facts) -> None:
    links = [
        link for index in facts.instances("gpu") for link in objects(facts.value(f"gpu[{index}].nvlinks"))
    ]
    if not links:
        return
    active = sum(bool(link.get("active")) for link in links)
    canvas.box(1, y + 1, canvas.width - 2, 30, "link")
    name = "NVLink" if canvas.kind == NARROW else "NVLink between the GPUs"
    canvas.words(14, y + 21, f"{name}: {active} of {count(len(links), 'link')} active", "strong")
