"""For which kernels the NVIDIA module was built: `dkms status`, and its files below /lib/modules."""

from __future__ import annotations

import re

from auditor.readers.lines import Line
from auditor.readers.notes import Notes

# "nvidia/550.90.07, 6.8.0-45-generic, x86_64: installed", "nvidia, 396.45, 4.17.14-202.fc28.x86_64, x86_64: built", "nvidia/390.157: added"
_ROW = re.compile(
    r"^\W{0,4}nvidia[\w-]{0,20}(?:/|, )(\d{3}\.[\d.]{2,9})(?:, ([\w.+~-]{3,80}), (?:x86_64|aarch64))?: (added|built|installed)\b"
)
_FILE = re.compile(
    r"/lib/modules/([\w.+~-]{3,80})/[\w./+-]{1,120}/nvidia(?:[-_]uvm)?\.ko(?:\.(?:xz|zst|gz))?(?!\w)"
)


def read(lines: list[Line]) -> Notes:
    """Return the builds that a text tells of; a file tells no version."""
    notes = Notes()
    rows = []
    for line in lines:
        if found := _ROW.match(line.text):
            rows.append((line, {"version": found[1], "kernel": found[2] or "", "state": found[3]}))
        elif (found := _FILE.search(line.text)) and not re.search(r"\bbuild\b|not found|No such", line.text):
            rows.append((line, {"version": "", "kernel": found[1], "state": "installed"}))
    if rows:
        notes.tell("log.driver_builds", [row for _, row in rows], rows[0][0])
        notes.take(*(line for line, _ in rows))
    return notes
