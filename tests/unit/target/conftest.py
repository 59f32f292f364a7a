"""Fixtures: environments of our own Python, and no PYTHON* variable of ours."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from made_environments import Environment


@pytest.fixture(autouse=True)
def _plain_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("PYTHONPATH", "PYTHONHOME", "PYTHONUSERBASE", "PYTHONSAFEPATH", "PYTHONNOUSERSITE"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def environment(tmp_path: Path) -> Environment:
    """An empty virtual environment of our own Python."""
    return Environment(tmp_path / "env")


@pytest.fixture
def make_environment(tmp_path: Path) -> Callable[..., Environment]:
    """Make further environments."""
    return lambda name, python=sys.executable: Environment(tmp_path / name, str(python))
