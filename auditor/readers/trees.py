"""Trees and checks of dependencies: `uv tree`, pipdeptree, `pip check`, what pip's resolver says, `conda info`."""

from __future__ import annotations

import re

from auditor.readers.lines import Line
from auditor.readers.notes import Notes

_NAME = r"[A-Za-z0-9][\w.-]{0,60}"
_VERSION = r"\d[\w.!+-]{0,50}"
_UV = re.compile(
    rf"[\s│|]{{0,40}}[├└+`][─-]{{2}} ({_NAME})(?:\[[\w,-]{{1,60}}\])? v({_VERSION})(?: \(\*\))?\s*$"
)
_PIPDEPTREE = re.compile(
    rf"[\s│|]{{0,40}}(?:[├└+`][─-]{{2}}|-) ({_NAME}) \[required: .{{1,80}}, installed: ({_VERSION})\]"
)
_CHECK = re.compile(
    rf"\s{{0,40}}(?:ERROR: )?({_NAME}) ({_VERSION}) (?:has requirement|requires) .{{2,120}}?, "
    rf"but you(?:'ll)? have ({_NAME}) ({_VERSION}?)(?: which is incompatible)?\.?\s*$"
)
_VIRTUAL = re.compile(r"\b__(glibc|cuda)=(\d{1,2}\.\d{1,2})")
_VIRTUAL_KEYS = {"glibc": "os.glibc_version", "cuda": "nvidia.cuda_driver_version"}


def read(lines: list[Line]) -> Notes:
    """Return the distributions that are installed by such a tree or check."""
    notes = Notes()
    for line in lines:
        if found := _UV.match(line.text) or _PIPDEPTREE.match(line.text):
            notes.package(line, found[1], found[2], "pip")
        elif found := _CHECK.match(line.text):
            notes.package(line, found[1], found[2], "pip")
            notes.package(line, found[3], found[4].rstrip("."), "pip")
        for name, version in _VIRTUAL.findall(line.text):
            notes.tell(_VIRTUAL_KEYS[name], version, line)
    return notes
