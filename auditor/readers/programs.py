"""`which python torchrun`: where a shell finds Python and the programs that start others with it."""

from __future__ import annotations

import re

from auditor.readers.lines import Line
from auditor.readers.notes import Notes
from auditor.readers.prompts import answered

_NAMES = r"(python|torchrun|pip|accelerate|deepspeed|jupyter|ipython)3?"
_PATH = re.compile(rf"\s*(/[\w./+-]{{1,200}}/{_NAMES})\s*")
_LABELLED = re.compile(
    rf"\W{{0,4}}(?:which|command -v|type) {_NAMES}\W{{1,4}}(?:\w{{1,12}} is )?(/[\w./+-]{{1,200}}/{_NAMES})\s*"
)
_ASKED = re.compile(r"\b(?:which|command -v) ")


def read(lines: list[Line]) -> Notes:
    """Return the paths by name; of several for one name the first is the one that runs."""
    notes = Notes()
    paths = [(line, found[1], found[2]) for line in lines if (found := _LABELLED.fullmatch(line.text))]
    for command, _, below in answered(lines):
        if _ASKED.search(command):
            paths += [(line, found[2], found[1]) for line in below if (found := _PATH.fullmatch(line.text))]
    if paths:
        programs: dict[str, str] = {}
        for line, name, path in paths:
            programs.setdefault(name, path)
            notes.take(line)
        notes.tell("log.programs", programs, paths[0][0])
    return notes
