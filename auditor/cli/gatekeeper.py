"""Keeps a gate from closing by mistake: what a pre-flight's own failure means to its caller.

Imports nothing of ours, so that it works where an import fails.
"""

from __future__ import annotations

import contextlib
import os
import sys
from collections.abc import Sequence

_DISABLED = "/etc/fwaudit/disabled"
_SHOWN, _LOGGED = 80, 400  # characters: what monitors show of a line, what a log keeps of one
_CODES = {"nagios": {2: 3, 3: 3}, "npd": {2: 2, 3: 2}, "slurm": {2: 0, 3: 0}}


def disabled() -> str:
    """Return what switches the gate off, or "" where nothing does."""
    value = os.environ.get("FWAUDIT_DISABLE", "")
    if value.strip().lower() not in ("", "0", "no", "off", "false"):
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
    return code if dialect == "slurm" and "--strict" in argv else _CODES.get(dialect, {}).get(code, code)


def say(message: str, argv: Sequence[str]) -> bool:
    """Tell what ended a pre-flight in the one line of its dialect; False where none was meant: say it at length."""
    dialect = _dialect(argv) if _is_preflight(argv) else "posix"
    if dialect == "posix":
        return False
    line = " ".join(message.split())
    line = line if line.startswith("fwaudit:") else f"fwaudit: {line}"
    if dialect == "slurm":  # slurmd logs what its scripts write on stderr
        line = _cut(line, _LOGGED) + " (the node is not judged)"
        syslog(line)
    else:
        line = _cut(f"UNKNOWN - {line}" if dialect == "nagios" else line, _SHOWN)
    _write(2 if dialect == "slurm" else 1, line)
    return True


def _cut(text: str, limit: int) -> str:
    return text if len(text) <= limit else text[: limit - 2].rstrip() + ".."


def _write(place: int, line: str) -> None:
    """Write past the interpreter's streams, which may be half way through something."""
    with contextlib.suppress(OSError):
        os.write(place, line.encode("ascii", "backslashreplace") + b"\n")


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
