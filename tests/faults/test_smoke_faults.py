"""`fwaudit smoke` with several faults at once: each is told for what it is, the rest still run, nothing is left."""

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from fault_harness import Running, Scan

pytestmark = pytest.mark.slow

MakeVenv = Callable[..., Path]

# what a hook of the environment's own does to torch once it is imported: a device that counts wrong,
# a training step that leaves a process behind, a process that dies when all is written
PATCH = """
import importlib.util, sys
class After:
    def find_spec(self, name, path=None, target=None):
        if name != "torch":
            return None
        sys.meta_path.remove(self)
        spec = importlib.util.find_spec("torch")
        right = spec.loader.exec_module
        def exec_module(module):
            right(module)
            patch(module)
        spec.loader.exec_module = exec_module
        return spec
def patch(torch):
    import subprocess
    matmul, step = torch.Tensor.__matmul__, torch.optim.SGD.step
    torch.Tensor.__matmul__ = lambda a, b: matmul(a, b) * 1.01
    left = []
    def leaving(self, *args, **kwargs):
        if not left:
            left.append(subprocess.Popen([sys.executable, "-S", "-c", "import time; time.sleep(600)"]))
        return step(self, *args, **kwargs)
    torch.optim.SGD.step = leaving
sys.meta_path.insert(0, After())
"""
DYING = "\nimport atexit, ctypes\natexit.register(lambda: 'torch' in sys.modules and ctypes.string_at(0))\n"
SMALL_SHM = "mount -t tmpfs -o size=64k none /dev/shm"


@pytest.fixture
def temporary() -> Iterator[Path]:
    """A folder for temporary files; a test's own has too long a path for the workers' sockets."""
    with tempfile.TemporaryDirectory() as folder:
        yield Path(folder)


@pytest.fixture
def smoke(
    environment: dict[str, str], tmp_path: Path, temporary: Path
) -> Callable[..., tuple[Running, Scan]]:
    """Return smoke(*arguments, prefix, env): runs `fwaudit smoke`, temporary files where the test sees them."""

    def start(*arguments: str, prefix: tuple[str, ...] = (), **env: str) -> tuple[Running, Scan]:
        argv = [*prefix, sys.executable, "-P", "-m", "auditor", "smoke", "--format", "json", "-q", *arguments]
        merged = {**environment, "TMPDIR": str(temporary), **env}
        running = Running(argv, merged, tmp_path)
        try:
            return running, running.wait()
        finally:
            running.process.kill()

    return start


def here(code: str) -> dict[str, str]:
    """Return the files by which an environment has the tests' own torch, and runs `code` at its start."""
    site = next(path for path in sys.path if (Path(path) / "torch" / "__init__.py").is_file())
    return {"torch_here.pth": f"{site}\nimport its_own_hook\n", "its_own_hook.py": code}


def outcomes(done: Scan) -> dict[str, dict[str, Any]]:
    return {result["id"]: result for result in done.report["smoke"]}


def test_each_fault_is_told_and_the_rest_still_run(
    smoke: Callable[..., tuple[Running, Scan]],
    make_venv: MakeVenv,
    has_torch: None,
    tmp_path: Path,
    temporary: Path,
) -> None:
    if subprocess.run(["unshare", "-m", "sh", "-c", SMALL_SHM], check=False, capture_output=True).returncode:
        pytest.skip("a mount namespace of our own is not to be had here")
    (tmp_path / "bin").mkdir()  # no compiler, and nothing else, is on PATH
    unshare = shutil.which("unshare") or ""
    within = f'{shutil.which("mount")} -t tmpfs -o size=64k none /dev/shm && exec "$@"'
    names = [f"pytorch-{name}" for name in ("matmul", "training", "training-eager", "dataloader", "compile")]
    running, done = smoke(
        *names, "--python", str(make_venv(here(PATCH))),
        prefix=(unshare, "-m", "/bin/sh", "-c", within, "sh"), PATH=str(tmp_path / "bin"),
    )  # fmt: skip
    told = outcomes(done)
    assert done.rc == 1, done.stderr
    assert told["pytorch-matmul"]["reason"].startswith("wrong numbers: ")
    assert told["pytorch-training"]["status"] == "pass"
    assert told["pytorch-dataloader"]["status"] in ("fail", "crash")
    assert "compiler" in told["pytorch-compile"]["reason"].lower()
    assert sorted(told) == sorted(names)
    assert done.causes >= {"smoke_wrong_result", "shm_too_small", "c_compiler_missing"}, done.causes
    assert running.left() == []
    assert list(temporary.iterdir()) == []


def test_a_crash_after_the_last_result_is_told(
    smoke: Callable[..., tuple[Running, Scan]], make_venv: MakeVenv, has_torch: None, temporary: Path
) -> None:
    code = "import sys" + DYING
    running, done = smoke("pytorch-matmul", "pytorch-training", "--python", str(make_venv(here(code))))
    last = done.report["smoke"][-1]
    assert (last["status"], done.rc) == ("crash", 1)
    assert last["reason"] == "killed by SIGSEGV when its process ended (the result was: pass)"
    assert [result["status"] for result in done.report["smoke"][:-1]] == ["pass"]
    assert running.left() == []
    assert list(temporary.iterdir()) == []
