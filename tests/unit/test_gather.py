"""Every promised key comes out, whatever a probe does."""

import threading
import time

import pytest

from auditor.audit.gather import gather
from auditor.host.protocol import NotRecorded
from auditor.host.recording import Snapshot, SnapshotHost
from auditor.model.fact import Facts, known
from auditor.probes import ALL, load_each
from auditor.probes.base import Probe, ask, in_order

HOST = SnapshotHost(Snapshot())


def probe(name, collect, provides, needs=()):
    return Probe(name=name, provides=provides, collect=collect, needs=needs)


def one(name, value, key, needs=()):
    return probe(name, lambda host, facts: {key: known(value)}, (key,), needs)


def test_needs_are_met_first_and_seen():
    second = probe("second", lambda h, f: {"b": known(f.value("a") + 1)}, ("b",), ("a",))
    facts, runs = gather([second, one("first", 1, "a")], HOST, Facts())
    assert facts.value("b") == 2
    assert [run.name for run in runs] == ["second", "first"]


def test_an_exception_costs_only_that_probes_facts():
    def broken(host, facts):
        raise RuntimeError("boom")

    facts, runs = gather([probe("bad", broken, ("x",)), one("good", 1, "y")], HOST, Facts())
    assert facts["x"].state == "unknown"
    assert "boom" in facts["x"].reason
    assert facts.value("y") == 1
    assert {run.name: run.status for run in runs} == {"bad": "failed", "good": "ok"}


def test_a_forgotten_key_is_unknown_not_missing():
    facts, _ = gather([probe("lazy", lambda h, f: {}, ("x",))], HOST, Facts())
    assert facts["x"].state == "unknown"
    assert "lazy" in facts["x"].reason


def test_a_probe_that_hangs_is_left_behind_with_those_that_wait_for_it():
    never = threading.Event()
    slow = probe("slow", lambda h, f: never.wait(600) and {}, ("x",))
    start = time.monotonic()
    for deadline in (0.3, 5.0, 60.0):  # a loaded machine gives the quick one no time in the first
        facts, runs = gather(
            [slow, one("after", 1, "y", ("x",)), one("other", 1, "z")], HOST, Facts(), deadline
        )
        if facts["z"].is_known:
            break
    never.set()
    assert time.monotonic() - start < 300
    assert facts.value("z") == 1
    assert facts["x"].state == facts["y"].state == "unknown"
    assert {run.name: run.status for run in runs} == {"slow": "timeout", "after": "timeout", "other": "ok"}


def test_a_probe_works_while_the_next_is_still_being_loaded():
    started = threading.Event()

    def quick(host, facts):
        started.set()
        return {"x": known(1)}

    def loading():
        yield probe("quick", quick, ("x",))
        assert started.wait(120)
        yield one("next", 1, "y")

    facts, _ = gather(loading(), HOST, Facts())
    assert facts.value("y") == 1


def test_needs_that_nobody_provides_are_our_own_defect():
    with pytest.raises(ValueError, match="cannot be met"):
        in_order([one("a", 1, "a", ("nothing",))])


def test_every_need_of_the_table_is_met():
    assert len(in_order(load_each())) == len(ALL)


def raising(error):
    def question():
        raise error

    return question


@pytest.mark.parametrize(
    ("error", "state"),
    [
        (FileNotFoundError(2, "no such file"), "absent"),
        (PermissionError(13, "denied"), "unknown"),
        (OSError(5, "input/output error"), "unknown"),
        (NotRecorded("never asked"), "unknown"),
        (ValueError("garbage"), "unknown"),
    ],
)
def test_each_refusal_has_its_state(error, state):
    fact = ask(raising(error))
    assert fact.state == state
    assert fact.reason


def test_a_probe_of_another_platform_is_unknown_not_absent():
    class Live(SnapshotHost):
        live = True

    linux_only = Probe(name="p", provides=("x",), collect=lambda h, f: {"x": known(1)}, platforms=("plan9",))
    facts, runs = gather([linux_only], Live(Snapshot()), Facts())
    assert facts["x"].state == "unknown"
    assert "plan9" in facts["x"].reason
    assert runs[0].status == "skipped"
