"""Lightning's environment report: fields whose names mean something under their heading only."""

from __future__ import annotations

import re

from auditor.readers.cards import cards_in
from auditor.readers.lines import Line
from auditor.readers.notes import Notes
from auditor.readers.phrases import is_nothing, version_in

_HEADING = re.compile(r"\s*\* ([A-Z][A-Za-z ]{1,20}):\s*$")
_FIELD = re.compile(r"\s*- ([\w -]{2,30}):\s*(\S.*)?$")
_ITEM = re.compile(r"\s*- (?!.*:\s)(\S.{3,80})$")


def read(lines: list[Line]) -> Notes:
    """Return the cards, whether CUDA is available and the CUDA of the build, as the section "CUDA" tells."""
    notes = Notes()
    heading = ""
    for line in lines:
        if found := _HEADING.match(line.text):
            heading = found[1].lower()
            notes.take(line)
        elif heading == "cuda":
            _cuda(notes, line)
    return notes


def _cuda(notes: Notes, line: Line) -> None:
    if found := _FIELD.match(line.text):
        key, value = found[1].lower(), (found[2] or "").strip()
        if key == "available" and value.lower() in ("true", "false"):
            notes.tell(
                "smoke.pytorch.devices", ["cpu", "cuda:0"] if value.lower() == "true" else ["cpu"], line
            )
        elif key == "version" and version_in(value):
            notes.tell("torch.cuda_build", version_in(value), line)
        elif key == "version" and is_nothing(value):
            notes.none("torch.cuda_build", "torch.version.cuda is None", line)
    elif item := _ITEM.match(line.text):
        for card in cards_in(item[1]):
            notes.card(line, **card)
