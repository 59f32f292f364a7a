"""What hangs for long or is slow: begun with the first test of this folder (conftest.py), looked at in its last file."""

from __future__ import annotations

from concurrent.futures import Future

import pytest
from fault_harness import Running, Scan

pytestmark = pytest.mark.slow

Waiting = dict[str, tuple[Running, "Future[Scan]"]]
HOUR_S = 600  # of the hour that each would take


def ended(waiting: Waiting, name: str) -> Scan:
    run, done = waiting[name]
    scan = done.result()
    scan.assert_whole()
    assert run.left() == []
    return scan


@pytest.mark.parametrize("how", ["never returns", "never returns and ignores TERM"])
def test_an_nvidia_smi_that(how: str, waiting: Waiting) -> None:
    done = ended(waiting, f"an nvidia-smi that {how}")
    assert "vendor_tool_hangs" in done.causes, (done.causes, done.value("nvidia.tool_state"))
    assert done.rc in (0, 1)
    assert done.seconds < HOUR_S


def test_an_interpreter_that_never_answers_is_given_up(waiting: Waiting) -> None:
    done = ended(waiting, "an interpreter that never answers")
    assert (done.rc, "target_unusable" in done.causes) == (3, True)


def test_an_import_that_takes_a_minute_but_works_is_no_fault(has_torch: None, waiting: Waiting) -> None:
    done = ended(waiting, "an import that takes a minute")
    assert done.value("smoke.pytorch.import") == "ok"
    assert done.value("smoke.pytorch.import_s") > 60
    assert not {cause for cause in done.causes if cause.startswith("framework_import_")}
    assert {r["status"] for r in done.report["smoke"] if r["framework"] == "pytorch"} == {"pass"}
    assert done.rc == 0


def test_an_import_that_hangs_is_ended_and_named(waiting: Waiting) -> None:
    done = ended(waiting, "an import that hangs")
    assert (done.rc, done.value("smoke.pytorch.import")) == (1, "hang")
    assert "framework_import_hang" in done.causes
    assert done.seconds < HOUR_S
