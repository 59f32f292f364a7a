"""Home folders: the user's own becomes "~", other people's lose their name."""

from __future__ import annotations

import re

from auditor.redaction.identity import Identity
from auditor.redaction.names import is_telling
from auditor.redaction.pattern import Pattern, Replace, fixed, group

_END = r"(?![\w.~-])"
_START = r"(?:(?<![\w.~-])|(?<=-[ILB])|(?<=-isystem))"

# folders under which the next name is a person's; Windows writes \ (doubled in JSON)
_PARENTS = r"(?:/|\\{1,8}|\b[A-Za-z]:[\\/]{1,8})(?:home[0-9]{0,3}|Users|users|homes|Documents and Settings|media|run/media)"
# folders between: groups of people, and the first letter of the name
_GROUPS = (
    "students",
    "student",
    "staff",
    "users",
    "faculty",
    "grads",
    "grad",
    "phd",
    "postdocs",
    "guests",
    "people",
)
_BETWEEN = rf"(?:(?:{'|'.join(_GROUPS)})[\\/]{{1,8}})?(?:(?P<first>[a-z])[\\/]{{1,8}}(?=(?P=first)))?"
_OTHER = rf"({_PARENTS}[\\/]{{1,8}}{_BETWEEN})(?P<who>[^\\/\s:;,'\"<>|*?()\[\]{{}}&=]{{1,64}})"
_WINDOWS = r"((?:\b[A-Za-z]:|/mnt/[a-z]|/cygdrive/[a-z])([\\/]{1,8})(?:Users|Documents and Settings)\2)(?P<who>[^\\/:;*?\"<>|\n]{1,64})(?=\2)"
_CELL = r"((?<![\w.~-])/(?:afs/[\w.-]{1,64}/(?:users?|home|u)|u)/(?:[a-z0-9]/){0,2})(?P<who>[^/\s:;,'\"<>|*?()\[\]{}&=]{2,64})"
_SPACED_HOME = r"((?<![\w.~-])/Users/)([A-Z][\w.'-]{1,31}(?: [A-Z][\w.'-]{1,31}){1,3})(?=/)"
_TILDE = r"((?<![\w~/.:=+-])~)(?P<who>[A-Za-z_][\w.-]{2,31})(?=/)"
_ENCODED = r"(%2F(?:home|Users)%2F)(?P<who>[^%\s&\"'<>]{1,64})"
_SHARED = (
    "shared",
    "users",
    "groups",
    "public",
    "all users",
    "default",
    "linuxbrew",
    "lost+found",
    "cdrom",
    "usb",
    "floppy",
    *_GROUPS,
)


def own(identity: Identity, stand_in: str) -> list[Pattern]:
    """Return the patterns of the user's home; a root or system home names nobody and "/" is none."""
    homes = sorted({_clean(home) for home in (identity.home, *identity.homes)} - {""}, key=len, reverse=True)
    return [Pattern("home", _folder(home), fixed(stand_in), (home.lower(),)) for home in homes]


def prefixes(identity: Identity) -> list[tuple[str, str]]:
    """Return folders with what a command may call them, longest first; "~" is enough inside the home."""
    home = _clean(identity.home)
    named = [(_clean(folder), name) for folder, name in identity.prefixes]
    outside = [
        (folder, name)
        for folder, name in named
        if folder and not (home and f"{folder}/".startswith(f"{home}/"))
    ]
    return sorted([*outside, *([(home, "~")] if home else [])], key=lambda pair: -len(pair[0]))


def environments(identity: Identity) -> list[Pattern]:
    """Return the patterns of folders that a variable names, for commands."""
    named = [(folder, name) for folder, name in prefixes(identity) if name != "~"]
    return [Pattern("path", _folder(folder), fixed(name), (folder.lower(),)) for folder, name in named]


def others(identity: Identity) -> list[Pattern]:
    """Return the pattern of other people's homes: the same person is the same stand-in."""
    nameless = _nameless(identity)
    return [
        Pattern("other home", _SPACED_HOME, group(r"\1<user>"), ("/users/",)),
        Pattern("other home", _WINDOWS, nameless, ("users", "settings"), ignore_case=True),
        Pattern("other home", _OTHER, nameless, ("/home", "\\home", "users", "/media/", "settings")),
        Pattern("other home", _CELL, nameless, ("/afs/", "/u/")),
        Pattern("other home", _TILDE, nameless, ("~",)),
        Pattern("other home", _ENCODED, nameless, ("%2fhome%2f", "%2fusers%2f"), ignore_case=True),
    ]  # fmt: skip


def _nameless(identity: Identity) -> Replace:
    return lambda match: _renamed(match, match["who"], identity)


def _renamed(match: re.Match[str], name: str, identity: Identity) -> str:
    """Return the match with a stand-in for a person's name, itself where the name tells nobody."""
    if not is_telling(name) or name.lower() in _SHARED or name.startswith(("user-", "$")):
        return match.group()
    return f"{match.group(1)}user-{identity.digest(name)[:4]}"


def _clean(folder: str) -> str:
    folder = folder.rstrip("/\\")
    return folder if len(folder) > 2 and ("/" in folder or "\\" in folder) else ""


def _folder(folder: str) -> str:
    return _START + re.escape(folder) + _END
