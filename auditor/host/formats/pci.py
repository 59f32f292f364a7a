"""PCI addresses, and the devices that `lspci` lists."""

from __future__ import annotations

import re
from typing import Any

from auditor.host.formats.readings import count_or_none


def bus_id(text: str) -> str:
    """Return a PCI address as NVIDIA's tools write it: 00000000:3B:00.0.

    Raises:
        ValueError: it is no PCI address.

    """
    found = re.search(r"(?:([0-9A-Fa-f]{4,8}):)?([0-9A-Fa-f]{2}):([0-9A-Fa-f]{2})\.?([0-7])?", text)
    if found is None:
        msg = f"no PCI address: {text!r}"
        raise ValueError(msg)
    domain, bus, device, function = found.groups()
    return f"{int(domain or '0', 16):08X}:{bus.upper()}:{device.upper()}.{function or '0'}"


def sysfs_address(text: str) -> str:
    """Return a PCI address as the kernel writes it: 0000:3b:00.0."""
    domain, rest = bus_id(text).lower().split(":", 1)
    return f"{int(domain, 16):04x}:{rest}"


_HEAD = r"^((?:[0-9a-f]{4,8}:)?[0-9a-f]{2}:[0-9a-f]{2}\.[0-7]) ([^:\[]+?)(?: \[([0-9a-f]{4})\])?: (.+)$"
_IDS = r"\[([0-9a-f]{4}):([0-9a-f]{4})\]"
_VENDORS = (
    ("0x10de", ("nvidia",)),
    ("0x1002", ("advanced micro devices, inc. [amd/ati]", "ati technologies")),
    ("0x1da3", ("habana",)),
    ("0x8086", ("intel corporation",)),
    ("0x1ae0", ("google",)),
)
_CLASSES = {
    "VGA compatible controller": "0x030000",
    "3D controller": "0x030200",
    "Display controller": "0x038000",
    "Processing accelerators": "0x120000",
    "Bridge": "0x068000",
}


def parse_lspci(text: str) -> list[dict[str, Any]]:
    """Return the devices of `lspci`, plain, -nn or -v: address, vendor, device, class, name, driver.

    `vendor` and `device` are hexadecimal ids, None where lspci printed a name instead of the id.
    """
    rows: list[dict[str, Any]] = []
    for line in text.splitlines():
        head = re.match(_HEAD, line)
        if head:
            rows.append(_row(*head.groups()))
        elif rows and line[:1].isspace():
            _detail(rows[-1], line.strip())
    return rows


def _row(address: str, kind: str, code: str | None, rest: str) -> dict[str, Any]:
    ids = re.search(_IDS, rest)
    unnamed = re.search(r"\bDevice ([0-9a-f]{4})\b", rest)
    name = re.sub(r" \(rev [0-9a-f]+\).*$", "", rest)
    lower = rest.lower()
    vendor = next((number for number, words in _VENDORS if lower.startswith(words)), None)
    return {
        "address": sysfs_address(address),
        "vendor": f"0x{ids[1]}" if ids else vendor,
        "device": f"0x{ids[2]}" if ids else (f"0x{unnamed[1]}" if unnamed else None),
        "class": f"0x{code}00" if code else _CLASSES.get(kind),
        "name": re.sub(_IDS, "", name).strip(),
    }


def _detail(row: dict[str, Any], line: str) -> None:
    if line.startswith("Kernel driver in use:"):
        row["driver"] = line.partition(":")[2].strip()
    elif line.startswith("NUMA node:"):
        row["numa_node"] = count_or_none(line.partition(":")[2])
    elif line.startswith(("LnkCap:", "LnkSta:")):
        link = re.search(r"Speed ([\d.]+)GT/s.*?Width x(\d+)", line)
        if link:
            end = "_max" if line.startswith("LnkCap") else ""
            row[f"generation{end}"], row[f"width{end}"] = generation(link[1]), int(link[2])


def generation(speed: str) -> int | None:
    """Return the PCIe generation of a speed such as "16.0 GT/s PCIe", None where it is none."""
    found = re.match(r"[\d.]+", speed.strip())
    rates = {2.5: 1, 5.0: 2, 8.0: 3, 16.0: 4, 32.0: 5, 64.0: 6, 128.0: 7}
    return rates.get(float(found.group())) if found else None
