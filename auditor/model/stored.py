"""Reads a stored report strictly: what is wrong, and where in the file."""

from __future__ import annotations

import re
from typing import Any

import msgspec

from auditor.model.report import SCHEMA_VERSION, Report

_TOO_DEEP = "nested too deeply for a report"
_DEPTH = 50  # a fact of a real report is nested five deep


class StoredError(ValueError):
    """The text is no report that this version can read; the message says what and where."""


class _Versions(msgspec.Struct):
    schema_version: Any = None
    snapshot_version: Any = None


def decode_report(data: bytes) -> Report:
    """Return the report that a JSON text holds.

    Raises:
        StoredError: not JSON, not a report, of a newer schema, or a field of the wrong kind.

    """
    version = _check_version(data)
    huge = re.search(rb"[:\[,]\s{0,99}-?\d{300}", data)
    if huge:  # no figure of a machine; arithmetic on it would overflow
        msg = f"byte {huge.start() + 1}: a number of 300 digits or more, which no report holds"
        raise StoredError(msg)
    try:
        report = msgspec.json.decode(data, type=Report) if version == SCHEMA_VERSION else _older(data)
        deep = _deep(_free(report))
    except msgspec.ValidationError as error:
        raise StoredError(_placed(str(error))) from error
    except RecursionError:
        raise StoredError(_TOO_DEEP) from None
    if deep:
        raise StoredError(_TOO_DEEP)
    return report


def _free(report: Report) -> list[Any]:
    """Return the values that may be nested as deep as a file likes: those of no certain type, and plans of plans."""
    facts = [fact.value for fact in report.facts.values()]
    figures = [result.metrics for result in report.smoke]
    return [report.options, msgspec.to_builtins(report.recommendation), *facts, *figures]


def _deep(values: list[Any]) -> bool:
    """Return whether anything is nested deeper than what walks through it can follow: Python's stack ends at 1,000."""
    level = [value for value in values if isinstance(value, (dict, list, tuple))]
    for _ in range(_DEPTH):
        inside = [value.values() if isinstance(value, dict) else value for value in level]
        level = [value for values in inside for value in values if isinstance(value, (dict, list, tuple))]
    return bool(level)


def _older(data: bytes) -> Report:
    """Return a report of an older schema as one of today's."""
    from auditor.model.migration import migrated

    try:
        return msgspec.convert(migrated(msgspec.json.decode(data), SCHEMA_VERSION), Report)
    except (LookupError, TypeError, AttributeError) as error:
        msg = f"a report of an older schema that cannot be brought to version {SCHEMA_VERSION}: {error}"
        raise StoredError(msg) from error


def _check_version(data: bytes) -> int:
    try:
        versions = msgspec.json.decode(data, type=_Versions)
    except msgspec.ValidationError as error:
        raise StoredError("not a report: " + _placed(str(error))) from error
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise StoredError(f"not JSON: {error}") from error
    except RecursionError:
        raise StoredError(_TOO_DEEP) from None
    version = versions.schema_version
    if version is None:
        kind = (
            "a recording of a machine: fwaudit scan --snapshot reads it"
            if versions.snapshot_version
            else "no report"
        )
        raise StoredError(f"this is {kind} (it has no schema_version)")
    if not isinstance(version, int) or isinstance(version, bool) or version < 1:
        raise StoredError(f"schema_version: expected a number from 1 on, got {str(version)[:40]!r}")
    if version > SCHEMA_VERSION:
        msg = f"written by a newer fwaudit (schema version {version}); this one reads up to {SCHEMA_VERSION}: upgrade fwaudit"
        raise StoredError(msg)
    return version


def _placed(message: str) -> str:
    """Turn "Expected `str`, got `int` - at `$.tool.version`" into "tool.version: expected ..."."""
    text, _, path = message.partition(" - at ")
    where = path.strip("`").removeprefix("$").removeprefix(".")
    text = text[:1].lower() + text[1:]
    return f"{where}: {text}" if where else text
