"""Environments elsewhere on this machine: the wrong one is the commonest false story."""

from __future__ import annotations

from typing import Any

from auditor.model.report import Report
from auditor.render.page import Page
from auditor.render.parts.wording import facts_of, framework, installed, items, joined, objects

FEW = 4  # environments shown unasked; --all-envs shows the rest


def write(page: Page, report: Report) -> None:
    """Write the environments that hold a framework, where the audited one holds none or all were asked for."""
    rows = objects(facts_of(report).value("target.nearby"))
    asked = bool(report.options.get("all_envs"))
    if not asked and (not rows or installed(report)):
        return
    page.heading("Frameworks in other environments")
    if not rows:
        page.text("none found nearby", indent=2)
    for row in rows if asked else rows[:FEW]:
        _environment(page, row)
    if len(rows) > FEW and not asked:
        page.text(f"{len(rows) - FEW} more: fwaudit scan --all-envs", indent=2)


def _environment(page: Page, row: dict[str, Any]) -> None:
    names = joined([framework(slug) for slug in map(str, items(row.get("frameworks")))])
    page.text(f"{row.get('path')} ({row.get('kind')}): {names}", indent=2)
    page.command(str(row.get("command", "")))
