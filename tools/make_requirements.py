"""Makes rules/tables/requirements.json: what packages beside a framework want of it, by their metadata on PyPI.

usage: python tools/make_requirements.py [PACKAGE ...]     (never run by tests: it asks PyPI)

Without names every package of `PACKAGES` is asked again; with names, these alone, the rows of the others stay.
"""

from __future__ import annotations

import email.parser
import json
import sys
import urllib.request
import zipfile
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from packaging.version import InvalidVersion, Version
from pip._internal.models.index import PyPI
from pypi import RemoteWheel, files

from auditor.knowledge.metadata import NAMES, release_row

TABLE = Path(__file__).parents[1] / "rules" / "tables" / "requirements.json"
COLUMNS = ("package", "version", "python", "requires", "platforms", "pythons", "cuda")
# package -> how many of its newest releases: more than one where each belongs to its own framework release
PACKAGES = {
    "vllm": 6, "tf-keras": 5, "tensorflow-text": 5, "executorch": 3, "litert-torch": 3, "torchcodec": 3,
    "flash-attn": 1, "bitsandbytes": 1, "deepspeed": 1, "torchao": 1, "lightning": 1, "fastai": 1, "accelerate": 1,
    "diffusers": 1, "peft": 1, "timm": 1, "sentence-transformers": 1, "transformers": 2, "keras": 2, "keras-hub": 1,
    "tf2onnx": 1, "tensorflow-probability": 1, "tensorflow-hub": 1, "tensorflowjs": 2, "flax": 1, "optax": 1, "onnx": 1,
    "onnxscript": 1, "onnxruntime": 1, "tensorboard": 1, "ai-edge-litert": 1, "torchmetrics": 1, "xformers": 3,
}  # fmt: skip


def releases(package: str, count: int) -> list[list[Any]]:
    """Return the rows of the newest releases that are no previews."""
    by_version: dict[Version, list[tuple[str, str, str]]] = {}
    for file in files(package):
        with suppress(InvalidVersion):
            by_version.setdefault(Version(version_of(file[1])), []).append(file)
    newest = sorted((version for version in by_version if not version.is_prerelease), reverse=True)[:count]
    rows = [release_row(package, str(version), *metadata(package, by_version[version])) for version in newest]
    return [[row[column] for column in COLUMNS] for row in rows]


def version_of(name: str) -> str:
    """Return the version in a file's name."""
    if name.endswith(".whl"):
        return name.split("-")[1]
    return name.removesuffix(".tar.gz").rpartition("-")[2]


def metadata(package: str, of: list[tuple[str, str, str]]) -> tuple[str, list[str], list[str]]:
    """Return Requires-Python, the requirements and the wheels of one release's files."""
    wheels = [file for file in of if file[1].endswith(".whl")]
    if not wheels:
        with urllib.request.urlopen(f"{PyPI.pypi_url}/{package}/json", timeout=60) as answer:
            info = json.load(answer)["info"]
        return of[0][2], info.get("requires_dist") or [], []
    url = next((file[0] for file in wheels if "x86_64" in file[1] and "linux" in file[1]), wheels[0][0])
    with zipfile.ZipFile(RemoteWheel(url)) as wheel:
        inside = next(name for name in wheel.namelist() if name.endswith(".dist-info/METADATA"))
        told = email.parser.BytesParser().parsebytes(wheel.read(inside), headersonly=True)
    return of[0][2], [str(text) for text in told.get_all("Requires-Dist", [])], [file[1] for file in wheels]


def main(wanted: list[str]) -> int:
    """Write the table."""
    old = json.loads(TABLE.read_text())["sets"][0]["rows"] if TABLE.is_file() else []
    rows = [row for row in old if wanted and row[0] not in wanted]
    for package in wanted or PACKAGES:
        rows += releases(package, PACKAGES.get(package, 3))
        print(package, file=sys.stderr)
    rows.sort(key=lambda row: (row[0], *(-number for number in Version(row[1]).release)))
    made = {
        "source": f"the wheels' metadata on PyPI; of the requirements those on {', '.join(sorted(NAMES))}",
        "date": datetime.now(UTC).date().isoformat(),
        "level": "artifact",
        "columns": COLUMNS,
        "rows": rows,
    }
    note = "platforms: for which there are wheels; none: a source archive alone. pythons: where wheels are for single ones. cuda: the CUDA major that its other requirements name."
    table = {"title": "What packages beside a framework want of it", "note": note, "index": "package", "value": "version", "sets": [made]}  # fmt: skip
    text = json.dumps(table, separators=(",", ":")).replace("],[", "],\n[")
    TABLE.write_text(text + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
