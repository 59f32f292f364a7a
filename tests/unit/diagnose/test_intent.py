"""Severity depends on intent: what only keeps a GPU idle is no fault where none is there, or none is wanted."""

from __future__ import annotations

import pytest
from click.testing import CliRunner

from auditor.audit.diagnose import diagnose
from auditor.cli.app import app


def graver(report):
    return [finding for finding in report.findings if finding.severity != "note"]


MEANT = [
    "I installed the CPU build on purpose. torch 2.12.0+cpu, RTX 3060, driver 570.86. Why is my loss nan?",
    "Running on CPU only is fine for us. torch 2.6.0+cpu\nGPU: RTX 4070\ndriver 560.35.03\nValueError: too many values",
    "We don't need the GPU here.\ntorch 2.7.1+cpu\nRTX 3090\ndriver 550.54.14",
    "I intentionally use the CPU.\ntensorflow-cpu==2.18.0\nRTX 3080\ndriver 550.54.14",
]
WITHOUT = [
    "This laptop has no NVIDIA GPU.\ntorch==2.13.0\nprint(torch.cuda.is_available())\nFalse",
    "My server has no graphics card. torch 2.8.0, torch.cuda.is_available() is False. Is that ok?",
    "torch 2.6.0 on a VM without a GPU; torch.cuda.is_available() returns False",
]
NOT_MEANT = [
    "torch uses the CPU and that is not on purpose. torch 2.12.0+cpu, RTX 3060, driver 570.86",
    "Inference on the CPU is fine for us, but training must use the card. torch 2.12.0+cpu, RTX 3060, driver 570.86",
    "torch says that this machine has no GPU. torch 2.12.0+cpu, RTX 3060, driver 570.86",
]


@pytest.mark.parametrize("text", MEANT + WITHOUT)
def test_no_fault_where_no_gpu_is_wanted_or_there(text):
    assert graver(diagnose([text])) == []


@pytest.mark.parametrize("text", NOT_MEANT)
def test_a_fault_where_the_gpu_is_missed(text):
    assert [finding.cause for finding in graver(diagnose([text]))][:1] == ["cpu_only_build"]


def test_a_driver_too_old_is_a_note_where_the_cpu_is_meant():
    report = diagnose(["I use the CPU on purpose.\ntorch 2.6.0+cu124\nRTX 3090\ndriver 470.82.01"])
    assert [(f.cause, f.severity) for f in report.findings] == [("driver_too_old", "note")]


MACHINE = [
    "--level",
    "none",
    "--assume",
    "gpu=RTX 3060",
    "--assume",
    "driver=570.86",
    "--assume",
    "torch.build=cpu",
]


@pytest.mark.parametrize(
    ("goals", "found"),
    [((), True), (("research",), True), (("cpu-only",), False), (("cpu-only=2", "teaching"), True)],
)
def test_the_goal_of_a_scan_decides_whether_an_idle_gpu_is_a_fault(goals, found):
    words = [word for goal in goals for word in ("--goal", goal)]
    result = CliRunner().invoke(app, ["scan", *MACHINE, *words, "--assume", "torch.version=2.13.0+cpu"])
    assert ("FWA201" in result.output) == found


PLAIN = "torch==2.9.0\nRTX 4080\n{0}torch.cuda.is_available() False\n"


@pytest.mark.parametrize(
    ("more", "first", "confidence"),
    [
        ("", "cpu_only_build", "possible"),  # PyPI's wheel for Windows is for the CPU
        ("driver 470.82.01\n", "driver_too_old", "certain"),
        ("nvidia-cublas-cu12==12.8.4.1\n", "driver_too_old", "possible"),
    ],
)
def test_a_release_alone_is_not_taken_for_a_cuda_build_where_torch_sees_no_gpu(more, first, confidence):
    found = diagnose([PLAIN.format(more)]).findings[0]
    assert (found.cause, found.confidence) == (first, confidence)


def test_a_framework_of_which_no_build_is_told_may_miss_its_gpu():
    found = diagnose(["My RTX 3080 isn't detected by tensorflow 2.16"]).findings
    assert (found[0].cause, found[0].confidence) == ("cpu_only_build", "possible")
    assert "tensorflow[and-cuda]" in str(found[0].remedy)


def test_what_is_offered_is_for_the_framework_that_was_named():
    found = diagnose(["My GPU isn't detected by pytorch, help"]).findings
    assert 0 < len(found) <= 3
    assert all("tensorflow" not in str(finding.remedy) for finding in found)
