"""Writes reports/schema/ from the model: `python tools/make_schema.py`, with `--check` only compares."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import msgspec

from auditor.host.recording import SNAPSHOT_VERSION, Snapshot
from auditor.model.report import SCHEMA_VERSION, Report

FOLDER = Path(__file__).resolve().parent.parent / "reports" / "schema"


def schemas() -> dict[str, str]:
    """Return each schema file's name and text."""
    return {
        f"report-v{SCHEMA_VERSION}.json": _schema(Report, "fwaudit report"),
        f"snapshot-v{SNAPSHOT_VERSION}.json": _schema(Snapshot, "fwaudit recording of a machine"),
    }


def _schema(type_: Any, title: str) -> str:
    schema = msgspec.json.schema(type_)
    return (
        json.dumps(
            {"$schema": "https://json-schema.org/draft/2020-12/schema", "title": title, **schema},
            indent=2,
            sort_keys=True,
        )
        + "\n"
    )


def main() -> int:
    """Write or compare; 1 where a file is out of date."""
    stale = [name for name, text in schemas().items() if not _is_current(FOLDER / name, text)]
    if "--check" in sys.argv[1:]:
        for name in stale:
            print(f"reports/schema/{name} is out of date: run tools/make_schema.py")
        return 1 if stale else 0
    FOLDER.mkdir(parents=True, exist_ok=True)
    for name, text in schemas().items():
        (FOLDER / name).write_text(text, encoding="utf-8")
    return 0


def _is_current(path: Path, text: str) -> bool:
    return path.is_file() and path.read_text(encoding="utf-8") == text


if __name__ == "__main__":
    sys.exit(main())
