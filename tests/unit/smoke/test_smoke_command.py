"""`fwaudit smoke`: choosing, showing, running and its exit code."""

from __future__ import annotations

import ast
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from auditor.cli.app import app
from auditor.knowledge.criteria import load_criteria
from auditor.smoke import catalog

WORKLOADS = catalog.load()


def call(*arguments: str):
    return CliRunner().invoke(app, ["smoke", *arguments], standalone_mode=False)


def test_show_prints_a_script_that_is_free_of_us():
    done = CliRunner().invoke(app, ["smoke", "pytorch-training-eager", "--show"])
    assert done.exit_code == 0
    assert "def run(device)" in done.output
    assert "import auditor" not in done.output


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["pytorch-matmull"], "did you mean 'pytorch-matmul'?"),
        (["--only", "nonsense-zzz"], "no workload is called 'nonsense-zzz'"),
        (["--skip", "pytorch-matmull"], "did you mean 'pytorch-matmul'?"),
        (["--show"], "name one"),
        (["--python", "/usr/bin/python3", "--venv", "/x", "pytorch-matmul"], "give one"),
        (["--level", "none"], "none"),
        (["--only", "pytorch-matmul", "--skip", "pytorch-matmul"], "nothing is left to run"),
    ],
)
def test_mistakes_are_usage_errors(arguments: list[str], words: str):
    done = CliRunner().invoke(app, ["smoke", *arguments])
    assert done.exit_code == 2
    assert words in done.output


ASKED = {
    "one": (("jax-matmul",), {"jax-matmul"}),
    "two frameworks": (("--only", "jax-jit", "--only", "pytorch-export"), {"jax-jit", "pytorch-export"}),
    "a level": (("--level", "quick"), {w.id for w in WORKLOADS if w.level == "quick"}),
}


@pytest.mark.parametrize(("arguments", "ids"), ASKED.values(), ids=ASKED)
def test_a_workload_of_a_framework_that_is_not_there_is_a_skip_with_the_line_that_installs_it(
    tmp_path: Path, arguments: tuple[str, ...], ids: set[str]
):
    venv = tmp_path / "empty"
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(venv)], check=True)
    done = CliRunner().invoke(app, ["smoke", "--venv", str(venv), *arguments, "--format", "json", "-q"])
    results = json.loads(done.stdout)["smoke"]
    assert {result["id"] for result in results} == ids
    assert all(result["status"] == "skip" for result in results)
    assert all("install it with: pip install " in result["reason"] for result in results)


def test_every_word_by_which_a_criterion_names_workloads_has_one():
    for criterion in load_criteria().values():
        for framework, side in criterion.sides():
            if not side.workloads:
                continue
            names = [w.id.removeprefix(framework + "-") for w in WORKLOADS if w.framework == framework]
            assert any(name.startswith(side.workloads) for name in names), (criterion.id, framework)


def test_every_system_of_a_workload_is_a_component():
    from auditor.knowledge.components import load_components

    slugs = {component.slug for component in load_components()}
    assert {w.system for w in WORKLOADS} <= slugs


@pytest.mark.parametrize("workload", WORKLOADS, ids=lambda w: w.id)
def test_a_workload_stands_alone(workload: catalog.Workload):
    tree = ast.parse(Path(workload.path).read_text())
    names = {node.module or "" for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
    names |= {a.name for node in ast.walk(tree) if isinstance(node, ast.Import) for a in node.names}
    assert not [name for name in names if name.startswith("auditor")]
    defined = {node.name for node in tree.body if isinstance(node, (ast.FunctionDef, ast.ClassDef))}
    assert {"run", "Wrong"} <= defined
    # a script's folder comes first in sys.path: its name must hide no package
    assert os.path.basename(workload.path)[:-3] not in (
        "pytorch_lightning",
        "tensorflow_hub",
        "tensorflow_text",
    )
