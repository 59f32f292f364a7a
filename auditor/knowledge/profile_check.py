"""Holds a site's own checks against the catalogue of facts and the operators."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import msgspec

from auditor._resources import tree
from auditor.knowledge import catalogue
from auditor.knowledge.card import Condition
from auditor.knowledge.figures import idle, impossible
from auditor.knowledge.loading import read_toml
from auditor.knowledge.profiles import (
    INTENTS,
    NOTHING,
    Check,
    ProfileFile,
    asks_nothing,
    check_of,
    library,
    load_profile,
    name_of,
    profile_path,
)
from auditor.knowledge.toml import LONGEST
from auditor.knowledge.words import KnowledgeError, nearest, unknown_word


def _is_number(value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool) and math.isfinite(value)


_TOML_LINE = re.compile(r"line (\d+)")
_ORDERED = ("lt", "le", "gt", "ge")
_IN_A_GIB: Mapping[str, int] = {"bytes": 1 << 30, "KiB": 1 << 20, "MiB": 1 << 10}
_VERSION = re.compile(r"\d+(\.\d+)*")
_KINDS: Mapping[str, Callable[[Any], bool]] = {
    "integer": lambda value: isinstance(value, int) and not isinstance(value, bool),
    "number": _is_number,
    "boolean": lambda value: isinstance(value, bool),
    "string": lambda value: isinstance(value, str),
}
_CALLED = {"integer": "whole number"}
_ALIKE = 0.8
_FIELD = re.compile(r"unknown field `([^`]+)`")
_AT = re.compile(r"check\[(\d+)\]")


def check_facts(check: Check, file: str, at: str) -> None:
    """Raise KnowledgeError at the first word of a check that means nothing, with file and key.

    A check's conditions are a card's, so the card's own tests are held against them.
    """
    if check.must is None:
        return
    from auditor.knowledge.card import RuleCard
    from auditor.knowledge.check import check_card

    card = RuleCard(
        id=check.code,
        slug=check.name,
        cause=check.cause,
        family="profile",
        title=check.title,
        severity="error",
        message=check.says,
        why=check.why,
        when=check.must,
        applies=check.applies,
        per=check.per,
        subject=check.subject,
        file=file,
    )
    try:
        check_card(card, None)
    except KnowledgeError as error:
        key = error.key.replace("when", "must", 1) if error.key.startswith("when") else error.key
        raise KnowledgeError(file, f"{at}.{key}", error.problem) from error


def check_value(check: Check, file: str, at: str) -> None:
    """Refuse a figure of the wrong type, by the comparison and by the library's own figure."""
    for condition in filter(None, (check.must, check.applies)):
        for part in _comparisons(condition):
            wanted = _wanted(part)
            if wanted:
                raise KnowledgeError(file, f"{at}.value", f"{part.value!r} is no {wanted}")
    parts = _comparisons(check.must) if check.must is not None else ()
    if check.card and not (tree("rules") / "cards" / f"{check.card}.toml").is_file():
        raise KnowledgeError(file, f"{at}.card", unknown_word("card", check.card, _cards()))
    for problem in impossible(check, parts, own=check.name not in library()):
        raise KnowledgeError(file, f"{at}.value", problem)
    if check.look:
        _check_named(check, file, at)
    standing = library().get(check.name, {}).get("value")
    if standing is None or check.value is None:
        return
    counts = _is_number(standing)
    if not (_is_number(check.value) if counts else isinstance(check.value, type(standing))):
        kind = "number" if counts else msgspec.json.encode(standing).decode()
        raise KnowledgeError(file, f"{at}.value", f"{check.value!r} is not of the kind of {kind}")


def _cards() -> list[str]:
    folder = tree("rules") / "cards"
    return sorted(f"{path.parent.name}/{path.stem}" for path in folder.glob("*/*.toml"))


def _wanted(part: Condition) -> str:
    """Return what a comparison's figure should have been, or "" where it is that."""
    value, kind = part.value, catalogue.type_of(part.fact)
    if value is None or part.op in ("exists", "absent"):
        return ""
    if part.op in _ORDERED:
        unit = catalogue.unit_of(part.fact)
        return "" if _is_number(value) else f"number{unit and ' of '}{unit}, which {part.op!r} needs"
    if part.op in ("version_ge", "version_lt"):
        right = isinstance(value, str) and _VERSION.fullmatch(value) is not None
        return "" if right else 'version such as "550.54.15"'
    if part.op == "matches":
        return _of_a_pattern(value)
    if part.op == "in":
        return "" if isinstance(value, list) else "list"
    right = bool(part.field) or kind not in _KINDS or _KINDS[kind](value)
    return "" if right else f"{_CALLED.get(kind, kind)}, which {part.fact} is"


def _of_a_pattern(value: Any) -> str:
    """Return what a pattern should have been: one that compiles, and that ends on any text."""
    if not _compiles(value):
        return "regular expression"
    from auditor.knowledge.patterns import endless

    slow = endless(value)
    return f"regular expression that surely ends: {slow[0]}" if slow else ""


def _compiles(value: Any) -> bool:
    try:
        re.compile(value)
    except (re.error, TypeError, OverflowError, RecursionError):
        return False
    return True


