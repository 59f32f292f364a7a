"""Other environments nearby that hold a framework."""

from __future__ import annotations

import msgspec

from auditor.host.protocol import Host
from auditor.model.fact import Fact, Facts, call, known, unknown
from auditor.probes.base import Probe, ask
from auditor.target.nearby import nearby


def collect(host: Host, facts: Facts) -> dict[str, Fact]:
    """Return the environments other than the audited one, each with the command that audits it."""
    cwd = facts.value("request.cwd")
    if cwd is None:
        return {"target.nearby": unknown("the working directory is not known")}
    chosen = facts.value("target.python", "")
    found = ask(lambda: nearby(host, cwd, chosen), call("environments by their files"))
    if not found.is_known:
        return {"target.nearby": found}
    rows, cut = found.value
    seen = call("environments by their files", "there may be more: the look was cut short" if cut else "")
    return {"target.nearby": known([msgspec.to_builtins(row) for row in rows], seen)}


PROBE = Probe(name="environments", provides=("target.nearby",), collect=collect, cost=0.02)
