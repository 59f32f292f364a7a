"""The last lines: what was hidden, who wrote this, how old its knowledge is."""

from __future__ import annotations

from datetime import date

from auditor.model.report import Report
from auditor.render.page import Page

STALE_DAYS = 90


def write(page: Page, report: Report) -> None:
    """Write redaction, version and the knowledge's date."""
    page.blank()
    page.text(signature(report), style="dim")


def signature(report: Report) -> str:
    """Return who wrote the report and when, how old the knowledge is, and what was hidden."""
    tool = report.tool
    parts = [f"{tool.name} {tool.version}, {report.created}"]
    if tool.knowledge_date:
        parts.append(f"knowledge of {tool.knowledge_date}" + _age(tool.knowledge_date, report.created))
    return f"{', '.join(parts)}. {hidden(report)}.{_settings(report)}"


def _settings(report: Report) -> str:
    """Return which options came from a file."""
    config = report.options.get("config")
    if not isinstance(config, dict):  # a stored report holds whatever it likes
        return ""
    taken = config.get("options")
    if not isinstance(taken, dict) or not taken:
        return ""
    return f" Options of {config.get('file')}: {', '.join(map(str, taken))}."


def hidden(report: Report) -> str:
    """Return what redaction hid, by category and count, never the value."""
    if not report.redaction.enabled:
        return "NOT redacted: names, addresses and serials stand as they are"
    counts = report.redaction.counts
    return "Hidden: " + (
        ", ".join(f"{name} {n}" for name, n in sorted(counts.items())) or "nothing had to be"
    )


def _age(knowledge: str, created: str) -> str:
    try:
        days = (date.fromisoformat(created[:10]) - date.fromisoformat(knowledge[:10])).days
    except ValueError:
        return ""
    return f", {days} days old: newer releases are unknown to it" if days > STALE_DAYS else ""
