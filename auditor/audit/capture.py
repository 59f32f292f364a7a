"""Records a machine: the probes run once over a recorder, and what they asked is kept."""

from __future__ import annotations

from typing import Any

import msgspec

from auditor.audit.pipeline import audit
from auditor.audit.redacted import redactor_for
from auditor.audit.request import Request
from auditor.host.protocol import Host
from auditor.host.recording import Recorder
from auditor.redaction import redact_snapshot


def capture(request: Request, host: Host, tmpdir: str | None, *, redact: bool = True) -> dict[str, Any]:
    """Return the recording as JSON values; what it hides and by which key stands in `redaction`."""
    recorder = Recorder(host)
    audit(request, recorder, tmpdir)
    recorded: dict[str, Any] = msgspec.to_builtins(recorder.snapshot)
    if not redact:
        return recorded
    return redact_snapshot(recorded, redactor_for(host))
