"""Checks and profiles: what a node must be before a job starts, as data.

`rules/checks/*.toml` holds the named checks; a profile (`rules/profiles/NAME.toml` or a site's own file)
names those that matter, with its figures, and may add checks of its own. Of two profiles the later wins.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from functools import cache
from pathlib import Path
from typing import Any, Literal

import msgspec

from auditor._resources import tree
from auditor.knowledge.card import Condition
from auditor.knowledge.loading import KnowledgeError, nearest, read_toml, shaped
from auditor.knowledge.words import unknown_word

Level = Literal["fail", "warn", "note", "off"]
Raw = dict[str, Any]

BASE = "never-acceptable"
INTENTS = frozenset(("single-gpu", "single-node"))  # kinds of jobs that no check is for: others are left out
NOTHING = "it asks for no check and extends no profile: only what is never acceptable is judged"
_NAME = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)*")
_CODE = re.compile(r"FWA\d{3}")
_DATE = re.compile(r"\d{4}-\d\d-\d\d")


class Waiver(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """Why a check need not hold, from which day on (ISO) and, where given, until which."""

    since: str
    reason: str
    until: str = ""


class Check(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True, kw_only=True):
    """One expectation. `must` says what has to hold, or `card` names a rule that must not fail.

    `per` walks the instances of a prefix ("gpu") or the items of a list; `vendor` leaves out the cards of
    another vendor, which have no such thing, and a machine that proves to have none. `value` is the figure, written
    `$value` inside `must`. `look` names the kind of thing (mounts, names, ...) that `value` lists for a
    probe to look at. `reads` are the facts of a `card`. A `transient` state counts as a warning unless a
    second look agrees. `intent` limits it to kinds of jobs, `tell` names who should hear of it.
    `words` are all that `value` may hold, `shape` is how it is written (a pattern): a misspelt one would prove faults.
    """

    name: str
    code: str = "FWA500"
    title: str = ""
    says: str = ""
    why: str = ""
    mend: str = ""
    level: Level = "fail"
    per: str = ""
    subject: str = ""
    vendor: str = ""
    applies: Condition | None = None
    must: Condition | None = None
    card: str = ""
    reads: tuple[str, ...] = ()
    value: Any = None
    look: str = ""
    transient: bool = False
    intent: tuple[str, ...] = ()
    tell: str = ""
    waiver: Waiver | None = None
    source: str = ""
    peers: tuple[str, ...] = ()
    words: tuple[str, ...] = ()
    shape: str = ""

    @property
    def cause(self) -> str:
        """The slug by which a finding speaks of it."""
        return self.name.replace("-", "_")


class ProfileFile(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """One TOML file of checks, or a profile. `redact` = "site" shows host, PCI address and serial number to its operator."""

    check: tuple[Raw, ...] = ()
    id: str = ""
    title: str = ""
    extends: tuple[str, ...] = ()
    tell: str = ""
    redact: Literal["", "site"] = ""


class Profile(msgspec.Struct, frozen=True):
    """What was asked for: the names of its profiles and the checks in the library's order; files that are `empty`."""

    names: tuple[str, ...]
    checks: tuple[Check, ...]
    redact: Literal["", "site"] = ""
    empty: tuple[str, ...] = ()


@cache
def library(folder: Path | None = None) -> dict[str, Raw]:
    """Return every named check as it is written, by name.

    Raises:
        KnowledgeError: a file that cannot be read, or a name that is taken.

    """
    found: dict[str, Raw] = {}
    for path in sorted((folder or tree("rules") / "checks").glob("*.toml")):
        for number, raw in enumerate(read_toml(path, ProfileFile).check):
            name = raw.get("name", "")
            if name in found:
                raise KnowledgeError(path.name, f"check[{number}].name", f"{name!r} is taken")
            found[name] = raw
    return found


def shipped() -> list[str]:
    """Return the names of the profiles that come with the program."""
    return sorted(path.stem for path in (tree("rules") / "profiles").glob("*.toml"))


def load_profile(asked: Iterable[str] = (), *, strict: bool = True) -> Profile:
    """Return the checks of the profiles `asked` (names or files), laid over what is never acceptable.

    Args:
        asked: names of shipped profiles or paths of files, the later winning.
        strict: also hold every fact against the catalogue; the shipped ones are tested to be right.

    Raises:
        KnowledgeError: names file, key and the nearest valid word.

    """
    named = library()
    merged: dict[str, Raw] = {}
    names: list[str] = []
    for word in (BASE, *asked):
        _lay(word, named, merged, names, ())
    checks = [check_of(raw, own=strict and bool(raw.get("_own"))) for raw in merged.values()]
    order = {name: place for place, name in enumerate(named)}
    checks.sort(key=lambda check: order.get(check.name, len(order)))
    _check_range(checks)
    told = {word: read_toml(profile_path(word), ProfileFile) for word in asked if _is_path(word)}
    site = any(one.redact for one in told.values())
    kept = tuple(check for check in checks if check.level != "off")
    empty = tuple(word for word, one in told.items() if asks_nothing(one))
    return Profile(tuple(names), kept, "site" if site else "", empty)


