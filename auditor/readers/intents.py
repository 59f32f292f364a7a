"""What sentences say of the machine and of what is wanted of it: that it has no GPU, that the CPU is meant."""

from __future__ import annotations

import re

from auditor.readers.lines import Line
from auditor.readers.notes import Notes

_CARD = r"(?:(?:dedicated|discrete|physical|nvidia|amd|cuda|supported) ){0,2}(?:gpus?|graphics cards?|video cards?)"
_MACHINE = r"(?:machine|laptop|notebook|computer|desktop|workstation|pc|server|box|vm|virtual machine|node|runner|host)"
# said by who knows the machine: "this laptop has no NVIDIA GPU", "there is no GPU in this server"
_WITHOUT = re.compile(
    rf"\b(?:(?:this|my|our|the|that) (?:\w{{1,12}} )?{_MACHINE}|I|we|which|it) (?:(?:does not|doesn't|do not|don't) have (?:an? |any )?|ha(?:s|ve) no ){_CARD}\b"
    rf"|\bthere(?: is|'s| are) no {_CARD} (?:in|on) (?:this|my|our|the|that) (?:\w{{1,12}} )?{_MACHINE}\b"
    rf"|\b{_MACHINE} without (?:an? |any ){_CARD}\b|\bno {_CARD} (?:in|on) (?:this|my|our) {_MACHINE}\b",
    re.IGNORECASE,
)
# what a program said of it, or what is wrong: then it may have one
_DOUBTED = re.compile(
    r"\b(?:says?|said|claims?|reports?|thinks?|tells?|complain\w*|detect\w*|recogni\w*|according|error|visible|available to|access|but|although|though|even|if|when|free)\b",
    re.IGNORECASE,
)
_CPU_MEANT = re.compile(
    r"\bcpu\b[^.;:?!]{0,40}\b(?:on purpose|intentional(?:ly)?|deliberate(?:ly)?|by choice|by design)\b"
    r"|\b(?:on purpose|intentional(?:ly)?|deliberate(?:ly)?)\b[^.;:?!]{0,40}\bcpu\b"
    r"|\bcpu(?:[- ]only)?\b[^.;:?!]{0,24}\bis (?:just |quite |perfectly )?(?:fine|ok|okay|enough|all right|sufficient) (?:for|with|by) (?:me|us|my|our|this|now)\b"
    r"|\b(?:I|we) (?:only|just) (?:want|need)(?: to (?:use|run on))? (?:the )?cpu\b(?! time)"
    r"|\b(?:I|we) (?:do not|don't) (?:need|want)(?: to use)? (?:the |a |any |my |our )?gpus?\b(?! ?\d| memory)",
    re.IGNORECASE,
)
_TURNED = re.compile(
    r"\b(?:but|however|whereas|while|although|not (?:on purpose|intentional\w*|by choice))\b", re.IGNORECASE
)


def read(notes: Notes, sentences: list[Line], *, cards: bool) -> None:
    """Tell that a machine has no GPU, where no card is told of, and that somebody means to use the CPU alone."""
    for line in sentences:
        if not cards and _WITHOUT.search(line.text) and not _DOUBTED.search(line.text):
            notes.tell("accelerators.vendors", [], line)
        if _CPU_MEANT.search(line.text) and not _TURNED.search(line.text):
            notes.tell("request.avoids", ["gpu"], line)
