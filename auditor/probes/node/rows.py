"""Rows of lists: a field that could not be read is unknown by its name, never merely missing."""

from __future__ import annotations

import errno
from collections.abc import Callable
from typing import Any

from auditor.host.protocol import Host, NotRecorded
from auditor.model.fact import Fact

Row = dict[str, Any]


def figure(row: Row, field: str, host: Host, path: str, read: Callable[[str], Any] | None = None) -> Any:
    """Put a file's figure (an integer unless `read` says otherwise) into a row, and return it.

    No such file means that there is no such thing here: None. So does EINVAL, by which a driver says
    that it has no value now (the speed of an interface that is down). Anything else is unknown.
    """
    row[field] = None
    try:
        row[field] = (read or int)(host.read(path).strip())
    except (FileNotFoundError, NotADirectoryError):
        pass
    except ValueError:
        blind(row, field, f"{path} could not be understood")
    except NotRecorded as error:
        blind(row, field, str(error))
    except OSError as error:
        if error.errno != errno.EINVAL:
            blind(row, field, f"{path}: {error.strerror or error}{_help(error)}")
    return row[field]


def _help(error: OSError) -> str:
    return " (CAP_DAC_READ_SEARCH would help)" if isinstance(error, PermissionError) else ""


def blind(row: Row, field: str, reason: str) -> None:
    """Say that a field of a row is not known, and why; rules see it as an unknown fact."""
    row.setdefault("unknown", {})[field] = reason


def copied(row: Row, field: str, fact: Fact) -> Any:
    """Put a fact into a row: its value, None where it is absent, unknown with its reason."""
    row[field] = fact.value if fact.is_known else None
    if fact.state == "unknown":
        blind(row, field, fact.reason)
    return row[field]


def median(numbers: list[int]) -> float:
    """Return the middle of some numbers; the standard library's module takes five milliseconds to import."""
    ranked = sorted(numbers)
    half = len(ranked) // 2
    return float(ranked[half]) if len(ranked) % 2 else (ranked[half - 1] + ranked[half]) / 2
