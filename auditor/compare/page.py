"""A comparison as one HTML page, side by side, under the report's style and policy."""

from __future__ import annotations

from auditor.compare.because import because
from auditor.compare.differences import Comparison
from auditor.render.html import page


def html(comparison: Comparison) -> str:
    """Return the page: the verdicts, then a row for each difference and a column for each report."""
    shown = [difference for difference in comparison.differences if difference.importance != "noise"]
    hidden = len(comparison.differences) - len(shown)
    return page(
        "compare.html.j2", comparison=comparison, shown=shown, hidden=hidden, because=because(comparison)
    )
