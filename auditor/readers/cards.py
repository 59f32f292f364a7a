"""Cards as people and tools name them: "2x RTX 5090 (32 GB each)", "1050ti 4 GB", "AMD Instinct MI100"."""

from __future__ import annotations

import re
from typing import Any

# a card's name and nothing else, as somebody writes it on a line of its own
_NAMED = re.compile(
    r"\s{0,40}(?:[-*•+]\s{1,8})?(?:(?:\d{1,2}\s?[x×*]|one|two|three|four|eight|single|dual)\s+)?(?:nvidia\s+|amd\s+)?(?:geforce\s+)?"
    r"(?:[rg]tx ?(?:a?\d{3,4}|pro \d{4})m?|gt ?\d{3,4}m?|titan (?:v|x|xp|rtx)|tesla [kmpvt]\d{1,3}\w?|quadro \w{1,8}(?: \d{4})?|jetson [\w ]{3,30}"
    r"|a100|a800|a10g?|a16|a30|a40|a6000|h100|h200|h800|h20|b100|b200|b300|l4|l20|l40s?|v100s?|p100|t4|gh200|gb200|gb300"
    r"|(?:intel )?arc (?:pro )?[ab]\d{2,3}|(?:radeon )?rx ?\d{4}|radeon \w{2,8}|instinct mi\d{2,3}\w?|mi\d{3}\w?)"
    r"(?:[ -](?:ti|super|d|xtx?|max-q|mobile|laptop gpu|gpu|ada|generation|blackwell|sxm\d?|pcie|nvl)\b|ti\b){0,4}"
    r"(?:[ ,-]*\(?\d{1,3} ?gi?b(?: vram| each)?\)?)?(?:\s*[x×*]\s?\d{1,2})?\s*[.,;]?\s*",
    re.IGNORECASE,
)
_COUNT = re.compile(r"^\s*(?:(\d{1,3})\s*[x×*]\s*|(one|two|three|four|eight|single|dual)\s+)", re.IGNORECASE)
_COUNT_AFTER = re.compile(r"(?:\s{1,8}|(?=\())(?:[x×*]\s?(\d{1,2})|\((\d{1,3})x?\))\s*$", re.IGNORECASE)
_WORDS = {"one": 1, "single": 1, "two": 2, "dual": 2, "three": 3, "four": 4, "eight": 8}
_AMD = re.compile(
    r"\bamd\b|radeon|instinct|\bmi\d{2,3}[axi]?\b|\brx ?\d{3,4}|\bgfx\d{3,4}|firepro|\bryzen\b|\bstrix\b",
    re.IGNORECASE,
)
_INTEL = re.compile(
    r"\bintel\b|\barc (?:\(tm\) ?)?(?:pro )?[ab]\d{2}|\biris\b|\buhd graphics|data center gpu max",
    re.IGNORECASE,
)
_APPLE = re.compile(r"\bapple m?\d?|\bm[1-5](?: pro| max| ultra)?$", re.IGNORECASE)
_NVIDIA = re.compile(
    r"nvidia|geforce|quadro|tesla|titan|\bjetson|\b(?:gtx|rtx|gt|mx) ?a?\d{3,4}|"
    r"\b(?:a100|a800|a10g?|a16|a30|a40|a2|h100|h200|h800|h20|b100|b200|b300|l4|l20|l40s?|v100s?|p100|p40|p4|t4g?|k80|k40|m60|m40)\b|"
    r"\b(?:gh200|gb10|gb200|gb300|dgx|rtx)\b",
    re.IGNORECASE,
)
# a number alone is unmistakable where a card of that number exists and no word says otherwise
_BARE = re.compile(r"^(?:(1[06][0-9]0)|([2-5]0[5-9]0))\s*(ti super|ti|super|d)?\b", re.IGNORECASE)
_GLUED = re.compile(r"\b(gtx|rtx|gt) ?(\d{3,4})(?: ?(ti|super|d)\b)?(?: ?(super)\b)?", re.IGNORECASE)
_CAPABILITY = re.compile(
    r"\b(?:sm_|compute[_ ]capability:? ?|cc ?=? ?)(\d{1,2})\.?(\d)[af]?\b", re.IGNORECASE
)
# gfx10 and later have four places: one of three was cut off
GFX = re.compile(r"\bgfx(?:[6-9][0-9a-f]{2}|1[0-9a-f]{3})\b", re.IGNORECASE)
_MIG = re.compile(r"[- ]MIG[- ](\d\w*\.\d+gb\S*)", re.IGNORECASE)
_MEMORY = re.compile(r"\b(\d{1,3})\s?(?:gb|gib)\b", re.IGNORECASE)
_TRAILER = re.compile(
    r"(?:[\s,;]{1,8}|(?=\())(?:\([^()]{0,80}\)|\b(?:\d{1,3}\s?(?:gb|gib|g)|\d{3,6}\s?mi?b)\b(?:\s*(?:each|vram|ram|memory))*|:\s*\w+$)[\s,;]*$",
    re.IGNORECASE,
)