def _check_range(checks: Iterable[Check]) -> None:
    """Refuse a range of drivers that holds none: every node would fail it."""
    found = {check.name: check.value for check in checks if check.level != "off"}
    least, below = found.get("gpu-driver"), found.get("gpu-driver-below")
    if least and below and _numbers(least) >= _numbers(below):
        problem = f"no driver is at least {least} (gpu-driver) and below {below}"
        raise KnowledgeError("gpu-driver-below", "value", problem)


def _numbers(version: Any) -> tuple[int, ...]:
    return tuple(int(part) for part in str(version).split("."))


def asks_nothing(told: ProfileFile) -> bool:
    """Whether a profile neither names a check that counts nor extends another profile."""
    return not told.extends and all(raw.get("level") == "off" for raw in told.check)


def _is_path(word: str) -> bool:
    return "/" in word or word.endswith(".toml")


def _lay(
    word: str, named: Mapping[str, Raw], over: dict[str, Raw], names: list[str], above: tuple[str, ...]
) -> None:
    """Lay one profile, and first those that it extends, over what stands."""
    if word in above:
        raise KnowledgeError(word, "extends", f"a circle: {' -> '.join((*above, word))}")
    path = profile_path(word)
    told = read_toml(path, ProfileFile)
    for parent in told.extends:
        _lay(parent, named, over, names, (*above, word))
    if path.stem != BASE:
        names.append(told.id or path.stem)
    seen: set[str] = set()
    for number, raw in enumerate(told.check):
        name = name_of(raw, path, number, named)
        if name in seen:
            raise KnowledgeError(path.name, f"check[{number}].name", f"{name!r} stands twice")
        seen.add(name)
        standing = over.get(name, named.get(name, {}))
        if standing.get("level") == "off" and "level" not in raw:  # the later profile names it again
            standing = {key: value for key, value in standing.items() if key != "level"}
            standing |= {key: value for key, value in named.get(name, {}).items() if key == "level"}
        tell = {"tell": told.tell} if told.tell and "tell" not in raw else {}
        where = {
            "_file": path.name,
            "_at": f"check[{number}] ({name})",
            "_own": _own(raw, word) or standing.get("_own", ""),
        }
        over[name] = {**standing, **tell, **raw, **where}


def _own(raw: Raw, word: str) -> str:
    """Return how far a site's file must be held against the catalogue: words, value, or "" (shipped, tested)."""
    if not _is_path(word):
        return ""
    return "words" if raw.keys() & {"must", "applies", "per", "says", "subject"} else "value"


def profile_path(word: str) -> Path:
    """Return the file of a profile given by name or path.

    Raises:
        KnowledgeError: there is none; names the nearest.

    """
    if _is_path(word):
        path = Path(word)
        if not path.is_file():
            problem = "it is no plain file" if path.exists() else "there is no such file"
            raise KnowledgeError(word, "", problem)
        return path
    if word not in shipped():
        valid = [name for name in shipped() if name != BASE]
        here = f"; the file here is ./{word}" if Path(word).is_file() else nearest(word, valid)
        raise KnowledgeError("--profile", "", f"no profile {word!r}{here}")
    return tree("rules") / "profiles" / f"{word}.toml"


def name_of(raw: Raw, path: Path, number: int, named: Mapping[str, Raw]) -> str:
    name = raw.get("name")
    key = f"check[{number}].name"
    if not isinstance(name, str) or not _NAME.fullmatch(name):
        raise KnowledgeError(path.name, key, f"{name!r} is no name such as gpu-count")
    if name not in named and "must" not in raw and "card" not in raw:
        raise KnowledgeError(path.name, key, unknown_word("check", name, named))
    return name


