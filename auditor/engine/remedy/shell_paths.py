"""Paths within commands: another person's home is "~" for whoever reads the command there, and quotes do not hide it."""

from __future__ import annotations

import re
import shlex

from auditor.model.fact import Fact

_HOME = re.compile(r"^/(?:home|Users)/[^/]+/|^~/")
_WINDOWS_HOME = re.compile(r"[A-Za-z]:\\Users\\", re.IGNORECASE)
# what stands for a name that was hidden
_HIDDEN = re.compile(r"<[a-z]+>|\buser-[0-9a-f]{4}\b")


def is_anothers(fact: Fact) -> bool:
    """Whether a path was told from elsewhere, or lacks a name that was hidden: it holds on its own machine alone."""
    told = any(one.kind == "paste" for one in fact.evidence)
    return fact.is_known and (told or bool(_HIDDEN.search(str(fact.value))))


def at_home(path: str) -> str:
    """Return a path under a person's home as that person may write it."""
    return _HOME.sub("~/", path, count=1)


def is_in_home(path: str) -> bool:
    """Whether a path begins with a person's home, of which a report hides the name."""
    return bool(_HOME.match(path) or _WINDOWS_HOME.match(path))


def is_hidden(path: str) -> bool:
    """Whether a name in a path was hidden, so that no shell finds it."""
    return bool(_HIDDEN.search(path))


def quoted(path: str) -> str:
    """Return a path quoted for a POSIX shell, which expands "~" outside of quotes alone."""
    return "~/" + shlex.quote(path[2:]) if path.startswith("~/") else shlex.quote(path)
