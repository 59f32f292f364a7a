"""From an NVIDIA card's name or PCI id to its compute capability."""

from __future__ import annotations

import re
from functools import cache

from auditor.knowledge.tables import Row, table

# maker, brand and packaging words that differ between tools for one and the same card
_NOISE = re.compile(r"\b(nvidia|geforce|tesla|graphics|gpu|laptop|mobile|max-q|device|corporation)\b|[\[\]/]")
# brands that people write without the space: RTX4090, GTX-1080, Quadro P2000, TitanV
_RUN_TOGETHER = re.compile(r"\b(rtx|gtx|gts|gt(?![xs])|quadro|titan|tesla|geforce|nvidia)[-_ ]*(?=[\dx])")
_SUFFIX = re.compile(r"(?<=\d)(ti|super)\b")
# memory sizes, MIG and vGPU profiles: they name a share of a card, never another chip
_SHARE = re.compile(
    r"\bmig\b.*|\b\d+g\.\d+gb\S*|-\d+[qcab]\b|\b\d+ ?gi?b\b|\bhbm\d?e?\b|\bgeneration\b|\bgrid\b"
)


def plain(name: str) -> str:
    """Return a name without the words that say nothing: "rtx 4090" for "NVIDIA GeForce RTX 4090 Laptop GPU"."""
    text = (
        name.lower().replace("-sxm", " sxm").replace("-pcie", " pcie").replace("(tm)", "").replace("(r)", "")
    )
    text = _SUFFIX.sub(r" \1", _RUN_TOGETHER.sub(r"\1 ", text))
    return " ".join(_NOISE.sub(" ", text).split())


def capability_of(name: str) -> str:
    """Return the compute capability of a card by its product name, else by its family; empty where not known."""
    found = capabilities_of(name)
    return found[0] if len(found) == 1 else ""


@cache
def capabilities_of(name: str) -> tuple[str, ...]:
    """Return every compute capability that cards of this name have; some names stand for several chips."""
    named = _by_product()
    as_is = plain(name)
    whole = tuple(dict.fromkeys((as_is, spelled(as_is))))
    texts = (*whole, *(" ".join(_SHARE.sub(" ", text).split()) for text in whole))
    for text in texts:
        if len(named.get(text, ())) == 1:
            return named[text]
        family = next((capability for pattern, capability in _families() if pattern.search(text)), "")
        if family:
            return (family,)
    return next((named[text] for text in texts if text in named), _several(texts[-1]) or _chip(texts[-1]))


def _several(text: str) -> tuple[str, ...]:
    """Return the capabilities of a name that makers used twice."""
    rows = table("accelerator_names").named("several")
    return next((tuple(row["capabilities"]) for row in rows if re.search(row["pattern"], text)), ())


def _chip(text: str) -> tuple[str, ...]:
    """Return the capability of a chip by its own name, such as AD102."""
    rows = table("nvidia_archs").named("chips")
    return next(((row["cc"],) for row in rows if row["chip"].lower() == text), ())


def spelled(text: str) -> str:
    """Return a plain name as makers write it: "rtx 4090" for "4090", "gb10" for "dgx spark"."""
    for pattern, name in _spellings():
        text = pattern.sub(name, text)
    return text.strip()


def products() -> tuple[str, ...]:
    """Return every product name, plain, for the nearest valid word."""
    return tuple(_by_product())


@cache
def _spellings() -> tuple[tuple[re.Pattern[str], str], ...]:
    rows = table("accelerator_names").named("spellings")
    return tuple((re.compile(row["pattern"]), row["name"]) for row in rows)


@cache
def _families() -> tuple[tuple[re.Pattern[str], str], ...]:
    return tuple((re.compile(row["pattern"]), row["cc"]) for row in table("nvidia_names").all())


@cache
def _by_product() -> dict[str, tuple[str, ...]]:
    """Return plain product name to its capabilities, oldest first."""
    found: dict[str, set[str]] = {}
    for row in table("nvidia_pci").all():
        found.setdefault(plain(row["product"]), set()).add(row["cc"])
    return {name: tuple(sorted(capabilities, key=float)) for name, capabilities in found.items()}


def by_device(device_id: str) -> Row | None:
    """Return the row (chip, product, cc) of a PCI device id such as "2684" or "0x2684"."""
    return _devices().get(device_id.lower().removeprefix("0x").removeprefix("10de:"))


@cache
def _devices() -> dict[str, Row]:
    return {row["device"]: row for row in table("nvidia_pci").all()}
