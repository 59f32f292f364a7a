"""Each format becomes the facts of the live scan; what is not understood is listed."""

from __future__ import annotations

import json
import tomllib
from pathlib import Path

import pytest

from auditor.knowledge.catalogue import is_known
from auditor.readers import read, read_lines, unread
from auditor.readers.cards import cards_in
from auditor.readers.facts import facts_of
from auditor.readers.lines import split

PASTES = [
    paste
    for name in ("pastes.toml", "layouts.toml", "tools.toml", "excerpts.toml")
    for paste in tomllib.loads(Path(__file__).with_name(name).read_text(encoding="utf-8"))["pastes"]
]


@pytest.mark.parametrize("paste", PASTES, ids=lambda paste: paste["name"])
def test_paste(paste):
    facts = facts_of(read(paste["text"]))
    found = {key: fact.value for key, fact in facts.items() if fact.is_known}
    assert {key: found.get(key) for key in paste.get("facts", {})} == paste.get("facts", {})
    assert all(facts[key].state == "absent" for key in paste.get("absent", []))
    assert all(facts[key].state == "unknown" for key in paste.get("unknown", []))
    assert not [key for key in paste.get("never", []) if key in found]
    packages = {f"{row['name']} {row['version']}" for row in found.get("python.distributions", [])}
    assert set(paste.get("packages", [])) <= packages


@pytest.mark.parametrize("paste", PASTES, ids=lambda paste: paste["name"])
def test_every_fact_is_in_the_catalogue_and_quotes_its_line(paste):
    for key, fact in facts_of(read(paste["text"])).items():
        assert is_known(key), key
        assert all(piece.kind == "paste" and piece.ref.startswith("line ") for piece in fact.evidence), key
        assert fact.evidence, key


@pytest.mark.parametrize(
    "wrap", ["> {}", "    {}", "```\n{}\n```", "<details>\n{}\n</details>", "2024-05-01T10:00:00.123Z {}"]
)
def test_what_carries_the_text_does_not_matter(wrap):
    plain = "PyTorch version: 2.4.1+cu121\nNvidia driver version: 550.54.14"
    carried = (
        wrap.format(plain) if "\n" in wrap else "\n".join(wrap.format(line) for line in plain.splitlines())
    )
    facts = facts_of(read(carried))
    assert facts["torch.version"].value == "2.4.1+cu121"
    assert facts["nvidia.driver_version"].value == "550.54.14"


def test_what_is_not_understood_is_listed():
    lines = split("torch: 2.4.0\nmy cat walked over the keyboard\n---\n")
    assert [line.text for line in unread(lines, read_lines(lines))] == ["my cat walked over the keyboard"]


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("RTX 5090", "RTX 5090"),
        ("rtx3090", "RTX 3090"),
        ("1080ti", "GTX 1080 Ti"),
        ("2080 super 8GB", "RTX 2080 SUPER"),
        ("NVIDIA A100-SXM4-40GB", "NVIDIA A100-SXM4-40GB"),
        ("1x NVIDIA GeForce GTX 1660 (6 GB)", "NVIDIA GeForce GTX 1660"),
        ("AMD Radeon RX 7900 XTX", "AMD Radeon RX 7900 XTX"),
    ],
)
def test_cards_by_name(text, name):
    assert [card["name"] for card in cards_in(text)] == [name]


@pytest.mark.parametrize("text", ["yes", "tried both", "none", "a good one", "0", "720p"])
def test_no_card_is_guessed(text):
    assert cards_in(text) == []


TOOLS = tomllib.loads(Path(__file__).with_name("tools.toml").read_text(encoding="utf-8"))["pastes"]


@pytest.mark.parametrize("paste", TOOLS, ids=lambda paste: paste["name"])
@pytest.mark.parametrize(
    "line", ["{}\r", "    {}", "> {}", "\x1b[32m{}\x1b[0m"], ids=["CRLF", "indent", "quote", "ANSI"]
)
def test_a_tools_output_is_read_whatever_carries_it(paste, line):
    def told(text):
        return {key: (fact.state, fact.value) for key, fact in facts_of(read(text)).items()}

    carried = "\n".join(line.format(row) for row in paste["text"].splitlines())
    assert told(carried) == told(paste["text"])


def test_a_list_of_packages_on_one_long_line_is_read_whole():
    rows = [{"name": f"package-{number}", "version": f"{number}.0"} for number in range(200)]
    facts = facts_of(read(json.dumps([*rows, {"name": "torch", "version": "2.5.1"}])))
    assert len(facts["python.distributions"].value) == 201
    assert facts["torch.version"].value == "2.5.1"
