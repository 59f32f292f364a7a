"""`python -m xformers.info`: the torch and the card that it found, and the torch that it was built for."""

from __future__ import annotations

import re

from auditor.readers.lines import Line
from auditor.readers.notes import Notes

_FIELD = re.compile(
    r"\W{0,4}(pytorch\.version|gpu\.name|gpu\.compute_capability|build\.torch_version|build\.python_version|build\.cuda_version"
    r"|pytorch\.cuda|build\.info|[\w.*]{3,60}(?:\.\w{1,12})?):\s+(\S.{0,80}?)\s*$"
)
_RELEASE = re.compile(r"\d+\.\d+(?:\.\d+)?(?:\+\w{2,10})?$")
_SAYS_LITTLE = ("available", "unavailable", "True", "False", "open source", "None", "")
_HEAD = re.compile(r"\bxFormers (\d+\.\d+[\w.+]{0,30})\s*$")


def read(lines: list[Line]) -> Notes:
    """Return what the rows tell; a build for another torch than is here is xFormers' own word for that."""
    notes = Notes()
    rows = {found[1]: (found[2], line) for line in lines if (found := _FIELD.match(line.text))}
    if "build.torch_version" not in rows and "gpu.compute_capability" not in rows:
        return notes
    for line in lines:
        if head := _HEAD.search(line.text):
            notes.package(line, "xformers", head[1])
    notes.take(
        *(line for key, (value, line) in rows.items() if key.startswith("build.") or value in _SAYS_LITTLE)
    )
    _card(notes, rows)
    _built_for(notes, rows)
    return notes


def _card(notes: Notes, rows: dict[str, tuple[str, Line]]) -> None:
    name, line = rows.get("gpu.name", ("", None))
    capability, other = rows.get("gpu.compute_capability", ("", None))
    if line is not None and name != "None":
        notes.card(line, vendor="nvidia", name=name, compute_capability=capability or None)
    if other is not None:
        notes.take(other)


def _built_for(notes: Notes, rows: dict[str, tuple[str, Line]]) -> None:
    torch, here = rows.get("pytorch.version", ("", None))
    built, line = rows.get("build.torch_version", ("", None))
    if here is not None and _RELEASE.match(torch):
        notes.tell("torch.version", torch, here)
        if line is not None and _RELEASE.match(built) and _minor(built) != _minor(torch):
            notes.tell("log.extension", "xformers", line)
            notes.tell("log.extension_torch", built, line)


def _minor(version: str) -> list[str]:
    return version.split("+")[0].split(".")[:2]
