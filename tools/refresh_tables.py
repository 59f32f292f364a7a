"""Rebuilds from PyPI metadata the rows of rules/tables that can be derived from it, and prints what changed.

usage: python tools/refresh_tables.py [--write] [SET ...]      (never run by tests: it asks PyPI, through pip)

Without --write only the differences are printed. Written are sets of the level "artifact" that come from PyPI; what
else differs is for a person. Rows of releases that PyPI no longer offers stay as they are. What PyPI answered is kept
in --recording: a run that was ended goes on there, and --offline tells the same again from it (some 250 questions of
two seconds). A set that cannot be told is named with the reason, the others are done, and the exit code is 1.
"""

from __future__ import annotations

import argparse
import json
import re
import sys
import tempfile
import tomllib
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parent))
from derived_tables import DERIVED, Derived, Row, Rows
from packaging.version import Version
from pypi_metadata import Index, PyPIError, through_pip

TABLES = Path(__file__).parents[1] / "rules" / "tables"


def refresh(what: Derived, index: Index, tables: Path, *, write: bool, date: str) -> int:
    """Print how one set differs from PyPI and write what may be written; return how many rows differ."""
    path, text = file_of(what, tables)
    sets = sets_of(what, text)
    known = {_key(what, row): row for rows in sets for row in _as_rows(rows)}
    told = {_key(what, row): row for row in what.rows(index, known) if _is_covered(what, row, known)}
    if not told:
        print(f"{what.called}: PyPI tells nothing", file=sys.stderr)
        return 0
    changes = {key: row for key, row in told.items() if key not in known or _differs(known[key], row)}
    gone = [key for key in known if what.steps and key not in told]
    for key, row in changes.items():
        print(f"{what.called}: {_said(known.get(key), row)}")
    for key in gone:
        print(f"{what.called}: no longer {json.dumps(known[key])}")
    if write and (changes or gone):
        new = _written(text, what, sets, known, changes, gone)
        path.write_text(new if new == text else _dated(new, _ours(sets)[0], date), encoding="utf-8")
    return len(changes) + len(gone)


def file_of(what: Derived, tables: Path) -> tuple[Path, str]:
    """Return the file that holds a set, and its text: large tables are JSON, the others TOML."""
    path = next(path for kind in ("toml", "json") if (path := tables / f"{what.table}.{kind}").exists())
    return path, path.read_text(encoding="utf-8")


def sets_of(what: Derived, text: str) -> list[Row]:
    """Return the sets of a table's text that bear the name of `what`."""
    every = (json.loads if _is_json(text) else tomllib.loads)(text)["sets"]
    return [rows for rows in every if rows.get("name", "") == what.name]


def _is_json(text: str) -> bool:
    return text.startswith("{")


def _as_rows(rows: Row) -> list[Row]:
    return [dict(zip(rows["columns"], row, strict=True)) for row in rows["rows"]]


def _key(what: Derived, row: Row) -> tuple[Any, ...]:
    return tuple(row[column] for column in what.key)


def _is_covered(what: Derived, row: Row, known: Rows) -> bool:
    """Whether a row is at least as new as the oldest of its package: older ones were left out on purpose."""
    key = _key(what, row)
    oldest = min((Version(other[-1]) for other in known if other[:-1] == key[:-1]), default=None)
    return oldest is None or Version(key[-1]) >= oldest


def _same(old: Any, new: Any) -> bool:
    """Whether two values say the same: "<5.0,>=3.20" and ">=3.20,<5.0.0dev" do."""
    if isinstance(old, str) and isinstance(new, str):
        return _parts(old) == _parts(new)
    return bool(old == new)


def _parts(specifier: str) -> list[str]:
    return sorted(re.sub(r"(?:\.0)*(?:\.?dev\d*)?$", "", part) for part in specifier.split(","))


def _differs(old: Row, new: Row) -> bool:
    return any(not _same(old[column], value) for column, value in new.items())


def _said(old: Row | None, new: Row) -> str:
    if old is None:
        return f"new {json.dumps(new)}"
    parts = [f"{c}: {json.dumps(old[c])} -> {json.dumps(v)}" for c, v in new.items() if not _same(old[c], v)]
    return f"changed {json.dumps(next(iter(new.values())))} {'; '.join(parts)}"


