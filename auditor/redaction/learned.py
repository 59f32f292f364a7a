"""Who a stored report's machine and user were, as far as the report itself tells."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from typing import Any

from auditor.model.report import Report
from auditor.redaction.identity import Identity
from auditor.redaction.names import is_telling

_HOME = re.compile(
    r"(?<![\w.~-])(?:/(?:home|Users)/|[A-Za-z]:\\Users\\)([^/\\\s:;,'\"<>|]{2,64})(?=[/\\:;\s]|$)"
)
_SYSTEM = re.compile(
    r"/(?:root|opt|srv|usr|var|run|tmp|mnt|app|workspace|nonexistent)(?:/|$)|$"
)  # of services
_SHARED = ("shared", "public", "default", "linuxbrew", "lost+found")
_MOST = 12  # people of one report: more are a listing, whose homes lose their names one by one


def identity_of(report: Report) -> Identity:
    """Return who a stored report's machine and user were, as far as the report itself tells.

    For reports that were stored unredacted and are shown elsewhere: the machine's own key is not
    known then, so hashes hold within one run. The home is the one whose disk was measured, else $HOME,
    else the one that the interpreter lies in.
    """
    variables = _variables(report)
    own = _own_home(report) or variables.get("HOME", "")
    inside = re.match(r"/root(?=/)|/(?:home|Users)/[^/]+(?=/)", report.target.python)
    home = own or (inside.group() if inside else "")
    users = [variables.get(name, "") for name in ("USER", "LOGNAME")]
    users += [] if _SYSTEM.match(home) else [re.split(r"[\\/]", home.rstrip("\\/"))[-1]]
    users += _people(report)
    host = report.host.name if not report.host.name.startswith("<") else ""
    return Identity(
        hosts=tuple(dict.fromkeys(name for name in (host, host.split(".", 1)[0]) if name)),
        users=tuple(dict.fromkeys(name for name in users if name and is_telling(name))),
        home=home,
        prefixes=_prefixes(variables),
    )


def _variables(report: Report) -> dict[str, str]:
    fact = report.facts.get("env.variables")
    value = fact.value if fact is not None else None
    return {str(name): str(text) for name, text in value.items()} if isinstance(value, dict) else {}


def _prefixes(variables: dict[str, str]) -> tuple[tuple[str, str], ...]:
    named = [(variables.get(name, "").rstrip("/"), f"${name}") for name in ("VIRTUAL_ENV", "CONDA_PREFIX")]
    return tuple((folder, name) for folder, name in named if folder.startswith("/"))


def _own_home(report: Report) -> str:
    fact = report.facts.get("disk.places")
    places = fact.value if fact is not None and isinstance(fact.value, (list, tuple)) else ()
    for place in places:
        if isinstance(place, dict) and place.get("role") == "home" and isinstance(place.get("path"), str):
            return str(place["path"])
    return ""


def _people(report: Report) -> list[str]:
    """Return the names of the homes that the report's paths lie in, the commonest first."""
    found: Counter[str] = Counter(_HOME.findall(report.target.python))
    for fact in report.facts.values():
        for text in _texts(fact.value):
            if "home/" in text or "Users" in text:
                found.update(_HOME.findall(text))
    return [name for name, _ in found.most_common(_MOST) if name.lower() not in _SHARED]


def _texts(value: Any) -> Iterator[str]:
    """Yield every text of a JSON value; iterative, as a hostile file nests deeply."""
    left = [value]
    while left:
        item = left.pop()
        if isinstance(item, str):
            yield item
        elif isinstance(item, dict):
            left.extend(item.values())
        elif isinstance(item, (list, tuple)):
            left.extend(item)
