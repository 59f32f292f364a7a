"""The accelerators that a plan must serve, from a card's own facts or from their summaries."""

from __future__ import annotations

from typing import Any

import msgspec

from auditor.engine.gpu_names import capability_of
from auditor.engine.planning.rows import rows
from auditor.model.fact import Facts

_WRITTEN = {
    "nvidia": "NVIDIA",
    "amd": "AMD",
    "intel": "Intel",
    "apple": "Apple",
    "tpu": "TPU",
    "gaudi": "Gaudi",
}
NOT_LOOKED_FOR = "whether there is an accelerator is not known"


class Card(msgspec.Struct, frozen=True, kw_only=True):
    """One accelerator. `capability` ("8.6") and `gfx` ("gfx942") are empty where unknown or not its kind."""

    index: int
    vendor: str
    name: str
    capability: str = ""
    gfx: str = ""

    @property
    def words(self) -> str:
        """Return "GTX 1080 Ti (6.1)" for sentences."""
        kind = self.capability or self.gfx
        name = self.name or f"{_WRITTEN.get(self.vendor, self.vendor)} GPU {self.index}"
        return name + (f" ({kind})" if kind else "")


def cards_of(facts: Facts) -> tuple[Card, ...]:
    """Return the cards, by their own facts `gpu[i].*`, else by the vendors' summaries."""
    found = [_own(facts, index) for index in facts.instances("gpu")]
    seen = {card.vendor for card in found}
    if "nvidia" not in seen:
        rows = facts.value("nvidia.gpus") or facts.value("nvidia.pci_gpus") or ()
        found += [_summary("nvidia", number, row) for number, row in enumerate(rows)]
    if "amd" not in seen:
        found += _amd(facts)
    if "intel" not in seen:
        rows = facts.value("intel.gpus") or ()
        found += [_summary("intel", number, row) for number, row in enumerate(rows)]
    return tuple(card for card in found if card.vendor != "intel" or _is_xpu(card.name))


def not_validated(facts: Facts) -> tuple[str, ...]:
    """Return the names of Intel GPUs on which PyTorch's XPU build was not validated."""
    stated = [facts.value(f"gpu[{index}].name") for index in facts.instances("gpu")
              if facts.value(f"gpu[{index}].vendor") == "intel"]  # fmt: skip
    names = stated or [row.get("name") for row in facts.value("intel.gpus") or ()]
    return tuple(dict.fromkeys(str(name) for name in names if name and not _is_xpu(str(name))))


def vendors_of(facts: Facts, cards: tuple[Card, ...], assumed: list[str]) -> tuple[str, ...]:
    """Return the vendors whose accelerators count; Intel's only where a build was validated on one."""
    fact = facts["accelerators.vendors"]
    found = {card.vendor for card in cards}
    if fact.is_known:
        found |= set(fact.value) - {"intel"}
    elif not cards:
        why = f" ({fact.reason})" if fact.reason else ""
        assumed.append(f"{NOT_LOOKED_FOR}{why}; none is assumed")
    if facts.value("tpu.chips"):
        found.add("tpu")
    if facts.value("apple.metal"):
        found.add("apple")
    return tuple(sorted(found))


def _own(facts: Facts, index: int) -> Card:
    def value(field: str) -> str:
        return str(facts.value(f"gpu[{index}].{field}") or "")

    vendor = value("vendor") or ("amd" if value("gfx_target") else "nvidia")
    capability, gfx = value("compute_capability"), value("gfx_target").partition(":")[0]
    if vendor == "amd" and not gfx:
        from auditor.engine.card_names import card_named

        gfx = card_named(value("name")).gfx
    capability = capability if capability.replace(".", "", 1).isdigit() else ""
    return Card(index=index, vendor=vendor, name=value("name"), capability=capability, gfx=gfx)


def _summary(vendor: str, number: int, row: Any) -> Card:
    name, capability = str(row.get("name") or ""), str(row.get("compute_capability") or "")
    if vendor == "nvidia" and name and not capability:
        capability = capability_of(name)
    return Card(index=number, vendor=vendor, name=name, capability=capability)


def _amd(facts: Facts) -> list[Card]:
    rows = facts.value("amd.gpus") or [{"gfx_target": gfx} for gfx in facts.value("amd.gfx_targets") or ()]
    return [
        Card(
            index=number,
            vendor="amd",
            name=str(row.get("name") or ""),
            gfx=str(row.get("gfx_target") or "").partition(":")[0],
        )
        for number, row in enumerate(rows)
    ]


def _is_xpu(name: str) -> bool:
    words: list[str] = [row["word"] for row in rows("torch_builds", "xpu")]
    return any(word in name.lower() for word in words)
