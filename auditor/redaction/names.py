"""Host and user names, as whole words or, where the name is an ordinary word, by context."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable

from auditor.redaction.identity import Identity
from auditor.redaction.pattern import Pattern, fixed
from auditor.redaction.words import GENERIC, ORDINARY

_SHORTEST_WORD = 3  # shorter names occur inside too much else
# a site's domain behind a host, a file's suffixes being none
_BELOW = r"(?:(?:\.[a-z][a-z0-9-]{0,62}){0,5}\.(?:corp|lan|local|localdomain|internal|intranet|edu|gov|mil|com|net|org|ac\.[a-z]{2}|edu\.[a-z]{2})(?![\w-]))?"
_PUBLIC_DOMAINS = ("local", "lan", "localdomain", "internal", "home", "arpa")


def patterns(identity: Identity, user: str, host: str) -> list[Pattern]:
    """Return the patterns of this machine's names; `user` and `host` stand in their place."""
    hosts = _telling(name for full in identity.hosts for name in (full, full.split(".", 1)[0]))
    users = _telling(identity.users)
    found = [_domain(domain, host) for domain in _domains(identity.hosts)]
    found += _whole("host", [name for name in hosts if not _ordinary(name)], host)
    found += _whole("user", [name for name in users if not _ordinary(name)], user)
    found += _in_context("host", [name for name in hosts if _ordinary(name)], host, _HOST_CONTEXT)
    found += _in_context("user", [name for name in users if _ordinary(name)], user, _USER_CONTEXT)
    return found


def is_telling(name: str) -> bool:
    """Return whether a name identifies anybody."""
    return len(name) > 1 and name.lower() not in GENERIC and not name.startswith("<") and not name.isdigit()


def _telling(names: Iterable[str]) -> list[str]:
    """Return the names that identify, longest first so that a long name is not cut by a short one."""
    return sorted({name for name in names if is_telling(name)}, key=lambda name: (-len(name), name))


def _ordinary(name: str) -> bool:
    return len(name) < _SHORTEST_WORD or name.lower() in ORDINARY


def _domains(hosts: Iterable[str]) -> list[str]:
    """Return the private domains of fully qualified names: siblings carry them too."""
    domains = {full.split(".", 1)[1] for full in hosts if full.count(".") >= 2}
    return sorted(domain for domain in domains if not domain.endswith(_PUBLIC_DOMAINS))


def _domain(domain: str, host: str) -> Pattern:
    source = rf"(?<![\w.-])(?:[\w-]{{1,63}}\.){{0,4}}{re.escape(domain)}(?![\w-])"
    return Pattern("host", source, fixed(host), (domain.lower(),), ignore_case=True)


def _whole(category: str, names: list[str], stand_in: str) -> list[Pattern]:
    if not names:
        return []
    words = "|".join(map(re.escape, names))
    hints = tuple(name.lower() for name in names)
    return [
        Pattern(
            category,
            rf"(?<![A-Za-z0-9])(?:{words})(?![A-Za-z0-9])" + (_BELOW if category == "host" else ""),
            fixed(stand_in),
            hints,
            ignore_case=True,
        )
    ]


_USER_CONTEXT: tuple[Callable[[str], str], ...] = (
    lambda words: rf"(?<=/)(?:{words})(?=/|$|[\s:;,'\")])",
    lambda words: rf"(?<![\w.-])(?:{words})(?=@)",
    lambda words: rf"(?<=user[=: ])(?:{words})(?![\w.-])",
    lambda words: rf"(?<=USER[=: ])(?:{words})(?![\w.-])",
    lambda words: rf"(?<=LOGNAME=)(?:{words})(?![\w.-])",
)
_HOST_CONTEXT: tuple[Callable[[str], str], ...] = (
    lambda words: rf"(?<=@)(?:{words})(?![\w-])",
    lambda words: rf"(?<=://)(?:{words})(?![\w-])",
    lambda words: rf"(?<=host[=: ])(?:{words})(?![\w-])",
    lambda words: rf"(?<=HOSTNAME=)(?:{words})(?![\w-])",
)


def _in_context(
    category: str, names: list[str], stand_in: str, contexts: tuple[Callable[[str], str], ...]
) -> list[Pattern]:
    if not names:
        return []
    words = "|".join(map(re.escape, names))
    hints = tuple(name.lower() for name in names)
    return [Pattern(category, context(words), fixed(stand_in), hints) for context in contexts]
