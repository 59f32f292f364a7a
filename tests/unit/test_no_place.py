"""Where no folder can be made no workload runs, and the report says so instead of ending well."""

from __future__ import annotations

import pytest

from auditor.audit.pipeline import Audit
from auditor.audit.request import Request
from auditor.host.live import LiveHost
from auditor.host.protocol import Host
from auditor.host.recording import Snapshot, SnapshotHost
from auditor.model.fact import Facts, known

TORCH = Facts({"python.frameworks": known(["pytorch"])})


@pytest.mark.parametrize(
    ("level", "host", "tmpdir", "facts", "told"),
    [
        ("quick", LiveHost(), None, TORCH, True),
        ("none", LiveHost(), None, TORCH, False),
        ("quick", LiveHost(), None, Facts(), False),
        ("quick", SnapshotHost(Snapshot()), None, TORCH, False),
    ],
)
def test_what_was_not_run_for_want_of_a_place_is_told(
    level: str, host: Host, tmpdir: str | None, facts: Facts, told: bool
) -> None:
    audit = Audit(Request(cwd="/", level=level), host, tmpdir)
    audit.facts = facts
    assert audit._smoke() == ()
    assert [("TMPDIR" in reason) for reason in audit.incomplete] == [True] * told
