"""The loader of cards refuses what it does not understand, and says where and what would do."""

from __future__ import annotations

from pathlib import Path

import pytest

from auditor.knowledge.cards import load_card, load_cards
from auditor.knowledge.words import KnowledgeError

GOOD = """
id = "FWA999"
cause = "some_cause"
title = "A title"
severity = "error"
when = { fact = "cpu.sockets", op = "eq", value = 2 }
message = "{cpu.sockets} sockets"
why = "because"

[[examples]]
outcome = "fail"
facts."cpu.sockets" = 2
"""


def card_file(folder: Path, text: str, name: str = "some-card") -> Path:
    path = folder / "family" / f"{name}.toml"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return path


def test_a_card_takes_family_and_slug_from_its_place(tmp_path: Path) -> None:
    card = load_card(card_file(tmp_path, GOOD))
    assert (card.id, card.family, card.slug) == ("FWA999", "family", "some-card")
    assert card.examples[0].facts == {"cpu.sockets": 2}


WRONG = {
    "unknown key": ('severity = "error"', 'severity = "error"\nseverty = "x"', ["severty", "'severity'"]),
    "unknown key in a condition": ('op = "eq"', 'opp = "eq"', ["when.opp", "'op'"]),
    "wrong type": ('title = "A title"', "title = 7", ["title", "str"]),
    "missing key": ('why = "because"', "", ["why"]),
    "no such severity": ('severity = "error"', 'severity = "fatal"', ["severity"]),
    "unknown fact": ('cpu.sockets", op', 'cpu.socket", op', ["when.fact", "'cpu.sockets'"]),
    "unknown operator": ('op = "eq"', 'op = "version_l"', ["when.op", "'version_lt'"]),
    "unknown table": (
        "value = 2",
        'table = "cuda_drivr", key = "cpu.sockets"',
        ["when.table", "'cuda_driver'"],
    ),
    "two right sides": ("value = 2", 'value = 2, other = "cpu.cores"', ["when", "1 right side"]),
    "no right side": (", value = 2", "", ["when", "1 right side"]),
    "two forms": ("value = 2 }", 'value = 2, some = "gpu" }', ["when", "some, fact"]),
    "unknown fact in a text": ("{cpu.sockets} sockets", "{cpu.sokets} sockets", ["message", "'cpu.sockets'"]),
    "bad id": ('id = "FWA999"', 'id = "FWA9"', ["id"]),
    "bad cause": ('cause = "some_cause"', 'cause = "Some-Cause"', ["cause"]),
    "neither when nor check": (
        'when = { fact = "cpu.sockets", op = "eq", value = 2 }',
        "",
        ["when", "check"],
    ),
    "no TOML": ('id = "FWA999"', "id = = 3", ["some-card.toml"]),
}


@pytest.mark.parametrize("wrong", WRONG, ids=str)
def test_an_error_names_file_key_and_the_nearest_word(tmp_path: Path, wrong: str) -> None:
    old, new, said = WRONG[wrong]
    with pytest.raises(KnowledgeError) as caught:
        load_card(card_file(tmp_path, GOOD.replace(old, new, 1)))
    message = str(caught.value)
    assert message.startswith("cards/family/some-card.toml: ")
    assert not [word for word in said if word not in message], message


def test_an_unknown_predicate_is_an_error_where_predicates_are_known(tmp_path: Path) -> None:
    text = GOOD.replace('when = { fact = "cpu.sockets", op = "eq", value = 2 }', 'check = "disk_ful"')
    with pytest.raises(KnowledgeError, match="'disk_full'"):
        load_card(card_file(tmp_path, text), predicates=["disk_full", "numpy2_abi"])


def test_a_sites_own_cards_stand_beside_ours(tmp_path: Path) -> None:
    card_file(tmp_path, GOOD)
    ids = [card.id for card in load_cards([tmp_path])]
    assert ids == sorted(ids)
    assert "FWA999" in ids
    assert "FWA101" in ids


def test_an_id_is_never_taken_twice(tmp_path: Path) -> None:
    card_file(tmp_path, GOOD, "one")
    card_file(tmp_path, GOOD, "two")
    with pytest.raises(KnowledgeError, match=r"FWA999 is taken by .*/family/one\.toml"):
        load_cards([tmp_path])
