"""Every card's own examples, run through the engine; and what holds of all cards together."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

import pytest

from auditor.engine.evaluate import evaluate
from auditor.engine.predicates import PREDICATES
from auditor.engine.symptoms import Hit, symptoms_in
from auditor.engine.weigh import weigh
from auditor.knowledge.card import Example, RuleCard
from auditor.knowledge.cards import load_cards
from auditor.knowledge.patterns import faults
from auditor.model.fact import Facts, absent, call, known
from auditor.model.finding import Finding

PLACEHOLDER = re.compile(r"\{[a-z][a-z0-9_.\[\]]*\}")


@cache
def cards() -> tuple[RuleCard, ...]:
    return load_cards(predicates=PREDICATES, examples=True)


def pairs() -> list:
    return [
        pytest.param(card, example, id=f"{card.id}-{card.slug}-{number}-{example.outcome}")
        for card in cards()
        for number, example in enumerate(card.examples)
        if not example.text
    ]


def texts() -> list:
    return [
        pytest.param(card, example, id=f"{card.id}-{card.slug}-{number}-{example.outcome}")
        for card in cards()
        for number, example in enumerate(card.examples)
        if example.text
    ]


def facts_of(example: Example) -> Facts:
    told = {key: known(value, call("example")) for key, value in example.facts.items()}
    return Facts({**told, **{key: absent("said to be absent") for key in example.absent}})


def decisive(findings: list[Finding], example: Example) -> Finding:
    """Return the finding that the example speaks of: of its subject, else the first of its outcome."""
    named = (
        [finding for finding in findings if finding.subject == example.subject]
        if example.subject
        else findings
    )
    return next((finding for finding in named if finding.outcome == example.outcome), named[0])


@pytest.mark.parametrize(("card", "example"), pairs())
def test_a_card_says_of_its_examples_what_they_promise(card: RuleCard, example: Example) -> None:
    findings = evaluate([card], facts_of(example))
    finding = decisive(findings, example)
    assert finding.outcome == example.outcome, finding
    if example.outcome != "fail":
        assert not [other for other in findings if other.outcome == "fail"], findings
    if example.severity:
        assert finding.severity == example.severity
    if example.confidence:
        assert finding.confidence == example.confidence
    assert example.says in finding.message
    assert example.advises in " && ".join(finding.remedy.commands if finding.remedy else ())
    if finding.outcome == "fail":
        assert_complete(finding)
    if finding.outcome == "unknown":
        assert finding.unknown_because
        assert all(": " in why for why in finding.unknown_because)


def assert_complete(finding: Finding) -> None:
    """A failure says what, why, whence and what to do, with every placeholder filled."""
    assert finding.message
    assert finding.why
    assert finding.evidence
    assert finding.remedy is not None
    texts = [
        finding.message,
        finding.remedy.summary,
        finding.remedy.check,
        finding.remedy.meanwhile,
        *finding.remedy.commands,
    ]
    assert not [text for text in texts if PLACEHOLDER.search(text)]
    assert finding.remedy.check or finding.severity == "note"
    assert finding.remedy.who == "you" or finding.remedy.meanwhile


@pytest.mark.parametrize(("card", "example"), texts())
def test_a_card_reads_logs_as_its_examples_promise(card: RuleCard, example: Example) -> None:
    assert bool(deciding(card, example.text)) == (example.outcome == "fail")
    if example.advises:
        finding = decisive(told_by(card, example.text), example)
        assert example.advises in " && ".join(finding.remedy.commands if finding.remedy else ())


def told_by(card: RuleCard, text: str) -> list[Finding]:
    """Return what the card says of a text alone, the facts that its named groups tell included."""
    hits = symptoms_in([card], enumerate(text.splitlines(), 1))
    told = {
        hit.symptom.facts[name]: known(value, call("example"))
        for hit in hits.get(card.id, [])
        for name, value in hit.groups.items()
        if name in hit.symptom.facts
    }
    return weigh([card], evaluate([card], Facts(told)), hits, Facts(told))


def deciding(card: RuleCard, text: str) -> list[Hit]:
    """Return where patterns that decide alone stand in a text, over a few lines as logs wrap them."""
    hits = symptoms_in([card], enumerate(text.splitlines(), 1)).get(card.id, [])
    return [hit for hit in hits if hit.symptom.decides]


@pytest.mark.parametrize("card", cards(), ids=lambda card: card.id)
def test_a_card_shows_when_it_fails_passes_and_cannot_tell(card: RuleCard) -> None:
    by_facts = {example.outcome for example in card.examples if not example.text}
    # what messages said is never unknown: they are read, or there are none
    open_too = {"unknown"} if (card.check or card.when) and not card.per.startswith("log.") else set()
    assert by_facts >= {"fail", "pass"} | open_too or not (card.check or card.when)
    assert {example.outcome for example in card.examples} >= {"fail", "pass"}
    assert card.references or card.family in ("run", "audit")
    assert all(reference.url.startswith("https://") and reference.date for reference in card.references)


@pytest.mark.parametrize("card", cards(), ids=lambda card: card.id)
def test_symptoms_are_linear_and_their_groups_become_facts(card: RuleCard) -> None:
    for symptom in card.symptoms:
        assert not faults(symptom.pattern), symptom.pattern
        assert set(re.compile(symptom.pattern).groupindex) == set(symptom.facts), symptom.pattern


@pytest.mark.parametrize(
    "pattern", ["a+", "(a{1,3}){2,9}", r"(a|b)\1", "(", r"\w{1,50}x\w{1,50}x\w{1,50}x\w{1,50}x\w{1,50}"]
)
def test_patterns_that_are_not_linear_are_refused(pattern: str) -> None:
    assert faults(pattern)


def test_what_a_card_explains_is_a_cause_of_some_card() -> None:
    causes = {card.cause for card in cards()}
    assert not {(card.id, word) for card in cards() for word in card.explains if word not in causes}


def test_examples_stand_last_so_that_loading_may_stop_before_them() -> None:
    without = load_cards(predicates=PREDICATES)
    assert [(c.id, c.message, c.references) for c in without] == [
        (c.id, c.message, c.references) for c in cards()
    ]
    assert not any(card.examples for card in without)


def test_every_predicate_is_used() -> None:
    assert not set(PREDICATES) - {card.check for card in cards()}


def own_causes() -> set[str]:
    lines = (Path(__file__).parent / "causes.txt").read_text(encoding="utf-8").splitlines()
    return {line for line in lines if line and not line.startswith("#")}


def test_every_cause_of_the_contract_has_a_card_and_every_card_a_cause_of_it() -> None:
    assert {card.cause for card in cards()} == own_causes()


def test_the_contract_holds_all_that_was_agreed() -> None:
    contract = Path(__file__).parents[2].parent / "shared" / "causes.md"
    if not contract.is_file():
        pytest.skip("the list of causes is not beside the checkout")
    rows = [line for line in contract.read_text(encoding="utf-8").splitlines() if line.startswith("- ")]
    agreed = {slug for row in rows for slug in re.findall(r"`([a-z][a-z0-9_]+)`", row.partition(" - ")[0])}
    assert agreed <= own_causes()  # the contract welcomes further ones