def _check_named(check: Check, file: str, at: str) -> None:
    """Refuse specifiers and workloads that mean nothing."""
    if check.look == "packages":
        from packaging.specifiers import InvalidSpecifier, SpecifierSet

        for name, text in check.value.items():
            try:
                SpecifierSet(text)
            except InvalidSpecifier:
                problem = f'{text!r} of {name} is no specifier such as ">=2.4"'
                raise KnowledgeError(file, f"{at}.value", problem) from None
    elif check.look == "workloads":
        from auditor._resources import package_folder

        files = (package_folder("smoke") / "workloads").glob("[!_]*.py")
        valid = {path.stem.replace("_", "-") for path in files}
        for name in check.value.keys() - valid:
            raise KnowledgeError(file, f"{at}.value", unknown_word("workload", name, valid))


def _comparisons(condition: Condition) -> Iterator[Condition]:
    if condition.fact:
        yield condition
    inner = (*(condition.all or ()), *(condition.any or ()), condition.not_, condition.where)
    for part in inner:
        if part is not None:
            yield from _comparisons(part)


def _lines(path: Path) -> list[str]:
    with path.open("rb") as stream:
        return stream.read(LONGEST).decode("utf-8", "replace").splitlines()


def problems(path: Path) -> list[tuple[int, KnowledgeError]]:
    """Return everything that is wrong with a profile's file, each with the line (from 1) that it stands on."""
    lines = _lines(path)
    try:
        told = read_toml(path, ProfileFile)
    except KnowledgeError as error:
        found = _TOML_LINE.search(error.problem)
        return [(int(found[1]) if found else line_of(lines, error.key), error)]
    named = library()
    seen: dict[str, int] = {}
    wrong: list[KnowledgeError] = []
    for number, raw in enumerate(told.check):
        try:
            name = name_of(raw, path, number, named)
            if name in seen:
                raise KnowledgeError(path.name, f"check[{number}].name", f"{name!r} stands twice")
            seen[name] = number
            at = f"check[{number}] ({name})"
            check_of({**named.get(name, {}), **raw, "_file": path.name, "_at": at}, own=True)
        except KnowledgeError as error:
            wrong.append(error)
    wrong += [gone for parent in told.extends if (gone := _missing(parent)) is not None]
    wrong = wrong or _as_loaded(path)
    return [(line_of(lines, _key(error)), error) for error in wrong]


def hints(path: Path) -> list[tuple[int, str]]:
    """Return figures that are right in form but hardly meant: `memory-total` of 512, which is in KiB."""
    lines, named = _lines(path), library()
    told = read_toml(path, ProfileFile)
    found: list[tuple[int, str]] = []
    if asks_nothing(told):
        found.append((1, NOTHING))
    for number, raw in enumerate(told.check):
        value: Any = raw.get("value")
        found += _strange_intents(raw, number, lines, named)
        if why := idle(raw):
            at = f"check[{number}] ({raw['name']}).value"
            found.append((line_of(lines, at), f"{at}: {why}"))
        own: Mapping[str, Any] = named.get(raw["name"], {})
        if not _is_number(value) or not 0 < value < min(4096, own.get("value", 4096)):
            continue
        must = {**own, **raw}.get("must")
        for part in _comparisons(msgspec.convert(must, Condition)) if must else ():
            unit = catalogue.unit_of(part.fact)
            if part.op == "ge" and part.value == "$value" and unit in _IN_A_GIB:
                meant = f"{value:g} GiB would be {value * _IN_A_GIB[unit]:.0f}"
                at = f"check[{number}] ({raw['name']}).value"
                found.append((line_of(lines, at), f"{at}: {value:g} is in {unit}; {meant}"))
    return found


def _strange_intents(
    raw: Mapping[str, Any], number: int, lines: list[str], named: Mapping[str, Mapping[str, Any]]
) -> Iterator[tuple[int, str]]:
    """Yield kinds of jobs that look like a misspelt one; a site may have kinds of its own."""
    valid = {word for one in named.values() for word in one.get("intent", ())} | INTENTS
    for word in raw.get("intent", ()):
        if word not in valid and (near := nearest(word, sorted(valid), _ALIKE)):
            at = f"check[{number}] ({raw['name']}).intent"
            yield line_of(lines, at), f"{at}: no other check has {word!r}; the nearest is {near!r}"


def _as_loaded(path: Path) -> list[KnowledgeError]:
    """Return what the pre-flight itself finds wrong with the file and those that it extends."""
    try:
        load_profile([str(path) if "/" in str(path) else f"./{path}"])
    except KnowledgeError as error:
        return [error]
    return []


def _key(error: KnowledgeError) -> str:
    """Return the key to look for: of a misspelt one, its own word."""
    found = _FIELD.search(error.problem)
    return error.key.replace("top level", found[1]) if found else error.key


def _missing(parent: str) -> KnowledgeError | None:
    try:
        profile_path(parent)
    except KnowledgeError as error:
        return KnowledgeError(error.file, "extends", error.problem)
    return None


def line_of(lines: list[str], key: str) -> int:
    """Return the line of a dotted key such as `check[2] (gpu-count).must.op`: its own, else its table's."""
    found = _AT.match(key)
    start = 0
    if found:
        tables = [number for number, line in enumerate(lines) if line.strip() == "[[check]]"]
        start = tables[int(found[1])] if int(found[1]) < len(tables) else 0
    for word in reversed(re.findall(r"[a-z_]+", key.rpartition(")")[2] or key)):
        for number in range(start, len(lines)):
            if number > start and lines[number].strip() == "[[check]]" and found:
                break
            if re.match(rf"\s*{word}\s*=", lines[number]):
                return number + 1
    return start + 1
