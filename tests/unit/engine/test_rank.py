"""Root causes come first; what they explain follows; doubles fold."""

from __future__ import annotations

from typing import Any

from auditor.engine.rank import rank
from auditor.model.fact import file
from auditor.model.finding import Finding


def finding(cause: str, **fields: Any) -> Finding:
    given = {
        "id": f"FWA{abs(hash(cause)) % 900 + 100}",
        "title": cause,
        "outcome": "fail",
        "severity": "error",
    }
    return Finding(cause=cause, **{**given, **fields})


def causes(findings: list[Finding]) -> list[str]:
    return [found.cause for found in findings]


def test_a_cause_stands_before_what_it_explains() -> None:
    symptom = finding("cuda_unavailable", id="FWA001", subject="pytorch")
    cause = finding("driver_too_old", id="FWA900", subject="pytorch", explains=("cuda_unavailable",))
    ranked = rank([symptom, cause])
    assert causes(ranked) == ["driver_too_old", "cuda_unavailable"]
    assert ranked[1].explained_by == ("driver_too_old",)


def test_a_chain_is_followed() -> None:
    a = finding("a", id="FWA903", explains=("b",))
    b = finding("b", id="FWA902", explains=("c",))
    c = finding("c", id="FWA901")
    assert causes(rank([c, b, a])) == ["a", "b", "c"]


def test_a_warning_that_explains_an_error_comes_first() -> None:
    error = finding("smoke_failed")
    warning = finding("ld_library_path_shadowing", severity="warning", explains=("smoke_failed",))
    assert causes(rank([error, warning])) == ["ld_library_path_shadowing", "smoke_failed"]


def test_one_card_does_not_explain_another_card() -> None:
    ecc = finding("gpu_ecc_error", subject="gpu:0", explains=("gpu_xid_error",))
    xid = finding("gpu_xid_error", subject="gpu:1")
    assert not next(found for found in rank([ecc, xid]) if found.cause == "gpu_xid_error").explained_by


def test_a_framework_is_explained_by_its_own_causes_alone() -> None:
    cause = finding("jax_plugin_mismatch", subject="jax", explains=("smoke_failed",))
    torch = finding("smoke_failed", id="FWA614", subject="pytorch matmul on cuda:0")
    jax = finding("smoke_failed", id="FWA614", subject="jax matmul on cuda:0")
    found = {one.subject: one.explained_by for one in rank([cause, torch, jax])}
    assert found["pytorch matmul on cuda:0"] == ()
    assert found["jax matmul on cuda:0"] == ("jax_plugin_mismatch",)


def test_doubles_fold_into_the_gravest_with_all_evidence() -> None:
    one = finding("numpy2_abi", id="FWA304", severity="warning", evidence=(file("/a"),))
    two = finding("numpy2_abi", id="FWA900", evidence=(file("/b"),))
    (folded,) = rank([one, two])
    assert folded.id == "FWA900"
    assert {piece.ref for piece in folded.evidence} == {"/a", "/b"}


def test_a_circle_of_explanations_ends() -> None:
    a, b = finding("a", explains=("b",)), finding("b", explains=("a",))
    assert sorted(causes(rank([a, b]))) == ["a", "b"]


def test_problems_come_before_unknowns_before_passes() -> None:
    rest = [
        finding("p", outcome="pass"),
        finding("n", outcome="not-applicable"),
        finding("u", outcome="unknown"),
    ]
    assert causes(rank([*rest, finding("f")])) == ["f", "u", "p", "n"]


def test_the_order_does_not_depend_on_the_order_of_asking() -> None:
    found = [finding(name, id=f"FWA10{number}") for number, name in enumerate("abc")]
    assert causes(rank(found)) == causes(rank(found[::-1]))
