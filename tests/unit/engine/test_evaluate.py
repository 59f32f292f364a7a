"""The engine: three-valued outcomes, subjects, evidence, and faults that stay inside their rule."""

from __future__ import annotations

from typing import Any

import pytest

from auditor.engine import predicates
from auditor.engine.evaluate import evaluate
from auditor.knowledge.card import Condition, RuleCard
from auditor.model.fact import Facts, absent, file, known, unknown


def card(**fields: Any) -> RuleCard:
    given = {
        "id": "FWA999",
        "slug": "a-card",
        "cause": "a_cause",
        "family": "test",
        "title": "t",
        "severity": "error",
        "message": "m",
        "why": "w",
    }
    return RuleCard(**{**given, **fields})


def condition(**fields: Any) -> Condition:
    return Condition(**fields)


SOCKETS = condition(fact="cpu.sockets", op="gt", value=1)


@pytest.mark.parametrize(
    ("fact", "outcome"),
    [
        (known(2), "fail"),
        (known(1), "pass"),
        (absent("none"), "pass"),
        (unknown("why"), "unknown"),
        (known("x"), "unknown"),
    ],
    ids=["true", "false", "absent", "unknown", "wrong type"],
)
def test_a_condition_gives_three_outcomes(fact: Any, outcome: str) -> None:
    (finding,) = evaluate([card(when=SOCKETS)], Facts({"cpu.sockets": fact}))
    assert finding.outcome == outcome
    assert bool(finding.unknown_because) == (outcome == "unknown")


def test_a_key_that_nobody_provided_is_unknown_and_named() -> None:
    (finding,) = evaluate([card(when=SOCKETS)], Facts())
    assert finding.unknown_because == ("cpu.sockets: not looked at in this run",)


def test_evidence_is_that_of_the_facts_that_decided() -> None:
    either = condition(any=(SOCKETS, condition(fact="cpu.cores", op="eq", value=4)))
    facts = Facts({"cpu.sockets": known(2, file("/proc/cpuinfo")), "cpu.cores": known(4, file("/sys/cores"))})
    (finding,) = evaluate([card(when=either)], facts)
    assert finding.evidence == (file("/proc/cpuinfo"),)


@pytest.mark.parametrize(
    ("where", "outcome"),
    [(known(True), "fail"), (known(False), "not-applicable"), (unknown("why"), "unknown")],
)
def test_applies_comes_first(where: Any, outcome: str) -> None:
    rule = card(when=SOCKETS, applies=condition(fact="os.wsl", op="eq", value=True))
    (finding,) = evaluate([rule], Facts({"cpu.sockets": known(2), "os.wsl": where}))
    assert finding.outcome == outcome


def test_each_instance_is_a_subject_of_its_own() -> None:
    rule = card(
        per="gpu",
        when=condition(fact="gpu[i].temperature_c", op="gt", value=90),
        message="{gpu[i].name} is hot",
    )
    facts = Facts(
        {"gpu[0].temperature_c": known(50), "gpu[1].temperature_c": known(95), "gpu[1].name": known("L4")}
    )
    found = {finding.subject: finding for finding in evaluate([rule], facts)}
    assert {subject: finding.outcome for subject, finding in found.items()} == {
        "gpu:0": "pass",
        "gpu:1": "fail",
    }
    assert found["gpu:1"].message == "L4 is hot"


def test_items_of_a_list_are_judged_one_by_one_and_fine_ones_fold() -> None:
    rule = card(
        per="smoke.results",
        subject="{item.id}",
        when=condition(fact="item.status", op="eq", value="fail"),
        message="{item.reason}",
    )
    rows = [{"id": "a", "status": "pass"}, {"id": "b", "status": "fail", "reason": "r"}]
    (finding,) = evaluate([rule], Facts({"smoke.results": known(rows)}))
    assert (finding.subject, finding.outcome, finding.message) == ("b", "fail", "r")
    (finding,) = evaluate([rule], Facts({"smoke.results": known(rows[:1])}))
    assert (finding.subject, finding.outcome) == ("", "pass")


def test_some_and_each_over_instances() -> None:
    hot = condition(fact="gpu[i].temperature_c", op="gt", value=90)
    facts = Facts({"gpu[0].temperature_c": known(95), "gpu[1].temperature_c": unknown("why")})
    (some,) = evaluate([card(when=condition(some="gpu", where=hot))], facts)
    (each,) = evaluate([card(when=condition(each="gpu", where=hot))], facts)
    assert (some.outcome, each.outcome) == ("fail", "unknown")


def test_a_table_row_is_a_right_side() -> None:
    older = condition(
        fact="nvidia.driver_version",
        op="version_lt",
        table="cuda_driver",
        key="torch.cuda_build",
        column="linux",
    )
    facts = {"nvidia.driver_version": known("470.82.01"), "torch.cuda_build": known("12.8.1")}
    (finding,) = evaluate([card(when=older)], Facts(facts))
    assert finding.outcome == "fail"
    assert any("cuda_driver" in piece.ref for piece in finding.evidence)
    (finding,) = evaluate([card(when=older)], Facts({**facts, "torch.cuda_build": known("99.1")}))
    assert finding.outcome == "unknown"


def test_a_fault_in_one_rule_is_its_own_outcome_and_spares_the_others(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def broken(look: Any, options: Any) -> Any:
        raise RuntimeError("boom")

    monkeypatch.setattr(predicates, "PREDICATES", predicates.PREDICATES)
    monkeypatch.setitem(predicates.PREDICATES, "broken", broken)
    found = evaluate(
        [card(check="broken"), card(id="FWA998", when=SOCKETS)], Facts({"cpu.sockets": known(2)})
    )
    assert [finding.outcome for finding in found] == ["crash", "fail"]
    assert "RuntimeError: boom" in found[0].message
