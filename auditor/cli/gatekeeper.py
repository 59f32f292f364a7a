"""Keeps a gate from closing by mistake: what a pre-flight's own failure means to its caller.

Imports nothing of ours, so that it works where an import fails.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence

_DISABLED = "/etc/fwaudit/disabled"
_CODES = {"nagios": {2: 3, 3: 3}, "npd": {2: 2, 3: 2}, "slurm": {2: 0, 3: 0}}


def disabled() -> str:
    """Return what switches the gate off, or "" where nothing does."""
    value = os.environ.get("FWAUDIT_DISABLE", "")
    if value not in ("", "0"):
        return f"FWAUDIT_DISABLE={value[:20]}"
    return _DISABLED if os.path.exists(_DISABLED) else ""


def told_to_caller(code: int, argv: Sequence[str]) -> int:
    """Return the exit code of a pre-flight that ended with `code` (2 usage, 3 our own failure).

    slurmd drains a node on any other code than 0: unless --strict is given, a failure of ours is 0 there.
    """
    if not _is_preflight(argv):
        return code
    if "--observe" in argv or disabled():
        return 0
    dialect = _dialect(argv)
    if dialect == "slurm" and "--strict" not in argv:
        syslog(f"fwaudit: preflight could not be completed (exit {code}): the node is not judged")
    return code if dialect == "slurm" and "--strict" in argv else _CODES.get(dialect, {}).get(code, code)


def _is_preflight(argv: Sequence[str]) -> bool:
    """Return whether a pre-flight was meant: a misspelt command with slurm's dialect is one, too."""
    first = next(iter(argv), "")
    if first == "preflight" or "slurm" not in " ".join(argv):
        return first == "preflight"
    from difflib import get_close_matches

    return "preflight" in argv or bool(get_close_matches(first.lower(), ["preflight", "pre-flight"]))


def _dialect(argv: Sequence[str]) -> str:
    """Return the dialect that was meant; a misspelt one under Slurm is Slurm's."""
    words = list(argv)
    given = [word.partition("=")[2] for word in words if word.startswith("--dialect=")]
    given += [words[place + 1] for place, word in enumerate(words[:-1]) if word == "--dialect"]
    said = given[-1].lower() if given else ""
    if said in (*_CODES, "posix"):
        return said
    under_slurm = any(name.startswith(("SLURM_", "SLURMD_")) for name in os.environ)
    return "slurm" if under_slurm or said.startswith("s") else "posix"


def syslog(line: str) -> None:
    """Write a line to the system's log, where there is one."""
    try:
        import syslog as system

        system.openlog("fwaudit", 0, system.LOG_DAEMON)
        system.syslog(system.LOG_WARNING, line)
    except (ImportError, OSError):
        print(line, file=sys.stderr)
