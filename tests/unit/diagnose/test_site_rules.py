"""A site's own card, the very one that the documentation shows: loaded, held against its examples, used, explained."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from click.testing import CliRunner

from auditor.audit.diagnose import diagnose
from auditor.cli.commands.explain import command as explain
from auditor.cli.commands.list import command as listing
from auditor.engine.evaluate import evaluate
from auditor.engine.explain import explain_card
from auditor.engine.predicates import PREDICATES
from auditor.engine.remedy.environment import _WORDS
from auditor.knowledge.card import RuleCard
from auditor.knowledge.cards import load_cards
from auditor.knowledge.check import COMMAND_WORDS
from auditor.knowledge.words import KnowledgeError
from auditor.model.fact import Facts, call, known

PAGE = Path(__file__).parents[3] / "docs" / "diagnose.md"


def card_in_the_docs() -> str:
    found = re.search(r"```toml\n(id = .*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)
    assert found
    return found[1]


@pytest.fixture
def folder(tmp_path: Path) -> str:
    place = tmp_path / "site"
    place.mkdir()
    (place / "lab-proxy-missing.toml").write_text(card_in_the_docs(), encoding="utf-8")
    return str(tmp_path)


def test_its_examples_are_what_it_promises(folder: str) -> None:
    (card,) = [c for c in load_cards((folder,), predicates=PREDICATES, examples=True) if c.id == "FWA801"]
    for example in card.examples:
        if example.text:
            continue
        (finding,) = evaluate(
            [card], Facts({key: known(value, call("x")) for key, value in example.facts.items()})
        )
        assert finding.outcome == example.outcome
    (finding,) = evaluate([card], Facts({}))
    assert finding.outcome == "unknown"


@pytest.mark.parametrize(
    ("word", "near"),
    [("pip_instal", "pip_install"), ("pyton", "python"), ("torch_instal", "torch_install")],
)
def test_a_misspelt_word_of_a_command_is_refused_with_the_nearest(
    tmp_path: Path, word: str, near: str
) -> None:
    place = tmp_path / "site"
    place.mkdir()
    text = card_in_the_docs().replace("{pip_install} --upgrade", f"{{{word}}} --upgrade")
    (place / "lab-proxy-missing.toml").write_text(text, encoding="utf-8")
    with pytest.raises(
        KnowledgeError, match=f"lab-proxy.*remedy: unknown placeholder '{word}'; the nearest is '{near}'"
    ):
        load_cards((tmp_path,))


def test_braces_of_a_shell_are_no_placeholder(tmp_path: Path) -> None:
    place = tmp_path / "site"
    place.mkdir()
    text = card_in_the_docs().replace(
        "module load proxy", "echo ${HOME}; awk '{print}'; find . -exec ls {} +"
    )
    (place / "lab-proxy-missing.toml").write_text(text, encoding="utf-8")
    assert [card.id for card in load_cards((tmp_path,)) if card.id == "FWA801"]


def test_every_word_that_the_environment_fills_is_known_where_cards_are_read() -> None:
    assert set(_WORDS) == COMMAND_WORDS


def test_a_paste_is_judged_by_it(folder: str) -> None:
    said = "OS: Rocky Linux 9.4\nretrying: Failed to establish a new connection: [Errno 101] Network is unreachable"
    first = diagnose([said], rules_dirs=(folder,)).findings[0]
    assert (first.id, first.cause, first.severity) == ("FWA801", "lab_proxy_missing", "error")
    assert first.remedy is not None
    assert first.remedy.commands[0] == "module load proxy"
    assert not [f for f in diagnose([said]).findings if f.id == "FWA801"]


def test_it_can_be_waived_by_its_cause(folder: str) -> None:
    said = "Failed to establish a new connection: [Errno 101] Network is unreachable"
    report = diagnose([said], rules_dirs=(folder,), ignore={"lab_proxy_missing": "no network is meant"})
    assert [check.waiver for check in report.checks if check.id == "FWA801"] == ["no network is meant"]


def test_it_is_listed_explained_and_offered_as_the_nearest_word(folder: str) -> None:
    listed = CliRunner().invoke(listing, ["rules", "--rules-dir", folder], standalone_mode=False).output
    assert "FWA801" in listed
    for word in ("FWA801", "lab_proxy_missing", "lab-proxy-missing"):
        text = CliRunner().invoke(explain, [word, "--rules-dir", folder], standalone_mode=False).output
        assert text.startswith("FWA801 lab-proxy-missing: ")
        assert "SLURM_JOB_ID" in text
        assert "Errno 101" in text
    wrong = CliRunner().invoke(explain, ["lab_proxy_mising", "--rules-dir", folder])
    assert wrong.exit_code == 2
    assert "lab_proxy_missing" in wrong.output


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (('id = "FWA801"', 'id = "FWA101"'), "FWA101"),
        (('id = "FWA801"', 'id = "LAB-1"'), "LAB-1"),
        (('op = "absent"', 'op = "absnt"'), "absent"),
        (("severity", "severty"), "severity"),
        (("pattern = 'Failed", "pattern = '(a*)*Failed"), "a repeat inside a repeat"),
        (("pattern = 'Failed", "pattern = '(Failed"), "symptoms[0].pattern: it does not compile"),
        (
            ('severity = "error"', 'severity = "eror"'),
            "severity: unknown word 'eror'; the nearest is 'error'",
        ),
        (('outcome = "fail"', 'outcome = "fails"'), "outcome: unknown word 'fails'; the nearest is 'fail'"),
        (("framework_not_installed", "framework_not_instaled"), "nearest is 'framework_not_installed'"),
        (('facts."os.pretty_name"', 'facts."os.prety_name"'), "nearest is 'os.pretty_name'"),
        (('outcome = "pass"', "outcome = ["), "Invalid"),
    ],
)
def test_a_mistake_in_it_is_told_with_its_place(folder: str, change: tuple[str, str], says: str) -> None:
    place = Path(folder) / "site" / "lab-proxy-missing.toml"
    place.write_text(card_in_the_docs().replace(*change), encoding="utf-8")
    with pytest.raises(KnowledgeError) as error:
        load_cards((folder,), predicates=PREDICATES)
    assert says in str(error.value)
    assert error.value.file == place.as_posix()


def test_its_parts_may_stand_in_any_order(folder: str) -> None:
    place = Path(folder) / "site" / "lab-proxy-missing.toml"
    head, symptoms, rest = card_in_the_docs().partition("[[symptoms]]")
    place.write_text(f"{head}{rest[rest.index('[remedy]') :]}\n{symptoms}{rest.partition('[remedy]')[0]}")
    said = "Failed to establish a new connection: [Errno 101] Network is unreachable"
    assert diagnose([said], rules_dirs=(folder,)).findings[0].id == "FWA801"


@pytest.mark.parametrize("card", load_cards(predicates=PREDICATES, examples=True), ids=lambda card: card.id)
def test_every_card_is_explained_whole(card: RuleCard) -> None:
    text = explain_card(card)
    parts = ["Says", "Why", "Decides by", "Examples", "Mends it" if card.remedy else "Says"]
    parts += ["Sources"] if card.references else []
    assert [part for part in parts if f"\n{part}\n" not in text] == []
    assert all(reference.url in text for reference in card.references)
    assert sum(
        text.count(f"\n  {outcome}: ") for outcome in ("fail", "pass", "unknown", "not-applicable")
    ) == len(card.examples)
