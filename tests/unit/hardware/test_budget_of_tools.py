"""A vendor's tool under a budget: silence proves a hang only after the time that initialising may take."""

from __future__ import annotations

import time

import pytest

from auditor.host import processes
from auditor.host.protocol import Answer
from auditor.host.recording import Snapshot, SnapshotHost
from auditor.knowledge.profiles import check_of, library
from auditor.model.fact import Facts, absent, known
from auditor.preflight.judge import judge
from auditor.probes.nvidia import nvml, tool

SILENT = Answer(("tool",), "", "", None, True)


@pytest.mark.parametrize(("allowed", "state"), [(1.2, "slow"), (9.0, "slow"), (10.0, "hang"), (15.0, "hang")])
def test_silence_is_a_hang_after_ten_seconds(allowed, state):
    assert nvml.read(SILENT, allowed)["state"] == state
    assert tool.read(SILENT, allowed).state == state


def test_a_child_ends_with_the_budget():
    processes.end_by(time.monotonic() + 0.2)
    try:
        began = time.monotonic()
        assert processes.run(["sleep", "600"], 600.0, {"PATH": "/usr/bin:/bin"}).timed_out
        assert time.monotonic() - began < 120
    finally:
        processes.end_by(None)
    assert processes.room(7.0) == 7.0


def test_nvidia_smi_is_asked_beside_a_silent_nvml_only(until):
    host = SnapshotHost(Snapshot(commands={"nvidia-smi -q -x": {"argv": ["nvidia-smi"], "timed_out": True}}))
    assert tool.Beside(host).reply(wanted=False) is None
    beside = tool.Beside(host)
    assert until(lambda: not beside._replies.empty())
    reply = beside.reply(wanted=True)
    assert reply is not None
    assert reply.state == "hang"


@pytest.mark.parametrize(
    ("nvml_state", "tool_state", "outcome"),
    [("hang", "hang", "fail"), ("hang", "ok", "pass"), ("hang", "missing", "fail"), ("error", "hang", "fail"), ("ok", "hang", "pass"), (None, "hang", "fail")],
)  # fmt: skip
def test_a_driver_that_hangs_fails(nvml_state, tool_state, outcome):
    facts = Facts(
        {
            "nvidia.nvml_state": known(nvml_state) if nvml_state else absent("not asked"),
            "nvidia.tool_state": known(tool_state),
        }
    )
    (row,) = judge([check_of(library()["gpu-tool-answers"], own=False)], facts)
    assert [finding.outcome for finding in row.findings] == [outcome]
