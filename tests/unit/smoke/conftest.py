"""Frameworks and workloads made for real, as files that the real runner runs in real children."""

from __future__ import annotations

import sys
import textwrap
from pathlib import Path

import pytest

from auditor.model.fact import Facts
from auditor.smoke.runner import Deadlines, SmokeOutcome, SmokeRequest, run

TORCH = """
import ctypes, os, sys, time
__version__ = "9.9"
class cuda:
    is_available = staticmethod(lambda: False)
class backends:
    pass
"""

# short are those that a fault made here runs into; what works passes them by, however loaded the machine is
SHORT = Deadlines(still_s=1.5, spin_s=2.5, import_s=60.0, workload_s=2.5, accelerator_s=60.0, exit_s=2.0)


class Bench:
    """A folder with a fake `torch` and fake workloads, and the runner pointed at them."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.workloads = folder / "workloads"
        self.run_folder = folder / "run"
        for path in (self.workloads, self.run_folder, folder / "torch"):
            path.mkdir()

    def torch(self, body: str = "") -> None:
        (self.folder / "torch" / "__init__.py").write_text(TORCH + textwrap.dedent(body))

    def workload(
        self, name: str, body: str = "return {'placed_on': device}", cost: float = 0.1, **constants: object
    ) -> None:
        fixed = {
            "ID": name,
            "FRAMEWORK": "pytorch",
            "SYSTEM": "pytorch",
            "CLAIM": "c",
            "LEVEL": "quick",
            "NEEDS": (),
        }
        head = "\n".join(
            f"{key} = {value!r}" for key, value in {**fixed, "COST_S": cost, **constants}.items()
        )
        code = f"{head}\nclass Wrong(Exception):\n    pass\ndef run(device):\n" + textwrap.indent(
            textwrap.dedent(body), "    "
        )
        (self.workloads / f"{name}.py").write_text(code)

    def run(self, facts: Facts | None = None, **options: object) -> SmokeOutcome:
        fixed = {
            "python": sys.executable,
            "frameworks": ("pytorch",),
            "level": "quick",
            "facts": facts or Facts(),
            "tmpdir": str(self.run_folder),
            "deadlines": SHORT,
            "workloads": str(self.workloads),
        }
        return run(SmokeRequest(**{**fixed, **options}))  # type: ignore[arg-type]


@pytest.fixture
def bench(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Bench:
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    made = Bench(tmp_path)
    made.torch()
    return made
