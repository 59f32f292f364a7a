"""The forms that a plan is written in: pip, uv, conda, requirements, pyproject and Dockerfile."""

import re
import tomllib

import pytest
from plans import run


def form(name, *args):
    code, printed = run("--assume", "gpu=V100", "--assume", "driver=535.54.03", "--output-as", name, *args)
    assert code == 0
    return printed


def test_a_pyproject_keeps_the_index_for_the_packages_that_name_it():
    made = tomllib.loads(form("pyproject", "--goal", "vision"))
    assert made["project"]["dependencies"] == ["torch==2.14.1", "torchvision==0.29.2"]
    (index,) = made["tool"]["uv"]["index"]
    assert index["explicit"]
    assert made["tool"]["uv"]["sources"]["torch"] == [{"index": index["name"]}]


@pytest.mark.parametrize(
    ("name", "line"),
    [
        ("pip", "python3.12 -m venv ~/venvs/dl"),
        ("uv", "uv pip install 'torch==2.14.1' --index-url https://download.pytorch.org/whl/cu126"),
        ("requirements", "torch==2.14.1+cu126"),
        ("conda", "  - python=3.12"),
        ("dockerfile", "FROM python:3.12-slim"),
    ],
)
def test_other_forms(name, line):
    assert line in form(name).splitlines()


# two environments, in each form: a line of the first block alone, and one of the second alone
APART = [
    ("pip", "torch==2.15.0", "~/venvs/tf/bin/python -m pip install"),
    ("uv", "uv pip install 'torch==2.15.0'", "uv pip install --python .venv-tf 'tensorflow[and-cuda]==2.21.0'"),
    ("requirements", "torch==2.15.0", "tensorflow[and-cuda]==2.21.0"),
    ("pyproject", '"torch==2.15.0"', '"tensorflow[and-cuda]==2.21.0"'),
    ("conda", "name: dl", "name: tf"),
    ("dockerfile", '"torch==2.15.0"', '"tensorflow[and-cuda]==2.21.0"'),
]  # fmt: skip


@pytest.mark.parametrize("row", APART, ids=lambda row: row[0])
def test_two_environments_are_two_in_every_form(row):
    name, first, second = row
    args = ("--framework", "both", "--pin", "torch=cu13", "--assume", "gpu=RTX 4090")
    code, printed = run(*args, "--assume", "driver=580.65.06", "--output-as", name)
    assert code == 0
    _, one, two = re.split(r"^# (?:environment|file) \d of 2.*\n", printed, flags=re.MULTILINE)
    assert (first in one, first in two) == (True, False)
    assert (second in one, second in two) == (False, True)
    if name == "pyproject":
        assert tomllib.loads(one) != tomllib.loads(two)


# a machine, a form -> what its lines hold
ELSEWHERE = [
    ({"python": "3.13t"}, "pip", "python3.13t -m venv"),
    ({"python": "3.13t"}, "uv", "--python 3.13t "),
    ({"python": "3.13t"}, "conda", "python-freethreading=3.13"),
    ({"python": "3.13t"}, "dockerfile", "uv venv --seed --python 3.13t"),
    ({"python": "3.13t"}, "pyproject", "# uv sync --python 3.13t"),
    ({"python": "3.13t", "os": "windows"}, "pip", "py -3.13t -m venv"),
    ({"os": "windows"}, "uv", 'uv pip install "torch==2.15.0"'),
    ({"gpu": "Apple M3"}, "dockerfile", "no container reaches Apple's GPU"),
    ({"os": "windows"}, "dockerfile", "# an image is Linux"),
    ({"gpu": "MI300X"}, "dockerfile", "--device /dev/kfd --device /dev/dri"),
    ({"gpu": "Arc B580"}, "dockerfile", "--device /dev/dri"),
]


@pytest.mark.parametrize("row", ELSEWHERE, ids=lambda row: f"{row[1]} {' '.join(row[0].values())}")
def test_forms_are_for_the_system_and_python_of_the_plan(row):
    assumed, name, line = row
    texts = [
        text for key, value in ({"gpu": "none"} | assumed).items() for text in ("--assume", f"{key}={value}")
    ]
    code, printed = run("--framework", "pytorch", *texts, "--output-as", name)
    assert code == 0
    assert line in printed
