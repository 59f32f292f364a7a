"""Described machines, one after another: the right build or the right reason for none, and nothing guessed in silence."""

import tomllib
from pathlib import Path

import pytest

from auditor.audit.advise import advise
from auditor.audit.request import Request
from auditor.engine.planning.wish import NOTHING
from auditor.host.live import LiveHost

MACHINES = tomllib.loads(Path(__file__).with_name("machines.toml").read_text())["machine"]
FRAMEWORKS = ("pytorch", "tensorflow", "jax")


def told(plan):
    rejected = [f"{option}: {why}" for option, why in plan.rejected.items()]
    return "\n".join(
        [*plan.steps, *plan.because, *rejected, *plan.blocked_by, *plan.alternatives, plan.expires]
    )


@pytest.mark.parametrize("row", MACHINES, ids=lambda row: ", ".join(row["assume"]))
def test_a_described_machine_gets_the_right_answer(row):
    assert row["why"]
    for framework in FRAMEWORKS:
        if framework not in row:
            continue
        plan = advise(
            Request(cwd="/", assume=tuple(row["assume"])), LiveHost(), None, framework, NOTHING
        ).plan
        answer = f"{plan.choices[0]['version']} {plan.choices[0]['build']}" if plan.possible else "no"
        assert answer == row[framework], (framework, told(plan))
        assert plan.possible == bool(plan.steps) != bool(plan.blocked_by)
        key = "says" if framework == "pytorch" else f"{framework}_says"
        for words in row.get(key, ()):
            assert words in told(plan), framework


def test_no_machine_is_told_twice():
    stated = [tuple(row["assume"]) for row in MACHINES]
    assert len(stated) == len(set(stated)) >= 240
