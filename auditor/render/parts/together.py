"""The frameworks in one process: what each order of importing did, and which libraries are really mapped."""

from __future__ import annotations

from typing import Any

from auditor.model.report import Report
from auditor.render.page import Page, Style

_WORKS = "works"


def write(page: Page, report: Report) -> None:
    """Write the table of every result that holds one: orders, then libraries alone and together."""
    for result in report.smoke:
        orders = result.metrics.get("orders")
        if not isinstance(orders, dict) or not orders:
            continue
        page.heading("Frameworks in one process")
        for order, said in orders.items():
            style: Style = "" if said == _WORKS else "bad"
            page.row(str(order), str(said), column=36, style=style)
        for line in result.metrics.get("borrowed") or ():
            page.text(str(line), indent=2, style="warn")
        for what in ("alone", "together"):
            _libraries(page, what, result.metrics.get(what))


def _libraries(page: Page, what: str, tables: Any) -> None:
    """Write the libraries of each framework alone, or of each order; orders with equal ones share a row."""
    alike: dict[str, list[str]] = {}
    for name, roles in (tables or {}).items():
        files = "; ".join(f"{role}: {', '.join(paths)}" for role, paths in sorted(roles.items()))
        alike.setdefault(files or "none of those that are looked for", []).append(str(name))
    for files, names in alike.items():
        page.row(f"mapped {what}", f"{' | '.join(names)}: {files}", column=36)
