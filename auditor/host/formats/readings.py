"""One device as a tool shows it: values, "there is none", and values that the tool could not get."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import msgspec

# what tools print where a card lacks the feature: an answer
_NONE = {
    "", "n/a", "na", "not supported", "not available", "requested functionality has been deprecated",
    "not active on this platform", "none present",
}  # fmt: skip
# what they print where the value exists but could not be read
_BAD = (
    "err!",
    "unknown",
    "gpu requires reset",
    "insufficient permissions",
    "gpu is lost",
    "not found",
    "???",
)


class Device(msgspec.Struct):
    """Fields by the last part of their fact key; None says that there is none, `problems` why one is unknown."""

    values: dict[str, Any] = {}
    problems: dict[str, str] = {}

    def put(self, field: str, text: str | None, how: Callable[[str], Any]) -> None:
        """Keep a field's text, if the tool gave one, as `how` reads it; never raises."""
        if text is None:
            return
        clean = text.strip()
        if clean.startswith("[") and clean.endswith("]"):
            clean = clean[1:-1].strip()
        lower = clean.lower()
        if lower in _NONE:
            self.values[field] = None
        elif lower.startswith(_BAD):
            self.problems[field] = f"the tool says {clean!r}"
        else:
            self._convert(field, clean, how)

    def _convert(self, field: str, text: str, how: Callable[[str], Any]) -> None:
        try:
            self.values[field] = how(text)
        except (ValueError, LookupError, AttributeError):
            self.problems[field] = f"could not be understood: {text[:60]!r}"


def number(text: str) -> float:
    """Return the first number of a text such as "165.93 W"."""
    found = re.search(r"-?\d+(?:\.\d+)?", text)
    if found is None:
        msg = f"no number in {text!r}"
        raise ValueError(msg)
    return float(found.group())


def whole(text: str) -> int:
    """Return the first number of a text such as "16x", rounded to an integer."""
    return round(number(text))


def mib(text: str) -> int:
    """Return a size such as "81559 MiB" or "79.6 GiB" in MiB; a bare number is MiB."""
    unit = re.search(r"\b([KMGT])i?B\b", text, re.IGNORECASE)
    factor = {"K": 1 / 1024, "M": 1, "G": 1024, "T": 1024**2}[unit.group(1).upper() if unit else "M"]
    return round(number(text) * factor)


def yes(text: str) -> bool:
    """Return a Yes/No as a truth value."""
    words = {"yes": True, "no": False, "true": True, "false": False, "1": True, "0": False}
    return words[text.lower()]


def count_or_none(text: str | None) -> int | None:
    """Return a count, or None where there is no number."""
    return int(text) if text and text.strip().isdigit() else None
