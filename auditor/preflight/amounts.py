"""Amounts of memory in a check's sentence as a person reads them: 32 GiB instead of 34359738368 bytes."""

from __future__ import annotations

import re

_STEPS = ("bytes", "KiB", "MiB", "GiB", "TiB")
_AMOUNT = re.compile(r"(?<![\d.-])(\d{4,}) (bytes|KiB|MiB)\b")


def readable(text: str) -> str:
    """Return the text with large amounts in larger units; two that would then look alike keep their digits."""
    found = _AMOUNT.findall(text)
    if not found:
        return text
    words = [_scaled(int(number), unit) for number, unit in found]
    if len(set(words)) < len(set(found)):
        return text
    replaced = iter(words)
    return _AMOUNT.sub(lambda _: next(replaced), text)


def _scaled(number: int, unit: str) -> str:
    size, step = float(number), _STEPS.index(unit)
    while size >= 1024 and step < len(_STEPS) - 1:
        size, step = size / 1024, step + 1
    return f"{size:.4g} {_STEPS[step]}"
