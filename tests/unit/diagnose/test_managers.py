"""A fix for somebody else's environment: by the manager that the text tells of, at a place that exists for its reader."""

from __future__ import annotations

import pytest

from auditor.audit.diagnose import diagnose
from auditor.engine.remedy.environment import Environment
from auditor.model.fact import Evidence, Facts, known

LIST = "Package    Version\n---------- -------\nnumpy      2.1.0\ntorch      2.2.0\n"
CONDA = "# packages in environment at {}:\n#\n# Name    Version    Build  Channel\npytorch   2.2.0   cpu_generic_py311h   conda-forge\npython    3.11.9   hb806964_0_cpython   conda-forge\n"


def environment(text: str) -> Environment:
    return Environment(Facts(diagnose([text]).facts))


@pytest.mark.parametrize(
    ("head", "install", "python"),
    [
        ("$ uv pip list\n", "uv pip install", "uv run --no-sync python"),
        ("(app) jane@box:~/app$ uv sync\n", "uv pip install", "uv run --no-sync python"),
        ("Using Python 3.11.9 environment at: .venv\n", "uv pip install --python ./.venv/bin/python", "./.venv/bin/python"),
        ("Using Python 3.12.3 environment at: /home/jane/app/.venv\n", "uv pip install --python ~/app/.venv/bin/python", "~/app/.venv/bin/python"),
        ("I tried uv run but it fails\n", "python3 -m pip install", "python3"),
        ("uv run fails here, while pip works\n", "python3 -m pip install", "python3"),
        ("$ pip list\n", "python3 -m pip install", "python3"),
    ],
)  # fmt: skip
def test_a_list_that_uv_wrote_is_mended_by_uv(head: str, install: str, python: str) -> None:
    told = environment(head + LIST)
    assert (told.word("pip_install"), told.python) == (install, python)


@pytest.mark.parametrize(
    ("place", "command"),
    [
        ("/home/jane/miniforge3/envs/dl", "conda install -n dl"),
        ("/home/<user>/miniforge3/envs/dl", "conda install -n dl"),
        ("/home/user-5b54/miniforge3/envs/dl", "conda install -n dl"),
        ("C:\\Users\\Jane\\miniconda3\\envs\\dl", "conda install -n dl"),
        ("/home/jane/project/env", "conda install -p ~/project/env"),
        ("/opt/conda/envs/dl", "conda install -p /opt/conda/envs/dl"),
    ],
)
def test_a_conda_environment_is_named_as_its_owner_may_type_it(place: str, command: str) -> None:
    told = environment(CONDA.format(place))
    assert told.word("install") == command
    assert told.python == (
        "conda run -n dl python" if " -n " in command else f"{command.split()[-1]}/bin/python"
    )


def test_a_path_of_this_machine_stays_as_it_is() -> None:
    seen = (Evidence("call", "inside.py"),)
    facts = Facts(
        {
            "python.installer": known("conda", *seen),
            "python.prefix": known("/home/u/c/envs/x", *seen),
            "python.executable": known("/home/u/c/envs/x/bin/python", *seen),
        }
    )
    assert Environment(facts).word("install") == "conda install -p /home/u/c/envs/x"
    assert Environment(facts).python == "/home/u/c/envs/x/bin/python"


@pytest.mark.parametrize(
    ("verb", "command"),
    [
        ("check", "uv pip check --python /e/bin/python"),
        ("index", "uv run --no-project --with pip --python /e/bin/python python -m pip index"),
        ("debug", "uv run --no-project --with pip --python /e/bin/python python -m pip debug"),
    ],
)
def test_what_uv_has_not_pip_does_that_uv_lends(verb: str, command: str) -> None:
    facts = {"python.installer": known("uv"), "python.executable": known("/e/bin/python")}
    assert Environment(Facts(facts)).uv(verb) == command


def test_torch_is_installed_again_only_where_torch_asks_for_the_library() -> None:
    missing = "libcudart.so.12: cannot open shared object file: No such file or directory\n"
    machine = "torch 2.5.1, Python 3.11, Linux, GPU: RTX 3090, driver 550.54.14\n"
    cut = f'Traceback (most recent call last):\n  File "a.py", line 1, in <module>\n    import torch\nImportError: {missing}'
    for text, asks in ((cut, True), (f"./tool: error while loading shared libraries: {missing}", False)):
        finding = next(f for f in diagnose([machine + text]).findings if f.id == "FWA328")
        assert finding.remedy
        assert any("install" in line and "torch" in line for line in finding.remedy.commands) == asks


def test_each_possible_cause_has_the_commands_that_decide_it() -> None:
    from auditor.render.options import RenderOptions
    from auditor.render.terminal import render

    report = diagnose(["torch.cuda.is_available() returns False on my machine with pytorch 2.5.1"])
    possible = {finding.id for finding in report.findings if finding.confidence == "possible"}
    assert len(possible) == 3
    asked = render(report, RenderOptions()).partition("To ask:")[2]
    assert possible == {word for word in asked.replace(",", " ").split() if word.startswith("FWA")}
