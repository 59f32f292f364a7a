"""A new environment that stands for a protected one gets its frameworks before the fix."""

from __future__ import annotations

from typing import Any

import pytest

from auditor.engine.look import Look
from auditor.engine.remedy.environment import Environment
from auditor.engine.remedy.fill import remedy_of
from auditor.engine.template import Words
from auditor.knowledge.cards import load_cards
from auditor.model.fact import Facts, known
from auditor.model.finding import Remedy

NEW = "~/venvs/dl/bin/python -m pip install "


def mended(slug: str, packages: dict[str, str], kind: str = "system", **words: str) -> Remedy:
    told: dict[str, Any] = {
        "os.platform": "linux",
        "python.kind": kind,
        "python.executable": "/usr/bin/python3",
        "python.distributions": [{"name": name, "version": version} for name, version in packages.items()],
    }
    facts = Facts({key: known(value) for key, value in told.items()})
    card = next(card for card in load_cards() if card.slug == slug)
    remedy = remedy_of(card, "", Words(Look(facts), words, Environment(facts)))
    assert remedy is not None
    return remedy


@pytest.mark.parametrize(
    ("packages", "line"),
    [
        ({"torch": "2.2.2"}, "torch==2.2.2"),
        ({"torch": "2.2.2+cu118"}, "torch==2.2.2 --index-url https://download.pytorch.org/whl/cu118"),
        ({"tensorflow-cpu": "2.17.0"}, "tensorflow-cpu==2.17.0"),
    ],
)
def test_the_framework_comes_before_the_fix(packages: dict[str, str], line: str) -> None:
    found = mended("numpy2-abi", {**packages, "numpy": "2.1.0"})
    assert found.commands == ("/usr/bin/python3 -m venv ~/venvs/dl", NEW + line, NEW + "'numpy<2'")
    assert "since this one is the system's own" in found.summary


def test_a_removal_is_an_environment_without_the_package() -> None:
    found = mended("torchtext-eol", {"torch": "2.6.0", "torchtext": "0.18.0"}, "conda-base")
    assert found.commands == ("/usr/bin/python3 -m venv ~/venvs/dl", NEW + "torch==2.6.0")
    assert "since this one is conda's own" in found.summary
    assert found.check.startswith("~/venvs/dl/bin/python ")


@pytest.mark.parametrize("version", ["2.10.0a0+b4e4ee81d3", "2.9.0.dev20250801", ""])
def test_of_a_build_that_no_index_holds_nothing_is_said(version: str) -> None:
    found = mended("numpy2-abi", {"torch": version})
    assert found.commands == ("/usr/bin/python3 -m venv ~/venvs/dl", NEW + "'numpy<2'")


def test_elsewhere_nothing_more_is_installed() -> None:
    found = mended("numpy2-abi", {"torch": "2.2.2"}, "venv")
    assert found.commands == ("/usr/bin/python3 -m pip install 'numpy<2'",)
    assert "new environment" not in found.summary
