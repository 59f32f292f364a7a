"""`jax.print_environment_info()`: the fields that no other tool has."""

from __future__ import annotations

import re

from auditor.readers.cards import cards_in
from auditor.readers.lines import Line
from auditor.readers.notes import Notes

_DEVICES = re.compile(r"jax\.(?:local_)?devices\b.{0,60}?:\s*\[(.{0,600})")
_INFO = re.compile(r"^\W{0,4}device info:\s*(.{2,120}?)-(\d{1,4}), \d+ local devices", re.IGNORECASE)
_UNAME = re.compile(r"uname_result\(system='(\w+)'.{0,120}?release='([^']{1,80})'.{0,200}?machine='(\w+)'")
_PLATFORMS = {"linux": "linux", "darwin": "darwin", "windows": "windows"}


def read(lines: list[Line]) -> Notes:
    """Return the devices that JAX saw, and the system by uname."""
    notes = Notes()
    for line in lines:
        if found := _DEVICES.search(line.text):
            notes.tell("smoke.jax.devices", _devices(found[1]), line)
            notes.tell("smoke.jax.import", "ok", line)
        if found := _INFO.match(line.text):
            notes.tell("smoke.jax.import", "ok", line)
            if found[1].strip().lower() == "cpu":
                notes.tell("smoke.jax.devices", ["cpu:0"], line)
            for card in cards_in(found[1])[:1] * min(int(found[2]), 64):
                notes.card(line, **card)
        if found := _UNAME.search(line.text):
            system, release, machine = found.groups()
            if platform := _PLATFORMS.get(system.lower()):
                notes.tell("os.platform", "wsl2" if "microsoft" in release.lower() else platform, line)
            notes.tell("os.kernel", release, line)
            notes.tell("os.arch", machine, line)
    return notes


def _devices(text: str) -> list[str]:
    names = re.findall(
        r"\b(cuda|gpu|rocm|tpu|cpu)", text.lower().replace("cudadevice", "cuda").replace("cpudevice", "cpu")
    )
    return [f"{name}:{index}" for index, name in enumerate(names[:64])]
