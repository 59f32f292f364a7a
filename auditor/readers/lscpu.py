"""lscpu and /proc/cpuinfo."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from auditor.readers.lines import Line
from auditor.readers.notes import Notes
from auditor.readers.phrases import architecture

_FIELD = re.compile(
    r"^\W{0,4}(Architecture|Model name|Vendor ID|vendor_id|flags|Flags|Features|CPU\(s\)|Hypervisor vendor|Socket\(s\))\s*:\s*(\S.*)$",
    re.IGNORECASE,
)
# how a terminal's width goes on with a list of flags: small words and nothing else
_MORE_FLAGS = re.compile(r"[a-z0-9_]{1,30}(?: [a-z0-9_]{1,30})*")
# shorter lists are somebody's choice of flags, from which nothing can be missed
_LEAST_FLAGS = 15
_MOST_LINES = 60  # of a list that was wrapped at 40 columns


def read(lines: list[Line]) -> Notes:
    """Return the processor's model, architecture and flags; a list of flags that was cut proves nothing."""
    notes = Notes()
    for index, line in enumerate(lines):
        if found := _FIELD.match(line.text):
            key = found[1].lower()
            value = found[2].strip()
            if key in ("flags", "features"):
                value = _unwrapped(notes, value, lines[index + 1 :])
            for fact, told in _facts(key, value):
                notes.tell(fact, told, line)
            notes.take(line)
    return notes


def _unwrapped(notes: Notes, flags: str, below: Sequence[Line]) -> str:
    """Return a list of flags with the lines into which a terminal broke it.

    A word may be broken too: what the break leaves is taken both as two words and as one.
    """
    words, broken = flags.split(), []
    for line in below[:_MOST_LINES]:
        if not _MORE_FLAGS.fullmatch(line.words):
            break
        notes.take(line)
        more = line.words.split()
        broken.append(words[-1] + more[0])
        words += more
    return " ".join((*words, *broken))


def _facts(key: str, value: str) -> list[tuple[str, Any]]:
    if key in ("flags", "features"):
        flags = sorted(set(value.lower().split()))
        if len(flags) < _LEAST_FLAGS or "..." in value:
            return []
        # "lm", long mode, is what makes an x86 processor one of 64 bits; "asimd" is of ARM's 64 bits alone
        arch = "x86_64" if "lm" in flags else "aarch64" if "asimd" in flags else ""
        return [("cpu.flags", flags), *([("os.arch", arch)] if arch else [])]
    if key == "architecture":
        arch = architecture(value)
        return [("os.arch", arch)] if arch else []
    if key == "cpu(s)" and value.isdigit():
        return [("cpu.logical_online", int(value))]
    names = {
        "model name": "cpu.model_name",
        "vendor id": "cpu.vendor_id",
        "vendor_id": "cpu.vendor_id",
        "hypervisor vendor": "system.hypervisor",
    }
    return [(names[key], value)] if key in names else []
