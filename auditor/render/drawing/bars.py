"""Rates as bars: a workload's devices side by side, against the data sheet where that is known."""

from __future__ import annotations

from collections.abc import Sequence

from auditor.model.smoke import SmokeResult
from auditor.render.drawing.svg import Canvas
from auditor.render.page import count
from auditor.render.parts.opening import is_processor
from auditor.render.parts.smoke import peak, rate, workload
from auditor.render.parts.wording import framework, number

_WIDTH, _LABEL, _VALUE, _ROW = 600.0, 168.0, 165.0, 24.0  # narrow enough for a phone
_SIBLINGS = 3  # bars from which on a median tells something
Group = tuple[str, list[SmokeResult]]


def groups(results: Sequence[SmokeResult]) -> list[Group]:
    """Return results that can be compared: one workload and unit, processors apart from accelerators."""
    found: dict[tuple[str, str, bool], list[SmokeResult]] = {}
    for result in results:
        reached = rate(result)
        if reached and result.status == "pass":
            kind = is_processor(result.device)
            found.setdefault((workload(result), reached[1], kind), []).append(result)
    return [
        (f"{name}, {unit}, {'CPU' if kind else 'accelerators'}", alike)
        for (name, unit, kind), alike in found.items()
    ]


def draw(results: Sequence[SmokeResult], title: str) -> str:
    """Return an SVG with a bar for each result; a mark shows the data sheet's peak, a line the median."""
    rates = [reached[0] if (reached := rate(result)) else 0.0 for result in results]
    most = max([*rates, *filter(None, (peak(result) for result in results))], default=0.0) or 1.0
    scale = (_WIDTH - _LABEL - _VALUE) / most
    canvas = Canvas(_WIDTH, f"{title}: {count(len(results), 'bar')}", "chart")
    for row, (result, value) in enumerate(zip(results, rates, strict=True)):
        y = row * _ROW
        canvas.words(0, y + 17, f"{framework(result.framework)} {result.device}", room=_LABEL - 8)
        canvas.box(_LABEL, y + 4, value * scale, _ROW - 8, "bar", f"{result.device}: {number(value)}")
        canvas.words(_LABEL + max(value * scale, 0) + 6, y + 17, _figure(result, value), "dim")
        ideal = peak(result)
        if ideal:
            canvas.line(_LABEL + ideal * scale, y + 2, _LABEL + ideal * scale, y + _ROW - 2, "peak")
    if len(rates) >= _SIBLINGS:
        middle = _LABEL + sorted(rates)[len(rates) // 2] * scale
        canvas.line(middle, 0, middle, len(rates) * _ROW, "median")
    return canvas.svg()


def marks(charts: Sequence[Sequence[SmokeResult]]) -> str:
    """Return what the marks in the charts mean, of those that are there."""
    found = []
    if any(len(results) >= _SIBLINGS for results in charts):
        found.append("A dashed line is the median of the siblings.")
    if any(peak(result) for results in charts for result in results):
        found.append("A thick mark is the data sheet's peak, which no real work reaches.")
    return " ".join(found)


def _figure(result: SmokeResult, value: float) -> str:
    ideal = peak(result)
    return number(value) + (f" ({value / ideal:.0%} of {number(ideal)})" if ideal else "")
