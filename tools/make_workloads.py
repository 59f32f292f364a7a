"""Make docs/workloads.md from real runs of the workloads.

python tools/make_workloads.py build FOLDER    make the environments (PyPI, some 10 GB)
python tools/make_workloads.py run FOLDER      run the standard level in each, keep FOLDER/NAME.json
python tools/make_workloads.py write FOLDER    write docs/workloads.md from those
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

TOP = Path(__file__).resolve().parents[1]
NODE = ("onnxruntime-web", "@tensorflow/tfjs")
BASE = ("torch==2.13.0", "setuptools<82")  # tensorflow-hub needs pkg_resources, which 82 removed
# name -> what it is for, and pip's arguments, one call each
ENVIRONMENTS: dict[str, tuple[str, tuple[tuple[str, ...], ...]]] = {
    "a": (
        "torch, tensorflow-cpu and JAX with what goes together with them",
        (
            (*BASE, "tensorflow-cpu==2.21.0", "jax==0.10.2", "keras==3.15.1", "onnx", "onnxruntime", "onnxscript",
             "lightning", "transformers", "tensorboard", "ai-edge-litert"),
        ),
    ),
    "b": (
        "companions that bring the distribution tensorflow",
        (
            (*BASE, "tensorflow==2.21.0", "tensorflow-text==2.21.1", "keras-hub", "tensorflow-hub==0.16.1",
             "tf-keras==2.21.0", "tensorflow-serving-api==2.21.0", "tensorflow-io==0.37.1", "tensorboard"),
        ),
    ),
    "c": (
        "PyPI's torchvision and torchaudio, CUDA builds, beside a CPU torch; TorchText",
        (
            (*BASE, "torchvision==0.28.0", "torchaudio==2.11.0", "fastai"),
            ("--no-deps", "torchtext==0.18.0"),
        ),
    ),
}  # fmt: skip
VERDICTS = {"pass": "verified", "skip": "unverified"}
REASON = 150  # characters of a reason in the table


def build(folder: Path) -> None:
    """Make every environment, and a folder with the JavaScript packages."""
    for name, (_, calls) in ENVIRONMENTS.items():
        subprocess.run([sys.executable, "-m", "venv", str(folder / name)], check=True)
        for arguments in calls:
            pip = [str(folder / name / "bin" / "pip"), "install", "-q", "--only-binary", ":all:"]
            subprocess.run([*pip, *arguments], check=True)
    (folder / "node").mkdir(exist_ok=True)
    subprocess.run(["npm", "install", "--prefix", str(folder / "node"), *NODE], check=True)


def run(folder: Path) -> None:
    """Run the standard level in every environment."""
    fwaudit = Path(sys.executable).parent / "fwaudit"
    for name in ENVIRONMENTS:
        argv = [str(fwaudit), "smoke", "--venv", str(folder / name), "--format", "json"]
        where = str(folder / "node")
        done = subprocess.run(
            argv, stdout=subprocess.PIPE, cwd=where, env={**os.environ, "PWD": where}, check=False
        )
        (folder / f"{name}.json").write_bytes(done.stdout)


def write(folder: Path) -> None:
    """Write the page from the reports."""
    from auditor.smoke.catalog import load

    reports = {name: json.loads((folder / f"{name}.json").read_text()) for name in ENVIRONMENTS}
    told = [line for workload in load() for line in _lines(workload.id, workload.system, reports)]
    counts = {v: sum(f"| {v} |" in line for line in told) for v in ("verified", "contradicted", "unverified")}
    head = (TOP / "docs" / "workloads.head.md").read_text()
    where = [f"* **{name}**: {what}" for name, (what, _) in ENVIRONMENTS.items()]
    runs = "; ".join(f"{name} on {report['created'][:10]}" for name, report in reports.items())
    table = [
        "| workload | system | version | verdict | seconds | where | what was said |",
        "|---|---|---|---|---|---|---|",
    ]
    figures = ", ".join(f"{count} {verdict}" for verdict, count in counts.items())
    text = [
        head,
        *where,
        "",
        f"Runs: {runs}; two cores shared with other work. {figures}.",
        "",
        *table,
        *told,
    ]
    (TOP / "docs" / "workloads.md").write_text("\n".join(text) + "\n")


def _lines(name: str, system: str, reports: dict[str, Any]) -> list[str]:
    """Return a workload's rows: where it really ran, else one where it was skipped."""
    found = [(where, r) for where, report in reports.items() for r in report["smoke"] if r["id"] == name]
    ran = [(where, r) for where, r in found if r["status"] != "skip"]
    kept = {r["status"]: (where, r) for where, r in reversed(ran or found[:1])}
    if not kept:
        return [f"| {name} | {system} | | unverified | | | no device of its kind is here |"]
    return [_line(where, r, _version(reports[where], system)) for where, r in kept.values()]


def _line(where: str, result: dict[str, Any], version: str) -> str:
    verdict = VERDICTS.get(result["status"], "contradicted")
    said = result.get("reason", "").partition("\n")[0].replace("|", "/")[:REASON]
    seconds = f"{result.get('duration_s', 0.0):.1f}" if result["status"] != "skip" else ""
    return f"| {result['id']} | {result['system']} | {version} | {verdict} | {seconds} | {where} | {said} |"


def _version(report: dict[str, Any], slug: str) -> str:
    rows = report["facts"]["components"].get("value") or []
    return next((row["version"] for row in rows if row["slug"] == slug and row["installed"]), "")


if __name__ == "__main__":
    {"build": build, "run": run, "write": write}[sys.argv[1]](Path(sys.argv[2]))
