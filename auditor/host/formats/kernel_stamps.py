"""Ages of the kernel log's lines, however the log was printed: by dmesg in its forms, journalctl or a log file."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

Row = tuple[str, float | None, str]  # which clock, its seconds, text
_LEVEL = re.compile(r"^(?:<\d{1,3}>|[a-z]+ *:[a-z]+ *: ?)")  # dmesg --raw, dmesg --decode
_BOOT = re.compile(r"^\[\s*(\d+\.\d+)\] ?")
_NAMED = re.compile(
    r"^\[?(?:[A-Z][a-z]{2} )?([A-Z][a-z]{2}) +(\d{1,2}) (\d\d):(\d\d):(\d\d)(?: (\d{4}))?\]? ?"
)
_ISO = re.compile(
    r"^\[?(\d{4})-(\d\d)-(\d\d)[T ](\d\d):(\d\d):(\d\d)(?:[.,](\d{1,9}))?(?:Z|[+-]\d\d:?\d\d)?\]? ?"
)
_LOGGER = re.compile(r"^\S+ kernel(?:\[\d+\])?: ")  # host and program, as journalctl and syslog write them
_NO_YEAR, _NEW_YEAR = 2001, 365 * 86400.0  # log files leave the year out: one without a 29th of February
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


def aged(lines: Iterable[str]) -> list[tuple[float | None, str]]:
    """Return (seconds before the newest line, text) of each line; None where a line carries no time.

    The newest line stands for now: a recording does not say when it was made.
    """
    rows = list(_over_new_year([stamped(line) for line in lines]))
    newest: dict[str, float] = {}
    for clock, seconds, _ in rows:
        if seconds is not None:
            newest[clock] = max(newest.get(clock, seconds), seconds)
    return [(None if at is None else newest[clock] - at, text) for clock, at, text in rows]


def _over_new_year(rows: Iterable[Row]) -> Iterator[Row]:
    """Yield the rows, those behind a New Year a year later where the log leaves out the year."""
    later, last = 0.0, 0.0
    for clock, seconds, text in rows:
        if clock != "wall" or seconds is None:
            yield clock, seconds, text
            continue
        later += _NEW_YEAR if seconds + later < last - _NEW_YEAR / 2 else 0.0
        last = seconds + later
        yield clock, last, text


def stamped(line: str) -> Row:
    """Return (which clock, its seconds, text); lines of two clocks cannot be compared."""
    line = _LEVEL.sub("", line, count=1)
    clock, seconds, text = "", None, line
    for name, read in (("boot", _since_boot), ("wall", _named), ("wall", _iso)):
        found = read(line)
        if found is not None:
            clock, seconds, text = name, *found
            break
    text = _LOGGER.sub("", text, count=1)
    if clock == "wall" and (inner := _since_boot(text)) is not None:
        return "boot", *inner
    return clock, seconds, text


def _since_boot(line: str) -> tuple[float, str] | None:
    found = _BOOT.match(line)
    return (float(found[1]), line[found.end() :]) if found else None


def _named(line: str) -> tuple[float, str] | None:
    """Read `Sun Feb 23 16:24:18 2025` (dmesg -T) and `Feb 23 16:24:18` (log files, without a year)."""
    found = _NAMED.match(line)
    if found is None or found[1] not in _MONTHS:
        return None
    month = _MONTHS.index(found[1]) + 1
    return _seconds(
        int(found[6] or _NO_YEAR), month, *map(int, found.group(2, 3, 4, 5)), line=line[found.end() :]
    )


def _iso(line: str) -> tuple[float, str] | None:
    found = _ISO.match(line)
    if found is None:
        return None
    told = _seconds(*map(int, found.group(1, 2, 3, 4, 5, 6)), line=line[found.end() :])
    return told if told is None else (told[0] + float(f"0.{found[7] or 0}"), told[1])


def _seconds(
    year: int, month: int, day: int, hour: int, minute: int, second: int, *, line: str
) -> tuple[float, str] | None:
    from calendar import timegm

    if not 1 <= month <= 12 or not 1 <= day <= 31:
        return None
    return float(timegm((year, month, day, hour, minute, second))), line
