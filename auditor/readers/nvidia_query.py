"""`nvidia-smi --query-gpu=... --format=csv`: the columns by its heading, or by the command above it."""

from __future__ import annotations

import re
from collections.abc import Iterator

from auditor.readers.lines import Line
from auditor.readers.notes import Notes

_COMMAND = re.compile(r"--query-gpu[= ]\"?([\w.,]{2,600}).*--format[= ]\"?csv([\w,]{0,40})")
_TITLE = re.compile(r"[a-z_]{2,40}(?:\.[a-z_0-9]{2,40}){0,3}(?: \[[\w%/]{1,10}\])?")
# column -> the card's field; the driver's two stand beside the cards
_TEXTS = {
    "name": "name", "gpu_name": "name", "uuid": "uuid", "gpu_uuid": "uuid", "pci.bus_id": "pci_bus_id", "gpu_bus_id": "pci_bus_id",
    "compute_cap": "compute_capability", "compute_mode": "compute_mode", "persistence_mode": "persistence_mode",
    "mig.mode.current": "mig_mode", "ecc.mode.current": "ecc_mode", "driver_model.current": "driver_model",
}  # fmt: skip
_NUMBERS = {
    "memory.total": "memory_total_mib", "memory.used": "memory_used_mib", "memory.free": "memory_free_mib",
    "utilization.gpu": "utilization_percent", "temperature.gpu": "temperature_c",
}  # fmt: skip
_DRIVER = {"driver_version": "nvidia.driver_version", "cuda_version": "nvidia.cuda_driver_version"}
_NONE = re.compile(
    r"\[?(?:N/A|Not Supported|Unknown Error|Insufficient Permissions|No data)\]?", re.IGNORECASE
)
_KNOWN = frozenset((*_TEXTS, *_NUMBERS, *_DRIVER))


def read(lines: list[Line]) -> Notes:
    """Return the cards and the driver that such tables tell; of a column that is not known nothing is said."""
    notes = Notes()
    for columns, rows in _tables(notes, lines):
        for row in rows:
            _row(notes, columns, row)
    return notes


def _tables(notes: Notes, lines: list[Line]) -> Iterator[tuple[list[str], list[Line]]]:
    """Yield the columns and the rows of each table."""
    asked: list[str] = []
    for index, line in enumerate(lines):
        columns: list[str] = []
        if found := _COMMAND.search(line.text):
            asked = found[1].strip(",").split(",")
            columns = asked if "noheader" in found[2] else []
            notes.take(line)
        elif line.words and (heading := _heading(line, asked)):
            columns, asked = heading, []
            notes.take(line)
        if columns:
            yield columns, _below(lines, index + 1, len(columns))


def _heading(line: Line, asked: list[str]) -> list[str]:
    """Return the columns that a heading names: it must look like one, and a single word must have been asked for."""
    fields = [field.strip() for field in line.text.split(",")]
    if not all(_TITLE.fullmatch(field) for field in fields):
        return []
    columns = [field.partition(" [")[0] for field in fields]
    if columns == asked:
        return columns
    return columns if len(columns) > 1 and len(_KNOWN & set(columns)) > 1 else []


def _below(lines: list[Line], start: int, width: int) -> list[Line]:
    rows = []
    for line in lines[start : start + 64]:
        if line.words.count(",") != width - 1:
            break
        rows.append(line)
    return rows


def _row(notes: Notes, columns: list[str], line: Line) -> None:
    told = dict(zip(columns, (field.strip() for field in line.text.split(",")), strict=True))
    told = {column: value for column, value in told.items() if value and not _NONE.fullmatch(value)}
    for column, key in _DRIVER.items():
        if column in told and re.fullmatch(r"\d{1,3}(?:\.\d{1,3}){1,2}", told[column]):
            notes.tell(key, told[column], line)
            notes.tell("nvidia.tool_state", "ok", line)
    fields: dict[str, object] = {_TEXTS[column]: value for column, value in told.items() if column in _TEXTS}
    for column, field in _NUMBERS.items():
        if number := re.match(r"\d{1,7}(?=\s|$)", told.get(column, "")):
            fields[field] = int(number[0])
    if fields:
        notes.card(line, vendor="nvidia", **fields)
