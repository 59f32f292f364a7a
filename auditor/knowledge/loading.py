"""Strict loading of the TOML files in rules/: an error names file, dotted key and the nearest valid word."""

from __future__ import annotations

from pathlib import Path
from typing import Any, TypeVar

import msgspec

from auditor.knowledge.toml import parse
from auditor.knowledge.words import KnowledgeError
from auditor.knowledge.words import nearest as nearest_word

__all__ = ["KnowledgeError", "nearest", "read_toml", "shaped"]

T = TypeVar("T")


def read_toml(path: Path, kind: type[T]) -> T:
    """Return the TOML file `path` as a value of the struct `kind`.

    Raises:
        KnowledgeError: it cannot be read, is no TOML, or does not have the shape of `kind`.

    """
    try:
        data = parse(path)
    except (OSError, ValueError) as error:
        raise KnowledgeError(_short(path), "", str(error)) from error
    return shaped(data, kind, path)


def shaped(data: Any, kind: type[T], path: Path) -> T:
    """Return parsed data as a value of `kind`; `path` is named in errors."""
    try:
        return msgspec.convert(data, kind)
    except msgspec.ValidationError as error:
        raise KnowledgeError(_short(path), *_explained(str(error), kind)) from error


def nearest(word: str, valid: list[str]) -> str:
    """Return `; did you mean "x"?` where a valid word is near, else the list of valid words."""
    close = nearest_word(word, valid)
    return f'; did you mean "{close}"?' if close else f"; valid: {', '.join(sorted(valid))}"


def _short(path: Path) -> str:
    return "/".join(path.parts[-3:]) if "rules" in path.parts[-3:] else str(path)


def _explained(message: str, kind: Any) -> tuple[str, str]:
    """Return the dotted key and msgspec's message, with the nearest field where one was misspelt."""
    text, _, where = message.partition(" - at `")
    dotted = where.rstrip("`").removeprefix("$").lstrip(".") or "top level"
    hint = ""
    if "unknown field" in text:
        hint = nearest(text.rsplit("`", 2)[1], sorted(_field_names(kind, set())))
    return dotted, text + hint


def _field_names(kind: Any, seen: set[Any]) -> set[str]:
    """Return the names of all fields of a struct and of the structs inside it."""
    import typing

    names: set[str] = set()
    if isinstance(kind, type) and issubclass(kind, msgspec.Struct) and kind not in seen:
        seen.add(kind)
        for field in msgspec.structs.fields(kind):
            names |= {field.encode_name} | _field_names(field.type, seen)
    for argument in typing.get_args(kind):
        names |= _field_names(argument, seen)
    return names
