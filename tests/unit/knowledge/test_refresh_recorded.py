"""The refresh of tables, on what PyPI said in November 2026 of a few releases: it finds what changed, and always the same."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).parents[3]
RECORDING = Path(__file__).with_name("pypi_recording.json")
SETS = ("companions/torchvision", "jax_releases", "torch_pins")
DAY = "2031-01-02"


@pytest.fixture
def tables(tmp_path: Path) -> Path:
    """The tables of the project, to be written to."""
    return Path(shutil.copytree(REPOSITORY / "rules" / "tables", tmp_path / "tables"))


def refresh(tables: Path, *arguments: str, recording: Path = RECORDING) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, REPOSITORY / "tools" / "refresh_tables.py", "--offline", "--date", DAY]
    command += ["--recording", recording, "--tables", tables, *arguments]
    return subprocess.run(list(map(str, command)), capture_output=True, text=True, check=False)


def edit(tables: Path, table: str, before: str, after: str) -> None:
    path = tables / f"{table}.toml"
    text = path.read_text(encoding="utf-8")
    assert text.count(before) == 1
    path.write_text(text.replace(before, after), encoding="utf-8")


def test_tables_as_they_are_hold(tables: Path) -> None:
    done = refresh(tables, "--write", *SETS)
    assert (done.returncode, done.stdout.splitlines()) == (0, ["0 rows differ in 3 of 3 sets"])
    for path in tables.iterdir():
        assert path.read_bytes() == (REPOSITORY / "rules" / "tables" / path.name).read_bytes()


@pytest.mark.parametrize(
    ("table", "before", "after", "said"),
    [
        ("companions", '["0.28", "2.13"], ', "", 'torchvision: new {"package": "0.28", "torch": "2.13"}'),
        ("jax_releases", '"0.11.2", "3.12", ">=2.2"', '"0.9.9", "3.11", ">=2.2"', 'jaxlib_min: "0.9.9" -> "0.11.2"'),
        ("torch_pins", '["2.14.1", "9.24.0.43"', '["2.14.1", "9.1.0.70"', 'cudnn: "9.1.0.70" -> "9.24.0.43"'),
    ],
    ids=["a row that is missing", "a value that is old", "a pin that is old"],
)  # fmt: skip
def test_what_differs_is_said_and_mended(
    tables: Path, table: str, before: str, after: str, said: str
) -> None:
    edit(tables, table, before, after)
    done = refresh(tables, "--write", *SETS)
    assert said in done.stdout
    whole = (tables / f"{table}.toml").read_text(encoding="utf-8")
    ours = (REPOSITORY / "rules" / "tables" / f"{table}.toml").read_text(encoding="utf-8")
    assert "".join(whole.replace(DAY, "").split()) == "".join(ours.replace(_date(ours, whole), "", 1).split())
    assert refresh(tables, *SETS).stdout == "0 rows differ in 3 of 3 sets\n"


def _date(ours: str, whole: str) -> str:
    """The date that the set had before today's took its place."""
    at = whole.index(DAY)
    return ours[at : at + len(DAY)]


def test_the_order_of_what_pypi_said_does_not_matter(tables: Path, tmp_path: Path) -> None:
    told = json.loads(RECORDING.read_text(encoding="utf-8"))
    turned = {key: told[key][::-1] if key.startswith("files") else told[key] for key in reversed(list(told))}
    other = tmp_path / "turned.json"
    other.write_text(json.dumps(turned), encoding="utf-8")
    edit(tables, "companions", '["0.28", "2.13"], ', "")
    first = refresh(tables, *SETS)
    assert first.stdout.count("\n") == 2
    assert refresh(tables, *SETS, recording=other).stdout == first.stdout


def test_a_set_that_cannot_be_told_is_named_and_the_others_are_done(tables: Path) -> None:
    done = refresh(tables, "companions/vllm", "torch_pins")
    assert done.returncode == 1
    assert "0 rows differ in 1 of 2 sets" in done.stdout
    assert "error: companions/vllm:" in done.stderr
    assert "nothing recorded of: files vllm" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_recording_that_is_none_is_named(tables: Path, tmp_path: Path) -> None:
    broken = tmp_path / "broken.json"
    broken.write_text("[1,", encoding="utf-8")
    done = refresh(tables, recording=broken)
    assert done.returncode == 1
    assert "broken.json: not a recording" in done.stderr
    assert "Traceback" not in done.stderr
