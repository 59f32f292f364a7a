"""Display controllers and accelerators on the PCI bus, driver or not."""

from __future__ import annotations

import re
import sys
from typing import Any

from auditor.host.formats.pci import generation, parse_lspci
from auditor.host.protocol import Host, NotRecorded
from auditor.model.fact import Evidence, Fact, Facts, command, file, known, unknown
from auditor.probes.base import Probe, read_or_none

NVIDIA, AMD, INTEL, HABANA, GOOGLE = "0x10de", "0x1002", "0x8086", "0x1da3", "0x1ae0"
_DEVICES = "/sys/bus/pci/devices"
_DISPLAY = ("0x03", "0x12")  # display controllers and processing accelerators
_BRIDGE = "0x0680"  # NVSwitches call themselves "bridge, other"
_LSPCI = (["lspci", "-vvv"], ["lspci", "-nnk"], ["lspci", "-nn"], ["lspci"])

Row = dict[str, Any]


def collect(host: Host, facts: Facts) -> dict[str, Fact]:  # noqa: ARG001
    """Return one row a device: address, vendor, device, class, driver, numa_node and its link."""
    if host.live and not sys.platform.startswith("linux"):
        return {"pci.accelerators": unknown("the PCI bus is looked at on Linux only")}
    try:
        names = host.listdir(_DEVICES)
    except (FileNotFoundError, NotADirectoryError):
        return {"pci.accelerators": _without_bus(host)}
    except NotRecorded as error:
        return {"pci.accelerators": _from_lspci(host, str(error))}
    except OSError as error:
        return {"pci.accelerators": unknown(f"{_DEVICES}: {error.strerror}", file(_DEVICES))}
    rows = [row for name in names if _wanted(row := _identity(host, name))]
    for row in rows:
        _details(host, row)
    return {"pci.accelerators": known(rows, file(_DEVICES, f"{len(names)} devices"))}


def _without_bus(host: Host) -> Fact:
    """Return that nothing is there where the kernel lists its buses without this one; a hidden /sys is no answer."""
    try:
        host.listdir("/sys/bus")
    except OSError as error:
        return unknown(f"/sys/bus: {error.strerror or error}", file("/sys/bus"))
    except NotRecorded:
        pass  # of the recordings of machines without a bus none lists the others
    return known([], file(_DEVICES, "there is no PCI bus"))


def _identity(host: Host, name: str) -> Row:
    """Return vendor, device and class: from uevent in one read, else modalias, else three files."""
    folder = f"{_DEVICES}/{name}"
    for file_name, pattern in (
        ("uevent", r"PCI_CLASS=(?P<c>[0-9A-F]+)\s+PCI_ID=(?P<v>[0-9A-F]{4}):(?P<d>[0-9A-F]{4})"),
        (
            "modalias",
            r"pci:v0000(?P<v>\w{4})d0000(?P<d>\w{4})sv\w+sd\w+bc(?P<c>\w\w)sc(?P<s>\w\w)i(?P<i>\w\w)",
        ),
    ):
        found = re.search(pattern, read_or_none(host, f"{folder}/{file_name}") or "")
        if found:
            parts = found.groupdict()
            code = parts["c"] + parts.get("s", "") + parts.get("i", "")
            return {
                "address": name,
                "vendor": "0x" + parts["v"].lower(),
                "device": "0x" + parts["d"].lower(),
                "class": f"0x{int(code, 16):06x}",
            }
    texts = {part: read_or_none(host, f"{folder}/{part}") for part in ("vendor", "device", "class")}
    return {"address": name, **texts}


def _wanted(row: Row) -> bool:
    vendor, kind = row["vendor"], row["class"] or ""
    switch = vendor == NVIDIA and kind.startswith(_BRIDGE)
    return kind.startswith(_DISPLAY) or switch or vendor in (HABANA, GOOGLE)


def _details(host: Host, row: Row) -> None:
    folder = f"{_DEVICES}/{row['address']}"
    try:
        row["driver"] = host.readlink(f"{folder}/driver").rpartition("/")[2]
    except (OSError, NotRecorded):
        row["driver"] = None
    node = read_or_none(host, f"{folder}/numa_node")
    row["numa_node"] = int(node) if node and node.isdigit() else None  # -1: the firmware does not say
    for end, prefix in (("", "current"), ("_max", "max")):
        width, speed = (read_or_none(host, f"{folder}/{prefix}_link_{part}") for part in ("width", "speed"))
        row[f"width{end}"] = int(width) if width and width.isdigit() and width != "0" else None
        row[f"generation{end}"] = generation(speed) if speed else None


def _from_lspci(host: Host, why: str) -> Fact:
    """Return what a recorded lspci lists, where /sys was not captured."""
    for argv in _LSPCI:
        try:
            answer = host.run("lspci", argv)
        except (NotRecorded, OSError):
            continue
        rows = parse_lspci(answer.stdout)
        return known([row for row in rows if _wanted(row)], command(answer.line, f"{len(rows)} devices"))
    return unknown(why, Evidence("file", _DEVICES))


PROBE = Probe(name="pci", provides=("pci.accelerators",), collect=collect)
