"""Who asked for a shared library that the loader did not find: the last frame of the traceback above tells."""

from __future__ import annotations

import re

from auditor.readers.lines import Line
from auditor.readers.notes import Notes

_MISSING = re.compile(r"\blib(?:cu|nv|np)\w{2,20}\.so[\d.]{0,12}: cannot open shared object file")
_FRAME = re.compile(r"""File ["']([^"']{1,400})["'], line \d+""")
_PACKAGE = re.compile(r"[/\\](?:site|dist)-packages[/\\](\w{1,60})")
_LIBRARY = re.compile(r"[/\\](?:lib|Lib)[/\\]python\d|[/\\]Python\d+[/\\]Lib\b|<frozen")
_IMPORTS = re.compile(r"\s*(?:import|from) (torch|tensorflow|jax|onnxruntime)\b")
_FAR = 60  # lines above the error that a traceback may take
# the ending of a companion or a part -> whose library it is
_FAMILY = {"functorch": "torch", "caffe2": "torch", "tensorflow_core": "tensorflow", "onnxruntime_gpu": "onnxruntime"}  # fmt: skip
OWN = "a module of one's own"


def read(lines: list[Line]) -> Notes:
    """Return the package (by its folder) whose import a missing library stopped, or that it is one's own."""
    notes = Notes()
    for index, line in enumerate(lines):
        if _MISSING.search(line.text) and (who := _asker(lines, index)):
            notes.tell("log.library_wanted_by", who, line)
            break
    return notes


def _asker(lines: list[Line], index: int) -> str:
    if "onnxruntime" in lines[index].text.lower():
        return "onnxruntime"
    imported = ""
    for line in reversed(lines[max(0, index - _FAR) : index]):
        found = _FRAME.search(line.text)
        if not found:
            imported = match[1] if (match := _IMPORTS.match(line.text)) else imported
            continue
        if package := _PACKAGE.search(found[1]):
            name = package[1].lower()
            return _FAMILY.get(name, name)
        if not _LIBRARY.search(found[1]):
            return imported or OWN  # a traceback that was cut behind its first frame
    return ""
