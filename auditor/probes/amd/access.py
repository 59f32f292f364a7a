"""Who may use AMD's device nodes: /dev/kfd and the render nodes, and the groups that own them."""

from __future__ import annotations

import os
from typing import Any

from auditor.host.protocol import Host, NotRecorded
from auditor.model.fact import Fact, call, computed, file, known, unknown
from auditor.probes.base import ask, list_or_empty, read_or_none
from auditor.probes.nvidia.driver import access
from auditor.probes.pci import AMD

_NODES = "/dev/kfd, /dev/dri/renderD*"


def collect(host: Host) -> dict[str, Fact]:
    """Return the nodes with their access, and the groups that would open those that are closed."""
    nodes = ask(lambda: _nodes(host), file(_NODES))
    return {"amd.device_access": nodes, "amd.groups_missing": _missing(host, nodes)}


def _nodes(host: Host) -> list[dict[str, Any]]:
    names = ["kfd"] if "kfd" in host.listdir("/dev") else []
    renders = [
        name for name in list_or_empty(host, "/dev/dri") if name.startswith("renderD") and _is_amd(host, name)
    ]
    groups = _group_names(host)
    rows = [access(host, f"/dev/{name}") for name in [*names, *(f"dri/{name}" for name in renders)]]
    return [{**row, "group": groups.get(row.get("gid"))} for row in rows]


def _is_amd(host: Host, name: str) -> bool:
    return read_or_none(host, f"/sys/class/drm/{name}/device/vendor") == AMD


def _group_names(host: Host) -> dict[object, str]:
    rows = [line.split(":") for line in (read_or_none(host, "/etc/group") or "").splitlines()]
    return {int(row[2]): row[0] for row in rows if len(row) >= 3 and row[2].isdigit()}


def _missing(host: Host, nodes: Fact) -> Fact:
    if not nodes.is_known:
        return unknown(nodes.reason, *nodes.evidence)
    closed = [row for row in nodes.value if False in (row["readable"], row["writable"])]
    if not closed:
        return known([], computed("amd.device_access"))
    try:
        mine = set(host.call("groups", lambda: os.getgroups()))  # noqa: PLW0108 (absent on Windows)
    except (NotRecorded, OSError) as error:
        return unknown(f"the user's groups: {error}", call("getgroups"))
    owners = {str(row["group"] or row.get("gid")) for row in closed if row.get("gid") not in mine}
    return known(sorted(owners), computed("amd.device_access"), call("getgroups"))
