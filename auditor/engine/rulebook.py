"""Rows for `fwaudit list rules`, `facts` and `tables`: values, not text."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from auditor.knowledge.card import RuleCard
from auditor.knowledge.catalogue import FactSpec
from auditor.knowledge.tables import Table

Row = dict[str, str]


def rule_rows(cards: Iterable[RuleCard]) -> list[Row]:
    """Return {id, cause, severity, family, title, slug, status, since} for each rule, by id."""
    return [
        {
            "id": card.id,
            "cause": card.cause,
            "severity": card.severity,
            "family": card.family,
            "title": card.title,
            "slug": card.slug,
            "status": card.status,
            "since": card.since,
        }
        for card in cards
    ]


def fact_rows(catalogue: Mapping[str, FactSpec]) -> list[Row]:
    """Return {key, type, unit, doc} for each fact, in the catalogue's order."""
    return [
        {"key": key, "type": spec.type, "unit": spec.unit, "doc": spec.doc} for key, spec in catalogue.items()
    ]


def table_rows(tables: Iterable[Table]) -> list[Row]:
    """Return {name, date, rows, title} for each table."""
    return [
        {
            "name": table.name,
            "date": table.date,
            "rows": str(sum(len(rows.rows) for rows in table.sets)),
            "title": table.title,
        }
        for table in tables
    ]
