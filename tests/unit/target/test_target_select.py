"""Which interpreter is audited, seen on folders alone: nothing is run here."""

from __future__ import annotations

import shlex
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

from auditor.host.live import LiveHost
from auditor.target.nearby import nearby
from auditor.target.select import TargetError, choose


class Home(LiveHost):
    """This machine's files under a folder, with an environment of the test's own."""

    def __init__(self, home: Path, own: Mapping[str, Any] | None = None, **variables: str) -> None:
        self.variables = {"HOME": str(home), **variables}
        nobody = {"executable": "", "prefix": "/nowhere", "frameworks": [], "only_fwaudit": False}
        self.own = {**nobody, **(own or {})}

    def env(self, name: str) -> str | None:
        return self.variables.get(name)

    def call(self, key: str, how: Callable[[], Any]) -> Any:
        return self.own if key == "own interpreter" else super().call(key, how)


def env(folder: Path, *packages: str, config: str = "home = /usr/bin\n") -> Path:
    """Make the files of an environment, with frameworks."""
    (folder / "bin").mkdir(parents=True)
    (folder / "bin" / "python3").write_text("#!/bin/sh\n")
    (folder / "bin" / "python3").chmod(0o755)
    for package in packages:
        place = folder / "lib" / "python3.11" / "site-packages" / package
        place.mkdir(parents=True)
        (place / "__init__.py").touch()
    if config:
        (folder / "pyvenv.cfg").write_text(config)
    return folder


def conda(folder: Path, *packages: str) -> Path:
    (env(folder, *packages, config="") / "conda-meta").mkdir()
    return folder


@pytest.fixture
def work(tmp_path: Path) -> Path:
    folder = tmp_path / "project" / "inner"
    folder.mkdir(parents=True)
    return folder


def chosen(host: Home, cwd: Path, **named: str) -> tuple[str | None, str]:
    choice = choose(host, cwd=str(cwd), **named)
    return choice.python, choice.because


def test_virtual_env_comes_first(tmp_path: Path, work: Path) -> None:
    env(work / ".venv")
    active = env(tmp_path / "active")
    assert chosen(Home(tmp_path, VIRTUAL_ENV=str(active)), work) == (
        f"{active}/bin/python3",
        "VIRTUAL_ENV names it",
    )


def test_then_dot_venv_in_the_working_directory_or_its_parents(tmp_path: Path, work: Path) -> None:
    base = conda(tmp_path / "miniconda3" / "envs" / "x")
    outer = env(tmp_path / "project" / ".venv")
    host = Home(tmp_path, CONDA_PREFIX=str(base))
    assert chosen(host, work) == (f"{outer}/bin/python3", f".venv in {tmp_path / 'project'}")
    inner = env(work / ".venv")
    assert chosen(host, work) == (f"{inner}/bin/python3", ".venv in the working directory")


def test_then_the_active_conda_environment_unless_it_is_base(tmp_path: Path, work: Path) -> None:
    base = conda(tmp_path / "miniconda3")
    (base / "condabin").mkdir()
    named = conda(base / "envs" / "dl")
    assert chosen(Home(tmp_path, CONDA_PREFIX=str(named)), work)[0] == f"{named}/bin/python3"
    assert chosen(Home(tmp_path, CONDA_PREFIX=str(base)), work)[1] == "it is conda's base"


def test_then_our_own_where_it_holds_a_framework(tmp_path: Path, work: Path) -> None:
    path = env(tmp_path / "usr")
    own = {"executable": "/own/bin/python", "prefix": "/own", "frameworks": ["pytorch"]}
    host = Home(tmp_path, own, PATH=f"{path}/bin")
    assert chosen(host, work) == ("/own/bin/python", "it runs fwaudit and holds pytorch")


def test_then_python3_on_path_and_conda_base_last(tmp_path: Path, work: Path) -> None:
    path = env(tmp_path / "usr")
    base = conda(tmp_path / "miniconda3")
    assert chosen(Home(tmp_path, PATH=f"/nowhere:{path}/bin"), work) == (
        f"{path}/bin/python3",
        "python3 on PATH",
    )
    assert chosen(Home(tmp_path, PATH="/nowhere"), work) == (f"{base}/bin/python3", "it is conda's base")


def test_an_environment_made_for_fwaudit_alone_shadows_nothing(tmp_path: Path, work: Path) -> None:
    ours = env(tmp_path / "fwaudit")
    own = {"executable": f"{ours}/bin/python3", "prefix": str(ours), "only_fwaudit": True}
    bare = env(tmp_path / "bare")
    host = Home(tmp_path, own, VIRTUAL_ENV=str(ours), PATH=f"{ours}/bin:{bare}/bin")
    assert chosen(host, work)[0] == f"{ours}/bin/python3"
    assert "nothing else was found" in chosen(host, work)[1]
    rich = env(tmp_path / "rich", "torch")
    host.variables["PATH"] += f":{rich}/bin"
    assert chosen(host, work) == (f"{rich}/bin/python3", "python3 on PATH")
    users = env(work / ".venv")
    assert chosen(host, work)[0] == f"{users}/bin/python3"


def test_a_virtual_env_that_is_gone_is_told(tmp_path: Path, work: Path) -> None:
    inner = env(work / ".venv")
    python, because = chosen(Home(tmp_path, VIRTUAL_ENV="/gone"), work)
    assert python == f"{inner}/bin/python3"
    assert "VIRTUAL_ENV names /gone, which is not there" in because


