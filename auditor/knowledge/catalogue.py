"""The catalogue of facts (`rules/facts.toml`): which keys there are, of which type and unit."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache
from typing import Any, Literal

import msgspec

from auditor._resources import tree
from auditor.knowledge.words import KnowledgeError, unknown_word
from auditor.knowledge.words import nearest as nearest_word

FactType = Literal["string", "integer", "number", "boolean", "version", "list", "object"]

_LINE = re.compile(r'^"([^"]+)" = ', re.MULTILINE)
_OBJECTS = re.compile(r"\bobjects? \{")  # how the catalogue describes a list's elements
_INSTANCE = re.compile(r"\[\d+\]")


class FactSpec(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What the catalogue says of one key; `values` are the only words that it holds, where these are few."""

    type: FactType
    doc: str
    unit: str = ""
    values: tuple[str, ...] = ()


@cache
def _text() -> str:
    return (tree("rules") / "facts.toml").read_text(encoding="utf-8")


@cache
def known_keys() -> frozenset[str]:
    """Return every key, instances as `gpu[i].name`.

    Scans lines, since the file holds one key a line: TOML would take ten times as long.
    """
    return frozenset(_LINE.findall(_text()))


@cache
def catalogue() -> Mapping[str, FactSpec]:
    """Return every key with its type, unit and line.

    Raises:
        KnowledgeError: the file says something that is not understood.

    """
    import tomllib

    try:
        return msgspec.convert(tomllib.loads(_text())["keys"], dict[str, FactSpec])
    except (msgspec.ValidationError, tomllib.TOMLDecodeError, KeyError) as error:
        raise KnowledgeError("facts.toml", "keys", str(error)) from error


def type_of(key: str) -> str:
    """Return the type of one key, or "" where there is no such key, without reading the whole catalogue."""
    _, _, rest = _text().partition(f'\n"{pattern_of(key)}" = {{ type = "')
    return rest.partition('"')[0]


def unit_of(key: str) -> str:
    """Return the unit of one key's value, or "" where it has none."""
    line = _text().partition(f'\n"{pattern_of(key)}" = {{')[2].partition("\n")[0]
    return line.partition('unit = "')[2].partition('"')[0]


def pattern_of(key: str) -> str:
    """Return the catalogue's form of a key: `gpu[0].name` becomes `gpu[i].name`."""
    return _INSTANCE.sub("[i]", key) if "[" in key else key


def is_known(key: str) -> bool:
    """Return whether the catalogue has this key or its pattern."""
    return pattern_of(key) in known_keys()


def nearest(key: str) -> str:
    """Return the known key most like `key`, or an empty text."""
    return nearest_word(pattern_of(key), known_keys())


def spec(key: str) -> FactSpec:
    """Return what the catalogue says of `key`.

    Raises:
        KnowledgeError: no such key; names the nearest.

    """
    found = catalogue().get(pattern_of(key))
    if found is None:
        raise KnowledgeError("", key, unknown_word("fact", pattern_of(key), known_keys()))
    return found


def convert(key: str, text: str) -> Any:
    """Return the value that `--assume KEY=VALUE` means, by the key's type; `null` and `none` mean absent.

    Lists and objects are JSON; a list may also be plain words parted by commas.

    Raises:
        KnowledgeError: no such key, or a text that is no value of its type.

    """
    kind = spec(key).type
    if text.strip().lower() in ("none", "null"):
        return None
    try:
        value = _CONVERT[kind](text.strip())
    except (ValueError, KeyError) as error:
        raise KnowledgeError("", key, f"{text!r} is no {kind}") from error
    if kind == "list" and _OBJECTS.search(spec(key).doc) and not all(isinstance(one, dict) for one in value):
        said = f"{text!r} is no list of objects ({spec(key).doc}); as JSON it begins with [{{"
        raise KnowledgeError("", key, said)
    return value


def stated(key: str, text: str) -> Any:
    """Return the value that a person states for a key: as `convert`, and only what the fact can hold.

    Raises:
        KnowledgeError: as `convert`, and a word or a field that there is not, with the nearest.

    """
    value = convert(key, text)
    return None if value is None else _checked(key, value, spec(key))


def _checked(key: str, value: Any, told: FactSpec) -> Any:
    """Return the value, its words as the catalogue writes them.

    Raises:
        KnowledgeError: a word or a field that there is not, or one that cannot hold what it is given.

    """
    from auditor.knowledge.fields import check_fields, misfit

    if told.type in ("list", "object"):
        check_fields(key, value, told.doc)
    elif wanted := misfit(key.rpartition(".")[2], value) if told.type in ("string", "version") else "":
        raise KnowledgeError("", key, f"{value!r} is no {wanted}")
    if not told.values:
        return value
    return [_word(key, one, told) for one in value] if told.type == "list" else _word(key, value, told)


def _word(key: str, given: str, told: FactSpec) -> str:
    """Return the word of the fact's own ones that was meant, whatever its case."""
    found = next((word for word in told.values if word.lower() == str(given).lower()), "")
    if not found:
        problem = f"{unknown_word('word', str(given), told.values)} (there are {', '.join(told.values)})"
        raise KnowledgeError("", key, problem)
    return found


def _boolean(text: str) -> bool:
    return {"true": True, "yes": True, "1": True, "false": False, "no": False, "0": False}[text.lower()]


def _version(text: str) -> str:
    from packaging.version import Version

    Version(text)
    return text


def _list(text: str) -> list[Any]:
    if not text.startswith("["):
        return [part.strip() for part in text.split(",") if part.strip()]
    return msgspec.json.decode(text.encode(), type=list[Any])


def _object(text: str) -> dict[str, Any]:
    return msgspec.json.decode(text.encode(), type=dict[str, Any])


_CONVERT: Mapping[str, Any] = {
    "string": str,
    "integer": int,
    "number": float,
    "boolean": _boolean,
    "version": _version,
    "list": _list,
    "object": _object,
}
