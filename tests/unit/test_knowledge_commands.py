"""`fwaudit explain` and `fwaudit list`: answers, and the nearest word for a wrong one."""

from __future__ import annotations

import json

import pytest
from click.testing import CliRunner

from auditor.cli.app import app
from auditor.cli.commands.explain import command as explain
from auditor.cli.commands.list import KINDS
from auditor.cli.commands.list import command as listing
from auditor.engine.explain import WIDTH, explain_card
from auditor.knowledge.cards import load_cards


@pytest.mark.parametrize("word", ["FWA101", "fwa101", "driver_too_old", "driver-too-old"])
def test_a_rule_is_explained_by_any_of_its_names(word: str) -> None:
    result = CliRunner().invoke(explain, [word], standalone_mode=False)
    assert result.output.startswith("FWA101 driver-too-old: ")
    assert [
        part for part in ("Why", "Decides by", "Mends it", "Sources", "Examples") if part not in result.output
    ] == []
    assert "https://docs.nvidia.com" in result.output


def test_every_heading_fits_a_terminal() -> None:
    texts = [explain_card(card) for card in load_cards()]
    heads = [line for text in texts for line in text.partition("\n\n")[0].splitlines()]
    assert [line for line in heads if len(line) > WIDTH] == []
    assert sum("since: 0." in line for line in heads) == len(texts)


def test_what_is_no_command_is_not_shown_as_one() -> None:
    result = CliRunner().invoke(explain, ["log.driver_cuda_number"], standalone_mode=False)
    assert "$ the " not in result.output
    assert "a reporter's paste: the whole traceback" in result.output


def test_a_cause_of_several_rules_is_explained_by_all() -> None:
    result = CliRunner().invoke(explain, ["torch_companion_mismatch"], standalone_mode=False)
    assert "FWA301" in result.output
    assert "FWA324" in result.output


@pytest.mark.parametrize(
    ("fact", "told"),
    [
        ("gpu[0].uuid", "$ nvidia-smi"),
        ("cpu.model_name", "a scan's probe cpu"),
        ("smoke.jax.import_s", "`fwaudit smoke`"),
    ],
)
def test_a_fact_is_explained_with_where_it_comes_from(fact: str, told: str) -> None:
    result = CliRunner().invoke(app, ["explain", fact])
    assert result.exit_code == 0
    assert told in result.output


def test_every_fact_tells_where_it_comes_from() -> None:
    from auditor.engine.explain import explain_fact
    from auditor.knowledge import catalogue

    for key in catalogue.known_keys():
        text = explain_fact(key, catalogue.spec(key), (), ())
        assert "Comes from\n  " in text, key


@pytest.mark.parametrize(("word", "near"), [("FWA32", "FWA32"), ("fwa10", "FWA10")])
def test_an_id_cut_short_names_one(word: str, near: str) -> None:
    result = CliRunner().invoke(app, ["explain", word])
    assert result.exit_code == 2
    assert f"did you mean '{near}" in result.output


def test_a_fact_is_explained_with_the_rules_that_name_it() -> None:
    result = CliRunner().invoke(explain, ["gpu[0].compute_mode"], standalone_mode=False)
    assert result.output.startswith("gpu[i].compute_mode: string")
    assert "FWA112" in result.output


@pytest.mark.parametrize(
    ("word", "near"), [("drivr_too_old", "driver_too_old"), ("nvidia.driver_versio", "nvidia.driver_version")]
)
def test_a_wrong_word_is_answered_with_the_nearest_and_exit_code_2(word: str, near: str) -> None:
    result = CliRunner().invoke(app, ["explain", word])
    assert result.exit_code == 2
    assert near in result.output


@pytest.mark.parametrize("kind", KINDS)
def test_what_there_is_can_be_listed_as_text_and_json(kind: str) -> None:
    text = CliRunner().invoke(listing, [kind], standalone_mode=False).output
    rows = json.loads(CliRunner().invoke(listing, [kind, "--format", "json"], standalone_mode=False).output)
    assert rows
    assert len(text.splitlines()) == len(rows)


def test_a_wrong_kind_is_answered_with_the_nearest_and_exit_code_2() -> None:
    result = CliRunner().invoke(listing, ["rulez"])
    assert result.exit_code == 2
    assert "did you mean 'rules'" in result.output


@pytest.mark.parametrize("word", ["goal:vision", "vision"])
def test_a_goal_is_explained_with_the_reason_of_every_weight(word: str) -> None:
    result = CliRunner().invoke(explain, [word], standalone_mode=False)
    assert result.output.startswith("vision: Computer vision")
    assert "convolutions want a GPU" in result.output
    assert "torchvision" in result.output


def test_what_moved_since_publication_is_listed_with_both_baselines() -> None:
    result = CliRunner().invoke(listing, ["moved", "--format", "json"], standalone_mode=False)
    rows = json.loads(result.output)
    assert all(len(set(row["moved"].split(" -> "))) > 1 for row in rows)
    assert {row["framework"] for row in rows} == {"pytorch", "tensorflow"}


OWN = '[goals.robots]\ntitle = "Robots"\nweights = { debugging = 6, flexibility = 4 }\n'


@pytest.mark.parametrize("word", ["goal:robots", "robots"])
def test_a_goal_of_the_projects_own_is_explained_and_listed(word: str, tmp_path, monkeypatch) -> None:
    (tmp_path / "fwaudit.toml").write_text(OWN)
    monkeypatch.chdir(tmp_path)
    told = CliRunner().invoke(app, ["explain", word])
    assert told.exit_code == 0, told.output
    assert "robots: Robots" in told.output
    assert "debugging           6" in told.output
    assert "robots" in CliRunner().invoke(app, ["list", "goals"]).output
    near = CliRunner().invoke(app, ["explain", "goal:robts"])
    assert (near.exit_code, "did you mean 'goal:robots'?" in near.output) == (2, True)


def test_a_malformed_goal_is_an_error_with_its_line_and_other_words_are_still_explained(
    tmp_path, monkeypatch
):
    (tmp_path / "fwaudit.toml").write_text(OWN.replace("debugging", "debuging"))
    monkeypatch.chdir(tmp_path)
    told = CliRunner().invoke(app, ["explain", "goal:robots"])
    assert told.exit_code == 2
    assert "fwaudit.toml:3: goals.robots.weights.debuging" in told.output
    assert CliRunner().invoke(app, ["explain", "FWA101"]).exit_code == 0
