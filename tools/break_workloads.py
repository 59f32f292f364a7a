"""Hold every workload against a framework broken on purpose.

python tools/break_workloads.py FOLDER [ID]...    the environments of tools/make_workloads.py; keeps FOLDER/broken.json

A workload is told from a stub by this: what tools/break_workloads.toml spoils in the framework it must tell as wrong
numbers (placement, training), by the script that `fwaudit smoke ID --show` prints, run by itself, free of fwaudit.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import tempfile
import tomllib
from pathlib import Path

from auditor.smoke.catalog import Workload, load

HELPER = """
import functools
def wrap(owner, name, change):
    right = getattr(owner, name)
    setattr(owner, name, functools.wraps(right)(lambda *a, **k: change(right(*a, **k))))
"""
TOLD = re.compile(r"^(?:\w+\.)*Wrong: (?P<said>(?:numbers|placement|training): .*)", re.MULTILINE)
LIMIT_S = 600
SHORT_S = 2  # of sustained load: what is spoiled is seen at once


def script_of(workload: Workload, folder: Path) -> Path:
    """Write what `--show` prints, sustained load shortened."""
    fwaudit = Path(sys.executable).parent / "fwaudit"
    argv = [str(fwaudit), "smoke", workload.id, "--show"]
    shown = subprocess.run(argv, capture_output=True, text=True, check=True).stdout
    path = folder / os.path.basename(workload.path)
    path.write_text(re.sub(r"^DURATION_S = .*", f"DURATION_S = {SHORT_S}", shown, flags=re.MULTILINE))
    return path


def run(python: Path, script: Path, cwd: Path, patch: str) -> tuple[str, str]:
    """Return how a script ended ("told", "missed" or "ended otherwise") and its words."""
    with tempfile.TemporaryDirectory() as site:
        Path(site, "sitecustomize.py").write_text(HELPER + patch)
        env = {**os.environ, "PWD": str(cwd), "PYTHONPATH": site, "CUDA_VISIBLE_DEVICES": ""}
        argv = [str(python), "-B", str(script)]
        done = subprocess.run(
            argv, capture_output=True, text=True, cwd=cwd, env=env, timeout=LIMIT_S, check=False
        )
    if found := TOLD.findall(done.stderr):
        return "told", found[-1]
    if done.returncode:
        return "ended otherwise", done.stderr.strip().splitlines()[-1]
    return "missed", done.stdout.strip().splitlines()[-1]


def main(folder: Path, *names: str) -> int:
    """Run those named, or all, and keep the rows beside those kept before."""
    with (Path(__file__).parent / "break_workloads.toml").open("rb") as stream:
        breaks = tomllib.load(stream)
    kept = folder / "broken.json"
    rows = json.loads(kept.read_text()) if kept.exists() else {}
    bad = []
    for workload in load():
        if workload.id not in breaks or (names and workload.id not in names):
            continue
        one = breaks[workload.id]
        python = folder / one.get("env", "a") / "bin" / "python"
        with tempfile.TemporaryDirectory() as scripts:
            how, said = run(python, script_of(workload, Path(scripts)), folder / "node", one["patch"])
        rows[workload.id] = {"what": one["what"], "how": how, "said": said}
        kept.write_text(json.dumps(rows, indent=1) + "\n")
        print(f"{workload.id:32} {one['what']}: {how}, {said[:110]}", flush=True)
        if how != "told":
            bad.append(workload.id)
    print(f"{len(bad)} not as they should be: {', '.join(bad)}" if bad else "all told")
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]), *sys.argv[2:]))