def vendor_of(text: str) -> str:
    """Return the maker of the card that a text names: nvidia, amd, intel, apple, or an empty text."""
    for name, pattern in (("nvidia", _NVIDIA), ("amd", _AMD), ("intel", _INTEL), ("apple", _APPLE)):
        if pattern.search(text):
            return name
    return "nvidia" if _BARE.match(text.strip()) else ""


def cards_in(text: str) -> list[dict[str, Any]]:
    """Return the cards that a phrase names, each with its fields; none where it names no card surely."""
    parts = re.split(
        r"\s*(?:[;/+,]|\band\b|&)\s*(?=(?:\d{1,2}\s*x\s*)?(?:nvidia|amd|geforce|rtx|gtx|tesla|intel|radeon|a\d|h\d|v100))",
        text.strip(),
        flags=re.IGNORECASE,
    )
    return [card for part in parts[:16] for card in _one(part)]


def cards_named(text: str) -> list[dict[str, Any]]:
    """Return the cards of a line that names a card and says nothing else."""
    return cards_in(text.strip(" -*•+.,;\t")) if len(text) < 80 and _NAMED.fullmatch(text) else []


def _one(text: str) -> list[dict[str, Any]]:
    count, name = _counted(text.strip().strip("`'\"*"))
    vendor = vendor_of(name)
    if not vendor:
        return []
    card: dict[str, Any] = {"vendor": vendor, "name": product(name)}
    if found := _CAPABILITY.search(name):
        card["compute_capability"] = f"{found[1]}.{found[2]}"
    if found := GFX.search(name):
        card["gfx_target"] = found.group().lower()
        if vendor == "amd" and card["name"].lower() == card["gfx_target"]:
            del card["name"]
    if found := _MIG.search(name):
        card |= {"mig_mode": "Enabled", "mig_devices": [{"index": 0, "profile": found[1].lower()}]}
    return [dict(card) for _ in range(min(count, 64))]


def _counted(text: str) -> tuple[int, str]:
    for pattern in (_COUNT, _COUNT_AFTER):
        if found := pattern.search(text):
            number = found[1] or found[2]
            rest = text[: found.start()] + text[found.end() :]
            return (int(number) if number.isdigit() else _WORDS[number.lower()]), rest
    return 1, text


def product(text: str) -> str:
    """Return a card's name as its maker writes it, without what people add."""
    name = _MIG.sub("", text).strip()
    for _ in range(4):
        name = _TRAILER.sub("", name).strip()
    name = re.sub(r"^(?:gpu|card)\s*\d*\s*:?\s+", "", name, flags=re.IGNORECASE)
    if found := _BARE.match(name):
        family = "GTX" if found[1] else "RTX"
        name = " ".join(filter(None, (family, found[1] or found[2], _suffix(found[3]))))
    return _GLUED.sub(
        lambda m: " ".join(filter(None, (m[1].upper(), m[2], _suffix(m[3]), _suffix(m[4])))), name
    )


def _suffix(word: str | None) -> str:
    return {"ti": "Ti", "super": "SUPER", "ti super": "Ti SUPER", "d": "D"}.get((word or "").lower(), "")
