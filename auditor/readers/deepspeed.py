"""DeepSpeed's `ds_report`: which operators it can build, and the versions that it found."""

from __future__ import annotations

import re
from collections.abc import Callable

from auditor.readers.lines import Line
from auditor.readers.notes import Notes
from auditor.readers.phrases import is_nothing, version_in, whole_version

_FIELD = re.compile(r"^\W{0,4}([a-z][\w ./+()-]{2,40}?) \.{2,40} (\S.{0,300}?)\s*$")
_OPERATOR = re.compile(
    r"^\W{0,4}\w{2,40} \.{2,40} (?:\[(?:NO|YES|OKAY|FAIL)\] ?\.{0,20} ?){1,2}\s*$|^\W{0,4}op name \.{3,40} installed \.+ compatible"
)
_TITLE = re.compile(
    r"^\W{0,8}(?:DeepSpeed C\+\+(?:/CUDA)? extension op report|DeepSpeed general environment info:|JIT compiled ops requires ninja"
    r"|NOTE: Ops not installed will be just-in-time.{0,40}|runtime if needed\. Op compatibility means.{0,40}"
    r"|meet the required dependencies to JIT install the op\.)\s*$"
)
_SIZE = re.compile(r"(\d{1,6}(?:\.\d{1,3})?) ?(KB|MB|GB|TB)", re.IGNORECASE)
_KIB = {"kb": 1, "mb": 1024, "gb": 1024**2, "tb": 1024**3}


def read(lines: list[Line]) -> Notes:
    """Return what the report says of torch, DeepSpeed, nvcc, ROCm and /dev/shm.

    What DeepSpeed's own wheel was built with is no toolkit of this machine.
    """
    notes = Notes()
    for line in lines:
        if _OPERATOR.match(line.text) or _TITLE.match(line.text):
            notes.take(line)
        elif (found := _FIELD.match(line.text)) and found[1] in _FIELDS:
            notes.take(line)
            _FIELDS[found[1]](notes, line, found[2])
    return notes


def _torch(notes: Notes, line: Line, value: str) -> None:
    if version := whole_version(value):
        notes.tell("torch.version", version, line)


def _torch_cuda(notes: Notes, line: Line, value: str) -> None:
    if version := version_in(value):
        notes.tell("torch.cuda_build", version, line)
    elif is_nothing(value):
        notes.none("torch.cuda_build", "torch.version.cuda is None", line)


def _torch_hip(notes: Notes, line: Line, value: str) -> None:
    if version := version_in(value):
        notes.tell("torch.hip_build", version, line)
    elif is_nothing(value):
        notes.none("torch.hip_build", "torch.version.hip is None", line)


def _nvcc(notes: Notes, line: Line, value: str) -> None:
    if version := version_in(value):
        notes.tell("cuda.nvcc_version", ".".join(version.split(".")[:2]), line)


def _deepspeed(notes: Notes, line: Line, value: str) -> None:
    if version := whole_version(value.partition(",")[0]):
        notes.package(line, "deepspeed", version)


def _shm(notes: Notes, line: Line, value: str) -> None:
    if found := _SIZE.match(value):
        notes.tell("memory.shm_total_kib", int(float(found[1]) * _KIB[found[2].lower()]), line)


def _path(notes: Notes, line: Line, value: str) -> None:
    """Tell the Python of the folder that it stands in."""
    if found := re.search(r"[/\\]python(\d\.\d{1,2})[/\\]", value):
        notes.tell("python.version", found[1], line)


def _nothing(notes: Notes, line: Line, value: str) -> None:
    """Read nothing of a line that is known."""


_FIELDS: dict[str, Callable[[Notes, Line, str], None]] = {
    "torch install path": _path,
    "torch version": _torch,
    "torch cuda version": _torch_cuda,
    "torch hip version": _torch_hip,
    "nvcc version": _nvcc,
    "deepspeed install path": _path,
    "deepspeed info": _deepspeed,
    "deepspeed wheel compiled w.": _nothing,
    "shared memory (/dev/shm) size": _shm,
}
