"""nvidia-smi in any layout, nvcc, and what the kernel module says of itself."""

from __future__ import annotations

import itertools
import re

from auditor.host.formats import kernel_log, nvidia_smi
from auditor.host.formats.readings import Device
from auditor.readers.cards import cards_in
from auditor.readers.lines import Line
from auditor.readers.notes import Notes

_HEAD = re.compile(
    r"NVIDIA-SMI\s+([\d.]+)\s+(?:Driver|KMD) Version:\s*([\d.]+)(?:.{0,80}?CUDA (?:UMD )?Version:\s*(\d{1,2}\.\d{1,2})(?!\d))?"
)
_LISTED = re.compile(r"^\W{0,4}GPU ([\d,]{1,60}):\s*(?!\s)(.{2,160})$")
_CAPABILITY = re.compile(r"^\W{0,4}GPU ([\d,]{1,60}) Compute Capability:\s*(\d{1,2}\.\d)\s*$", re.IGNORECASE)
_MIG = re.compile(r"^\s+MIG (\S+)\s+Device\s+(\d+): \(UUID: (MIG-[\w/-]{8,80})\)")
_NVCC = re.compile(
    r"Cuda compilation tools, release (\d+\.\d+)|\bnvcc\b.{0,40}\brelease (\d+\.\d+)", re.IGNORECASE
)
_MODULE = re.compile(r"NVRM version:.{0,60}Kernel Module(?: for \S+)?\s+(\d{3}\.[\d.]+)")
_MODINFO = re.compile(r"\bnvidia\S*\.ko(?:\.\w+)?\b")
_MODINFO_VERSION = re.compile(r"^\s*version:\s+(\d{3}\.[\d.]+)\s*$")
_API = re.compile(
    r"the client has (?:the )?version (\d{3}[\d.]+\d).{0,60}kernel module has (?:the )?version (\d{3}[\d.]+\d)"
)
# what a link of the driver's libraries points to; a name alone may be one that is missing
_LINKED = re.compile(
    r"\blib(?:cuda|nvidia-ml)\.so\S{0,8} ?-> ?\S{0,80}\blib(?:cuda|nvidia-ml)\.so\.(\d{3}\.\d{2,3}(?:\.\d{2})?)\b"
)
_NVML = re.compile(
    r"(?:Failed to initialize NVML|NVML library version|Driver/library version mismatch).{0,120}"
)
_MISSING = re.compile(
    r"nvidia-smi'?:? (?:command )?not found|'nvidia-smi' is not recognized|nvidia-smi: No such file|exec: \"nvidia-smi\": executable file not found",
    re.IGNORECASE,
)
_FAILED = re.compile(
    r"NVIDIA-SMI has failed because|No devices were found|Unable to determine the device handle|GPU access blocked"
)
# where the long layouts begin; of an excerpt, with a card's heading
_LONG = re.compile(
    r"NVSMI LOG|<nvidia_smi_log|^\s{0,8}GPU [0-9A-Fa-f]{8}:[0-9A-Fa-f]{2}:[0-9A-Fa-f]{2}\.\d\s*$"
)
_QUERY_LINE = re.compile(r"\s*$|\s+[^\s$%#>]|=+NVSMI|GPU [0-9A-Fa-f:.]+\s*$|[A-Z][\w ]{2,40}\s+: ")
_TABLE_END = 400  # lines of a table that are looked at
_CARD_FIELDS = ("name", "uuid", "pci_bus_id", "memory_total_mib", "memory_used_mib", "memory_free_mib", "compute_mode",
                "mig_mode", "mig_devices", "persistence_mode", "ecc_mode", "driver_model", "utilization_percent",
                "temperature_c", "ecc_uncorrected_volatile", "processes", "compute_capability", "fabric_state",
                "fabric_status", "remapped_rows", "retired_pages", "recovery_action")  # fmt: skip


def read(lines: list[Line]) -> Notes:
    """Return driver, its CUDA, the cards and the states that nvidia-smi, nvcc and the module's lines tell."""
    notes = Notes()
    for index, line in enumerate(lines):
        if found := _HEAD.search(line.text):
            _table(notes, lines, index, found)
    _whole(notes, lines)
    for index, line in enumerate(lines):
        _listed(notes, line)
        _versions(notes, lines, index)
        _states(notes, line)
    _linked(notes, lines)
    _xids(notes, lines)
    return notes


def _linked(notes: Notes, lines: list[Line]) -> None:
    """Tell the driver's libraries by the links to them; where these differ, they are of two places.

    A toolkit's compatibility package has a libcuda of its own, and rightly of another release.
    """
    if any("compat" in line.text for line in lines):
        return
    told = [(line, found[1]) for line in lines if (found := _LINKED.search(line.text))]
    if len({version for _, version in told}) == 1:
        notes.tell("nvidia.libcuda_version", told[0][1], told[0][0])


