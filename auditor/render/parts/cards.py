"""Each GPU as a card: its name and the figures that tell its health."""

from __future__ import annotations

from typing import NamedTuple

from auditor.model.fact import Facts
from auditor.render.parts.wording import gib, number

_FIGURES = {
    "compute_capability": "compute capability", "gfx_target": "target", "architecture": "architecture",
    "pci_bus_id": "PCI address", "numa_node": "NUMA node", "uuid": "UUID", "temperature_c": "temperature, °C",
    "power_draw_w": "power, W", "power_limit_w": "power limit, W", "clock_sm_mhz": "SM clock, MHz",
    "clock_sm_max_mhz": "SM clock at most, MHz", "utilization_percent": "in use, %", "ecc_mode": "ECC",
    "ecc_uncorrected_volatile": "uncorrected errors", "mig_mode": "MIG", "persistence_mode": "persistence",
    "compute_mode": "compute mode", "recovery_action": "recovery action", "clock_event_reasons": "clocks held down by",
}  # fmt: skip


class Card(NamedTuple):
    """A GPU: `lines` are (what, figure); `unknown` names the figures that could not be read."""

    title: str
    name: str
    lines: list[tuple[str, str]]
    unknown: list[str]


def cards(facts: Facts) -> list[Card]:
    """Return a card for each GPU, in the driver's order."""
    return [_card(facts, index) for index in facts.instances("gpu")]


def _card(facts: Facts, index: int) -> Card:
    at = f"gpu[{index}]"
    lines = [("memory", _memory(facts, at)), ("PCIe link", _link(facts, at))]
    lines += [(words, _figure(facts, f"{at}.{key}")) for key, words in _FIGURES.items()]
    unknown = [
        words.partition(",")[0]
        for key, words in _FIGURES.items()
        if f"{at}.{key}" in facts and facts[f"{at}.{key}"].state == "unknown"
    ]
    name = str(facts.value(f"{at}.name", "a GPU whose name is unknown"))
    return Card(f"GPU {index}", name, [line for line in lines if line[1]], unknown)


def _figure(facts: Facts, key: str) -> str:
    value = facts.value(key)
    if isinstance(value, (list, tuple)):
        return ", ".join(str(item) for item in value)
    return "" if value is None else value if isinstance(value, str) else number(value)


def _memory(facts: Facts, at: str) -> str:
    total, used = facts.value(f"{at}.memory_total_mib"), facts.value(f"{at}.memory_used_mib")
    if not isinstance(total, (int, float)):
        return ""
    return gib(total * 1024) + (f", {gib(used * 1024)} in use" if isinstance(used, (int, float)) else "")


def _link(facts: Facts, at: str) -> str:
    def side(end: str) -> str:
        generation, width = facts.value(f"{at}.pcie_generation{end}"), facts.value(f"{at}.pcie_width{end}")
        return f"gen {generation} x{width}" if generation and width else ""

    now, most = side(""), side("_max")
    return now + (f" (at most {most})" if most and most != now else "")
