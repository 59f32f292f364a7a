"""lscpu and /proc/cpuinfo."""

from __future__ import annotations

import re
from typing import Any

from auditor.readers.lines import Line
from auditor.readers.notes import Notes
from auditor.readers.phrases import architecture

_FIELD = re.compile(
    r"^\W{0,4}(Architecture|Model name|Vendor ID|vendor_id|flags|Flags|Features|CPU\(s\)|Hypervisor vendor|Socket\(s\))\s*:\s*(\S.*)$",
    re.IGNORECASE,
)
# shorter lists are somebody's choice of flags, from which nothing can be missed
_LEAST_FLAGS = 15


def read(lines: list[Line]) -> Notes:
    """Return the processor's model, architecture and flags; a list of flags that was cut proves nothing."""
    notes = Notes()
    for line in lines:
        if found := _FIELD.match(line.text):
            key = found[1].lower()
            for fact, value in _facts(key, found[2].strip()):
                notes.tell(fact, value, line)
            notes.take(line)
    return notes


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
