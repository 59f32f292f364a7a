"""The wheel and the sdist, built for real: what they hold, and that they run away from the checkout."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path

import pytest

CHECKOUT = Path(__file__).resolve().parents[2]

pytestmark = pytest.mark.slow


def run(argv: list[str | Path], cwd: Path, **more: str) -> subprocess.CompletedProcess[str]:
    env = {key: value for key, value in os.environ.items() if not key.startswith(("PYTHON", "VIRTUAL_ENV"))}
    return subprocess.run(
        [str(each) for each in argv],
        cwd=cwd,
        env={**env, **more},
        capture_output=True,
        text=True,
        check=False,
        timeout=1800,
    )


def checked(argv: list[str | Path], cwd: Path, **more: str) -> str:
    done = run(argv, cwd, **more)
    assert done.returncode == 0, f"{argv}: {done.stdout[-2000:]}{done.stderr[-2000:]}"
    return done.stdout


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with sdist and wheel; the wheel is made from the sdist, so that this one is whole."""
    folder = tmp_path_factory.mktemp("dist")
    checked([sys.executable, "-m", "build", "--no-isolation", "--outdir", folder, CHECKOUT], folder)
    return folder


@pytest.fixture(scope="module")
def wheel(built: Path) -> Path:
    return next(built.glob("*.whl"))


@pytest.fixture(scope="module")
def elsewhere(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("elsewhere")


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the bin folder of a fresh environment that holds the wheel and what it depends on."""
    home = tmp_path_factory.mktemp("venv")
    checked([sys.executable, "-m", "venv", home], home)
    checked([home / "bin" / "pip", "install", "--quiet", wheel], home)
    return home / "bin"


def test_the_wheel_carries_rules_and_reports_inside_the_package_only(wheel: Path) -> None:
    names = zipfile.ZipFile(wheel).namelist()
    info = next(n.split("/")[0] for n in names if "dist-info" in n)
    data = info.replace(".dist-info", ".data")  # the manual page, which pip puts into share/man
    assert {name.split("/")[0] for name in names} == {"auditor", info, data}
    assert [name for name in names if name.startswith(data)] == [f"{data}/data/share/man/man1/fwaudit.1"]
    assert "auditor/rules/facts.toml" in names
    assert any(name.startswith("auditor/rules/tables/") for name in names)
    assert any(name.startswith("auditor/reports/") for name in names)
    assert not [name for name in names if name.endswith((".pyc", ".orig")) or "__pycache__" in name]


def test_every_file_under_version_control_that_the_program_needs_is_in_the_wheel(wheel: Path) -> None:
    git = run(["git", "ls-files", "auditor", "rules", "reports", ":!reports/examples"], CHECKOUT)
    if git.returncode != 0:
        pytest.skip("no git checkout here")
    names = set(zipfile.ZipFile(wheel).namelist())
    wanted = {path if path.startswith("auditor/") else f"auditor/{path}" for path in git.stdout.split()}
    assert {path for path in wanted - names if not path.endswith(".gitignore")} == set()


def test_the_sdist_holds_what_a_packager_needs_and_nothing_of_the_checkout_else(built: Path) -> None:
    with tarfile.open(next(built.glob("*.tar.gz"))) as archive:
        names = {name.split("/", 1)[1] for name in archive.getnames() if "/" in name}
    assert {"pyproject.toml", "README.md", "LICENSE", "CHANGELOG.md", "rules/facts.toml"} <= names
    assert not [name for name in names if name.startswith((".venv", ".git/", "dist/"))]


def test_the_installed_command_runs_from_another_folder(installed: Path, elsewhere: Path) -> None:
    assert "fwaudit scan" in checked([installed / "fwaudit", "--help"], elsewhere)
    done = run([installed / "fwaudit", "scan", "--level", "none", "--format", "json"], elsewhere)
    report = json.loads(done.stdout)
    assert done.returncode in (0, 1), done.stderr
    assert report["facts"]["os.kernel"]["state"] == "known"
    assert not [run for run in report["probes"] if run["status"] == "failed"]


def test_no_import_name_but_our_own_is_taken(installed: Path, elsewhere: Path) -> None:
    code = "import importlib.util as u; print([n for n in ('rules', 'reports', 'tests') if u.find_spec(n)])"
    assert checked([installed / "python", "-c", code], elsewhere).strip() == "[]"


def test_nothing_is_left_in_the_folder_from_which_it_ran(installed: Path, elsewhere: Path) -> None:
    checked([installed / "fwaudit", "--version"], elsewhere)
    assert list(elsewhere.iterdir()) == []


def test_it_runs_as_a_zip_application_too(wheel: Path, installed: Path, tmp_path: Path) -> None:
    """The dependencies come from the environment: msgspec and psutil are compiled and cannot lie in a zip."""
    app = tmp_path / "app"
    zipfile.ZipFile(wheel).extractall(app)
    (app / "__main__.py").write_text("from auditor.cli.main import entry\n\nentry()\n")
    checked([sys.executable, "-m", "zipapp", app, "-o", tmp_path / "fwaudit.pyz"], tmp_path)
    bare = tmp_path / "bare"
    checked([sys.executable, "-m", "venv", "--without-pip", bare], tmp_path)
    site = next((installed.parent / "lib").glob("python*/site-packages"))
    deps = tmp_path / "deps"
    deps.mkdir()
    for entry in site.iterdir():
        if not entry.name.startswith(("auditor", "fwaudit")):
            (deps / entry.name).symlink_to(entry)
    python = bare / "bin" / "python"
    argv: list[str | Path] = [python, tmp_path / "fwaudit.pyz", "scan", "--level", "none", "--format", "json"]
    done = run(argv, tmp_path, PYTHONPATH=str(deps))
    assert done.returncode in (0, 1), done.stderr
    assert json.loads(done.stdout)["facts"]["os.kernel"]["state"] == "known"
