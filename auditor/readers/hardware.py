"""Lists of hardware and modules: lspci, lsmod, `amd-smi static`, what YOLO prints first."""

from __future__ import annotations

import re

from auditor.host.formats.pci import parse_lspci
from auditor.readers.cards import cards_in
from auditor.readers.lines import Line
from auditor.readers.notes import Notes

_PCI = re.compile(
    r"\s{0,40}(?:[0-9a-f]{4}:)?[0-9a-f]{2}:[0-9a-f]{2}\.[0-7] (?:VGA compatible|3D|Display) controller(?: \[\w{4}\])?: .{5,200}$"
)
# an AMD processor's own graphics are no accelerator that anybody computes on
_AMD_CARD = re.compile(r"Instinct|Radeon (?:RX|Pro|VII)|\bMI\d{2,3}", re.IGNORECASE)
_MODULE = re.compile(r"\s*(nvidia(?:_\w{2,10})?|nouveau|gdrdrv|amdgpu)\s+\d{4,12}\s+\d{1,4}\b")
_AMD_BLOCK = re.compile(r"\s*GPU: \d+\s*$")
_AMD_NAME = re.compile(r"\s+MARKET_NAME: (\S.{2,80})$")
_AMD_TARGET = re.compile(r"\s+TARGET_GRAPHICS_VERSION: (gfx[0-9a-f]{3,4})")
_YOLO = re.compile(r"\bPython-(\d\.\d{1,2}\.\d{1,2})\S* torch-(\d[\w.+]{2,30}) (CPU|MPS|CUDA:\d.{0,200})")
_YOLO_CARD = re.compile(r"CUDA:\d{1,2} \((.{3,60}?), (\d{3,6})Mi?B?\)")
# what package managers list: libnvidia-compute-535:amd64 535.171.04-0ubuntu1, nvidia-utils 550.78-1
_DRIVER_PACKAGE = re.compile(
    r"(?:\b(?:libnvidia-compute|libnvidia-ml|nvidia-utils|nvidia-driver(?:-libs|-cuda-libs|-cuda)?|nvidia-libs|libcuda1?)|^\s*ii\s+nvidia-smi)"
    r"(?:-\d{3})?(?:-server|-open)?(?::\w{3,6})?(?:/[\w,.-]{1,60})?[\s=:-]{1,40}(?:\d:)?(\d{3}\.\d{2,3}(?:\.\d{2})?)(?=[-\s]|$)"
)
# libcudnn8 8.9.7.29-1+cuda12.2, libcudnn9-cuda-12 9.8.0.87-1, libcudnn8-8.9.7.29-1.cuda12.2.x86_64
_CUDNN_PACKAGE = re.compile(
    r"\blibcudnn\d{1,2}(?:-cuda-\d{2})?(?::\w{3,6})?[\s=-]{1,60}(\d{1,2}\.\d{1,2}\.\d{1,3})\.\d{1,3}-\d"
)
_CUDNN_HEADER = re.compile(r"define CUDNN_(MAJOR|MINOR|PATCHLEVEL)\s+(\d{1,3})\s*$")
_XPU_SMI = re.compile(r"\| Device Name: (Intel\(R\) \S.{2,60}?)\s*\|\s*$")
_KEPT = ("nvidia", "nvidia_uvm", "nvidia_modeset", "nvidia_drm", "nvidia_peermem", "nouveau", "gdrdrv")


def read(lines: list[Line]) -> Notes:
    """Return cards, loaded modules and the framework's view that such lists tell."""
    notes = Notes()
    _amd(notes, lines)
    _modules(notes, lines)
    _cudnn_header(notes, lines)
    for line in lines:
        if _PCI.match(line.text):
            _pci(notes, line)
        elif found := _DRIVER_PACKAGE.search(line.text):
            notes.tell("nvidia.libcuda_version", found[1], line)
        elif found := _CUDNN_PACKAGE.search(line.text):
            notes.tell("loader.cudnn_version", found[1], line)
        elif found := _XPU_SMI.search(line.text):
            notes.card(line, vendor="intel", name=found[1])
        elif found := _YOLO.search(line.text):
            _yolo(notes, line, *found.groups())
    return notes


def _cudnn_header(notes: Notes, lines: list[Line]) -> None:
    """Read cudnn_version.h: three numbers, each on a line."""
    told = {found[1]: (found[2], line) for line in lines if (found := _CUDNN_HEADER.search(line.text))}
    if "MAJOR" in told:
        parts = [told[name][0] for name in ("MAJOR", "MINOR", "PATCHLEVEL") if name in told]
        notes.tell("loader.cudnn_version", ".".join(parts), told["MAJOR"][1])
        notes.take(*(line for _, line in told.values()))


def _pci(notes: Notes, line: Line) -> None:
    row = parse_lspci(line.text.strip())[0]
    named = re.findall(r"\[([^\]]{3,60})\]", str(row["name"]))
    name = named[-1] if named and "AMD/ATI" not in named[-1] else ""
    if row["vendor"] == "0x10de":
        notes.card(line, vendor="nvidia", name=name or None, pci_bus_id=row["address"])
    elif row["vendor"] == "0x1002" and _AMD_CARD.search(name):
        notes.card(line, vendor="amd", name=f"AMD {name}".replace("AMD AMD", "AMD"))


def _modules(notes: Notes, lines: list[Line]) -> None:
    found = {match[1]: line for line in lines if (match := _MODULE.match(line.text))}
    if found:
        notes.tell("nvidia.modules", [name for name in _KEPT if name in found], next(iter(found.values())))
        notes.take(*found.values())


def _amd(notes: Notes, lines: list[Line]) -> None:
    """Read `amd-smi static`: a block for each GPU, its name and its target among the fields."""
    name, first = "", None
    for line in lines:
        if _AMD_BLOCK.match(line.text):
            name, first = "", first or line
        elif found := _AMD_NAME.match(line.text):
            name = found[1].strip()
            notes.take(line)
        elif found := _AMD_TARGET.match(line.text):
            notes.take(line)
            notes.card(first or line, vendor="amd", name=name or None, gfx_target=found[1])


def _yolo(notes: Notes, line: Line, python: str, torch: str, device: str) -> None:
    notes.tell("python.version", python, line)
    notes.tell("torch.version", torch, line)
    notes.tell("smoke.pytorch.devices", ["cpu", "cuda:0"] if device.startswith("CUDA") else ["cpu"], line)
    for name, memory in _YOLO_CARD.findall(device):
        for card in cards_in(name)[:1]:
            notes.card(line, **card, memory_total_mib=int(memory))
