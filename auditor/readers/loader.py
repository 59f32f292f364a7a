"""`ldd` and `ld.so`: which libraries a file asks for, and which of them nobody finds."""

from __future__ import annotations

import re

from auditor.readers.lines import Line
from auditor.readers.notes import Notes

_LIBRARY = r"[\w+.-]{2,80}\.so(?:\.[\w.]{1,30})?"
_FOUND = re.compile(
    rf"^\W{{0,16}}(?:{_LIBRARY} => )?(?:(/\S{{1,300}})|{_LIBRARY}|linux-(?:vdso|gate)\.so\.1) \(0x[0-9a-f]{{4,16}}\)\s*$"
)
_MISSING = re.compile(rf"^\W{{0,16}}({_LIBRARY}) => not found\s*$")


def read(lines: list[Line]) -> Notes:
    """Return the first library that was not found; what was found needs no word."""
    notes = Notes()
    for line in lines:
        if "=>" not in line.text and "(0x" not in line.text:
            continue
        if found := _MISSING.match(line.text):
            notes.tell("log.missing_library", found[1], line)
        elif _FOUND.match(line.text):
            notes.take(line)
    return notes
