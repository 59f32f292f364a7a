"""--assume KEY=VALUE: a fact that the user states, marked as assumed wherever it appears."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from auditor.model.fact import Evidence, Fact, absent, known

SHORT = {
    "driver": "nvidia.driver_version",
    "python": "python.version",
    "os": "os.platform",
    "arch": "os.arch",
    "glibc": "os.glibc_version",
}
PLATFORMS = {
    "linux": "linux",
    "wsl2": "wsl2",
    "wsl": "wsl2",
    "windows": "windows",
    "macos": "darwin",
    "darwin": "darwin",
}


class AssumptionError(Exception):
    """An assumption that cannot be read: what, and the nearest that can."""


def assumed(texts: Sequence[str]) -> dict[str, Fact]:
    """Return the facts of KEY=VALUE texts; `gpu` and `gfx` may be repeated, one a card.

    Raises:
        AssumptionError: no "=", an unknown key, or a value of the wrong type.

    """
    facts: dict[str, Fact] = {}
    gpus: list[str] = []
    for text in texts:
        key, sign, value = text.partition("=")
        key, value = key.strip(), value.strip()
        if not sign or not key:
            msg = f"--assume {text}: expected KEY=VALUE, such as driver=550.54.14"
            raise AssumptionError(msg)
        if key in ("gpu", "gfx"):
            gpus.append(f"{key}={value}")
        else:
            full = SHORT.get(key, key)
            facts[full] = _fact(text, full, value)
    return {**_gpus(gpus), **facts}


def _fact(text: str, key: str, value: str) -> Fact:
    from auditor.knowledge.catalogue import convert
    from auditor.knowledge.words import KnowledgeError

    evidence = Evidence("assumed", f"--assume {text}")
    if key == "os.platform" and value.lower() in PLATFORMS:
        return known(PLATFORMS[value.lower()], evidence)
    try:
        converted: Any = convert(key, value)
    except KnowledgeError as error:
        msg = f"--assume {text}: {error}"
        raise AssumptionError(msg) from error
    return (
        absent("assumed to be absent", evidence)
        if value.lower() in ("none", "absent")
        else known(converted, evidence)
    )


def _gpus(stated: Sequence[str]) -> dict[str, Fact]:
    """Return the facts of assumed cards: their summaries replace what was seen."""
    if not stated:
        return {}
    cards = [item.partition("=")[2] for item in stated]
    evidence = tuple(Evidence("assumed", f"--assume {item}") for item in stated)
    if [card.lower() for card in cards] == ["none"]:
        nothing = {"nvidia.gpus": known([], *evidence), "nvidia.gpu_count": known(0, *evidence)}
        return {**nothing, "amd.gpu_count": known(0, *evidence), "accelerators.vendors": known([], *evidence)}
    facts: dict[str, Fact] = {}
    vendors = []
    for index, (item, card) in enumerate(zip(stated, cards, strict=True)):
        gfx = item.startswith("gfx=")
        vendor = "amd" if gfx or "radeon" in card.lower() or "instinct" in card.lower() else "nvidia"
        vendors.append(vendor)
        facts[f"gpu[{index}].vendor"] = known(vendor, evidence[index])
        facts[f"gpu[{index}].{'gfx_target' if gfx else 'name'}"] = known(card, evidence[index])
    nvidia = [card for card, vendor in zip(cards, vendors, strict=True) if vendor == "nvidia"]
    facts["nvidia.gpus"] = known([{"name": card} for card in nvidia], *evidence)
    facts["nvidia.gpu_count"] = known(len(nvidia), *evidence)
    facts["amd.gpu_count"] = known(len(cards) - len(nvidia), *evidence)
    facts["accelerators.vendors"] = known(sorted(set(vendors)), *evidence)
    return facts
