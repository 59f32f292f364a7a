"""Findings that the user knows of and waives: shown, with the reason, and not counted."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

import msgspec

from auditor.engine.remedy.reconcile import reconciled
from auditor.knowledge.card import RuleCard
from auditor.knowledge.words import KnowledgeError, unknown_word
from auditor.model.finding import Finding


def waivers_of(cards: Iterable[RuleCard], ignore: Mapping[str, str]) -> dict[str, str]:
    """Return rule id -> reason for ids, slugs and causes in any letter case.

    Raises:
        KnowledgeError: a word names no rule, with the nearest that does.

    """
    if not ignore:
        return {}
    named: dict[str, set[str]] = {}
    for card in cards:
        for name in card.names:
            named.setdefault(name.lower(), set()).add(card.id)
    for word in ignore:
        if word.lower() not in named:
            names = named if word.islower() else [name.upper() for name in named]
            raise KnowledgeError("--ignore", word, unknown_word("rule", word, names))
    return {rule: reason for word, reason in ignore.items() for rule in named[word.lower()]}


def waived(findings: Sequence[Finding], waivers: Mapping[str, str]) -> list[Finding]:
    """Return the findings, those that are waived with the reason; what is no fault needs no waiver.

    What a remedy before it mends, of a finding that is not waived, needs none of its own.
    """
    marked = [
        msgspec.structs.replace(finding, waiver=waivers[finding.id])
        if finding.is_problem and finding.id in waivers
        else finding
        for finding in findings
    ]
    return reconciled(marked)
