"""Records a machine: the probes run once over a recorder, and what they asked is kept."""

from __future__ import annotations

from typing import Any

import msgspec

from auditor.audit.gather import gather
from auditor.audit.pipeline import audit
from auditor.audit.redacted import redactor_for
from auditor.audit.request import Request
from auditor.host.protocol import Host
from auditor.host.recording import Recorder
from auditor.model.fact import Facts, call, known
from auditor.probes import node
from auditor.redaction import redact_snapshot


def capture(request: Request, host: Host, tmpdir: str | None, *, redact: bool = True) -> dict[str, Any]:
    """Return the recording as JSON values; what it hides and by which key stands in `redaction`."""
    recorder = Recorder(host)
    report = audit(request, recorder, tmpdir)
    _look_as_preflight(recorder, Facts(report.facts))
    recorded: dict[str, Any] = msgspec.to_builtins(recorder.snapshot)
    if not redact:
        return recorded
    return redact_snapshot(recorded, redactor_for(host))


def _look_as_preflight(recorder: Recorder, facts: Facts) -> None:
    """Ask what pre-flight alone asks, so that a profile can be tested against the recording."""
    seed = facts.merged({"request.look": known({}, call("capture"))})
    gather((node.load(name) for name in node.ALL), recorder, seed)