def _table(notes: Notes, lines: list[Line], index: int, found: re.Match[str]) -> None:
    line = lines[index]
    notes.tell("nvidia.driver_version", found[2].rstrip("."), line)
    notes.tell("nvidia.tool_state", "ok", line)
    if found[3]:
        notes.tell("nvidia.cuda_driver_version", found[3], line)
    block = [row for row in lines[index : index + _TABLE_END] if row.words.startswith(("|", "+"))]
    text = "\n".join(row.words for row in block)
    try:
        report = nvidia_smi.parse(text) if text.startswith("| NVIDIA-SMI") else None
    except (ValueError, LookupError):
        return
    if report and report.devices and not notes.cards:
        notes.take(*block)
        _devices(notes, report.devices, line)


def _whole(notes: Notes, lines: list[Line]) -> None:
    """Read the long layouts, -q and XML, from their first line on."""
    start = next((i for i, line in enumerate(lines) if _LONG.search(line.text)), None)
    if start is None:
        return
    rows = lines[start:]
    if "<nvidia_smi_log" not in rows[0].text:
        rows = list(itertools.takewhile(_in_query, rows))
    try:
        report = nvidia_smi.parse("\n".join(line.text for line in rows))
    except (ValueError, LookupError):
        return
    notes.take(*rows)
    head = rows[0]
    for key, value in (
        ("nvidia.driver_version", report.driver_version),
        ("nvidia.cuda_driver_version", report.cuda_version),
    ):
        if value:
            notes.tell(key, value, head)
    notes.tell("nvidia.tool_state", "ok", head)
    _devices(notes, report.devices, head)


def _in_query(line: Line) -> bool:
    """Return whether a line is one of `nvidia-smi -q`: indented, blank, a card's heading, or "field : value"."""
    return _QUERY_LINE.match(line.text) is not None


def _devices(notes: Notes, devices: list[Device], line: Line) -> None:
    for device in devices:
        fields = {name: value for name, value in device.values.items() if name in _CARD_FIELDS}
        notes.card(line, vendor="nvidia", **fields)


def _listed(notes: Notes, line: Line) -> None:
    if found := _CAPABILITY.match(line.text):
        for card, _ in notes.cards:
            card.setdefault("compute_capability", found[2])
        notes.take(line)
    elif (found := _MIG.match(line.text)) and notes.cards:
        card = notes.cards[-1][0]
        card["mig_mode"] = "Enabled"
        row = {"index": int(found[2]), "profile": found[1], "uuid": found[3]}
        card["mig_devices"] = [*card.get("mig_devices", []), row]
        notes.take(line)
    elif found := _LISTED.match(line.text):
        name, _, rest = found[2].partition(" (UUID:")
        count = len(found[1].strip(",").split(","))
        named = cards_in(name)[:1]
        if rest and not named:
            named = [{"vendor": "nvidia", "name": name}]
        for card in named * min(count, 64):
            notes.card(line, **card)


def _versions(notes: Notes, lines: list[Line], index: int) -> None:
    line = lines[index]
    if found := _NVCC.search(line.text):
        notes.tell("cuda.nvcc_version", found[1] or found[2], line)
    if found := _MODULE.search(line.text):
        notes.tell("nvidia.kernel_module_version", found[1], line)
    if found := _API.search(line.text):
        notes.tell("nvidia.driver_version", found[1], line)
        notes.tell("nvidia.kernel_module_version", found[2], line)
    if _MODINFO.search(line.text):
        below = next(
            ((row, v[1]) for row in lines[index + 1 : index + 4] if (v := _MODINFO_VERSION.match(row.text))),
            None,
        )
        if below:
            notes.tell("nvidia.kernel_module_version", below[1], below[0])


def _states(notes: Notes, line: Line) -> None:
    if _MISSING.search(line.text):
        notes.tell("nvidia.tool_state", "missing", line)
    elif found := _NVML.search(line.text):
        notes.tell("nvidia.nvml_error", found.group(), line)
        notes.tell("nvidia.tool_error", found.group(), line)
    elif found := _FAILED.search(line.text):
        notes.tell("nvidia.tool_error", line.words[:200], line)


def _xids(notes: Notes, lines: list[Line]) -> None:
    named = [line for line in lines if "NVRM: Xid" in line.text]
    if named and (found := kernel_log.xids("\n".join(line.text for line in named))):
        notes.tell("nvidia.xids", found, named[0])
        notes.take(*named)
