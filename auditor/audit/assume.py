"""--assume KEY=VALUE: a fact that the user states, marked as assumed wherever it appears."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NoReturn

from auditor.model.fact import Evidence, Fact, Facts, absent, known, unknown

SHORT = {
    "driver": "nvidia.driver_version",
    "python": "python.version",
    "os": "os.platform",
    "arch": "os.arch",
    "glibc": "os.glibc_version",
}
CARDS = ("gpu", "gfx")
_OF_THE_CHIP = (".compute_capability", ".gfx_target", ".vendor")
_ALIKE = 0.7  # below, difflib's nearest word is another word
MOST = 1024  # of one kind in one machine
# what a system is known by, first what tells two apart
_SYSTEM = (
    "os.platform", "os.id", "os.version_id", "os.pretty_name", "os.kernel", "os.libc", "os.glibc_version",
    "os.glibcxx_max", "os.wsl",
)  # fmt: skip
# what lives in a system and cannot be taken to another platform
_ENVIRONMENT = (
    "python.",
    "torch.",
    "tensorflow.",
    "jax.",
    "target.",
    "env.",
    "loader.",
    "compilers.",
    "cuda.",
)
ARCHS = (
    "x86_64", "amd64", "x64", "aarch64", "arm64", "i686", "i386", "x86", "armv7l", "ppc64le", "s390x", "riscv64",
)  # fmt: skip


class AssumptionError(Exception):
    """An assumption that cannot be read: what, and the nearest that can."""


def assumed(texts: Sequence[str]) -> dict[str, Fact]:
    """Return the facts of KEY=VALUE texts; `gpu` and `gfx` may be repeated, one a card.

    Raises:
        AssumptionError: no "=", an unknown key, a value of the wrong type, a card that no table knows.

    """
    facts: dict[str, Fact] = {}
    cards: list[tuple[str, str]] = []
    for text in texts:
        key, sign, value = text.partition("=")
        key, value = key.strip(), value.strip()
        _check_index(text, key)
        if sign and not value:
            msg = f"--assume {text}: no value is given; `none` means that there is none"
            raise AssumptionError(msg)
        if not sign or not key:
            msg = f"--assume {text}: expected KEY=VALUE, such as driver=550.54.14"
            raise AssumptionError(msg)
        if key in CARDS:
            cards.append((key, value))
        else:
            more = _facts(text, SHORT.get(key, key), value)
            _check_same(text, more, facts)
            facts |= more
    if any(key.startswith("gpu[") for key in facts) and any(value.lower() == "none" for _, value in cards):
        msg = "--assume gpu=none contradicts the facts of a GPU that are stated beside it; give one of them"
        raise AssumptionError(msg)
    if "os.glibc_version" in facts:  # the interpreter there runs on the same C library
        facts.setdefault("python.glibc_version", facts["os.glibc_version"])
    named = _cards(cards, facts)
    _check_same("gpu", {key: fact for key, fact in named.items() if key.endswith(_OF_THE_CHIP)}, facts)
    return {**named, **facts}


def _check_same(text: str, more: Mapping[str, Fact], facts: Mapping[str, Fact]) -> None:
    """Refuse a fact that is stated twice and differently, by itself or by the name of a system or card."""
    for key, fact in more.items():
        other = facts.get(key)
        if (
            other
            and "unknown" not in (fact.state, other.state)
            and (fact.state, fact.value) != (other.state, other.value)
        ):
            said = [str(one.value) if one.is_known else "none" for one in (other, fact)]
            msg = f"--assume {text}: {key} is stated to be {said[0]} and {said[1]}; give one of them"
            raise AssumptionError(msg)


def _check_index(text: str, key: str) -> None:
    """Refuse the number of a card, or of anything else of which there are several, that no machine has."""
    found = key.partition("[")[2].partition("]")[0]
    if found.isdigit() and (len(found) > 4 or int(found) >= MOST):
        msg = f"--assume {text}: no machine has that many; the numbers go from 0 to {MOST - 1}"
        raise AssumptionError(msg)


def replaced(facts: Facts, stated: Mapping[str, Fact]) -> Facts:
    """Return the facts with the stated ones; where another system is stated, nothing of the seen one is left."""
    another = [
        key for key in _SYSTEM[:3] if key in stated and facts[key].is_known
        and facts.value(key) != stated[key].value
    ]  # fmt: skip
    if not another:
        return facts.merged(stated)
    gone = unknown(f"another system is assumed ({another[0]} = {stated[another[0]].value})")
    lost = [*_SYSTEM, *(key for key in facts if another[0] == "os.platform" and key.startswith(_ENVIRONMENT))]
    return facts.merged({key: gone for key in lost if key in facts}).merged(stated)


def _cards(stated: list[tuple[str, str]], given: dict[str, Fact]) -> dict[str, Fact]:
    if not stated:
        return {}
    from auditor.audit.assumed_cards import UnknownCard, card_facts

    try:
        return card_facts(stated, given.keys())
    except UnknownCard as error:
        msg = f"--assume {' '.join(f'{key}={value}' for key, value in stated)}: {error}"
        raise AssumptionError(msg) from error


def _facts(text: str, key: str, value: str) -> dict[str, Fact]:
    """Return the facts of one text: a system's name says several."""
    evidence = Evidence("assumed", f"--assume {text}")
    if key == "os.platform":
        return {name: known(word, evidence) for name, word in _system(text, value).items()}
    if key == "os.arch" and value.lower() not in ARCHS:
        _refuse(text, "architecture", value, ARCHS)
    if key == "os.glibc_version" and value.lower() == "musl":
        return {"os.libc": known("musl", evidence), key: absent("assumed to be absent", evidence)}
    if key == "os.glibc_version":
        return {"os.libc": known("glibc", evidence), key: _fact(text, key, value, evidence)}
    if key == "python.version" and value.isdigit():
        msg = f"--assume {text}: which Python {value}? State the minor version too, such as 3.12"
        raise AssumptionError(msg)
    if key == "python.version" and value.endswith("t") and value[:-1].replace(".", "").isdigit():
        return {key: known(value[:-1], evidence), "python.free_threaded": known(True, evidence)}
    return {key: _fact(text, key, value, evidence)}


