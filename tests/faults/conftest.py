"""Real faults: small environments with packages made for the purpose, and the command run on them."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from fault_harness import Running, fake_torch, real_torch


@pytest.fixture(scope="session")
def environment(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """Return a user's environment: no active venv, an empty home, temporary files where the test sees them."""
    home = tmp_path_factory.mktemp("home")
    kept = ("PATH", "LANG", "PYENV_ROOT")
    return {
        **{k: os.environ[k] for k in kept if k in os.environ},
        "HOME": str(home),
        "PYTHONDONTWRITEBYTECODE": "1",
    }


@pytest.fixture(scope="session")
def scan(
    environment: dict[str, str], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Callable[..., Running]]:
    """Return scan(*arguments, env, cwd, prefix): starts `fwaudit scan`, JSON unless it is said otherwise."""
    running: list[Running] = []

    def start(
        *arguments: str,
        env: Mapping[str, str | None] | None = None,
        cwd: Path | None = None,
        prefix: tuple[str, ...] = (),
        form: str = "json",
        **how: Any,
    ) -> Running:
        merged = {k: v for k, v in {**environment, **(env or {})}.items() if v is not None}
        # -P: as the installed command, without the working directory on our own path
        argv = [*prefix, sys.executable, "-P", "-m", "auditor", "scan", "--format", form, *arguments]
        running.append(Running(argv, merged, cwd or tmp_path_factory.mktemp("cwd"), **how))
        return running[-1]

    yield start
    for each in running:
        each.process.kill()


@pytest.fixture(scope="session")
def make_venv(tmp_path_factory: pytest.TempPathFactory) -> Callable[..., Path]:
    """Return make_venv({path in site-packages: text}) -> the environment's python."""

    def make(files: Mapping[str, str | bytes]) -> Path:
        home = tmp_path_factory.mktemp("venv")
        subprocess.run([sys.executable, "-m", "venv", "--without-pip", home], check=True)
        site = next(home.glob("lib/python*/site-packages"))
        for name, content in files.items():
            place = site / name
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_bytes(content.encode() if isinstance(content, str) else content)
        return home / "bin" / "python"

    return make


@pytest.fixture(scope="session")
def has_torch() -> None:
    """Skip where the tests' interpreter has no torch."""
    if not torch_is_here():
        pytest.skip("torch is not installed here")


def torch_is_here() -> bool:
    return any((Path(path) / "torch" / "__init__.py").is_file() for path in sys.path if path)


Begun = tuple[Running, "Future[Any]"]


def _program(folder: Path, name: str, script: str) -> Path:
    folder.mkdir()
    path = folder / name
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(0o755)
    return path


@pytest.fixture(scope="session")
def waiting(
    scan: Callable[..., Running],
    make_venv: Callable[..., Path],
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[dict[str, Begun]]:
    """Return the runs that mostly wait, begun with the first test here, so that the others need not wait for them."""
    folder = tmp_path_factory.mktemp("waiting")
    hang = make_venv(fake_torch("import time\ntime.sleep(3600)"))
    silent = _program(folder / "silent", "nvidia-smi", "sleep 3600")
    deaf = _program(folder / "deaf", "nvidia-smi", "trap '' TERM\nwhile :; do sleep 1; done")
    no_python = _program(folder / "interpreter", "python", "sleep 3600")
    none = ("--level", "none")
    runs = {
        "an import that hangs": scan("--python", str(hang)),
        "an interpreter that never answers": scan("--python", str(no_python), *none),
    }
    for name, tool in (("never returns", silent), ("never returns and ignores TERM", deaf)):
        path = f"{tool.parent}:{os.environ['PATH']}"
        runs[f"an nvidia-smi that {name}"] = scan(*none, env={"PATH": path})
    if torch_is_here():
        slow = make_venv(real_torch("import time, os\nfor _ in range(65):\n    time.sleep(1); os.stat('/')"))
        runs["an import that takes a minute"] = scan("--python", str(slow))
    with ThreadPoolExecutor(len(runs)) as pool:
        begun = {name: (run, pool.submit(run.wait)) for name, run in runs.items()}
        yield begun
        for run in runs.values():
            run.process.kill()


@pytest.fixture(scope="session", autouse=True)
def _begun(request: pytest.FixtureRequest) -> None:
    if any("waiting" in getattr(item, "fixturenames", ()) for item in request.session.items):
        request.getfixturevalue("waiting")