def test_an_environment_whose_python_was_removed_is_chosen_and_unusable(tmp_path: Path, work: Path) -> None:
    (work / ".venv" / "bin").mkdir(parents=True)
    (work / ".venv" / "pyvenv.cfg").touch()
    (work / ".venv" / "bin" / "python3").symlink_to("/gone/python3.9")
    choice = choose(Home(tmp_path), cwd=str(work))
    assert not choice.usable
    assert choice.reason == "its python is a link to /gone/python3.9, which is gone"


def test_nothing_at_all_is_a_choice_too(tmp_path: Path, work: Path) -> None:
    choice = choose(Home(tmp_path), cwd=str(work))
    assert (choice.python, choice.usable, choice.reason) == (None, False, "no Python was found")


def test_named_ones(tmp_path: Path, work: Path) -> None:
    named = env(work / "myenv")
    other = conda(tmp_path / "miniconda3" / "envs" / "dl")
    host = Home(tmp_path, PATH=f"{named}/bin")
    assert chosen(host, work, python="myenv/bin/python3") == (
        f"{named}/bin/python3",
        "--python myenv/bin/python3",
    )
    assert chosen(host, work, python="python3")[0] == f"{named}/bin/python3"
    assert chosen(host, work, venv="myenv") == (f"{named}/bin/python3", "--venv myenv")
    assert chosen(host, work, conda_env="dl") == (f"{other}/bin/python3", "--conda-env dl")


@pytest.mark.parametrize(
    ("named", "what", "nearest"),
    [
        ({"python": "myenv/bin/pyton3"}, "no such file", "myenv/bin/python3"),
        ({"python": "myemv/bin/python3"}, "no such file", "myenv/bin/python3"),
        ({"python": "pyton3"}, "no such file or command", "python3"),
        ({"venv": "myenw"}, "no such folder", "myenv"),
        ({"conda_env": "dll"}, "no such conda environment; there are dl", "dl"),
    ],
)
def test_what_does_not_exist_is_an_error_with_the_nearest(
    tmp_path: Path, work: Path, named: dict[str, str], what: str, nearest: str
) -> None:
    folder = env(work / "myenv")
    conda(tmp_path / "miniconda3" / "envs" / "dl")
    with pytest.raises(TargetError) as caught:
        choose(Home(tmp_path, PATH=f"{folder}/bin"), cwd=str(work), **named)
    ((option, value),) = named.items()
    assert caught.value.where == f"--{option.replace('_', '-')} {value}"
    assert caught.value.what == what
    assert caught.value.nearest.endswith(nearest)


def test_a_named_folder_without_python_is_unusable(tmp_path: Path, work: Path) -> None:
    choice = choose(Home(tmp_path), cwd=str(work), venv=".")
    assert (choice.usable, choice.reason) == (False, "no bin/python in it")


def test_a_pyenv_shim_is_seen_through(tmp_path: Path, work: Path) -> None:
    top = tmp_path / ".pyenv"
    (top / "shims").mkdir(parents=True)
    (top / "shims" / "python3").write_text("#!/bin/sh\n")
    (top / "shims" / "python3").chmod(0o755)
    for version in ("3.10.13", "3.11.7"):
        env(top / "versions" / version, config="")
    (top / "version").write_text("3.11.7\n")
    host = Home(tmp_path, PATH=f"{top}/shims")
    assert chosen(host, work)[0] == f"{top}/versions/3.11.7/bin/python3"
    (work / ".python-version").write_text("3.10\n")
    assert chosen(host, work)[0] == f"{top}/versions/3.10.13/bin/python3"


def test_environments_nearby_are_found_with_the_command_for_each(tmp_path: Path, work: Path) -> None:
    env(work / ".venv", "tensorflow")
    env(work / "empty")
    conda(tmp_path / "miniconda3" / "envs" / "dl", "torch", "jax")
    env(tmp_path / ".pyenv" / "versions" / "3.11.7", "torch", config="")
    env(tmp_path / ".cache" / "pypoetry" / "virtualenvs" / "mine-py3.11", "torch")
    kernel = env(tmp_path / "far" / "kernel env", "torch")
    spec = tmp_path / ".local" / "share" / "jupyter" / "kernels" / "deep"
    spec.mkdir(parents=True)
    (spec / "kernel.json").write_text(f'{{"argv": ["{kernel}/bin/python3", "-m", "ipykernel"]}}')
    env(tmp_path / "project" / "other" / "venv", "torch")
    rows, cut = nearby(Home(tmp_path), str(work), f"{tmp_path}/nothing/bin/python")
    mine = {row.kind: row for row in rows if row.path.startswith(str(tmp_path))}
    assert not cut
    assert mine["conda"].frameworks == ("pytorch", "jax")
    assert mine["conda"].command == "fwaudit scan --conda-env dl"
    assert f"fwaudit scan --venv {shlex.quote(f'{work}/.venv')}" in [row.command for row in rows]
    assert mine["jupyter kernel"].command == f"fwaudit scan --python '{kernel}/bin/python3'"
    assert {"pyenv", "poetry"} <= set(mine)


def test_the_audited_environment_is_not_nearby(tmp_path: Path, work: Path) -> None:
    folder = env(work / ".venv", "torch")
    rows, _ = nearby(Home(tmp_path), str(work), f"{folder}/bin/python3")
    assert not [row for row in rows if row.path.startswith(str(tmp_path))]
