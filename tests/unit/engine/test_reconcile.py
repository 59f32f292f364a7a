"""Remedies of one report do not undo one another."""

from __future__ import annotations

import pytest

from auditor.audit.diagnose import diagnose

DUMP = """\
PyTorch version: 2.9.1+cu130
CUDA used to build PyTorch: 13.0
GPU models and configuration: GPU 0: NVIDIA GeForce RTX 3090
Nvidia driver version: 550.54.14
[pip3] torch==2.9.1+cu130
"""


def remedy_of(report, rule):
    return next(finding.remedy for finding in report.findings if finding.id == rule)


def test_a_torchvision_that_the_first_remedy_replaces_is_not_installed_again_for_the_old_torch():
    report = diagnose([DUMP + "[pip3] torchvision==0.20.0\n"])
    assert any("torchvision" in line for line in remedy_of(report, "FWA101").commands)
    assert remedy_of(report, "FWA301").commands == ()
    assert "FWA101" in remedy_of(report, "FWA301").summary


@pytest.mark.parametrize(
    ("package", "ignore"), [("torchcodec==0.5.0", {}), ("torchvision==0.20.0", {"FWA101": "known"})]
)
def test_what_no_earlier_remedy_replaces_keeps_its_own(package, ignore):
    report = diagnose([DUMP + f"[pip3] {package}\n"], ignore=ignore)
    assert any(package.partition("=")[0] in line for line in remedy_of(report, "FWA301").commands)
