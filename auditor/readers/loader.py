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


# a person's, or a tool's, account of both ends
_GLIBCXX_ENDS = re.compile(
    r"\b(?:provides?|has|have|offers?|goes|ends?|only|maximum|highest|newest|latest|up)\b[^;.\n]{0,30}?\b(?:up to|at|to|with|is|only)?:? {0,2}[`'\"]?GLIBCXX_(\d\.\d{1,2}(?:\.\d{1,3})?)"
)
_GLIBCXX_WANTED = re.compile(
    r"\b(?:requires?|needs?|needed|wants?|asks for|expects?|required)\b:?[^;.\n]{0,20}?[`'\"]?GLIBCXX_(\d\.\d{1,2}(?:\.\d{1,3})?)"
)


def read(lines: list[Line]) -> Notes:
    """Return the first library that was not found; what was found needs no word."""
    notes = Notes()
    for line in lines:
        if "GLIBCXX_" in line.text:
            _glibcxx(notes, line)
        if "=>" not in line.text and "(0x" not in line.text:
            continue
        if found := _MISSING.match(line.text):
            notes.tell("log.missing_library", found[1], line)
        elif _FOUND.match(line.text):
            notes.take(line)
    return notes


def _glibcxx(notes: Notes, line: Line) -> None:
    if found := _GLIBCXX_WANTED.search(line.text):
        notes.tell("log.glibcxx_needed", found[1], line)
    if found := _GLIBCXX_ENDS.search(_GLIBCXX_WANTED.sub("", line.text)):
        notes.tell("os.glibcxx_max", found[1], line)
