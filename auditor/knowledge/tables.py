"""Compatibility tables (`rules/tables`): rows whose every set has its source, date and level of proof."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any, Literal

import msgspec

from auditor._resources import tree
from auditor.knowledge.toml import parse
from auditor.knowledge.words import KnowledgeError, unknown_word

Level = Literal["artifact", "experiment", "doc", "doc-copy", "secondary"]
Row = dict[str, Any]


class RowSet(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Rows of one source. `level` is how well it is proved (see `rules/tables/README.md`)."""

    source: str
    date: str
    level: Level
    columns: tuple[str, ...]
    rows: tuple[tuple[Any, ...], ...]
    name: str = ""

    def dicts(self) -> Iterator[Row]:
        """Yield each row as column to value."""
        for row in self.rows:
            yield dict(zip(self.columns, row, strict=True))


class Table(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One file. `index` and `value` name the columns that a card's `table` condition looks up."""

    title: str
    sets: tuple[RowSet, ...]
    index: str = ""
    value: str = ""
    note: str = ""
    name: str = ""

    def named(self, name: str) -> list[Row]:
        """Return the rows of the sets called `name`, in the file's order."""
        return [row for rows in self.sets if rows.name == name for row in rows.dicts()]

    def all(self) -> list[Row]:
        """Return every row, in the file's order."""
        return [row for rows in self.sets for row in rows.dicts()]

    def cite(self, name: str = "") -> str:
        """Return "table: source (date)" of the first set called `name`, or of the first one."""
        chosen = next((rows for rows in self.sets if rows.name == name), self.sets[0])
        return f"{self.name}: {chosen.source} ({chosen.date})"

    @property
    def date(self) -> str:
        """The newest date of its sets."""
        return max(rows.date for rows in self.sets)


def names() -> list[str]:
    """Return the names of all tables."""
    return sorted(
        path.stem for path in (tree("rules") / "tables").iterdir() if path.suffix in (".toml", ".json")
    )


@cache
def table(name: str) -> Table:
    """Return one table; read when first asked for.

    Raises:
        KnowledgeError: no such table, or a file that breaks the rules of this module.

    """
    folder = tree("rules") / "tables"
    for suffix in (".toml", ".json"):
        path = folder / f"{name}{suffix}"
        if path.is_file():
            return _load(path, name)
    raise KnowledgeError("tables", name, unknown_word("table", name, names()))


def _load(path: Path, name: str) -> Table:
    file = f"tables/{path.name}"
    try:
        found = msgspec.convert(_parse(path), Table)
    except (msgspec.ValidationError, msgspec.DecodeError, ValueError) as error:
        raise KnowledgeError(file, "", str(error)) from error
    for index, rows in enumerate(found.sets):
        _check(file, f"sets[{index}]", rows)
    if not found.sets:
        raise KnowledgeError(file, "sets", "a table needs at least one set of rows")
    return msgspec.structs.replace(found, name=name)


def _parse(path: Path) -> Any:
    if path.suffix == ".json":
        return msgspec.json.decode(path.read_bytes())
    return parse(path)


def _check(file: str, key: str, rows: RowSet) -> None:
    from datetime import date

    try:
        date.fromisoformat(rows.date)
    except ValueError as error:
        raise KnowledgeError(file, f"{key}.date", f"{rows.date!r} is no ISO date") from error
    if not rows.source.strip():
        raise KnowledgeError(file, f"{key}.source", "a set of rows needs its source")
    for number, row in enumerate(rows.rows):
        if len(row) != len(rows.columns):
            problem = f"{len(row)} values for {len(rows.columns)} columns"
            raise KnowledgeError(file, f"{key}.rows[{number}]", problem)


@cache
def knowledge_date() -> str:
    """Return the ISO date of this knowledge: one line beside the tables, so that asking costs nothing."""
    return (tree("rules") / "tables" / "DATE").read_text(encoding="ascii").strip()
