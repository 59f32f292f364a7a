"""rocminfo, rocm-smi and amd-smi."""

from __future__ import annotations

import itertools
import re

from auditor.host.formats import rocm_smi
from auditor.readers.lines import Line
from auditor.readers.notes import Notes

_AGENT = re.compile(r"^\s*Agent \d+\s*$")
_SMI = re.compile(
    r"^\s*GPU\[(\d+)\]\s*:\s*(?:Card series|Card Series|Device Name|Marketing Name):\s*(\S.{0,100})$"
)
_GFX = re.compile(r"^\s*GPU\[(\d+)\]\s*:\s*GFX Version:\s*(gfx\w+)", re.IGNORECASE)
# `amd-smi` alone prints a table: the address and the name of each card stand in one cell
_TABLE = re.compile(
    r"^\s{0,16}\| ([0-9a-f]{4}:[0-9a-f]{2}:[0-9a-f]{2}\.[0-7]) {1,30}((?:AMD|Radeon|Instinct)\b[^|]{2,60}?) {0,20}\|"
)
# a line of rocminfo: an agent's heading, a rule of stars, or an indented field
_BLOCK_LINE = re.compile(r"\s*(?:Agent \d+|\*{3}.{0,40})?\s*$|\s+[^\s$%#>]")
_NAME = re.compile(r"^\s*Name:\s+(gfx[0-9a-f]{3,4})\s*$")
_MARKETING = re.compile(r"^\s*Marketing Name:\s+(\S.{1,80}?)\s*$")
_ROCM = re.compile(r"\bROCm [Vv]ersion\s{0,20}:?\s{0,20}(\d+\.\d+(?:\.\d+)?)")


def read(lines: list[Line]) -> Notes:
    """Return AMD's cards, their targets and the ROCm release."""
    notes = Notes()
    _rocminfo(notes, lines)
    if not notes.cards:
        _rocm_smi(notes, lines)
    for line in lines:
        if found := _ROCM.search(line.text):
            notes.tell("amd.rocm_version", found[1], line)
    return notes


def _rocminfo(notes: Notes, lines: list[Line]) -> None:
    starts = [index for index, line in enumerate(lines) if _AGENT.match(line.text)]
    if not starts:
        _searched(notes, lines)
        return
    block = list(itertools.takewhile(_in_block, lines[starts[0] : starts[-1] + 120]))
    for device in rocm_smi.parse_rocminfo("\n".join(line.text for line in block)):
        notes.card(lines[starts[0]], vendor="amd", **{k: v for k, v in device.values.items() if k != "uuid"})
    notes.take(*block)


def _searched(notes: Notes, lines: list[Line]) -> None:
    """Read `rocminfo | grep Name`: a target as a name, the card's own name on the next line."""
    for above, below in itertools.pairwise([*lines, Line(0, "")]):
        if target := _NAME.match(above.text):
            named = _MARKETING.match(below.text)
            notes.card(above, vendor="amd", name=named[1] if named else None, gfx_target=target[1])
            if named:
                notes.take(below)


def _in_block(line: Line) -> bool:
    return _BLOCK_LINE.match(line.text) is not None


def _rocm_smi(notes: Notes, lines: list[Line]) -> None:
    targets = {found[1]: found[2] for line in lines if (found := _GFX.match(line.text))}
    for line in lines:
        if found := _SMI.match(line.text):
            notes.card(line, vendor="amd", name=found[2].strip(), gfx_target=targets.get(found[1]))
        elif found := _TABLE.match(line.text):
            notes.card(line, vendor="amd", name=found[2], pci_bus_id=found[1])
