"""Holds a site's own checks against the catalogue of facts and the operators."""

from __future__ import annotations

import msgspec

from auditor.knowledge.card import RuleCard
from auditor.knowledge.check import check_card
from auditor.knowledge.profiles import Check
from auditor.knowledge.words import KnowledgeError


def check_facts(check: Check, file: str, at: str) -> None:
    """Raise KnowledgeError at the first word of a check that means nothing, with file and key.

    A check's conditions are a card's, so the card's own tests are held against them.
    """
    if check.must is None:
        return
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
    _check_value(check, file, at)


def _check_value(check: Check, file: str, at: str) -> None:
    """Refuse a figure of the wrong type where the library's own figure shows the right one."""
    from auditor.knowledge.profiles import library

    standing = library().get(check.name, {}).get("value")
    if standing is None or check.value is None:
        return
    number = (int, float)
    alike = isinstance(check.value, number) if isinstance(standing, number) else isinstance(check.value, type(standing))
    if not alike:
        kind = "number" if isinstance(standing, number) else msgspec.json.encode(standing).decode()
        raise KnowledgeError(file, f"{at}.value", f"{check.value!r} is not of the kind of {kind}")
