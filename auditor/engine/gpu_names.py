"""From an NVIDIA card's name or PCI id to its compute capability."""

from __future__ import annotations

import re
from functools import cache

from auditor.knowledge.tables import Row, table

# maker, brand and packaging words that differ between tools for one and the same card
_NOISE = re.compile(r"\b(nvidia|geforce|tesla|graphics|gpu|laptop|mobile|max-q|device|corporation)\b|[\[\]/]")


def plain(name: str) -> str:
    """Return a name without the words that say nothing: "rtx 4090" for "NVIDIA GeForce RTX 4090 Laptop GPU"."""
    return " ".join(_NOISE.sub(" ", name.lower().replace("-sxm", " sxm").replace("-pcie", " pcie")).split())


def capability_of(name: str) -> str:
    """Return the compute capability of a card by its product name, else by its family; empty where not known."""
    wanted = plain(name)
    exact = _by_product().get(wanted)
    return exact or next((capability for pattern, capability in _families() if pattern.search(wanted)), "")


@cache
def _families() -> tuple[tuple[re.Pattern[str], str], ...]:
    return tuple((re.compile(row["pattern"]), row["cc"]) for row in table("nvidia_names").all())


@cache
def _by_product() -> dict[str, str]:
    """Return plain product name to capability; a name that two chips share says nothing."""
    found: dict[str, set[str]] = {}
    for row in table("nvidia_pci").all():
        found.setdefault(plain(row["product"]), set()).add(row["cc"])
    return {name: next(iter(capabilities)) for name, capabilities in found.items() if len(capabilities) == 1}


def by_device(device_id: str) -> Row | None:
    """Return the row (chip, product, cc) of a PCI device id such as "2684" or "0x2684"."""
    return _devices().get(device_id.lower().removeprefix("0x").removeprefix("10de:"))


@cache
def _devices() -> dict[str, Row]:
    return {row["device"]: row for row in table("nvidia_pci").all()}
