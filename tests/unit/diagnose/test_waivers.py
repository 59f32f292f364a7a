"""A finding that is waived is shown as waived, with its reason, in every format of scan and diagnose."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from auditor.cli.app import app

FORMATS = ("text", "json", "markdown", "html", "junit", "prometheus")
REASON = "the driver comes on Monday"
PASTE = """PyTorch version: 2.13.0+cu130
CUDA used to build PyTorch: 13.0
OS: Ubuntu 22.04.4 LTS (x86_64)
Python version: 3.12.3
Is CUDA available: False
GPU models and configuration: GPU 0: NVIDIA L4
Nvidia driver version: 550.54.14
"""
MACHINE = str(Path(__file__).parents[2] / "machines" / "debian12-vm-cpu.json")


def said(*args: str) -> tuple[int, str]:
    done = CliRunner().invoke(app, args, input=PASTE)
    return done.exit_code, done.output


@pytest.mark.parametrize("format_", FORMATS)
def test_a_waived_cause_is_shown_with_its_reason(format_: str) -> None:
    code, text = said("diagnose", "--ignore", f"FWA101={REASON}", "--format", format_, "-")
    assert code == 0
    assert REASON in " ".join(text.split())
    assert "waive" in text.lower()


@pytest.mark.parametrize("format_", FORMATS)
def test_a_scan_shows_it_too(format_: str) -> None:
    machine = ("--snapshot", MACHINE, "--level", "none", "--assume", "limits.nofile=256")
    code, text = said("scan", *machine, "--ignore", f"FWA405={REASON}", "--format", format_)
    assert code == 0
    assert REASON in " ".join(text.split())
    assert "waive" in text.lower()


@pytest.mark.parametrize("rule", ["fwa101", "driver-too-old", "driver_too_old"])
def test_a_rule_may_be_named_by_any_of_its_words(rule: str) -> None:
    report = json.loads(said("diagnose", "--ignore", f"{rule}={REASON}", "--format", "json", "-")[1])
    assert "FWA101" not in {finding["id"] for finding in report["findings"]}
    assert [check["waiver"] for check in report["checks"] if check["waiver"]] == [REASON]


def test_what_is_in_order_needs_no_waiver() -> None:
    _, text = said("diagnose", "--ignore", f"FWA203={REASON}", "--format", "json", "-")
    assert not [check for check in json.loads(text)["checks"] if check["waiver"]]


@pytest.mark.parametrize("command", ["diagnose", "scan"])
@pytest.mark.parametrize(
    ("word", "nearest"), [("FWA1O1", "nearest is 'FWA1"), ("driver-to-old", "driver-too-old")]
)
def test_a_word_that_names_no_rule_is_answered_with_the_nearest(
    command: str, word: str, nearest: str
) -> None:
    where = ("-",) if command == "diagnose" else ("--snapshot", MACHINE, "--level", "none")
    code, text = said(command, "--ignore", f"{word}=known", *where)
    assert code == 2
    assert word in text
    assert nearest in text


@pytest.mark.parametrize("form", ["text", "markdown"])
def test_a_waived_sole_cause_is_not_called_a_fault_of_the_program(form: str) -> None:
    args = ["diagnose", "-", "--format", form, "--ignore", f"jax_jaxlib_mismatch={REASON}"]
    printed = CliRunner().invoke(app, args, input="jax==0.6.2\njaxlib==0.5.1\n").output
    words = " ".join(printed.split())
    assert "No environment cause found" not in words
    assert "Nothing else was found in the environment" in words


def test_a_root_that_only_warns_stands_before_the_error_that_follows_from_it() -> None:
    mask = "torch.cuda.is_available() is False\nCUDA_VISIBLE_DEVICES=-1\ntorch 2.5.1+cu124, driver 560.94, WSL2, RTX 4060 Laptop\n"
    printed = CliRunner().invoke(app, ["diagnose", "-"], input=mask).output
    assert "1. A device mask hides accelerators" in printed
    assert "This follows from 1" in printed
    assert "cuda_visible_devices_wrong" not in printed


@pytest.mark.parametrize("form", ["text", "markdown"])
def test_what_is_waived_or_found_is_not_called_ruled_out(form: str) -> None:
    """Two cards tell of one cause: that the build fits says nothing of the card."""
    paste = "GPU: RTX 5090\ndriver 550.54\ntorch 2.8.0+cu128\n"
    for more in ([], ["--ignore", f"FWA121={REASON}"]):
        output = CliRunner().invoke(app, ["diagnose", "-", "--format", form, *more], input=paste).output
        heads = [part for part in ("Ruled out:", "Looked for and not found") if part in output]
        below = output.split(heads[0], 1)[1] if heads else ""
        assert "driver_too_old" not in below
        assert "older than the build's CUDA" not in below
