"""People and projects in the folders of clusters' storage: `/scratch/NAME`, `/gpfs/work/NAME`, `/project/GROUP/NAME`."""

from __future__ import annotations

import re

from auditor.redaction.identity import Identity
from auditor.redaction.names import is_telling
from auditor.redaction.pattern import Pattern, Replace, compiled
from auditor.redaction.words import ORDINARY, PASSED, STORED

# what sites call the file systems on which each user or project has a folder
_SCRATCH = r"[\w-]{0,12}scratch[\w-]{0,8}"
_NAMED = r"projects?[0-9]{0,2}|proj|groups|nobackup|netfiles|userdata|user_data|work[0-9]{0,2}|fsx|efs|beegfs|lustre|gpfs|cephfs|panfs|weka|wekafs|vol|bulk|netapp"
_SYSTEM = "proc|sys|usr|etc|var|opt|lib|lib64|dev|run|boot|home|tmp|root|snap"
_FOLDER = r"[^/\s:;,'\"<>|*?()\[\]{}&=$\\]{1,64}"
_FOLDERS = rf"(?:(?<![\w.~@$}}/-])|(?<=-[ILB])|(?<=file://))(?P<before>/(?!(?:{_SYSTEM})/)(?:[\w.-]{{1,32}}/){{0,2}}?(?:{_SCRATCH}|{_NAMED})/)(?P<rest>{_FOLDER}(?:/{_FOLDER}){{0,3}})"
_HOMES = rf"(?P<before>/(?:home|homes|users)/(?:user-[0-9a-f]{{4}}/)?(?:[0-9]/){{1,2}})(?P<rest>{_FOLDER})(?=/)"  # /storage/home/hcoda1/3/NAME
# disks whose own name tells nothing: what lies there is a person's where it holds what homes hold
_DISKS = r"(?:data|mnt|ssd|nvme|hdd|disks?|storage|raid|pool|tank|exports?|nfs|volumes?|local)[0-9]{0,3}"
_HOMELY = r"\.cache|\.conda|\.local|\.config|\.venv|\.virtualenvs|\.pyenv|\.ssh|\.jupyter|miniconda[23]?|anaconda[23]?|miniforge[3]?|mambaforge|micromamba|venvs?"
_OWNED = rf"(?<![\w.~@$}}/-])(?P<before>/{_DISKS}/(?:[\w.-]{{1,32}}/){{0,1}}?)(?P<rest>(?!{_DISKS}/){_FOLDER})(?=/(?:{_HOMELY})(?:/|(?![\w.-])))"
_PLAIN = _SCRATCH + "|" + _NAMED
_PEOPLE = 2  # folders of one path that are hidden: a project's or group's, and a person's below it
_HIDDEN = r"user-[0-9a-f]{4}|<[a-z]{2,10}>"
_ENDS = r".*\.(?:[a-z]{1,5}[0-9]?|so\.[0-9.]+)|(?:lib|py|python|cuda|job|node|disk|part|v)?[-._]?[0-9][0-9._-]*[a-z]{0,2}"


def patterns(identity: Identity) -> list[Pattern]:
    """Return the patterns; a folder whose name is a word of the trade stays."""
    nameless = _nameless(identity)
    hints = ("scratch", "/proj", "/groups/", "/nobackup", "/netfiles", "/user", "/work", "/fsx/", "/efs/", "/beegfs", "/lustre", "/gpfs", "/cephfs", "/panfs", "/weka", "/vol/", "/bulk/", "/netapp")  # fmt: skip
    return [
        Pattern("folder", _FOLDERS, nameless, hints),
        Pattern("folder", _OWNED, nameless, ("/.cache", "/.conda", "/.local", "/.config", "/.v", "/.pyenv", "/.ssh", "/.jupyter", "conda", "/miniforge", "/mambaforge", "/micromamba", "/venv")),
        Pattern("folder", _HOMES, nameless, tuple(f"/{digit}/" for digit in range(10))),
    ]  # fmt: skip


def _nameless(identity: Identity) -> Replace:
    """Return what hides the first folder that names a project or a person, and one below it where that may be a person."""

    def replace(match: re.Match[str]) -> str:
        names, hidden = match["rest"].split("/"), 0
        open_end = match.string[match.end() : match.end() + 1] == "/"
        for depth, name in enumerate(names):
            last = depth == len(names) - 1 and not open_end
            if hidden == _PEOPLE or (last and (hidden or "." in name)):
                break
            if _is(_HIDDEN, name):
                hidden += 1
            elif _tells(name):
                names[depth], hidden = f"user-{identity.digest(name)[:4]}", hidden + 1
            elif name.lower() not in PASSED:
                break  # a program's or a data set's: what lies below is nobody's
        return match["before"] + "/".join(names)

    return replace


def _tells(name: str) -> bool:
    bare = name.lower()
    known = bare in ORDINARY or bare in STORED or bare in PASSED or _is(_PLAIN, bare) or _is(_ENDS, bare)
    return is_telling(name) and not known and not bare.startswith((".", "<", "$"))


def _is(source: str, name: str) -> bool:
    return compiled(source, ignore_case=False).fullmatch(name) is not None


def alone() -> tuple[str, str]:
    """Return patterns for a program that decides by them alone (fwaudit-collect.py): the first folder, and the one below it."""
    root = _FOLDERS.partition("(?P<rest>")[0].replace("?P<before>", "")[:-1]
    words, passed = (
        "|".join(sorted(map(re.escape, found))) for found in ({*ORDINARY, *STORED, *PASSED}, PASSED)
    )
    who = rf"(?!(?i:{words})(?![\w.-]))(?P<who>{_FOLDER})"
    return (
        rf"{root}(?:(?:{passed})/){{0,2}}){who}",
        rf"{root}(?:(?:{passed})/){{0,2}}id-[0-9a-f]{{6}}/){who}(?=/)",
    )
