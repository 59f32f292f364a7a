"""What uname, modinfo and /sys/module answered below a prompt: the kernel, and the driver's module in it."""

from __future__ import annotations

import re

from auditor.readers.lines import Line
from auditor.readers.notes import Notes
from auditor.readers.phrases import architecture

_RELEASE = re.compile(r"\s*(\d{1,2}\.\d{1,3}[\w.+-]{0,80})\s*$")
_VERSION = re.compile(r"\s*(?:version:\s+)?(\d{3}\.\d{2,3}(?:\.\d{2})?)\s*$")


def release(notes: Notes, _: str, __: Line, below: list[Line]) -> None:
    """Read the running kernel of `uname -r`."""
    if below and (found := _RELEASE.match(below[0].text)):
        notes.tell("os.kernel", found[1], below[0])
        notes.tell("os.platform", "wsl2" if "microsoft" in found[1].lower() else "linux", below[0])


def module(notes: Notes, command: str, _: Line, below: list[Line]) -> None:
    """Read the version of the driver's module, bare or as modinfo's field."""
    row = next((line for line in below if _VERSION.match(line.text)), None)
    if "nvidia" in command and row is not None and (found := _VERSION.match(row.text)):
        notes.tell("nvidia.kernel_module_version", found[1], row)


def macos(notes: Notes, _: str, __: Line, below: list[Line]) -> None:
    """Read macOS's release of `sw_vers`, bare or as its field."""
    for line in below:
        if found := re.match(r"\s*(?:ProductVersion:\s*)?(1[0-9]|2[0-9])((?:\.\d{1,2}){1,2})\s*$", line.text):
            notes.tell("os.platform", "darwin", line)
            notes.tell("os.version_id", found[1] + found[2], line)


def machine(notes: Notes, _: str, __: Line, below: list[Line]) -> None:
    """Read the architecture of `uname -m`."""
    if below and (named := architecture(below[0].text)) and below[0].words == named:
        notes.tell("os.arch", named, below[0])


def processor(notes: Notes, command: str, _: Line, below: list[Line]) -> None:
    """Read a Mac's processor, which only there has this name in sysctl."""
    if (
        "brand_string" in command
        and below
        and (found := re.match(r"\s*(?:machdep\S+: )?((Apple M\d|Intel).{0,60}?)\s*$", below[0].text))
    ):
        notes.tell("cpu.model_name", found[1], below[0])
        notes.tell("os.arch", "arm64" if found[2].startswith("Apple") else "x86_64", below[0])
        notes.tell("os.platform", "darwin", below[0])
