"""The quick level with the real frameworks, where this environment has them."""

from __future__ import annotations

import importlib.util
import os
import subprocess
import sys
from pathlib import Path

import pytest

from auditor.model.fact import Facts
from auditor.smoke import catalog
from auditor.smoke.runner import SmokeOutcome, SmokeRequest, run

MODULES = {"pytorch": "torch", "tensorflow": "tensorflow", "jax": "jax"}


def quick(tmp_path: Path, *frameworks: str) -> SmokeOutcome:
    for name in frameworks:
        if importlib.util.find_spec(MODULES[name]) is None:
            pytest.skip(f"{name} is not installed here")
    python, folder = sys.executable, str(tmp_path)
    return run(
        SmokeRequest(python=python, frameworks=frameworks, level="quick", facts=Facts(), tmpdir=folder)
    )


@pytest.mark.slow
@pytest.mark.parametrize("framework", MODULES)
def test_the_quick_level_passes_on_the_cpu(tmp_path: Path, framework: str) -> None:
    outcome = quick(tmp_path, framework)
    assert {r.status for r in outcome.results} == {"pass"}
    on_cpu = [r for r in outcome.results if r.device.lower().startswith("cpu")]
    assert len(on_cpu) == 3
    assert all(r.placed_on == r.device for r in on_cpu)
    assert outcome.facts[f"smoke.{framework}.import"].value == "ok"
    assert outcome.facts[f"smoke.{framework}.libraries"].value


@pytest.mark.slow
def test_a_patched_matmul_is_caught_though_it_spoils_the_reference_too(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    patch = "import torch\nright = torch.Tensor.__matmul__\ntorch.Tensor.__matmul__ = lambda a, b: right(a, b) * 1.01\n"
    (tmp_path / "sitecustomize.py").write_text(patch)
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    results = {r.id: r for r in quick(tmp_path, "pytorch").results}
    assert results["pytorch-matmul"].status == "fail"
    assert results["pytorch-matmul"].reason.startswith("wrong numbers: entry")


@pytest.mark.slow
@pytest.mark.parametrize("workload", catalog.load(level="quick"), ids=lambda w: w.id)
def test_a_workload_is_a_script_that_runs_alone(tmp_path: Path, workload: catalog.Workload) -> None:
    if importlib.util.find_spec(MODULES[workload.framework]) is None:
        pytest.skip(f"{workload.framework} is not installed here")
    argv = [sys.executable, "-B", workload.path]
    done = subprocess.run(
        argv, capture_output=True, text=True, cwd=tmp_path, env={**os.environ, "PYTHONPATH": ""}
    )
    assert done.returncode == 0, done.stderr
    assert "placed_on" in done.stdout


def test_what_runs_in_the_audited_interpreter_is_written_for_python_3_8() -> None:
    import ast

    for name in os.listdir(catalog.folder()):
        if name.endswith(".py"):
            ast.parse((Path(catalog.folder()) / name).read_text(), feature_version=(3, 8))


@pytest.mark.slow
def test_the_standard_level_verifies_or_says_why_not(tmp_path: Path) -> None:
    frameworks = tuple(name for name, module in MODULES.items() if importlib.util.find_spec(module))
    outcome = run(
        SmokeRequest(
            python=sys.executable,
            frameworks=frameworks,
            level="standard",
            facts=Facts(),
            tmpdir=str(tmp_path),
        )
    )
    wanted = {
        w.id
        for w in catalog.load(level="standard")
        if w.framework in frameworks and w.devices != "accelerator"
    }
    assert {r.id for r in outcome.results} >= wanted
    assert not [(r.id, r.status, r.reason) for r in outcome.results if r.status not in ("pass", "skip")]
    assert all(r.reason for r in outcome.results if r.status == "skip")
