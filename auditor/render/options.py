"""How to draw: found out from the stream and the environment, or given."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Any

import msgspec

from auditor.model.verdict import FailOn

DEFAULT_WIDTH, LEAST_WIDTH, MOST_WIDTH = 80, 40, 120
MAX_CHARS, LEAST_CHARS = (
    60_000,
    2_000,
)  # GitHub's tracker takes 65,536 characters, Jira's 32,767 unless set higher
_SAMPLE = "…—µ“”"  # what a UTF-8 terminal shows and others may not


class RenderOptions(msgspec.Struct, frozen=True, kw_only=True):
    """`width` in columns; `colour` draws with rich; without `unicode` only ASCII comes out.

    `max_chars` bounds formats that go into a tracker; `flat` leaves out their HTML; `fail_on` is what a machine's format calls a failure.
    """

    width: int = DEFAULT_WIDTH
    colour: bool = False
    unicode: bool = True
    verbose: bool = False
    max_chars: int = MAX_CHARS
    flat: bool = False
    fail_on: FailOn = "error"


def detect(stream: Any, env: Mapping[str, str] | None = None) -> RenderOptions:
    """Return the options that fit a text stream: a terminal, a pipe or a file."""
    env = os.environ if env is None else env
    return RenderOptions(
        width=_width(stream, env), colour=_colour(stream, env), unicode=_unicode(stream, env)
    )


def _is_terminal(stream: Any) -> bool:
    try:
        return bool(stream.isatty())
    except (AttributeError, ValueError):  # ValueError: closed
        return False


def _colour(stream: Any, env: Mapping[str, str]) -> bool:
    """NO_COLOR wins (no-color.org: any value but the empty one), then FORCE_COLOR, then the terminal."""
    if env.get("NO_COLOR"):
        return False
    forced = env.get("FORCE_COLOR", "")
    if forced:
        return forced not in ("0", "false")
    return _is_terminal(stream) and env.get("TERM", "") not in ("dumb", "unknown")


def _width(stream: Any, env: Mapping[str, str]) -> int:
    columns = env.get("COLUMNS", "")
    if columns.isdecimal() and int(columns) > 0:
        return max(LEAST_WIDTH, int(columns))
    if not _is_terminal(stream):
        return DEFAULT_WIDTH
    try:
        width = os.get_terminal_size(stream.fileno()).columns
    except (OSError, ValueError, AttributeError):
        width = 0
    # long lines are hard to read, whatever the terminal's width
    return min(max(width or DEFAULT_WIDTH, LEAST_WIDTH), MOST_WIDTH)


def _unicode(stream: Any, env: Mapping[str, str]) -> bool:
    """Whether the stream's encoding holds more than ASCII; a terminal in the C locale does not show it.

    Python writes UTF-8 in the C locale (PEP 540), so the encoding alone would not tell.
    """
    encoding = getattr(stream, "encoding", None) or "ascii"
    try:
        _SAMPLE.encode(encoding)
    except (UnicodeEncodeError, LookupError):
        return False
    locale = env.get("LC_ALL") or env.get("LC_CTYPE") or env.get("LANG") or ""
    told = env.get("PYTHONIOENCODING") or env.get("PYTHONUTF8")
    return bool(told) or locale not in ("C", "POSIX") or not _is_terminal(stream)
