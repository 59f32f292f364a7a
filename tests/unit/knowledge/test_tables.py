"""Tables: every set has source, date and level; every row as many values as columns."""

from __future__ import annotations

from pathlib import Path

import pytest

from auditor.knowledge import tables
from auditor.knowledge.words import KnowledgeError

GOOD = """
title = "A table"

[[sets]]
source = "a page"
date = "2026-11-22"
level = "doc"
columns = ["a", "b"]
rows = [["1", "2"]]
"""

WRONG = {
    "no date": ('date = "2026-11-22"\n', "", "date"),
    "no ISO date": ('"2026-11-22"', '"November"', r"sets\[0\]\.date"),
    "empty source": ('"a page"', '""', r"sets\[0\]\.source"),
    "no such level": ('"doc"', '"rumour"', "level"),
    "a short row": ('["1", "2"]', '["1"]', r"sets\[0\]\.rows\[0\]"),
    "unknown key": ("title", "titel", "titel"),
}


@pytest.mark.parametrize("wrong", WRONG, ids=str)
def test_a_faulty_table_is_refused_with_its_place(tmp_path: Path, wrong: str) -> None:
    old, new, where = WRONG[wrong]
    path = tmp_path / "some.toml"
    path.write_text(GOOD.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(KnowledgeError, match=where) as caught:
        tables._load(path, "some")
    assert str(caught.value).startswith("tables/some.toml")


@pytest.mark.parametrize("name", tables.names())
def test_every_table_loads(name: str) -> None:
    found = tables.table(name)
    assert found.title
    assert found.all()
    assert all(rows.rows for rows in found.sets)


def test_the_date_of_knowledge_is_that_of_the_newest_table() -> None:
    assert tables.knowledge_date() == max(tables.table(name).date for name in tables.names())


def test_an_unknown_table_is_named_with_the_nearest() -> None:
    with pytest.raises(KnowledgeError, match="'cuda_driver'"):
        tables.table("cuda_drvier")
