"""Finds the row of a table that a value means."""

from __future__ import annotations

from typing import Any

from auditor.knowledge.tables import Row, Table, knowledge_date


class NotInTable(LookupError):
    """The table has no such row: often a release newer than this knowledge."""


def newer_than_knowledge(what: str) -> str:
    """Return the sentence for a release, driver or card that the tables do not know yet."""
    return f"{what} is newer than this knowledge ({knowledge_date()})"


def row_for(table: Table, value: Any, name: str = "") -> Row:
    """Return the row whose index column is `value`, or its longest dotted beginning.

    "12.8.1" finds "12.8", else "12".

    Raises:
        NotInTable: there is none.

    """
    rows = {str(row[table.index]): row for row in (table.named(name) if name else table.all())}
    text = str(value).partition("+")[0]
    while text:
        if text in rows:
            return rows[text]
        text = text.rpartition(".")[0]
    msg = f"{value} is not in the table {table.name} ({knowledge_date()})"
    raise NotInTable(msg)
