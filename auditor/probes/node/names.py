"""Name resolution as programs get it (nsswitch), in children: a dead resolver holds nobody up."""

from __future__ import annotations

import time
from threading import Thread
from typing import Any

from auditor.host.protocol import Host, NotRecorded
from auditor.model.fact import Facts, command
from auditor.probes.base import Collected, Probe, ask

DEADLINE = 1.5  # seconds; a resolver on the network answers in milliseconds


def collect(host: Host, facts: Facts) -> Collected:
    """Return node.names, for the names that the profile gives and for no others."""
    wanted = list((facts.value("request.look") or {}).get("names", ()))
    return {"node.names": ask(lambda: _all(host, wanted), command("getent ahosts"))}


def _all(host: Host, wanted: list[str]) -> list[dict[str, Any]]:
    rows: dict[str, dict[str, Any]] = {}
    threads = [
        Thread(target=lambda name=name: rows.update({name: _one(host, name)}), daemon=True) for name in wanted
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(DEADLINE + 1)
    return [rows.get(name, {"name": name, "unknown_because": "no answer"}) for name in wanted]


def _one(host: Host, name: str) -> dict[str, Any]:
    start = time.monotonic()
    try:
        reply = host.run(f"getent ahosts {name}", ["getent", "ahosts", name], timeout=DEADLINE)
    except (NotRecorded, OSError) as error:
        return {"name": name, "unknown_because": str(error)}
    row = {"name": name, "resolves": reply.rc == 0 and bool(reply.stdout.strip())}
    if not row["resolves"]:
        row["reason"] = f"silent for {DEADLINE:g} s" if reply.timed_out else "no such name"
    if host.live:
        row["seconds"] = round(time.monotonic() - start, 2)
    return row


PROBE = Probe(
    name="node/names",
    provides=("node.names",),
    platforms=("linux",),
    collect=collect,
    cost=0.02,
    deadline=3.0,
)
