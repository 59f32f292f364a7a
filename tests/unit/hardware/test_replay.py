"""What was recorded of this machine replays to the same facts."""

import sys

import pytest
from test_never_raises import NAMES

from auditor.host.live import LiveHost
from auditor.host.recording import Recorder, SnapshotHost
from auditor.model.fact import Facts, known
from auditor.probes import load
from auditor.probes.base import in_order, run_probe


def gathered(host):
    facts = Facts({"request.cwd": known("/tmp")})
    for probe in in_order([load(name) for name in NAMES]):
        facts = facts.merged(run_probe(probe, host, facts)[0])
    return facts


@pytest.mark.skipif(sys.platform != "linux", reason="the live probes are Linux's")
def test_a_recording_gives_the_facts_of_the_live_machine():
    recorder = Recorder(LiveHost())
    live = gathered(recorder)
    replayed = gathered(SnapshotHost(recorder.snapshot))
    assert {key: fact for key, fact in replayed.items() if fact != live[key]} == {}


@pytest.mark.skipif(sys.platform != "linux", reason="the live probes are Linux's")
def test_this_machine_is_known():
    facts = gathered(LiveHost())
    unknown = {key for key, fact in facts.items() if fact.state == "unknown"}
    assert unknown <= {
        "system.hypervisor",
        "system.secure_boot",
        "os.libc",
        "cpu.sockets",
        "cpu.cores",
        "cpu.threads_per_core",
    }
