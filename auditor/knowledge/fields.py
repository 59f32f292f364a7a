"""The fields of facts that hold objects, as the catalogue's text names them, and what each may hold."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from auditor.knowledge.words import KnowledgeError, unknown_word

_ASIDE = re.compile(r"\([^()]*\)|:\s*\[\{[^}]*\}\]")  # a note, or the shape of what a field holds
_BRACES = re.compile(r"(?:objects? |or )\{([^{}]*)\}")
_ROLES = re.compile(r"\{role, [^{}]*\} for ((?:[\w:]+, )+[\w:]+)")  # what the text says that objects are for
_WORDS = re.compile(r"\w+(?:, \w+)+")  # the whole text of a fact that is one object
# by the house's names of quantities: the unit stands at the end
_NUMBER = re.compile(
    r"_(?:kib|mib|s|c|gbps|mbps|mhz|percent|free|per_hour)$|^(?:pid|index|link|code|width|mtu)$"
)
_TEXT = frozenset(("name", "path", "role", "version", "vendor", "uuid", "slug", "profile"))
_SHAPES = {
    "compute_capability": (re.compile(r"\d{1,2}\.\d"), "compute capability, such as 8.9"),
    "gfx_target": (re.compile(r"gfx[0-9a-f]{3,4}(?::.*)?|gfx\d{1,2}-\d-generic"), "instruction set, such as gfx1100"),
}  # fmt: skip
_TRUTH = frozenset(
    ("read_only", "readable", "writable", "installed", "fits", "present", "integrated", "active")
)


def fields_of(doc: str) -> tuple[str, ...]:
    """Return the names that a fact's text gives to the fields of its objects; empty where it names none."""
    plain = _ASIDE.sub("", doc)
    groups = _BRACES.findall(plain) or ([plain] if _WORDS.fullmatch(plain) else [])
    return tuple(dict.fromkeys(name.strip() for group in groups for name in group.split(",") if name.strip()))


def check_fields(key: str, value: Any, doc: str) -> None:
    """Refuse a field that the fact's objects do not have, and a value that the field cannot hold.

    Raises:
        KnowledgeError: names the object, the field and the nearest that there is.

    """
    names = fields_of(doc)
    for place, row in _objects(key, value) if names else ():
        for field, held in row.items():
            if field not in names:
                raise KnowledgeError("", place, f"{unknown_word('field', field, names)} ({', '.join(names)})")
            if wanted := misfit(field, held):
                raise KnowledgeError("", f"{place}.{field}", f"{held!r} is no {wanted}")
        _check_role(place, row.get("role"), doc)


def _check_role(place: str, role: str | None, doc: str) -> None:
    found = _ROLES.search(doc)
    roles = found[1].split(", ") if found and role is not None else []
    if role is not None and roles and role not in roles:
        raise KnowledgeError("", f"{place}.role", f"{unknown_word('role', role, roles)} ({', '.join(roles)})")


def _objects(key: str, value: Any) -> Iterator[tuple[str, Mapping[str, Any]]]:
    if isinstance(value, dict):
        yield key, value
    elif isinstance(value, list):
        yield from ((f"{key}[{index}]", row) for index, row in enumerate(value) if isinstance(row, dict))


def misfit(field: str, held: Any) -> str:
    """Return what the field must hold and this is not; empty where it fits or nothing is known (null)."""
    if held is None:
        return ""
    if field in _SHAPES:
        shape, words = _SHAPES[field]
        return "" if isinstance(held, str) and (not held or shape.fullmatch(held)) else words
    if field.endswith(("_kib", "_mib")) and isinstance(held, (int, float)) and held < 0:
        return "size"
    if _NUMBER.search(field):
        return "" if isinstance(held, (int, float)) and not isinstance(held, bool) else "number"
    if field in _TRUTH:
        return "" if isinstance(held, bool) else "truth value (true or false)"
    return "text" if field in _TEXT and not isinstance(held, str) else ""
