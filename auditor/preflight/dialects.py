"""Exit codes as the callers of a health check read them (docs/preflight.md has the table)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

Dialect = Literal["posix", "nagios", "npd", "slurm"]
DIALECTS: tuple[Dialect, ...] = ("posix", "nagios", "npd", "slurm")

# "tool" is ours to answer for: a usage error, an exception, an interruption
Outcome = Literal["pass", "warn", "fail", "unknown", "usage", "tool"]

_CODES: Mapping[Dialect, Mapping[Outcome, int]] = {
    "posix": {"pass": 0, "warn": 0, "fail": 1, "unknown": 0, "usage": 2, "tool": 3},
    # Monitoring Plugins guidelines: 0 OK, 1 WARNING, 2 CRITICAL, 3 UNKNOWN
    "nagios": {"pass": 0, "warn": 1, "fail": 2, "unknown": 1, "usage": 3, "tool": 3},
    # node-problem-detector, custom plugin: 0 OK, 1 NonOK, 2 Unknown
    "npd": {"pass": 0, "warn": 0, "fail": 1, "unknown": 2, "usage": 2, "tool": 2},
    # slurmd drains a node on any other code than 0 (slurm.conf(5), Prolog)
    "slurm": {"pass": 0, "warn": 0, "fail": 1, "unknown": 0, "usage": 0, "tool": 0},
}
_SLURM_STRICT: Mapping[Outcome, int] = {"unknown": 3, "usage": 2, "tool": 3}


def exit_code(
    outcome: Outcome, dialect: Dialect = "posix", *, strict: bool = False, observe: bool = False
) -> int:
    """Return the exit code of an outcome. `strict` lets slurm fail on more than a proved fault."""
    if observe:
        return 0
    if dialect == "slurm" and strict and outcome in _SLURM_STRICT:
        return _SLURM_STRICT[outcome]
    return _CODES[dialect][outcome]
