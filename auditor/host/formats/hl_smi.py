"""Intel Gaudi accelerators as `hl-smi` shows them: its table, -L, -q and CSV."""

from __future__ import annotations

import re
from typing import Any


def parse(text: str) -> list[dict[str, Any]]:
    """Return one row a device: name, driver_version and memory_total_mib where shown.

    Raises:
        ValueError: it is not hl-smi's output.

    """
    lines = [line for line in text.splitlines() if line.strip()]
    if any(line.startswith("|") for line in lines):
        return _table(text)
    rows = [_csv([cell.strip() for cell in line.split(",")]) for line in lines if _is_csv(line)]
    if not rows:
        listed = re.findall(r"^\[?(\d+)\]? AIP", text, re.MULTILINE)
        rows = [{"index": int(index)} for index in listed]
    if not rows:
        msg = f"not hl-smi's output: {text.strip()[:80]!r}"
        raise ValueError(msg)
    return rows


def _is_csv(line: str) -> bool:
    cells = line.split(",")
    return len(cells) >= 3 and cells[0].strip().isdigit()


def _csv(cells: list[str]) -> dict[str, Any]:
    """Read a row of -Q ... --format=csv: columns are the caller's, so each cell is known by its form."""
    row: dict[str, Any] = {"index": int(cells[0])}
    name = next((cell for cell in cells if re.fullmatch(r"H[LX]-?\d{3}\w*", cell)), None)
    driver = next((cell for cell in cells if re.fullmatch(r"\d+\.\d+\.\d+(?:-\w+)*", cell)), None)
    return row | ({"name": name} if name else {}) | ({"driver_version": driver} if driver else {})


def _table(text: str) -> list[dict[str, Any]]:
    driver = re.search(r"Driver Version:\s*(\d[\w.-]*)", text)
    rows = re.findall(r"^\|\s+(\d+)\s+(H[LX]-?\d{3}\w*)\b.*?\|", text, re.MULTILINE)
    version = {"driver_version": driver[1]} if driver else {}
    return [{"index": int(index), "name": name, **version} for index, name in rows]
