"""What accelerator a user's words mean: "2x RTX 4090", "MI300X", "Arc A770", "TPU v5e", "Apple M3", "Jetson Orin"."""

from __future__ import annotations

import re
from functools import cache

import msgspec

from auditor.engine.gpu_names import by_device, capabilities_of, plain, products, spelled
from auditor.knowledge.tables import table

_COUNT = re.compile(r"^(\d{1,2})\s*[x*×]\s*(?=\S)|(?:\s+[x×]|\s*\*)\s*(\d{1,2})$")
_MOST = 64
_ALIKE = 0.65  # below, difflib finds another family


class NamedCard(msgspec.Struct, frozen=True, kw_only=True):
    """What a name says. `capabilities` holds several where it stands for several chips.

    `arch` is the processor that comes with the module (Jetson, Grace), empty where any can.
    """

    vendor: str
    name: str
    count: int = 1
    capabilities: tuple[str, ...] = ()
    gfx: str = ""
    arch: str = ""

    @property
    def is_known(self) -> bool:
        """Whether the tables have heard of it."""
        return self.vendor != "nvidia" or bool(self.capabilities)


def card_named(text: str) -> NamedCard:
    """Return what a name means; an NVIDIA name that the tables lack has no capabilities."""
    name, count = _counted(text)
    words = _parted(name)
    vendor = next(
        (vendor for pattern, vendor in _rows("vendors", "vendor") if pattern.search(words)), "nvidia"
    )
    if vendor == "nvidia":
        return _nvidia(name, count)
    gfx = _gfx(name, words) if vendor == "amd" else ""
    if vendor == "intel" and re.match(r"[ab] \d", words):
        name = f"Arc {name}"  # people name these cards by their number alone
    return NamedCard(vendor=vendor, name=name, count=count, gfx=gfx)


def nearest_card(text: str) -> str:
    """Return the product name most like `text`, empty where none is."""
    from auditor.knowledge.words import nearest

    return nearest(spelled(plain(_counted(text)[0])), products(), _ALIKE).upper()


def foreign(text: str) -> str:
    """Return who makes an accelerator that no published build uses, and what there is instead; empty where none is meant."""
    words = _parted(_counted(text)[0])
    for row in table("accelerator_names").named("foreign"):
        if re.search(row["pattern"], words):
            return (
                f"{row['maker'] or 'its maker'} has {row['instead']}" if row["maker"] else str(row["instead"])
            )
    return ""


def _counted(text: str) -> tuple[str, int]:
    found = _COUNT.search(text.strip())
    if not found:
        return text.strip(), 1
    number = min(int(found[1] or found[2]), _MOST)
    return _COUNT.sub("", text.strip()).strip(), max(number, 1)


def _nvidia(name: str, count: int) -> NamedCard:
    plainly = spelled(plain(name))
    arch = next((arch for pattern, arch in _rows("arch", "arch") if pattern.search(plainly)), "")
    return NamedCard(vendor="nvidia", name=name, count=count, capabilities=_capabilities(name), arch=arch)


def _capabilities(name: str) -> tuple[str, ...]:
    stated = re.fullmatch(r"(?:sm|compute)_(\d{1,2})(\d)[af]?", name.lower())
    if stated:
        return (f"{stated[1]}.{stated[2]}",)
    row = by_device(name) if re.fullmatch(r"(10de:|0x)[0-9a-f]{4}", name.lower()) else None
    return (row["cc"],) if row else capabilities_of(name)


def _gfx(name: str, words: str) -> str:
    stated = re.search(r"\bgfx[0-9a-f]{3,4}\b", name.lower())
    if stated:
        return stated[0]
    return next((gfx for pattern, gfx in _rows("amd", "gfx") if pattern.search(words)), "")


def _parted(name: str) -> str:
    """Return a name in lower case with each number parted from the letters before it."""
    text = re.sub(r"\((r|tm)\)", " ", name.lower())
    return " ".join(re.sub(r"(?<=[a-z])(?=\d)", " ", text.replace("-", " ").replace("_", " ")).split())


@cache
def _rows(which: str, column: str) -> tuple[tuple[re.Pattern[str], str], ...]:
    rows = table("accelerator_names").named(which)
    return tuple((re.compile(row["pattern"]), row[column]) for row in rows)
