"""Texts that tell of several moments or machines: versions of one are not held against another's."""

from __future__ import annotations

import pytest

from auditor.audit.diagnose import diagnose

DUMP = """PyTorch version: {torch}
Is debug build: False
CUDA used to build PyTorch: 12.1
OS: Ubuntu 22.04.4 LTS (x86_64)
Python version: 3.10.12
Is CUDA available: True
GPU models and configuration: GPU 0: NVIDIA GeForce RTX 3090
Nvidia driver version: 560.35.03
[pip3] numpy==1.26.4
[pip3] torch=={listed}
"""
LIST = "$ pip list\nPackage      Version\n------------ -------\ntorch        {0}\n{1}\n"

QUIET = {
    "before and after an upgrade": LIST.format("2.3.1", "torchvision  0.18.1")
    + "and after the upgrade\n\n\n\n"
    + LIST.format("2.7.1", "torchvision  0.22.1"),
    "the second list is shorter": LIST.format("2.3.1", "torchvision  0.18.1")
    + "now it is\n\n\n\n"
    + LIST.format("2.7.1", "torchaudio   2.7.1"),
    "two machines": "Works on A:\n"
    + DUMP.format(torch="2.3.0+cu121", listed="2.3.0+cu121")
    + "\nFails on B:\n"
    + DUMP.format(torch="2.6.0+cu124", listed="2.6.0+cu124"),
    "an upgrade as suggested": DUMP.format(torch="2.3.0+cu121", listed="2.3.0+cu121")
    + "\nEDIT: upgraded, it is the same:\nSuccessfully installed torch-2.6.0 torchvision-0.21.0\n",
    "an upgrade in two steps": LIST.format("2.3.1", "torchvision  0.18.1")
    + "then\nSuccessfully installed torch-2.6.0\nand\n\n\n\nSuccessfully installed torchvision-0.21.0\n",
    "torchvision was taken away first": LIST.format("2.3.1", "torchvision  0.18.1")
    + "$ pip uninstall -y torch torchvision\n$ pip install torch\nSuccessfully installed torch-2.6.0\n",
    "a release that works and one that does not": "torch 2.4.1 works, torch 2.5.0 does not\n\nnumpy==1.26.4\ntorch==2.5.0\n",
    "one dump, one release": DUMP.format(torch="2.3.0+cu121", listed="2.3.0"),
}


@pytest.mark.parametrize("name", QUIET)
def test_several_moments_are_no_fault(name: str) -> None:
    found = diagnose([QUIET[name]]).findings
    assert not [(f.cause, f.message) for f in found if f.severity != "note"]


def test_one_dump_that_names_two_releases_shows_two_copies() -> None:
    found = diagnose([DUMP.format(torch="2.1.0+cu118", listed="2.3.0")]).findings
    assert found[0].cause == "duplicate_install_shadowing"


@pytest.mark.parametrize(("package", "old"), [("torchvision", "0.18.1"), ("torchaudio", "2.3.1")])
def test_what_pip_did_not_name_stays_beside_the_new_torch(package: str, old: str) -> None:
    text = LIST.format("2.3.1", f"{package}  {old}") + "\n\n\n\nSuccessfully installed torch-2.6.0\n"
    assert diagnose([text]).findings[0].cause == "torch_companion_mismatch"


def test_what_runs_after_an_installation_is_not_what_was_installed() -> None:
    text = "Successfully installed torch-2.6.0\n\nbut then\n" + DUMP.format(
        torch="2.1.0+cu118", listed="2.1.0"
    )
    assert "different_interpreter" not in {f.cause for f in diagnose([text]).findings}  # the dump is of later
    text = DUMP.replace("[pip3] torch=={listed}\n", "").format(torch="2.1.0+cu118")
    found = diagnose(["Successfully installed torch-2.6.0\n\n\n\nbut then\n" + text]).findings
    assert found[0].cause == "different_interpreter"
    assert "2.6.0 and 2.1.0+cu118" in found[0].message
