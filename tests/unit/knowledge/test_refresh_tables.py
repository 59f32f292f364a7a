"""What the refresh script makes of a table's text; PyPI itself is asked by hand alone."""

from __future__ import annotations

import sys
import tomllib
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parents[3] / "tools"))
refresh_tables = pytest.importorskip("refresh_tables")

TEXT = """
[[sets]]
name = "pairs"
source = "file lists on PyPI"
date = "2020-01-01"
level = "artifact"
columns = ["package", "from", "top"]
rows = [
  ["vision", "0.9", "3.13"], ["vision", "0.7", "3.12"],
  ["audio", "2.5", "3.13"],
]

[[sets]]
name = "pairs"
source = "somebody's page"
date = "2020-01-01"
level = "doc"
columns = ["package", "from", "top"]
rows = [["vision", "0.6", "3.9"]]
"""


def refreshed(tmp_path, told, *, steps=False):
    (tmp_path / "pairs.toml").write_text(TEXT)
    index = refresh_tables.Index(tmp_path / "recording.json")
    rows = [dict(zip(("package", "from", "top"), row, strict=True)) for row in told]
    what = refresh_tables.Derived("pairs", "pairs", ("package", "from"), lambda *_: iter(rows), steps)
    refresh_tables.refresh(what, index, tmp_path, write=True, date="2031-01-02")
    first, second = tomllib.loads((tmp_path / "pairs.toml").read_text())["sets"]
    return first, second


NEWER, BETWEEN, OLDER = ["vision", "0.11", "3.14"], ["vision", "0.8", "3.12"], ["vision", "0.2", "3.6"]
KEPT = [["vision", "0.9", "3.13"], ["vision", "0.7", "3.12"], ["audio", "2.5", "3.13"]]


@pytest.mark.parametrize(
    ("told", "rows"),
    [
        (KEPT, KEPT),
        ([NEWER], [NEWER, *KEPT]),
        ([BETWEEN], [KEPT[0], BETWEEN, *KEPT[1:]]),
        ([NEWER, BETWEEN], [NEWER, KEPT[0], BETWEEN, *KEPT[1:]]),
        ([OLDER], KEPT),
        ([["vision", "0.9", "3.14"]], [["vision", "0.9", "3.14"], *KEPT[1:]]),
        ([["vision", "0.6", "3.10"]], KEPT),
    ],
    ids=["same", "newer", "between", "several", "too old", "changed", "of another source"],
)
def test_rows_are_written_where_they_belong(tmp_path, told, rows):
    first, second = refreshed(tmp_path, told)
    assert first["rows"] == rows
    assert (first["date"] == "2020-01-01") == (rows == KEPT)
    assert second["rows"] == [["vision", "0.6", "3.9"]]


def test_a_step_that_is_no_longer_told_goes(tmp_path):
    told = [*KEPT[:2], ["audio", "2.6", "3.13"]]
    first, second = refreshed(tmp_path, told, steps=True)
    assert first["rows"] == told
    assert second["date"] == "2020-01-01"


def test_every_set_that_can_be_derived_is_there():
    for what in refresh_tables.DERIVED:
        assert refresh_tables.sets_of(what, refresh_tables.file_of(what, refresh_tables.TABLES)[1]), (
            what.called
        )
