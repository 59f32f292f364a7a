"""The CUDA branches of PyTorch's workloads, run to their last line on a stand-in; no claim about any GPU."""

from __future__ import annotations

import importlib.util
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from auditor.smoke import catalog

HERE = Path(__file__).parent / "stand_in"
# constants that are made small: what counts is that each line runs
SMALL = {
    "MIB": 1, "TURNS": 2, "SIDE": 256, "RATE_SIDE": 64, "RATE_SHAPE": (1, 8, 16), "DURATION_S": 0.1, "BLOCK_MIB": 1, "SHARE": 0.004,
    "SIDES": dict.fromkeys(("float32", "tf32", "bfloat16", "float16", "float8", "int8"), 64),
}  # fmt: skip
IDS = (
    "pytorch-capture", "pytorch-collective-nccl", "pytorch-convolution", "pytorch-copies", "pytorch-matmul",
    "pytorch-memory", "pytorch-memory-all", "pytorch-oom", "pytorch-peer", "pytorch-precision-bf16", "pytorch-rates",
    "pytorch-sustained", "pytorch-training", "pytorch-training-eager",
)  # fmt: skip
FAULTS = {
    "pytorch-capture": ("replay", "Wrong: numbers: replayed on 3.0 it gives"),
    "pytorch-copies": ("copy", "words came back changed"),
    "pytorch-peer": ("peer", "Wrong: numbers: a copy from cuda:0 to cuda:1 arrived changed"),
}

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(importlib.util.find_spec("torch") is None, reason="torch is not installed here"),
]


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> dict[tuple[str, str], dict[str, Any]]:
    """Return what each workload said, with and without a fault, by one process."""
    paths = {w.id: w.path for w in catalog.load()}
    asked = [(name, "") for name in IDS] + [(name, fault) for name, (fault, _) in FAULTS.items()]
    jobs = [{"path": paths[name], "fault": fault, "small": SMALL} for name, fault in asked]
    folder = tmp_path_factory.mktemp("stand-in")
    (folder / "jobs.json").write_text(json.dumps(jobs))
    env = {**os.environ, "PYTHONPATH": str(HERE), "STAND_IN": "1"}
    argv = [sys.executable, "-B", str(HERE / "drive.py"), "jobs.json", str(folder / "told.json")]
    done = subprocess.run(argv, env=env, cwd=folder, capture_output=True, text=True, timeout=1200)
    assert done.returncode == 0, done.stderr
    return dict(zip(asked, json.loads((folder / "told.json").read_text()), strict=True))


@pytest.mark.parametrize("name", IDS)
def test_every_line_of_a_cuda_branch_runs(told: dict[tuple[str, str], dict[str, Any]], name: str) -> None:
    assert told[name, ""] == {"placed_on": "cuda:0", "said": ""}


@pytest.mark.parametrize("name", FAULTS)
def test_what_the_stand_in_spoils_is_told(told: dict[tuple[str, str], dict[str, Any]], name: str) -> None:
    fault, said = FAULTS[name]
    assert said in told[name, fault]["said"]
