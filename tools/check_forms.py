"""Has each form of a plan read by the tool that it is for, and prints the table for docs/plan.md.

usage: python tools/check_forms.py     (never run by tests: it asks PyPI; uv must be on the PATH, and pip knows 22.2's --dry-run)

PyTorch's own index need not be reachable: the plans that are checked take the builds that PyPI holds.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
import tomllib
from pathlib import Path

FWAUDIT = [sys.executable, "-m", "auditor", "plan", "--output-as"]
PYTHON = f"{sys.version_info.major}.{sys.version_info.minor}"  # that of this interpreter, so that uv need not fetch another
HOST = ["--assume", "driver=590.48.01", "--assume", f"python={PYTHON}"]
PLANS = {
    "torch 2.15.0, RTX 4090": ["--framework", "pytorch", "--goal", "vision", "--assume", "gpu=RTX 4090", *HOST],
    "tensorflow 2.21.0, RTX 4090": ["--framework", "tensorflow", "--assume", "gpu=RTX 4090", *HOST],
    "tensorflow 2.21.0, GTX 1080 Ti": ["--framework", "tensorflow", "--assume", "gpu=GTX 1080 Ti", "--assume", "driver=580.65.06", "--assume", f"python={PYTHON}"],
    "jax, no GPU": ["--framework", "jax", "--assume", "gpu=none", "--assume", f"python={PYTHON}"],
    "vllm beside torch, H100": ["--with", "vllm<0.33", "--assume", "gpu=H100", *HOST],
}  # fmt: skip
SELECT = ["--python-version", PYTHON, "--only-binary=:all:"]
for tag in (
    *(f"manylinux_2_{libc}" for libc in range(35, 4, -1)),
    "manylinux2014",
    "manylinux2010",
    "manylinux1",
):
    SELECT += ["--platform", f"{tag}_x86_64"]


def form(name: str, plan: list[str]) -> str:
    """Return a plan in a form."""
    return subprocess.run([*FWAUDIT, name, *plan], capture_output=True, text=True, check=True).stdout


def run(argv: list[str], folder: Path) -> str:
    """Return "ok", or the last words of a tool that refuses."""
    done = subprocess.run(argv, cwd=folder, capture_output=True, text=True, check=False, timeout=900)
    return "ok" if done.returncode == 0 else " ".join((done.stderr or done.stdout).split())[-160:]


def by_pip(plan: list[str], folder: Path) -> str:
    """Have pip resolve the requirements file, and fetch nothing that it need not."""
    (folder / "requirements.txt").write_text(form("requirements", plan))
    argv = [
        sys.executable,
        "-m",
        "pip",
        "install",
        "--dry-run",
        "--quiet",
        "--ignore-installed",
        "--no-cache-dir",
        "--use-feature=fast-deps",
    ]
    return run([*argv, *SELECT, "--target", str(folder / "t"), "-r", "requirements.txt"], folder)


def by_uv(plan: list[str], folder: Path) -> str:
    """Have uv resolve the arguments of the plan's own commands."""
    lines = [line for line in form("uv", plan).splitlines() if line.startswith("uv pip install")]
    (folder / "r.in").write_text(
        "\n".join(
            word.strip("'") for line in lines for word in line.split()[3:] if "==" in word or "<" in word
        )
    )
    argv = [
        "uv",
        "pip",
        "compile",
        "-q",
        "r.in",
        "--python-version",
        PYTHON,
        "--python-platform",
        "x86_64-manylinux_2_35",
    ]
    return run([*argv, "--no-python-downloads", "--python", sys.executable], folder)


def by_uv_lock(plan: list[str], folder: Path) -> str:
    """Have uv lock the project for every platform that its Python allows."""
    text = form("pyproject", plan)
    tomllib.loads(text)
    (folder / "pyproject.toml").write_text(text)
    return run(["uv", "lock", "-q", "--no-python-downloads", "--python", sys.executable], folder)


CHECKS = {
    "requirements: pip install --dry-run": by_pip,
    "uv: uv pip compile": by_uv,
    "pyproject: uv lock": by_uv_lock,
}


def main() -> int:
    """Print the table; 1 where a tool refuses a form."""
    print("| plan | " + " | ".join(CHECKS) + " |", "|---" * (len(CHECKS) + 1) + "|", sep="\n")
    refused = False
    for name, plan in PLANS.items():
        said = []
        for check in CHECKS.values():
            with tempfile.TemporaryDirectory() as folder:
                said.append(check(plan, Path(folder)))
        refused |= any(word != "ok" for word in said)
        print(f"| {name} | " + " | ".join(said) + " |", flush=True)
    return int(refused)


if __name__ == "__main__":
    sys.exit(main())
