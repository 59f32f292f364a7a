"""Pasted text -> facts: one small module a format, each a pure function from lines to `Notes`."""

from __future__ import annotations

import importlib
from collections.abc import Iterable
from typing import Any

from auditor.readers.lines import Line, split
from auditor.readers.notes import Notes, combined

# module with `read(lines) -> Notes` -> words of which one must stand in the text for its format to be there;
# where two tell the same, the earlier one counts
_OURS = "auditor.readers.own_text"
READERS: dict[str, tuple[str, ...]] = {
    _OURS: ("audited:", "fwaudit", "read: ", "posted shows", "likely cause:"),
    "auditor.readers.deepspeed": ("deepspeed",),
    "auditor.readers.tensorflow_env": ("== check ", "== tensorflow ", "== cat /etc/issue", "cuda_build"),
    "auditor.readers.loader": (".so", "glibcxx_"),
    "auditor.readers.nvidia_query": ("memory.", "driver_version", "compute_cap", "--query-gpu", "pci.bus_id"),
    "auditor.readers.package_files": (
        '"version"',
        "version = ",
        "=h",
        "=py",
        "_0",
        "=main",
        "/noarch/",
        "/linux-",
        "/win-",
        "/osx-",
        "using ",
    ),
    "auditor.readers.nvidia": ("nvidia", "gpu ", "nvcc", "nvrm", "cuda compilation", "nvml", "kernel module"),
    "auditor.readers.collect_env": ("pytorch", "cuda", "version:", "os:", "cudnn"),
    "auditor.readers.packages": (),
    "auditor.readers.prompts": ("$ ", "# ", "% ", "❯ ", ":\\"),
    "auditor.readers.driver_builds": ("nvidia/", "nvidia, ", "/lib/modules/"),
    "auditor.readers.device_files": ("/dev/kfd", "renderd"),
    "auditor.readers.programs": ("which ", "command -v "),
    "auditor.readers.amd": ("agent ", "gpu[", "rocm", "amd"),
    "auditor.readers.hardware": (
        "controller",
        "used by",
        "mig-",
        "target_graphics_version",
        "torch-",
        "nvidia_",
        "nvidia-",
        "libcuda",
        "libcudnn",
        "cudnn_major",
        "device name: intel",
    ),
    "auditor.readers.trees": ("──", "-- ", "[required:", "but you", "__glibc"),
    "auditor.readers.sections": ("* cuda:",),
    "auditor.readers.lscpu": ("architecture", "model name", "flags", "vendor", "cpu(s)"),
    "auditor.readers.fabric": ("ca '", "infiniband device"),
    "auditor.readers.xformers_info": ("build.torch_version", "gpu.compute_capability"),
    "auditor.readers.askers": ("cannot open shared object file",),
    "auditor.readers.jax_info": ("jax", "device info", "uname_result"),
}
# these read what is left: a statement's key is a short word that other formats use as well
_STATEMENTS, _LOGS = "auditor.readers.statements", "auditor.readers.logs"


def read(text: str) -> Notes:
    """Return what every reader understands of a text; lines that none does stay unread."""
    return read_lines(split(text))


def read_lines(lines: Iterable[Line]) -> Notes:
    """Return what every reader understands of lines."""
    rows = list(lines)
    low = "\n".join(line.text for line in rows).lower()
    wanted = [module for module, hints in READERS.items() if not hints or any(hint in low for hint in hints)]
    plain = importlib.import_module(_OURS).others(rows) if _OURS in wanted else rows
    first = combined([_reader(module)(rows if module == _OURS else plain) for module in wanted])
    left = [line for line in rows if line.number not in first.understood]
    told = combined([first, _reader(_STATEMENTS)(left), _forms(left), _reader(_LOGS)(plain)])
    return combined([told, _prose([line for line in rows if line.number not in first.understood], told)])


def _prose(lines: list[Line], told: Notes) -> Notes:
    """Return what sentences name that nothing else told."""
    from auditor.readers.prose import read as read_prose

    return read_prose(lines, told)


def _forms(lines: list[Line]) -> Notes:
    """Return what the answers of an issue form or an interpreter say; a question is understood with its answer."""
    from auditor.readers.forms import answers, printed

    pairs = [*answers(lines), *printed(lines)]
    notes: Notes = _reader(_STATEMENTS)([answer for _, answer in pairs])
    notes.take(*(question for question, answer in pairs if answer.number in notes.understood))
    return notes


def unread(lines: Iterable[Line], notes: Notes) -> list[Line]:
    """Return the lines with words in them that no reader understood."""
    return [
        line for line in lines if line.number not in notes.understood and any(map(str.isalnum, line.text))
    ]


def _reader(module: str) -> Any:
    return importlib.import_module(module).read
