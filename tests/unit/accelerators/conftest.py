"""Small machines for the probes of accelerators: a captured tree with answers of commands."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest
from devices import SEED, look

from auditor.host.live import LiveHost
from auditor.host.root import RootHost
from auditor.model.fact import Facts, known


@pytest.fixture
def machine(tmp_path: Path) -> Callable[..., Facts]:
    """Return machine(files, commands={argv line: output}, links={path: target}) -> its facts."""

    def make(
        files: Mapping[str, str] | None = None,
        commands: Mapping[str, str] | None = None,
        links: Mapping[str, str] | None = None,
        seed: Facts = SEED,
    ) -> Facts:
        for path, text in (files or {}).items():
            place = tmp_path / path.lstrip("/")
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_text(text)
        for path, target in (links or {}).items():
            place = tmp_path / path.lstrip("/")
            place.parent.mkdir(parents=True, exist_ok=True)
            place.symlink_to(target)
        answers = tmp_path / ".commands"
        answers.mkdir()
        index = []
        for number, (line, text) in enumerate((commands or {}).items()):
            (answers / str(number)).write_text(text)
            index.append({"argv": line.split(), "stdout": str(number), "rc": 0})
        (answers / "index.json").write_text(json.dumps(index))
        return look(RootHost(str(tmp_path)), seed)

    return make


@pytest.fixture
def live(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Facts]:
    """Return live(tool=script, libraries=[...]) -> facts of this machine with a fake nvidia-smi first on PATH."""

    def make(tool: str | None = None, libraries: list[str] | None = None) -> Facts:
        if tool is not None:
            fake = tmp_path / "nvidia-smi"
            fake.write_text(f"#!/bin/sh\n{tool}\n")
            fake.chmod(0o755)
            monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
        rows = [
            {"soname": "libnvidia-ml.so.1", "path": path, "source": "", "version": None}
            for path in libraries or []
        ]
        seed = SEED.merged({"loader.libraries": known(rows), "pci.accelerators": known([])})
        return look(LiveHost(), seed, ("nvidia",))

    return make
