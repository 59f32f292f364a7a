"""Other environments nearby that hold a framework."""

from __future__ import annotations

import msgspec

from auditor.host.protocol import Host
from auditor.model.fact import Fact, Facts, call, unknown
from auditor.probes.base import Probe, ask
from auditor.target.nearby import nearby


def collect(host: Host, facts: Facts) -> dict[str, Fact]:
    """Return the environments other than the audited one, each with the command that audits it."""
    cwd = facts.value("request.cwd")
    if cwd is None:
        return {"target.nearby": unknown("the working directory is not known")}
    chosen = facts.value("target.python", "")
    return {"target.nearby": ask(lambda: _rows(host, cwd, chosen), call("environments by their files"))}


def _rows(host: Host, cwd: str, chosen: str) -> list[dict[str, object]]:
    rows, _ = nearby(host, cwd, chosen)
    return [msgspec.to_builtins(row) for row in rows]


PROBE = Probe(name="environments", provides=("target.nearby",), collect=collect, cost=0.02)
