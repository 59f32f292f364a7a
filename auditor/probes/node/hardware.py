"""Disks that left the bus, degraded arrays, memory modules and their errors, by the kernel's own counts."""

from __future__ import annotations

from auditor.host.protocol import Host
from auditor.model.fact import Fact, Facts, absent, file, known
from auditor.probes.base import Collected, Probe, ask, list_or_empty
from auditor.probes.node.rows import Row, figure

_BLOCK = "/sys/block"
_EDAC = "/sys/devices/system/edac/mc"
_NOT_DISKS = ("loop", "ram", "zram", "dm-", "sr", "fd", "nbd")


def collect(host: Host, facts: Facts) -> Collected:  # noqa: ARG001
    """Return node.disks, node.memory_errors, node.memory_modules and node.firmware_version."""
    disks = ask(lambda: [_disk(host, name) for name in host.listdir(_BLOCK) if not name.startswith(_NOT_DISKS)], file(_BLOCK))  # fmt: skip
    bios = "/sys/class/dmi/id/bios_version"
    return {
        "node.disks": disks,
        **_memory(host),
        "node.firmware_version": ask(
            lambda: host.read(bios).strip() or None, file(bios), missing="no DMI table"
        ),
    }


def _disk(host: Host, name: str) -> Row:
    """Return a disk's state: live or dead (NVMe), running or offline (SCSI); an array's missing members."""
    row: Row = {"name": name}
    figure(row, "state", host, f"{_BLOCK}/{name}/device/state", str)
    figure(row, "degraded", host, f"{_BLOCK}/{name}/md/degraded")
    return row


def _memory(host: Host) -> dict[str, Fact]:
    """Return the controllers' counts since boot (EDAC); a kernel without a driver for them counts nothing."""
    names = ask(
        lambda: [n for n in host.listdir(_EDAC) if n.startswith("mc") and n[2:].isdigit()], file(_EDAC)
    )
    if names.state == "unknown":
        return {"node.memory_errors": names, "node.memory_modules": names}
    if not names.value:
        none = absent("the kernel has no memory controller driver (EDAC) here", file(_EDAC))
        return {"node.memory_errors": none, "node.memory_modules": none}
    rows = [_controller(host, name) for name in names.value]
    modules = [m for n in names.value for m in list_or_empty(host, f"{_EDAC}/{n}") if _is_fitted(host, n, m)]
    where = file(f"{_EDAC}/*", f"{len(rows)} controllers")
    return {"node.memory_errors": known(rows, where), "node.memory_modules": known(len(modules), where)}


def _controller(host: Host, name: str) -> Row:
    row: Row = {"controller": name}
    figure(row, "corrected", host, f"{_EDAC}/{name}/ce_count")
    figure(row, "uncorrected", host, f"{_EDAC}/{name}/ue_count")
    return row


def _is_fitted(host: Host, controller: str, name: str) -> bool:
    return name.startswith("dimm") and (figure({}, name, host, f"{_EDAC}/{controller}/{name}/size") or 0) > 0


PROBE = Probe(
    name="node/hardware",
    provides=("node.disks", "node.memory_errors", "node.memory_modules", "node.firmware_version"),
    platforms=("linux",),
    collect=collect,
    cost=0.005,
    deadline=1.0,
)
