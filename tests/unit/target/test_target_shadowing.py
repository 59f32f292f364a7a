"""Files that are imported in place of what the metadata tells of are seen."""

from __future__ import annotations

import shlex
from pathlib import Path
from typing import Any

import pytest
from made_environments import Environment
from test_target_frameworks import torch

from auditor.audit.request import Request
from auditor.audit.stages import findings
from auditor.model.fact import Fact, Facts


def told(facts: dict[str, Fact]) -> list[dict[str, Any]]:
    return [row for row in facts["python.duplicates"].value if row["name"] == "torch"]


def commands(facts: dict[str, Fact]) -> tuple[str, ...]:
    found = [f for f in findings(Facts(facts), Request(cwd="/")) if f.cause == "duplicate_install_shadowing"]
    remedy = next(f.remedy for f in found if f.subject == "pytorch")
    assert remedy is not None
    return remedy.commands


def test_a_torch_on_pythonpath_without_metadata(
    environment: Environment, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    environment.write(torch("2.6.0+cu124", "12.4"))
    environment.install("torch", "2.6.0")
    old = tmp_path / "old"
    for name, text in torch("1.0.0").items():
        (old / name).parent.mkdir(parents=True, exist_ok=True)
        (old / name).write_text(text)
    monkeypatch.setenv("PYTHONPATH", str(old))
    facts = environment.audit(tmp_path)
    assert facts["torch.location"].value == str(old / "torch")
    (row,) = told(facts)
    assert (row["hides"], [copy["version"] for copy in row["copies"]]) == ("pythonpath", ["1.0.0", "2.6.0"])
    assert commands(facts) == ("unset PYTHONPATH",)


def test_metadata_and_files_of_two_releases(environment: Environment, tmp_path: Path) -> None:
    environment.write(torch("2.13.0+cpu"))
    environment.install("torch", "2.6.0+cu124")
    facts = environment.audit(tmp_path)
    assert facts["torch.version"].value == "2.13.0+cpu"
    (row,) = told(facts)
    assert row["hides"] == "files"
    assert f"rm -rf {shlex.quote(f'{environment.site}/torch')}" in commands(facts)


@pytest.mark.parametrize("version", ["2.6.0", "2.6.0+cu124"])
def test_metadata_without_the_local_part_agrees(
    environment: Environment, tmp_path: Path, version: str
) -> None:
    environment.write(torch("2.6.0+cu124", "12.4"))
    environment.install("torch", version)
    assert told(environment.audit(tmp_path)) == []


def test_one_folder_by_two_names_is_one(
    environment: Environment, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    environment.write(torch("2.6.0"))
    environment.install("torch", "2.6.0")
    (tmp_path / "link").symlink_to(environment.site)
    monkeypatch.setenv("PYTHONPATH", str(tmp_path / "link"))
    assert told(environment.audit(tmp_path)) == []
