"""Lines of the kernel log that name an accelerator's fault."""

from __future__ import annotations

import re

# "NVRM: Xid (PCI:0000:9b:00): 119, pid=..."; drivers before 300 leave out "PCI:"
_XID = r"NVRM: Xid \((?:PCI:)?([0-9A-Fa-f]{4,8}:[0-9A-Fa-f]{2}:[0-9A-Fa-f]{2}(?:\.[0-7])?)\): (\d{1,5})"
_SXID = r"nvidia-nvswitch\d+: SXid \(PCI:([0-9A-Fa-f:.]+)\): (\d{1,6})"
_OURS = ("NVRM", "nvidia-nvswitch", "amdgpu", "habanalabs", "i915", "mlx5_core")


def relevant(lines: list[str], at_most: int = 400) -> list[str]:
    """Return the last lines that an accelerator's driver wrote: nothing else of a log is kept."""
    return [line for line in lines if any(word in line for word in _OURS)][-at_most:]


def xids(text: str) -> list[list[str | int]]:
    """Return each [PCI address, code] of NVRM's Xid messages once, sorted."""
    found = {(address.lower(), int(code)) for address, code in re.findall(_XID, text)}
    return [list(pair) for pair in sorted(found)]


def sxids(text: str) -> list[list[str | int]]:
    """Return each [PCI address, code] of the NVSwitches' SXid messages once, sorted."""
    found = {(address.lower(), int(code)) for address, code in re.findall(_SXID, text)}
    return [list(pair) for pair in sorted(found)]