def _system(text: str, value: str) -> dict[str, str]:
    """Return what a system's name says: platform, and where it names a distribution its C library.

    Raises:
        AssumptionError: no such system; names the nearest.

    """
    from auditor.audit.systems import named_system
    from auditor.knowledge.tables import table

    stated = named_system(value)
    if stated is None:
        _refuse(text, "system", value, [row["name"] for row in table("systems").all()])
    return stated


def _refuse(text: str, kind: str, value: str, valid: Iterable[str]) -> NoReturn:
    from auditor.knowledge.words import unknown_word

    words = list(valid)
    near = unknown_word(kind, value.lower(), words)
    known_words = "" if "nearest" in near else f"; there are {', '.join(words[:8])}"
    msg = f"--assume {text}: {near}{known_words}"
    raise AssumptionError(msg)


def _fact(text: str, key: str, value: str, evidence: Evidence) -> Fact:
    from auditor.knowledge.catalogue import is_known, known_keys, pattern_of
    from auditor.knowledge.catalogue import stated as stated_value
    from auditor.knowledge.words import KnowledgeError, nearest

    if not is_known(key):
        near = nearest(key, (*SHORT, *CARDS), _ALIKE) or nearest(pattern_of(key), known_keys(), _ALIKE)
        hint = f"; the nearest is {near!r}" if near else ""
        msg = f"--assume {text}: unknown fact {key!r}{hint} (`fwaudit list facts` shows all)"
        raise AssumptionError(msg)
    try:
        converted: Any = stated_value(key, value)
    except KnowledgeError as error:
        msg = f"--assume {text}: {error}"
        raise AssumptionError(msg) from error
    return (
        absent("assumed to be absent", evidence)
        if value.lower() in ("none", "absent")
        else known(converted, evidence)
    )
