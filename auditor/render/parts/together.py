"""The frameworks in one process: what each order of importing did, and which libraries are really mapped."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from auditor.model.report import Report
from auditor.render.page import Page, Style

TITLE = "Frameworks in one process"
_WORKS = "works"
_COLUMN = 36
_BRIEF_COLUMN = 17

Row = tuple[str, str, Style]


def write(page: Page, report: Report, *, brief: bool = False) -> None:
    """Write the table of every result that holds one; where `brief`, the orders that work share a row."""
    found = rows(report, brief=brief)
    if found:
        page.heading(TITLE)
    for name, text, style in found:
        page.row(name, text, column=_BRIEF_COLUMN if brief else _COLUMN, style=style)


def rows(report: Report, *, brief: bool = False) -> list[Row]:
    """Return orders, libraries that one lends another, then those mapped alone and together: name, text, style."""
    return [row for result in report.smoke for row in _rows(result.metrics, brief=brief)]


def _rows(metrics: Mapping[str, Any], *, brief: bool) -> Iterator[Row]:
    orders = metrics.get("orders")
    if not isinstance(orders, dict) or not orders:
        return
    if brief:
        yield from _in_brief(orders)
    else:
        yield from (
            (str(order), str(said), "" if said == _WORKS else "bad") for order, said in orders.items()
        )
    yield from (("lent", str(line), "warn") for line in metrics.get("borrowed") or ())
    for what in ("alone", "together"):
        yield from _libraries(what, metrics.get(what))


def _in_brief(orders: Mapping[str, str]) -> Iterator[Row]:
    right = [order for order, said in orders.items() if said == _WORKS]
    if len(right) == len(orders):
        names = [order for order in orders if " then " not in order]
        yield _WORKS, f"each alone, and every order of importing {', '.join(names)}", "good"
        return
    yield from ((order, said, "bad") for order, said in orders.items() if said != _WORKS)
    if right:
        yield _WORKS, "; ".join(right), "good"


def _libraries(what: str, tables: Any) -> Iterator[Row]:
    """Yield the libraries of each framework alone, or of each order; those with equal ones share a row."""
    alike: dict[str, list[str]] = {}
    for name, roles in (tables or {}).items():
        files = "; ".join(f"{role}: {', '.join(paths)}" for role, paths in sorted(roles.items()))
        alike.setdefault(files or "none of those that are looked for", []).append(str(name))
    for files, names in alike.items():
        every = what == "together" and len(alike) == 1
        yield f"mapped {what}", f"{'in every order' if every else ' | '.join(names)}: {files}", ""
