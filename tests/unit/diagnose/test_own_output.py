"""What fwaudit itself printed, pasted back, is read: the same cause again, and differences are said."""

from __future__ import annotations

import msgspec
import pytest

from auditor.audit.diagnose import diagnose
from auditor.readers.lines import split
from auditor.readers.own_text import reported
from auditor.render import RenderOptions, markdown, terminal
from auditor.render import json as as_json

PASTES = {
    "gpu_too_new_for_build": "GPU: RTX 5080\ndriver 570.86.10\nPyTorch version: 2.5.1+cu124\nCUDA used to build PyTorch: 12.4\nOS: Ubuntu 24.04",
    "driver_too_old": "RTX 3090\ndriver 470.82\ntorch 2.6.0+cu124",
    "torch_companion_mismatch": "[pip3] torch==2.6.0\n[pip3] torchvision==0.15.2\n[pip3] numpy==1.26.4",
}
SCANNED = """\
Audited: /srv/project/.venv/bin/python3 (Python 3.11.7 venv) - .venv in the
         working directory

CAUSE The NVIDIA driver is older than the build's CUDA. 1 more error below.

What is broken
1. The NVIDIA driver is older than the build's CUDA [FWA101]
   To mend it: Install a torch for a CUDA that driver 470.82.01 runs.
     python3 -m pip install torch==2.7.1 --index-url https://download.pytorch.org/whl/cu118

What is here
  GPU 0-1     Tesla V100-SXM2-32GB, 32 GiB, compute capability 7.0, each
  driver      NVIDIA 470.82.01, for CUDA up to 11.4
  system      Ubuntu 22.04.3 LTS, kernel 5.15.0-58-generic, glibc 2.35, x86_64,
              in a container (docker)

What was tried
  PyTorch     2.6.0+cu126, imported in 2.32 s
"""
OPTIONS = {
    "text, narrow": lambda report: terminal.render(report, RenderOptions(width=80)),
    "text": lambda report: terminal.render(report, RenderOptions(width=120)),
    "markdown": lambda report: markdown.render(report, RenderOptions()),
    "json": lambda report: as_json.render(report, RenderOptions()),
}


@pytest.mark.parametrize("shown", OPTIONS.values(), ids=OPTIONS)
@pytest.mark.parametrize("cause", PASTES)
def test_our_own_answer_pasted_gives_the_same_cause(cause, shown):
    first = diagnose([PASTES[cause]])
    again = diagnose([shown(first)])
    assert first.findings[0].cause == cause
    assert again.findings[0].cause == cause
    assert not any("memory unknown" in str(fact.value) for fact in again.facts.values())


@pytest.mark.parametrize("width", [50, 60, 80, 120])
def test_a_heading_broken_at_the_width_is_still_one_that_was_found(width):
    shown = terminal.render(diagnose([PASTES["torch_companion_mismatch"]]), RenderOptions(width=width))
    assert reported(split(shown)) == {
        "FWA301": "torchvision, torchaudio or another companion does not belong to this torch"
    }


def test_what_a_finding_says_of_two_packages_is_installed_there():
    pasted = """\
Read: 9 lines of ticket.txt, 0 of them not understood; 12 facts.
What is broken
1. torchvision, torchaudio or another companion does not belong to this torch
   [FWA301]
   torchvision 0.20.0 beside torch 2.9.1+cu130: torchvision 0.20 belongs to
   torch 2.5.
"""
    found = diagnose([pasted]).findings[0]
    assert (found.id, found.is_problem) == ("FWA301", True)
    assert "torchvision 0.20.0 beside torch 2.9.1+cu130" in found.message


def test_a_row_of_the_table_of_facts_tells_that_fact_and_nothing_else():
    table = (
        "## fwaudit: WORKS\n\n"
        "| `os.platform` | linux |\n"
        "| `loader.wsl_libraries` | absent: no libraries of Windows in /usr/lib/wsl/lib |\n"
        '| `python.distributions` | \\[\\{"name":"torch", "version":"2.9.1"\\}, \\{"name":"nump |\n'
        "| `FWA412` | no question | A plain ROCm wheel inside WSL |\n"
    )
    facts = diagnose([table]).facts
    assert facts["os.platform"].value == "linux"
    assert [row["name"] for row in facts["python.distributions"].value] == ["torch"]


def test_the_rows_of_a_scan_are_read_and_its_remedy_is_not_what_is_installed():
    report = diagnose([SCANNED])
    told = {
        "gpu[1].name": "Tesla V100-SXM2-32GB",
        "gpu[0].compute_capability": "7.0",
        "nvidia.driver_version": "470.82.01",
        "nvidia.cuda_driver_version": "11.4",
        "torch.version": "2.6.0+cu126",
        "os.pretty_name": "Ubuntu 22.04.3 LTS",
        "os.kernel": "5.15.0-58-generic",
        "container.runtime": "docker",
        "python.version": "3.11.7",
    }
    assert {key: report.facts[key].value for key in told} == told
    assert report.findings[0].cause == "driver_too_old"


def test_the_table_of_all_facts_is_read():
    rows = '| `torch.version` | 2\\.13.0+cpu |\n| `python.frameworks` | \\["pytorch"\\] |\n| `torch.cuda_build` | absent: built without CUDA |'
    facts = diagnose([f"## fwaudit: FINE\n\n{rows}\n"]).facts
    assert (facts["torch.version"].value, facts["python.frameworks"].value) == ("2.13.0+cpu", ["pytorch"])
    assert facts["torch.cuda_build"].state == "absent"


def test_what_a_pasted_report_had_found_is_said_where_it_cannot_be_found_again():
    lines = [line for line in SCANNED.splitlines() if "driver  " not in line and "PyTorch " not in line]
    report = diagnose(["\n".join(lines)])
    assert not any(finding.severity == "error" for finding in report.findings)
    page = terminal.render(report, RenderOptions(width=200))
    assert "NO CAUSE" not in page
    assert (
        "The report had found what is not found now: The NVIDIA driver is older than the build's CUDA."
        in page
    )


@pytest.mark.parametrize("shown", [terminal.render, markdown.render])
def test_a_stored_report_whose_findings_were_taken_out_is_told_of(shown):
    first = diagnose([PASTES["driver_too_old"]])
    emptied = msgspec.structs.replace(first, findings=())
    again = diagnose([as_json.render(emptied, RenderOptions())])
    assert "Today's rules also find: " in shown(again, RenderOptions(width=300)).replace("\n", " ")
    unchanged = diagnose([as_json.render(first, RenderOptions())])
    assert "Today's rules" not in shown(unchanged, RenderOptions())
