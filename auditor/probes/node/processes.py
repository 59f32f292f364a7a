"""Processes: services that should run, those stuck in the kernel (state D), and zombies."""

from __future__ import annotations

from typing import Any

from auditor.host.protocol import Host, NotRecorded
from auditor.model.fact import Fact, Facts, file, known, unknown
from auditor.probes.base import Collected, Probe, ask, read_or_none

_NAME_MOST = 15  # the kernel keeps 15 characters of a name
_ROWS_MOST = 32
_AT_REST = set("ZXxTt")  # ended or stopped (proc_pid_stat(5)): there, and serving nobody
_INIT = {"systemd", "init", "runit", "openrc-init", "s6-svscan"}

Row = dict[str, Any]


def collect(host: Host, facts: Facts) -> Collected:
    """Return node.services, node.blocked_processes, node.zombies and node.load_per_cpu.

    Only /proc/PID/stat is read, which never waits for the process, unlike its command line.
    """
    wanted = list((facts.value("request.look") or {}).get("services", ()))
    rows = ask(lambda: _stats(host), file("/proc/*/stat"))
    load = ask(lambda: _load(host), file("/proc/loadavg"))
    if not rows.is_known:
        return {**dict.fromkeys(PROBE.provides[:3], rows), "node.load_per_cpu": load}
    where = file("/proc/*/stat", f"{len(rows.value)} processes")
    blocked = [
        {**_named(row), "wchan": _where(host, row["pid"])} for row in rows.value if row["state"] == "D"
    ]
    zombies = [{**_named(row), "parent": row["parent"]} for row in rows.value if row["state"] == "Z"]
    return {
        "node.services": _services(rows.value, wanted),
        "node.blocked_processes": known(blocked[:_ROWS_MOST], where),
        "node.zombies": known(zombies[:_ROWS_MOST], where),
        "node.load_per_cpu": load,
    }


def _stats(host: Host) -> list[Row]:
    pids = [name for name in host.listdir("/proc") if name.isdigit()]
    if not pids:
        raise NotRecorded("no process can be seen in this /proc")
    return [row for pid in pids if (row := _stat(host, pid))]


def _stat(host: Host, pid: str) -> Row | None:
    """Read `1 (name) S 0 ...`: the name may hold blanks and brackets (proc_pid_stat(5))."""
    text = read_or_none(host, f"/proc/{pid}/stat")
    head, _, tail = (text or "").rpartition(")")
    words = tail.split()
    if not head or len(words) < 2:
        return None
    return {"pid": int(pid), "name": head.partition("(")[2], "state": words[0], "parent": int(words[1])}


def _named(row: Row) -> Row:
    return {"pid": row["pid"], "name": row["name"]}


def _where(host: Host, pid: int) -> str:
    return read_or_none(host, f"/proc/{pid}/wchan") or ""


def _services(rows: list[Row], wanted: list[str]) -> Fact:
    """Return which services run; a container's /proc that shows no init shows only part of them."""
    names = {row["name"] for row in rows if row["state"] not in _AT_REST}
    first = next((row["name"] for row in rows if row["pid"] == 1), "")
    found: list[Row] = []
    for name in wanted:
        runs = name[:_NAME_MOST] in names
        if runs or first in _INIT:
            found.append({"name": name, "running": runs})
        else:
            found.append({"name": name, "unknown_because": "this /proc shows a container's processes alone"})
    return known(found, file("/proc/*/stat")) if rows else unknown("no process can be seen", file("/proc"))


def _load(host: Host) -> float:
    online = host.read("/sys/devices/system/cpu/online").strip()
    count = sum(int(b or a) - int(a) + 1 for a, _, b in (part.partition("-") for part in online.split(",")))
    return round(float(host.read("/proc/loadavg").split()[0]) / max(1, count), 2)


PROBE = Probe(
    name="node/processes",
    provides=("node.services", "node.blocked_processes", "node.zombies", "node.load_per_cpu"),
    platforms=("linux",),
    collect=collect,
    cost=0.02,
    deadline=1.5,
)
