"""The catalogue of facts: keys, instances, and what `--assume KEY=VALUE` means."""

from __future__ import annotations

from typing import Any

import pytest

from auditor.knowledge import catalogue
from auditor.knowledge.words import KnowledgeError


def test_the_quick_scan_of_lines_finds_what_toml_finds() -> None:
    assert catalogue.known_keys() == set(catalogue.catalogue())


def test_instances_are_known_by_their_pattern() -> None:
    assert catalogue.is_known("gpu[3].name")
    assert not catalogue.is_known("gpu[3].nam")
    assert catalogue.nearest("gpu[3].nam") == "gpu[i].name"


@pytest.mark.parametrize(
    ("key", "text", "value"),
    [
        ("nvidia.driver_version", "550.54.14", "550.54.14"),
        ("cpu.sockets", "2", 2),
        ("cpu.usable", "2.5", 2.5),
        ("os.wsl", "yes", True),
        ("cpu.flags", "avx, avx2", ["avx", "avx2"]),
        ("cpu.flags", '["avx"]', ["avx"]),
        ("env.variables", '{"A": "1"}', {"A": "1"}),
        ("gpu[0].compute_capability", "8.6", "8.6"),
        ("torch.version", "none", None),
    ],
)
def test_text_becomes_a_value_of_the_keys_type(key: str, text: str, value: Any) -> None:
    assert catalogue.convert(key, text) == value


@pytest.mark.parametrize(
    ("key", "text"),
    [("cpu.sockets", "two"), ("os.wsl", "maybe"), ("torch.version", "new"), ("env.variables", "[1]")],
)
def test_a_text_that_is_no_such_value_is_refused(key: str, text: str) -> None:
    with pytest.raises(KnowledgeError, match=key.replace("[", r"\[")):
        catalogue.convert(key, text)


def test_an_unknown_key_is_named_with_the_nearest() -> None:
    with pytest.raises(KnowledgeError, match=r"'nvidia\.driver_version'"):
        catalogue.convert("nvidia.driver_versio", "550")
