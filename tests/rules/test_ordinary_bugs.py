"""Ordinary bugs of people's own code must not be called faults of the environment."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest

from auditor.audit.diagnose import diagnose
from auditor.knowledge.cards import load_cards

BUGS = tomllib.loads((Path(__file__).parent / "ordinary_bugs.toml").read_text(encoding="utf-8"))["bugs"]
# a healthy environment around the traceback: everything that many rules ask for
HEALTHY = """
PyTorch version: 2.7.1+cu126
CUDA used to build PyTorch: 12.6
OS: Ubuntu 24.04.1 LTS (x86_64)
Python version: 3.12.3 (64-bit runtime)
Is CUDA available: True
GPU models and configuration: GPU 0: NVIDIA GeForce RTX 3090
Nvidia driver version: 560.35.05
[pip3] numpy==2.1.2
[pip3] torch==2.7.1+cu126
[pip3] torchvision==0.22.1+cu126
"""


def named(bugs: list[dict[str, str]]) -> list:
    return [pytest.param(bug["text"], id=bug["name"]) for bug in bugs]


def test_there_are_a_hundred_and_ninety_at_least() -> None:
    assert len({bug["name"] for bug in BUGS}) >= 190


@pytest.mark.parametrize("text", named(BUGS))
def test_no_symptom_of_an_error_decides(text: str) -> None:
    deciding = [
        (card.id, symptom.pattern)
        for card in load_cards()
        for symptom in card.symptoms
        for line in text.splitlines()
        if card.severity == "error" and symptom.decides and re.search(symptom.pattern, line)
    ]
    assert not deciding


@pytest.mark.parametrize("around", ["", HEALTHY], ids=["alone", "with a dump"])
@pytest.mark.parametrize("text", named(BUGS))
def test_the_diagnosis_finds_no_error(text: str, around: str) -> None:
    report = diagnose([f"{text}\n{around}"])
    assert not [finding for finding in report.findings if finding.severity == "error"]
