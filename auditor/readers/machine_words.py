"""The architecture and the C library of a machine, as a statement tells them."""

from __future__ import annotations

from auditor.readers.lines import Line
from auditor.readers.notes import Notes
from auditor.readers.phrases import architecture, version_in


def arch(notes: Notes, line: Line, value: str) -> None:
    """Read the machine's architecture."""
    if named := architecture(value):
        notes.tell("os.arch", named, line)


def python_arch(notes: Notes, line: Line, value: str) -> None:
    """Read the interpreter's architecture, which a translated one tells of as if it were the machine's."""
    if named := architecture(value):
        notes.tell("python.arch", named, line)


def glibc(notes: Notes, line: Line, value: str) -> None:
    """Read the version of the C library."""
    if version := version_in(value.replace("-", " ")):
        notes.tell("os.glibc_version", version, line)
