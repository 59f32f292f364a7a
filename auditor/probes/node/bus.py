"""The PCI bus: error counters (AER), bridges that redirect traffic between devices (ACS), and the IOMMU."""

from __future__ import annotations

import struct

from auditor.host.protocol import Host, NotRecorded
from auditor.model.fact import Fact, Facts, absent, file, known, unknown
from auditor.probes.base import Collected, Probe, ask, list_or_empty, read_or_none
from auditor.probes.node.rows import Row, figure

_DEVICES = "/sys/bus/pci/devices"
_WATCHED = ("0x03", "0x12", "0x02", "0x01")  # display, accelerator, network, storage
_BRIDGE = "0x0604"
_ACS = 0x000D  # PCI Express extended capability: Access Control Services
_REDIRECTS = 0x0D  # source validation, P2P request redirect, P2P completion redirect
_CAPABILITIES_MOST = 64


def collect(host: Host, facts: Facts) -> Collected:  # noqa: ARG001
    """Return node.bus_errors, node.acs_bridges and node.iommu."""
    devices = ask(lambda: host.listdir(_DEVICES), file(_DEVICES), missing="there is no PCI bus")
    if devices.state == "unknown":
        return {"node.bus_errors": devices, "node.acs_bridges": devices, "node.iommu": _iommu(host)}
    classes = {name: read_or_none(host, f"{_DEVICES}/{name}/class") or "" for name in devices.value or ()}
    watched = [name for name, code in classes.items() if code.startswith(_WATCHED)]
    bridges = [name for name, code in classes.items() if code.startswith(_BRIDGE)]
    errors = [row for name in watched if (row := _errors(host, name, classes[name]))]
    return {
        "node.bus_errors": known(errors, file(f"{_DEVICES}/*/aer_dev_*", f"{len(watched)} devices")),
        "node.acs_bridges": _acs(host, bridges),
        "node.iommu": _iommu(host),
    }


def _errors(host: Host, name: str, code: str) -> Row | None:
    """Return a device's totals where any is above zero; a device without AER has no such files."""
    row: Row = {"address": name, "class": code}
    for field, kind in (("fatal", "fatal"), ("nonfatal", "nonfatal"), ("corrected", "correctable")):
        figure(row, field, host, f"{_DEVICES}/{name}/aer_dev_{kind}", _total)
        row[field] = row[field] or 0 if field not in row.get("unknown", ()) else None
    return row if "unknown" in row or row["fatal"] or row["nonfatal"] or row["corrected"] else None


def _total(text: str) -> int:
    found = [line.split()[1] for line in text.splitlines() if line.startswith("TOTAL_")]
    return int(found[0]) if found else 0


def _acs(host: Host, bridges: list[str]) -> Fact:
    """Return the bridges that send traffic between devices through the root, which breaks GPU peer access."""
    rows: list[Row] = []
    for name in bridges:
        try:
            space = host.read_bytes(f"{_DEVICES}/{name}/config", 4096)
        except (OSError, NotRecorded) as error:
            return unknown(f"{_DEVICES}/{name}/config: {error}", file(_DEVICES))
        if len(space) <= 64:  # the kernel shows the rest to CAP_SYS_ADMIN only
            return unknown("the bridges' settings need CAP_SYS_ADMIN", file(f"{_DEVICES}/{name}/config"))
        control = acs_control(space)
        if control is not None and control & _REDIRECTS:
            rows.append({"address": name, "control": f"{control:#06x}"})
    return known(rows, file(f"{_DEVICES}/*/config", f"{len(bridges)} bridges"))


def acs_control(space: bytes) -> int | None:
    """Return the ACS control register of a device's configuration space, or None where it has no ACS.

    Extended capabilities begin at 0x100: id (16 bits), version (4), next (12).
    """
    at = 0x100
    for _ in range(_CAPABILITIES_MOST):
        if at < 0x100 or at + 8 > len(space):
            return None
        (head,) = struct.unpack_from("<I", space, at)
        if head & 0xFFFF == _ACS:
            (control,) = struct.unpack_from("<H", space, at + 6)
            return int(control)
        at = head >> 20
    return None


def _iommu(host: Host) -> Fact:
    """Return off, passthrough or translating, by the IOMMU groups and the kernel's command line."""
    groups = list_or_empty(host, "/sys/kernel/iommu_groups")
    line = read_or_none(host, "/proc/cmdline")
    if not groups:
        return (
            known("off", file("/sys/kernel/iommu_groups", "no groups"))
            if line is not None
            else absent("no IOMMU groups are shown here", file("/sys/kernel/iommu_groups"))
        )
    kinds = {read_or_none(host, f"/sys/kernel/iommu_groups/{group}/type") for group in groups[:64]}
    if kinds <= {None}:
        return unknown("the groups' types cannot be read", file("/sys/kernel/iommu_groups"))
    translating = any(kind and kind.startswith("DMA") for kind in kinds)
    return known("translating" if translating else "passthrough", file("/sys/kernel/iommu_groups/*/type"))


PROBE = Probe(
    name="node/bus",
    provides=("node.bus_errors", "node.acs_bridges", "node.iommu"),
    platforms=("linux",),
    collect=collect,
    cost=0.01,
    deadline=1.5,
)
