"""What was recorded of this machine replays to the same facts."""

import sys

import pytest
from test_never_raises import NAMES

from auditor.host.live import LiveHost
from auditor.host.recording import Recorder, SnapshotHost
from auditor.model.fact import Facts, known
from auditor.probes import load
from auditor.probes.base import in_order, run_probe

CHANGING = (
    "memory.available_kib", "memory.usable_kib", "memory.swap_free_kib", "os.uptime_s", "cpu.frequency_mhz", "numa.nodes",
)  # fmt: skip


def gathered(host):
    facts = Facts({"request.cwd": known("/tmp")})
    for probe in in_order([load(name) for name in NAMES]):
        facts = facts.merged(run_probe(probe, host, facts)[0])
    return facts


def steady(key, fact):
    """Return a fact without the figures that change from second to second: two readings differ, one is recorded."""
    if not fact.is_known:
        return fact.state, fact.reason
    return None if key in CHANGING else without(fact.value)


def without(value):
    if isinstance(value, list):
        return [without(item) for item in value]
    if isinstance(value, dict):
        return {key: without(item) for key, item in value.items() if not key.startswith("free_")}
    return value


@pytest.mark.skipif(sys.platform != "linux", reason="the live probes are Linux's")
def test_a_recording_gives_the_facts_of_the_live_machine():
    recorder = Recorder(LiveHost())
    live = gathered(recorder)
    replayed = gathered(SnapshotHost(recorder.snapshot))
    assert {key: fact for key, fact in replayed.items() if steady(key, fact) != steady(key, live[key])} == {}


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
