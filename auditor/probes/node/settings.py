"""Kernel parameters and modules that a profile names, the connection table and the kernel's taint."""

from __future__ import annotations

from typing import Any

from auditor.host.protocol import Host, NotRecorded, exists
from auditor.model.fact import Fact, Facts, absent, computed, file, known
from auditor.probes.base import Collected, Probe, ask

_SYS = "/proc/sys"
_FAULTS = {4: "machine-check", 5: "bad-page", 7: "oops", 14: "lockup"}
_CONNTRACK = f"{_SYS}/net/netfilter/nf_conntrack"


def collect(host: Host, facts: Facts) -> Collected:
    """Return what a profile names (parameters, modules, files), the connection table and the taint."""
    look = facts.value("request.look") or {}
    return {
        "node.sysctl": known(
            [_parameter(host, *item) for item in dict(look.get("sysctl", {})).items()], file(_SYS)
        ),
        "node.modules": known([_module(host, name) for name in look.get("modules", ())], file("/sys/module")),
        "node.conntrack_percent": _conntrack(host),
        "node.files": known([_path(host, path) for path in look.get("files", ())], computed("profile")),
        **_taint(_figure(host, f"{_SYS}/kernel/tainted")),
    }


def _taint(mask: Fact) -> dict[str, Fact]:
    """Return the kernel's taint and the names of its bits that tell of a fault (tainted-kernels.rst)."""
    if not mask.is_known:
        return {"node.taint": mask, "node.taint_faults": mask}
    faults = [name for bit, name in _FAULTS.items() if mask.value >> bit & 1]
    return {"node.taint": mask, "node.taint_faults": known(faults, *mask.evidence)}


def _path(host: Host, path: str) -> dict[str, Any]:
    try:
        return {"path": path, "present": exists(host, path)}
    except (NotRecorded, OSError) as error:
        return {"path": path, "unknown_because": str(error)}


def _parameter(host: Host, name: str, wanted: Any) -> dict[str, Any]:
    path = f"{_SYS}/{name.replace('.', '/')}"
    value = ask(lambda: " ".join(host.read(path).split()), file(path))
    whole = isinstance(wanted, float) and wanted.is_integer()  # the kernel writes 60, never 60.0
    row = {"name": name, "wanted": " ".join(str(int(wanted) if whole else wanted).split())}
    if value.state == "unknown":
        return {**row, "unknown_because": value.reason}
    return {**row, "value": value.value if value.is_known else "not there"}


def _module(host: Host, name: str) -> dict[str, Any]:
    """Return whether a module is loaded or built in; /sys/module knows both."""
    try:
        return {"name": name, "loaded": exists(host, f"/sys/module/{name.replace('-', '_')}")}
    except (NotRecorded, OSError) as error:
        return {"name": name, "unknown_because": str(error)}


def _figure(host: Host, path: str) -> Fact:
    return ask(lambda: int(host.read(path)), file(path))


def _conntrack(host: Host) -> Fact:
    count, most = _figure(host, f"{_CONNTRACK}_count"), _figure(host, f"{_CONNTRACK}_max")
    if count.is_known and most.is_known and most.value:
        return known(round(100 * count.value / most.value, 1), file(f"{_CONNTRACK}_count", str(count.value)))
    if "unknown" in (count.state, most.state):
        return count if count.state == "unknown" else most
    return absent("no connections are tracked here", file(f"{_CONNTRACK}_count"))


PROBE = Probe(
    name="node/settings",
    provides=(
        "node.sysctl",
        "node.modules",
        "node.files",
        "node.conntrack_percent",
        "node.taint",
        "node.taint_faults",
    ),
    platforms=("linux",),
    collect=collect,
    cost=0.002,
    deadline=1.0,
)
