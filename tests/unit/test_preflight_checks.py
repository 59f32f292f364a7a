"""The library of checks: its words, its probes, and that knowing nothing is unknown. Machines: tests/machines."""

from __future__ import annotations

import tomllib
from functools import cache
from pathlib import Path

import pytest

from auditor.knowledge import catalogue
from auditor.knowledge.cards import load_cards
from auditor.knowledge.profile_check import check_facts, problems
from auditor.knowledge.profiles import Check, check_of, library, load_profile, profile_path, shipped
from auditor.model.fact import Facts, unknown
from auditor.preflight.judge import judge
from auditor.preflight.sources import facts_of, names_for
from auditor.probes import ALL, load, node

# checks that speak of their card in other words
# words of a check's name -> the word that its card has for the same thing
ALIKE = {
    "gpu-lost": "fell", "gpu-layers": "count", "gpu-mask": "visible", "amd-access": "permission", "fabric-state": "port",
    "gpu-foreign-processes": "process", "amd-foreign-processes": "process", "gpu-cpus-near": "numa",
    "gpu-adapter-near": "numa", "gdrdrv": "peermem", "mounts": "mount", "names": "dns", "blocked-driver": "dstate",
    "fabric-variables": "nccl", "fabric-roce-restarts": "link",
}  # fmt: skip
CASES = tomllib.loads((Path(__file__).parents[1] / "machines" / "checks.toml").read_text())


@cache
def check(name: str) -> Check:
    value = CASES.get(name, {}).get("value")
    return check_of({**library()[name], **({} if value is None else {"value": value})}, own=False)


def outcomes(name: str, told: Facts) -> set[str]:
    (judged,) = judge([check(name)], told)
    return {finding.outcome for finding in judged.findings}


@pytest.mark.parametrize("name", sorted(library()))
def test_facts_that_are_not_known_are_unknown(name):
    blind = Facts({key: unknown("the look was refused") for key in facts_of(check(name)) if "[i]" not in key})
    found = outcomes(name, blind)
    assert found == {"unknown"}, found
    assert outcomes(name, Facts()) == {"unknown"}


@pytest.mark.parametrize("name", sorted(library()))
def test_the_librarys_words_are_valid(name):
    one = check(name)
    check_facts(one, "library", name)
    for key in one.reads:
        assert key == "gpu[i]" or catalogue.is_known(key)
    assert all(names_for(key) for key in facts_of(one)), facts_of(one)
    assert one.title
    if one.card:
        assert one.code in {card.id for card in load_cards()}


def test_a_code_means_one_thing():
    """`fwaudit explain CODE` tells of a card where there is one: a check of its code is about the same."""
    about = {card.id: set(card.cause.split("_")) - {"gpu"} for card in load_cards()}
    odd = [
        name
        for name, raw in library().items()
        if raw["code"] in about and not about[raw["code"]] & {*name.split("-"), ALIKE.get(name)}
    ]
    assert odd == []


@pytest.mark.parametrize("name", shipped())
def test_a_shipped_profile_has_no_mistake_and_a_source_for_each_figure(name):
    assert problems(profile_path(name)) == []
    for one in load_profile([name] if name != "never-acceptable" else []).checks:
        if one.value is not None and not isinstance(one.value, (list, bool, str)):
            assert one.source, one.name


def test_probes_are_found_by_what_they_provide():
    for name in ALL:
        for key in load(name).provides:
            if key.startswith(("smoke.", "component", "target.", "python.", "audit.")) or "[i]" in key:
                continue
            assert name in names_for(key) or names_for(key) == ("python",), key
    for name, keys in node.ALL.items():
        assert set(node.load(name).provides) == set(keys)
        assert all(catalogue.is_known(key) for key in keys)
