"""One run of the command under a fault, and packages made to misbehave."""

from __future__ import annotations

import json
import subprocess
import sys
import time
import uuid
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import msgspec

MARK = "TORCH_FWAUDIT_TEST"  # allowed through to children, so that they can be found again
SECTIONS = {
    "schema_version",
    "tool",
    "created",
    "host",
    "target",
    "facts",
    "findings",
    "checks",
    "smoke",
    "probes",
}


class Scan(msgspec.Struct, frozen=True):
    """How one run of the command ended; `stdout` is bytes, `seconds` wall time."""

    rc: int
    stdout: bytes
    stderr: str
    seconds: float

    @property
    def report(self) -> dict[str, Any]:
        """The JSON report, whole."""
        report: dict[str, Any] = json.loads(self.stdout)
        assert report.keys() >= SECTIONS, f"missing: {SECTIONS - report.keys()}"
        return report

    @property
    def causes(self) -> set[str]:
        """The causes of its findings."""
        return {finding["cause"] for finding in self.report["findings"]}

    def value(self, key: str) -> Any:
        """The value of a fact, or None."""
        return self.report["facts"].get(key, {}).get("value")

    def assert_whole(self) -> None:
        """Hold what every report must: no internal error, and the machine's own facts are there."""
        assert "internal error" not in self.stderr, self.stderr
        assert "Traceback" not in self.stderr, self.stderr
        facts = self.report["facts"]
        assert facts["os.kernel"]["state"] == "known"
        assert facts["cpu.logical_online"]["state"] == "known"
        assert not [run for run in self.report["probes"] if run["status"] == "failed"], self.report["probes"]


class Running:
    """A run under way; `mark` is in the environment of all its descendants."""

    def __init__(self, argv: list[str], env: Mapping[str, str], cwd: Path, **how: Any) -> None:
        self.mark = uuid.uuid4().hex
        self.start = time.monotonic()
        how = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "stdin": subprocess.DEVNULL, **how}
        self.process = subprocess.Popen(argv, env={**env, MARK: self.mark}, cwd=cwd, **how)

    def wait(self, timeout: float = 480.0) -> Scan:
        """Return how it ended."""
        try:
            out, err = self.process.communicate(timeout=timeout)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.communicate()
            raise
        return Scan(
            self.process.returncode,
            out or b"",
            (err or b"").decode(errors="replace"),
            time.monotonic() - self.start,
        )

    def left(self) -> list[str]:
        """Return the command lines of processes that still carry the mark."""
        found = []
        for folder in Path("/proc").iterdir():
            if folder.name.isdigit() and int(folder.name) != self.process.pid:
                try:
                    if self.mark.encode() in (folder / "environ").read_bytes():
                        found.append((folder / "cmdline").read_bytes().replace(b"\0", b" ").decode())
                except OSError:
                    continue
        return found

    def wait_for_child(self, word: str, timeout: float = 300.0) -> None:
        """Wait until a descendant runs whose command line holds `word`."""
        end = time.monotonic() + timeout
        while not any(word in line for line in self.left()):
            assert self.process.poll() is None, "the run ended before its child was seen"
            assert time.monotonic() < end, f"no {word} within {timeout} s"
            time.sleep(0.05)


def fake_torch(code: str, version: str = "2.9.0") -> dict[str, str | bytes]:
    """Return the files of a distribution `torch` whose import runs `code`."""
    info = f"torch-{version}.dist-info"
    return {
        "torch/__init__.py": f"__version__ = {version!r}\n{code}\n",
        "torch/version.py": f"__version__ = {version!r}\ncuda = None\nhip = None\ngit_version = 'abc'\n",
        f"{info}/METADATA": f"Metadata-Version: 2.1\nName: torch\nVersion: {version}\n",
        f"{info}/RECORD": "torch/__init__.py,,\n",
        f"{info}/INSTALLER": "pip\n",
    }


def real_torch(before: str) -> dict[str, str | bytes]:
    """Return the files by which the tests' own torch is imported after running `before`."""
    site = next(path for path in sys.path if (Path(path) / "torch" / "__init__.py").is_file())
    hook = (
        "import sys\n"
        "class Before:\n"
        "    def find_spec(self, name, path=None, target=None):\n"
        "        if name == 'torch':\n"
        "            sys.meta_path.remove(self)\n"
        + "".join(f"            {line}\n" for line in before.splitlines())
        + "sys.meta_path.insert(0, Before())\n"
    )
    return {"torch_here.pth": f"{site}\nimport before_torch\n", "before_torch.py": hook}
