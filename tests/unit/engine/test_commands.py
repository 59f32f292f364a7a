"""Commands fit the environment, and nothing goes into a system Python or conda's base."""

from __future__ import annotations

from typing import Any

import pytest

from auditor.engine.look import Look
from auditor.engine.remedy.environment import Environment
from auditor.engine.remedy.fill import remedy_of
from auditor.engine.template import Words
from auditor.knowledge.card import RemedySpec, RuleCard
from auditor.model.fact import Facts, absent, known

SPEC = RemedySpec(
    summary="mend", commands=("{pip_uninstall} a", "{install} 'numpy<2'"), check="{python} -c 'import numpy'"
)


def commands(**facts: Any) -> tuple[str, ...]:
    told = {key: known(value) for key, value in facts.items()}
    return mended(Facts(told)).commands


def mended(facts: Facts) -> Any:
    card = RuleCard(
        id="FWA999",
        slug="s",
        cause="c",
        family="f",
        title="t",
        severity="error",
        message="m",
        why="w",
        remedy=SPEC,
    )
    return remedy_of(card, "", Words(Look(facts), {}, Environment(facts)))


PYTHON = {"python.executable": "/env/bin/python"}


def test_pip_in_a_virtual_environment() -> None:
    assert commands(**PYTHON, **{"python.kind": "venv"}) == (
        "/env/bin/python -m pip uninstall -y a",
        "/env/bin/python -m pip install 'numpy<2'",
    )


def test_uv_where_uv_manages_it() -> None:
    assert commands(**PYTHON, **{"python.installer": "uv"}) == (
        "uv pip uninstall --python /env/bin/python a",
        "uv pip install --python /env/bin/python 'numpy<2'",
    )


def test_conda_for_what_conda_can_give() -> None:
    given = {**PYTHON, "python.installer": "conda", "python.kind": "conda", "python.prefix": "/opt/c/envs/x"}
    assert commands(**given)[1] == "conda install -p /opt/c/envs/x 'numpy<2'"


@pytest.mark.parametrize(
    ("installer", "command"),
    [
        ("conda", "conda remove -p /opt/c/envs/x pytorch torchvision"),
        ("pip", "/env/bin/python -m pip uninstall -y torch torchvision"),
    ],
)
def test_torch_goes_by_the_installer_that_put_it_there(installer: str, command: str) -> None:
    facts = {
        **PYTHON,
        "python.installer": "conda",
        "python.kind": "conda",
        "python.prefix": "/opt/c/envs/x",
        "python.distributions": [{"name": name, "installer": installer} for name in ("torch", "torchvision")],
    }
    environment = Environment(Facts({key: known(value) for key, value in facts.items()}))
    assert environment.word("torch_uninstall") == command


@pytest.mark.parametrize(
    "facts", [{"python.kind": "system"}, {"python.kind": "conda-base"}, {"python.externally_managed": True}]
)
def test_a_protected_interpreter_gets_a_new_environment_first(facts: dict[str, Any]) -> None:
    given = {"python.executable": "/usr/bin/python3", **facts}
    assert commands(**given) == (
        "/usr/bin/python3 -m venv ~/venvs/dl",
        "~/venvs/dl/bin/python -m pip install 'numpy<2'",
    )
    assert mended(Facts({key: known(value) for key, value in given.items()})).check.startswith("~/venvs/dl")


@pytest.mark.parametrize(
    ("runtime", "managed", "makes_new"),
    [
        ("docker", False, False),
        ("kubernetes", False, False),
        ("apptainer", False, True),
        ("docker", True, True),
    ],
)
def test_a_containers_python_is_its_own_environment(runtime: str, managed: bool, makes_new: bool) -> None:
    given = {"python.executable": "/usr/bin/python3", "python.kind": "system", "container.runtime": runtime}
    found = commands(**given, **{"python.externally_managed": managed})
    assert ("-m venv" in found[0]) == makes_new
    assert ("/usr/bin/python3 -m pip install 'numpy<2'" in found) == (not makes_new)


def test_pip_is_brought_where_there_is_none() -> None:
    facts = Facts({"python.executable": known("/env/bin/python"), "python.pip_version": absent("no pip")})
    assert mended(facts).commands[0] == "/env/bin/python -m ensurepip --upgrade"


def test_a_path_with_a_space_is_quoted() -> None:
    assert commands(**{"python.executable": "/my env/bin/python"})[0].startswith(
        "'/my env/bin/python' -m pip"
    )


def test_where_no_list_tells_it_is_said_that_torchvision_must_come_back() -> None:
    environment = Environment(Facts({key: known(value) for key, value in PYTHON.items()}))
    removed, said = str(environment.word("torch_uninstall")).splitlines()
    assert removed.endswith("uninstall -y torch torchvision torchaudio")
    assert said.startswith("# torchvision")


def test_what_conda_installed_is_laid_over_itself_by_conda() -> None:
    from auditor.engine.planning.mend import install_again

    facts = {
        **PYTHON,
        "python.installer": "conda",
        "python.kind": "conda",
        "python.prefix": "/opt/c/envs/x",
        "python.distributions": [{"name": "torch", "version": "2.5.1", "installer": "conda"}],
    }
    way = install_again(Facts({key: known(value) for key, value in facts.items()}), "pytorch")
    assert way.commands == ("conda install -p /opt/c/envs/x --force-reinstall pytorch",)
