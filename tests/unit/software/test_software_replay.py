"""What the software probes see here, recorded, is what they see in the replay."""

from __future__ import annotations

import msgspec
import pytest

from auditor.host.live import LiveHost
from auditor.host.recording import Recorder, Snapshot, SnapshotHost
from auditor.model.fact import Facts, known
from auditor.probes import load
from auditor.probes.base import run_probe

FACTS = Facts(
    {
        "os.arch": known("x86_64"),
        "python.version": known("3.11.7"),
        "python.base_prefix": known("/usr"),
        "request.cwd": known("/"),
    }
)


@pytest.mark.parametrize("name", ["cuda", "loader", "compilers", "headers", "variables"])
def test_a_recording_answers_as_the_machine_did(name: str) -> None:
    recorder = Recorder(LiveHost())
    live, run = run_probe(load(name), recorder, FACTS)
    snapshot = msgspec.json.decode(msgspec.json.encode(recorder.snapshot), type=Snapshot)
    replayed, _ = run_probe(load(name), SnapshotHost(snapshot), FACTS)
    assert run.status == "ok"
    assert replayed == live
