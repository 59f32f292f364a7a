"""A site's figures held against what such a figure can be: what no machine has would prove a fault on every node."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any

from auditor.knowledge.words import unknown_word

if TYPE_CHECKING:
    from auditor.knowledge.card import Condition
    from auditor.knowledge.profiles import Check

_UNLIMITED = ("limits.",)  # -1 stands for "unlimited" there (rules/facts.toml)
_AT_LEAST_ONE = ("cpu.", "numa.")
_MOST = 2**64  # the kernel writes "unlimited" as the largest number below
_HOST = re.compile(
    r"(?=.{1,253}\.?$)[A-Za-z0-9_]([A-Za-z0-9_-]*[A-Za-z0-9_])?(\.[A-Za-z0-9_-]+)*\.?|[0-9A-Fa-f:.]+"
)
_MODULE = re.compile(r"[A-Za-z0-9_-]+")


def impossible(check: Check, parts: Iterable[Condition], *, own: bool = False) -> Iterator[str]:
    """Yield what is wrong with a check's figure: below zero, beyond the whole, a word that the fact never is.

    Of a site's `own` check every figure counts, of a named one that which the site gave.
    """
    if check.look:
        yield from _of_a_look(check)
        return
    yield from _words(check)
    for part in parts:
        given = _is_number(part.value) and (own or part.value == check.value)
        if given and (problem := _of_a_number(part, part.value)):
            yield problem


def _is_number(value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def _of_a_number(part: Condition, value: float) -> str:
    unlimited = value == -1 and part.fact.startswith(_UNLIMITED)
    if value < 0 and not unlimited and "numa" not in part.fact:
        return f"{value:g} is below zero, which no figure of {part.fact} is"
    if value > _MOST:
        return f"{value:g} is beyond any machine's {part.fact}"
    if value == 0 and part.op == "eq" and part.fact.startswith(_AT_LEAST_ONE):
        return f"no machine has 0, which {part.fact} would have to be"
    whole = "percent" in part.fact
    if whole and (value > 100 or (value == 100 and part.op in ("lt", "ge"))):
        return f"{value:g} % is more than {part.fact} ever is"
    return ""


def _words(check: Check) -> Iterator[str]:
    given = check.value if isinstance(check.value, list) else [check.value]
    for word in given if check.words else ():
        if word not in check.words:
            yield unknown_word("word", str(word), check.words) + f"; there are {', '.join(check.words)}"
    if check.shape and isinstance(check.value, str) and not re.fullmatch(check.shape, check.value):
        yield f"{check.value!r} is not written like {check.shape}"


def _of_a_look(check: Check) -> Iterator[str]:
    least = {"interfaces": 0, "mtu": 1, "workloads": 0}.get(check.look)
    if least is not None:
        low = ((name, figure) for name, figure in check.value.items() if figure < least)
        yield from (f"{figure:g} of {name}: it is {least} at least" for name, figure in low)
    shape = {"names": _HOST, "modules": _MODULE}.get(check.look)
    for name in check.value if shape else ():
        if shape and not shape.fullmatch(name):
            yield f"{name!r} is no name of a {'host' if check.look == 'names' else 'module'}"


def idle(raw: dict[str, Any]) -> str:
    """Return why a check that is right in form proves nothing, empty where it proves something."""
    value = raw.get("value")
    if isinstance(value, (list, dict)) and not value:
        return "an empty list: nothing is checked"
    if value == "":
        return "an empty text fits everything: nothing is checked"
    if value == -1 and raw.get("name") in ("memlock", "nofile", "nproc"):
        return "every limit is at least -1: nothing is checked"
    return ""
