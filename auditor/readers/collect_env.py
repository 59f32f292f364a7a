"""`python -m torch.utils.collect_env` of all ages, and the reports that others built on it (vLLM's among them)."""

from __future__ import annotations

import re
from collections.abc import Callable

from auditor.readers.cards import cards_in
from auditor.readers.lines import Line
from auditor.readers.notes import Notes
from auditor.readers.phrases import glibc_of, is_nothing, kernel, python, system, version_in, whole_version

_NO_TOOL = "collect_env could not ask nvidia-smi"
_CUDNN = re.compile(r"^\s{0,8}(?:cuDNN version:\s*)?/[\w./+-]{1,200}/libcudnn(?:_\w+)?\.so\.(\d+\.\d+\.\d+)")


def read(lines: list[Line]) -> Notes:
    """Return the facts of the dump's fields. "Could not collect" is unknown, or absent where the tool means it."""
    notes = Notes()
    for line in lines:
        if found := _FIELD.match(line.text):
            _FIELDS[found[1].lower()](notes, line, found[2].strip(" *`"))
    _cudnn(notes, lines)
    return notes


def _torch(notes: Notes, line: Line, value: str) -> None:
    if is_nothing(value):
        notes.unsure("torch.version", "torch could not be imported when this was collected", line)
    elif version := whole_version(value.split()[0]):
        notes.tell("torch.version", version, line)
        notes.tell("smoke.pytorch.import", "ok", line)


def _cuda(notes: Notes, line: Line, value: str) -> None:
    if version := version_in(value):
        notes.tell("torch.cuda_build", version, line)
    elif value.upper() == "N/A":  # torch could not be imported, or it is a ROCm build
        notes.take(line)
    elif is_nothing(
        value
    ):  # torch.version.cuda is None; "Could not collect" stands for None where a GPU answers
        notes.none("torch.cuda_build", "torch.version.cuda is None", line)


def _rocm(notes: Notes, line: Line, value: str) -> None:
    if version := version_in(value):
        notes.tell("torch.hip_build", version, line)
    elif value.upper() == "N/A":
        notes.none("torch.hip_build", "torch.version.hip is None", line)


def _available(notes: Notes, line: Line, value: str) -> None:
    answer = value.lower()
    if answer.startswith(("true", "yes")):
        notes.tell("smoke.pytorch.devices", ["cpu", "cuda:0"], line)
    elif answer.startswith(("false", "no")):
        notes.tell("smoke.pytorch.devices", ["cpu"], line)
    else:
        notes.take(line)


def _xpu(notes: Notes, line: Line, value: str) -> None:
    notes.take(line)
    if value.lower().startswith("true"):
        notes.tell("torch.build", "xpu", line)


def _nvcc(notes: Notes, line: Line, value: str) -> None:
    if version := version_in(value):
        notes.tell("cuda.nvcc_version", ".".join(version.split(".")[:2]), line)
    else:
        notes.none("cuda.nvcc_version", "collect_env found no nvcc", line)


def _driver(notes: Notes, line: Line, value: str) -> None:
    if version := version_in(value):
        notes.tell("nvidia.driver_version", version, line)
    else:
        notes.unsure("nvidia.driver_version", f"{_NO_TOOL}: {value or 'no answer'}", line)


def _gpus(notes: Notes, line: Line, value: str) -> None:
    value = re.sub(r"^GPU \d+:\s*", "", value)
    if is_nothing(value):
        notes.unsure(
            "nvidia.gpu_count", f"{_NO_TOOL}: {value or 'no answer'}", line
        ) if value else notes.take(line)
        return
    notes.take(line)
    for card in cards_in(value):
        notes.card(line, **card)


def _os(notes: Notes, line: Line, value: str) -> None:
    notes.take(line)
    if is_nothing(value):
        return
    if value.lower() not in ("linux", "windows", "darwin"):  # which system it is, but not which release
        notes.tell("os.pretty_name", value, line)
    for key, answer in system(value).items():
        notes.tell(key, answer, line)
    if (found := re.search(r"\bglibc[- ]?(2\.\d{1,2})", value)) and (glibc := glibc_of(found[1])):
        notes.tell("os.glibc_version", glibc, line)


def _libc(notes: Notes, line: Line, value: str) -> None:
    notes.take(line)
    if value.startswith("glibc") and (version := version_in(value.replace("-", " "))):
        notes.tell("os.libc", "glibc", line)
        if glibc := glibc_of(version):
            notes.tell("os.glibc_version", glibc, line)


def _python(notes: Notes, line: Line, value: str) -> None:
    if version := python(value):
        notes.tell("python.version", version, line)
        if "conda" in value.lower():
            notes.tell("python.installer", "conda", line)


def _platform(notes: Notes, line: Line, value: str) -> None:
    notes.take(line)
    for key, answer in system(value).items():
        notes.tell(key, answer, line)
    if release := kernel(value):
        notes.tell("os.kernel", release, line)


def _gcc(notes: Notes, line: Line, value: str) -> None:
    if version := version_in(value.rpartition(")")[2] or value):
        notes.tell("compilers.gcc", version, line)
    else:
        notes.none("compilers.gcc", "collect_env found no gcc", line)


def _nothing(notes: Notes, line: Line, value: str) -> None:  # noqa: ARG001
    notes.take(line)


def _cudnn_version(notes: Notes, line: Line, value: str) -> None:
    """Tell a plain number, as a person writes it; the files that the dump names are read together."""
    notes.take(line)
    if re.fullmatch(r"v?[5-9]\.\d{1,2}(?:\.\d{1,3}){0,2}", value):
        notes.tell("loader.cudnn_version", value.lstrip("v"), line)


def _cudnn(notes: Notes, lines: list[Line]) -> None:
    """Tell the cuDNN of the system where all files named are of one version."""
    named = [
        (found[1], line)
        for line in lines
        if (found := _CUDNN.search(line.text)) and "site-packages" not in line.text
    ]
    notes.take(*(line for _, line in named))
    if len({version for version, _ in named}) == 1:
        notes.tell("loader.cudnn_version", *named[0])


_FIELDS: dict[str, Callable[[Notes, Line, str], None]] = {
    "pytorch version": _torch,
    "cuda used to build pytorch": _cuda,
    "rocm used to build pytorch": _rocm,
    "is cuda available": _available,
    "is xpu available": _xpu,
    "cuda runtime version": _nvcc,
    "nvidia driver version": _driver,
    "gpu models and configuration": _gpus,
    "os": _os,
    "libc version": _libc,
    "python version": _python,
    "python platform": _platform,
    "cudnn version": _cudnn_version,
    "gcc version": _gcc,
    **dict.fromkeys(
        ("is debug build", "clang version", "cmake version", "cuda_module_loading set to",
         "hip runtime version", "miopen runtime version", "is xnnpack available", "versions of relevant libraries",
         "caching allocator config", "rocm version", "cuda_module_loading", "nvidia cuda-capable gpu models"),
        _nothing,
    ),
}  # fmt: skip
_NAMES = "|".join(sorted(map(re.escape, _FIELDS), key=len, reverse=True))
# a person may quote one line of it behind a word of their own
_FIELD = re.compile(
    rf"^\W{{0,8}}(?:[a-z][\w ]{{0,30}}: )?({_NAMES})[`*]{{0,3}}\s*:(?!:)\s*(.*)$", re.IGNORECASE
)