def _written(
    text: str, what: Derived, sets: list[Row], known: Rows, changes: Rows, gone: list[tuple[Any, ...]]
) -> str:
    """Return the table's text with the changes in it, in sets that come from PyPI alone."""
    ours = _ours(sets)
    own = {_key(what, row): row for rows in ours for row in _as_rows(rows)}
    for key, row in changes.items():
        if key in own:
            merged = own[key] | {c: v for c, v in row.items() if not _same(own[key][c], v)}
            text = _replaced(text, _as_text(own[key], text), _as_text(merged, text))
            own[key] = merged
        elif key in known or not ours or set(row) != set(ours[0]["columns"]):
            print(f"{what.called}: not written, other sources have a say in it: {json.dumps(row)}")
        else:
            text = _placed(text, own, key, row)
            own[key] = row
    for key in gone:
        if key in own:
            text = re.sub(re.escape(_as_text(known[key], text)) + r",?\s*?(?=[\n\[])", "", text, count=1)
    return re.sub(r",\s*\](?=\})", "\n]", re.sub(r"\n{2,}", "\n", text)) if _is_json(text) else text


def _ours(sets: list[Row]) -> list[Row]:
    return [rows for rows in sets if rows["level"] == "artifact" and "PyPI" in rows["source"]]


def _as_text(row: Row, text: str) -> str:
    """Return a row as the table's file writes it."""
    return json.dumps(list(row.values()), separators=(",", ":") if _is_json(text) else None)


def _placed(text: str, own: Rows, key: tuple[Any, ...], row: Row) -> str:
    """Put a new row where the order of its neighbours wants it: some sets rise, some fall."""
    between = ",\n" if _is_json(text) else ", "
    alike = [other for other in own if other[:-1] == key[:-1]] or list(own)
    falls = len(alike) > 1 and Version(alike[0][-1]) > Version(alike[1][-1])
    order = sorted(alike, key=lambda other: Version(other[-1]), reverse=falls)
    following = [other for other in order if (Version(other[-1]) < Version(key[-1])) == falls]
    if following:
        beside = _as_text(own[following[0]], text)
        return _replaced(text, beside, f"{_as_text(row, text)}{between}{beside}")
    beside = _as_text(own[order[-1]], text)
    return _replaced(text, beside, f"{beside}{between}{_as_text(row, text)}")


def _replaced(text: str, old: str, new: str) -> str:
    if text.count(old) != 1:
        print(f"cannot find the one row {old}: {new} is to be written by hand", file=sys.stderr)
        return text
    return text.replace(old, new)


def _dated(text: str, rows: Row, date: str) -> str:
    """Date a set, which is found by its source."""
    if _is_json(text):
        start = text.index(f'"name":"{rows["name"]}"')
        return text[:start] + re.sub(r'"date":"[\d-]+"', f'"date":"{date}"', text[start:], count=1)
    start = text.index(f'source = "{rows["source"]}"')
    return text[:start] + re.sub(r'date = "[\d-]+"', f'date = "{date}"', text[start:], count=1)


def main() -> int:
    """Refresh the sets that are named, or all; 1 where one could not be told."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("sets", nargs="*", metavar="SET", help=", ".join(what.called for what in DERIVED))
    parser.add_argument(
        "--write", action="store_true", help="write what comes from PyPI alone into the tables"
    )
    default = Path(tempfile.gettempdir()) / "fwaudit-pypi.json"
    parser.add_argument("--recording", type=Path, default=default, help=f"what PyPI said (default {default})")
    parser.add_argument("--offline", action="store_true", help="ask nothing that is not in the recording")
    parser.add_argument("--tables", type=Path, default=TABLES, help=argparse.SUPPRESS)
    parser.add_argument(
        "--date", default=str(datetime.now(UTC).date()), help="of the sets that change (today)"
    )
    given = parser.parse_args()
    if unknown := set(given.sets) - {what.called for what in DERIVED}:
        parser.error(
            f"no such set: {', '.join(sorted(unknown))}; sets: {', '.join(w.called for w in DERIVED)}"
        )
    wanted = [what for what in DERIVED if not given.sets or what.called in given.sets]
    return _all(wanted, given)


def _all(wanted: list[Derived], given: argparse.Namespace) -> int:
    """Refresh sets one after another; what cannot be told is named at the end."""
    differing, failed = 0, []
    try:
        index = Index(given.recording, ask=None if given.offline else through_pip())
    except PyPIError as error:
        sys.exit(f"error: {error}; remove it, and PyPI is asked anew")
    for what in wanted:
        try:
            differing += refresh(what, index, given.tables, write=given.write, date=given.date)
        except PyPIError as error:
            failed.append(f"{what.called}: {error}")
    print(f"{differing} rows differ in {len(wanted) - len(failed)} of {len(wanted)} sets")
    for line in failed:
        print(f"error: {line}", file=sys.stderr)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
