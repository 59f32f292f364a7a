"""Real environments, made in a moment: `venv --without-pip` and what a test writes into it."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest

from auditor.host.live import LiveHost
from auditor.model.fact import Fact, Facts, known
from auditor.probes import load
from auditor.probes.base import run_probe

VERSIONS = Path.home() / ".pyenv" / "versions"


def interpreters(*wanted: str) -> list[object]:
    """Return the pyenv interpreters whose version begins with one of `wanted`, a visible skip for each that lacks."""
    found: list[object] = []
    for version in wanted:
        paths = sorted(VERSIONS.glob(f"{version}*/bin/python{version[0]}"))
        skip = pytest.mark.skip(reason=f"no Python {version} under ~/.pyenv/versions")
        found.append(
            pytest.param(paths[0], id=version) if paths else pytest.param(None, id=version, marks=skip)
        )
    return found


class Environment:
    """A virtual environment and the facts that its audit gives."""

    def __init__(self, folder: Path, python: str = sys.executable) -> None:
        subprocess.run([python, "-m", "venv", "--without-pip", str(folder)], check=True)
        self.folder = folder
        self.python = folder / "bin" / "python"
        self.site = next((folder / "lib").glob("python3*")) / "site-packages"

    def write(self, files: Mapping[str, str | bytes]) -> None:
        """Write files under site-packages."""
        for name, content in files.items():
            path = self.site / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content if isinstance(content, bytes) else content.encode())

    def install(
        self, name: str, version: str, *requires: str, folder: Path | None = None, **files: str
    ) -> None:
        """Write the metadata of a distribution, as an installer leaves it."""
        info = (folder or self.site) / f"{name}-{version}.dist-info"
        info.mkdir(parents=True)
        lines = [f"Name: {name}", f"Version: {version}", *(f"Requires-Dist: {line}" for line in requires)]
        (info / "METADATA").write_text("Metadata-Version: 2.1\n" + "\n".join(lines) + "\n\nDescription\n")
        for file, content in {"INSTALLER": "pip\n", **files}.items():
            (info / file).write_text(content)

    def audit(self, cwd: Path, python: Path | None = None) -> dict[str, Fact]:
        """Return the facts of the python probe."""
        return audit(python or self.python, cwd)


def audit(python: Path, cwd: Path) -> dict[str, Fact]:
    """Return the facts of the python probe for any interpreter."""
    seed = Facts({"target.python": known(str(python)), "request.cwd": known(str(cwd))})
    facts, run = run_probe(load("python"), LiveHost(), seed)
    assert run.status == "ok", run.reason
    return facts