def check_of(raw: Raw, *, own: bool) -> Check:
    """Return the check that a merged table means, with its figure put where `$value` stands."""
    file, at = raw.get("_file", ""), raw.get("_at", "")
    plain = {key: value for key, value in raw.items() if not key.startswith("_")}
    if own and _is_needless(plain):
        raise KnowledgeError(file, f"{at}.value", f"{plain['name']} takes no figure")
    for part in ("must", "applies"):
        if "$value" in str(plain.get(part)) and "value" not in plain and plain.get("level") != "off":
            raise KnowledgeError(file, f"{at}.value", f"{plain['name']} needs a figure: value = ...")
        if part in plain:
            plain[part] = _filled(plain[part], plain.get("value"))
    try:
        check = shaped(plain, Check, Path(file))
    except KnowledgeError as error:
        raise KnowledgeError(file, f"{at}.{error.key}", error.problem) from error
    if check.level == "off":  # what is left out needs no figure
        return check
    _check(check, file, at)
    if own:
        from auditor.knowledge.profile_check import check_facts, check_value

        if raw.get("_own") != "value":
            check_facts(check, file, at)
        check_value(check, file, at)
    return check


def _is_needless(plain: Raw) -> bool:
    """Whether a figure is given that nothing of the check reads."""
    if plain.get("value") is None or plain.get("look") or plain.get("level") == "off":
        return False
    read = any("$value" in str(plain.get(part)) for part in ("must", "applies"))
    return not read and "value" not in library().get(plain["name"], {})


def _filled(part: Any, value: Any) -> Any:
    if part == "$value":
        return value
    if isinstance(part, dict):
        return {key: _filled(inner, value) for key, inner in part.items()}
    if isinstance(part, list):
        return [_filled(inner, value) for inner in part]
    return part


def _names(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(word, str) and word for word in value)


def _paths(value: Any) -> bool:
    return _names(value) and all(word.startswith("/") for word in value)


def _table(value: Any, *kinds: type) -> bool:
    return isinstance(value, dict) and all(
        isinstance(one, kinds) and not isinstance(one, bool) for one in value.values()
    )


# what each kind of look takes: a wrong one would prove faults that are none
_LOOKS: Mapping[str, Callable[[Any], bool]] = {
    "mounts": _paths,
    "files": _paths,
    "services": lambda value: (
        _names(value) and not any(word.endswith(".service") or "/" in word for word in value)
    ),
    "sysctl": lambda value: _table(value, str, int, float),
    "packages": lambda value: _table(value, str),
    "workloads": lambda value: _table(value, int, float),
    "interfaces": lambda value: _table(value, int),
    "mtu": lambda value: _table(value, int),
    "names": _names,
    "modules": _names,
}
_VENDORS = ("nvidia", "amd", "intel", "tpu", "apple")
_NAMES = 'a list of names, such as ["one", "two"]'
_PATHS = 'a list of absolute paths, such as ["/scratch"]'
_WANTED = {
    "mounts": _PATHS,
    "files": _PATHS,
    "services": 'a list of process names, not of units or files, such as ["sshd"]',
    "sysctl": 'a table of parameters, such as { "vm.swappiness" = 10 }',
    "packages": 'a table of specifiers, such as { torch = ">=2.4" }',
    "workloads": "a table of least rates, such as { pytorch-matmul = 0 }",
    "interfaces": "a table of least speeds in Mb/s, such as { eth0 = 25000 }",
    "mtu": "a table of figures, such as { eth0 = 9000 }",
}


def _check(check: Check, file: str, at: str) -> None:
    """Refuse what no field's type can refuse."""
    if bool(check.card) == (check.must is not None):
        raise KnowledgeError(file, f"{at}.must", "a check decides by either `must` or `card`")
    if not _CODE.fullmatch(check.code):
        raise KnowledgeError(file, f"{at}.code", f"{check.code!r} is not FWA and three digits")
    for key, word, valid in (("vendor", check.vendor, _VENDORS), ("look", check.look, tuple(_LOOKS))):
        if word and word not in valid:
            raise KnowledgeError(file, f"{at}.{key}", unknown_word(key, word, valid))
    if check.look and not _LOOKS[check.look](check.value):
        raise KnowledgeError(file, f"{at}.value", f"{check.name} needs {_WANTED.get(check.look, _NAMES)}")
    for name in ("since", "until"):
        day = getattr(check.waiver, name, "") if check.waiver else ""
        if day and not _is_day(day):
            raise KnowledgeError(file, f"{at}.waiver.{name}", f"{day!r} is no ISO date such as 2026-11-22")
    if check.waiver and check.waiver.until and check.waiver.until < check.waiver.since:
        problem = f"it ends on {check.waiver.until}, before it begins on {check.waiver.since}"
        raise KnowledgeError(file, f"{at}.waiver.until", problem)


def _is_day(text: str) -> bool:
    from datetime import date

    try:
        return bool(_DATE.fullmatch(text)) and date.fromisoformat(text) is not None
    except ValueError:
        return False
