"""Who may open an AMD GPU's device files: `ls -l /dev/kfd /dev/dri`, beside `groups` or `id`."""

from __future__ import annotations

import re
from typing import Any

from auditor.readers.lines import Line
from auditor.readers.notes import Notes
from auditor.readers.prompts import answered

_NODE = re.compile(
    r"\bc([r-][w-])[x-]([r-][w-])[x-]([r-][w-])[x-][.+]?\s{1,4}\d{1,3}\s{1,4}([\w-]{1,32})\s{1,12}([\w-]{1,32})\s{1,8}\d{1,4}, {0,6}\d{1,6}\s.{0,40}?(/dev/kfd|/dev/dri/renderD\d{1,4}|renderD\d{1,4}|kfd)\s*$"
)
_ID = re.compile(r"\buid=(\d{1,10})(?:\([\w.-]{1,32}\))? gid=.{1,60}? groups=(\S{1,2000})")
_LABELLED = re.compile(r"^\W{0,4}(?:my |user )?groups\W{1,4}((?:[a-z_][\w.-]{0,31} {0,3}){2,40})$")
_NAMES = re.compile(r"(?:[\w.-]{1,32} : )?((?:[a-z_][\w.-]{0,31} {0,3}){1,40})")
_ASKED = ("groups", "id -nG", "id -Gn")
_OWNERS = ("render", "video")


def read(lines: list[Line]) -> Notes:
    """Return the device files and the groups that the user lacks; nothing where the groups are not told."""
    notes = Notes()
    nodes = [(line, found) for line in lines if (found := _NODE.search(line.text))]
    told = _groups(lines)
    if not nodes or told is None:
        return notes
    groups, root, line = told
    rows = [_row(found, groups, root) for _, found in nodes]
    shut = {row["group"] for row in rows if not row["readable"]}
    first = nodes[0][0]
    notes.tell("amd.device_access", rows, first)
    notes.tell("amd.groups_missing", sorted(shut.intersection(_OWNERS)), line)
    notes.tell("accelerators.vendors", ["amd"], first)
    notes.take(line, *(line for line, _ in nodes))
    return notes


def _row(found: re.Match[str], groups: set[str], root: bool) -> dict[str, Any]:
    """Return one file; what the owner may is the user's only where that is root."""
    bits = found[1] if root else found[2] if found[5] in groups else found[3]
    name = found[6]
    path = name if name.startswith("/") else f"/dev/{'' if name == 'kfd' else 'dri/'}{name}"
    return {"path": path, "readable": "r" in bits, "writable": "w" in bits, "mode": "", "group": found[5]}


def _groups(lines: list[Line]) -> tuple[set[str], bool, Line] | None:
    """Return the user's groups, whether it is root, and where that is said."""
    for line in lines:
        if found := _ID.search(line.text):
            return set(re.findall(r"\d{1,10}\(([\w.-]{1,32})\)", found[2])), found[1] == "0", line
        if found := _LABELLED.match(line.text):
            return set(found[1].split()), found[1].startswith("root"), line
    for command, _, below in answered(lines):
        asked = any(
            f"{part.strip()} ".startswith(f"{word} ") for part in command.split(";") for word in _ASKED
        )
        if asked and below and (found := _NAMES.fullmatch(below[0].words)):
            return set(found[1].split()), found[1].startswith("root"), below[0]
    return None
