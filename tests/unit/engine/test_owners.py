"""In conda's environments each package is handled by what installed it; pixi and micromamba by their own commands."""

from __future__ import annotations

import pytest

from auditor.engine.remedy.environment import Environment
from auditor.engine.remedy.owners import by_owner
from auditor.model.fact import Facts, known

PIP = "/c/envs/x/bin/python -m pip "
INDEX = " --index-url https://download.pytorch.org/whl/cu126"


def environment(prefix: str = "/c/envs/x", **owners: str) -> Environment:
    rows = [{"name": name.replace("_", "-"), "installer": owner} for name, owner in owners.items()]
    told = {
        "python.kind": "conda",
        "python.installer": "conda",
        "python.prefix": prefix,
        "python.executable": f"{prefix}/bin/python",
        "python.distributions": rows,
    }
    return Environment(Facts({key: known(value) for key, value in told.items()}))


@pytest.mark.parametrize(
    ("owner", "line", "wanted"),
    [
        # what conda installed: its own command, its own way of writing a version, and no index of wheels
        ("conda", f"{PIP}install --force-reinstall --no-deps 'torchvision==0.21.*'{INDEX}", "conda install -p /c/envs/x torchvision=0.21"),
        ("conda", f"{PIP}install 'torchvision<0.22'", "conda install -p /c/envs/x 'torchvision<0.22'"),
        ("conda", f"{PIP}uninstall -y torchvision", "conda remove -p /c/envs/x torchvision"),
        ("conda", "conda install -p /c/envs/x 'torchvision<0.22'", "conda install -p /c/envs/x 'torchvision<0.22'"),
        # an extra, a folder, another verb and what nobody listed are pip's
        ("conda", f"{PIP}install 'torchvision[gdown]'", f"{PIP}install 'torchvision[gdown]'"),
        ("conda", f"{PIP}install --no-build-isolation .  # in its folder", f"{PIP}install --no-build-isolation .  # in its folder"),
        ("conda", f"{PIP}list", f"{PIP}list"),
        ("conda", f"{PIP}install torchvision einops", f"{PIP}install torchvision einops"),
        # what pip brought stays pip's, whatever the card would ask conda for
        ("pip", "conda install -p /c/envs/x 'torchvision<0.22'", f"{PIP}install 'torchvision<0.22'"),
        ("pip", f"{PIP}uninstall -y torchvision", f"{PIP}uninstall -y torchvision"),
    ],
)  # fmt: skip
def test_the_owner_of_a_package_decides(owner: str, line: str, wanted: str) -> None:
    assert by_owner((line,), environment(torchvision=owner)) == (wanted,)


def test_a_removal_of_both_kinds_is_two_commands() -> None:
    here = environment(tensorflow="conda", tensorflow_cpu="pip")
    assert by_owner((f"{PIP}uninstall -y tensorflow tensorflow-cpu",), here) == (
        "conda remove -p /c/envs/x tensorflow",
        f"{PIP}uninstall -y tensorflow-cpu",
    )


def test_a_wheel_of_torch_never_comes_over_condas_torch() -> None:
    line = f"{PIP}install torch==2.7.1{INDEX}"
    removed = "conda remove -p /c/envs/x pytorch"
    assert by_owner((line,), environment(torch="conda")) == (removed, line)
    assert by_owner((removed, line), environment(torch="conda")) == (removed, line)
    assert by_owner((line,), environment(torch="pip")) == (line,)


@pytest.mark.parametrize(
    ("line", "wanted"),
    [
        ("conda install -p /p/.pixi/envs/default 'numpy<2'", "cd /p && pixi add 'numpy<2'"),
        ("/p/.pixi/envs/default/bin/python -m pip install 'numpy==1.26.*'", "cd /p && pixi add numpy=1.26"),
        ("/p/.pixi/envs/default/bin/python -m pip install -U einops", "cd /p && pixi add --pypi einops"),
        (
            f"/p/.pixi/envs/default/bin/python -m pip install torch==2.7.1{INDEX}",
            f"pixi exec uv pip install --python /p/.pixi/envs/default/bin/python{INDEX} torch==2.7.1",
        ),
    ],
)
def test_pixi_keeps_its_environments_by_a_manifest(line: str, wanted: str) -> None:
    assert by_owner((line,), environment("/p/.pixi/envs/default", numpy="conda")) == (wanted,)


def test_micromamba_is_called_by_its_name() -> None:
    prefix = "/home/u/micromamba/envs/x"
    found = by_owner((f"conda install -p {prefix} 'numpy<2'",), environment(prefix))
    assert found == (f"micromamba install -p {prefix} 'numpy<2'",)


def test_elsewhere_nothing_changes() -> None:
    facts = {
        "python.kind": known("venv"),
        "python.distributions": known([{"name": "a", "installer": "conda"}]),
    }
    assert by_owner(("python3 -m pip install a",), Environment(Facts(facts))) == ("python3 -m pip install a",)
