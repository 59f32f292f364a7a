"""A goal's scores as stacked bars: each criterion's points are a piece, as wide as they count."""

from __future__ import annotations

from auditor.model.recommendation import GoalResult
from auditor.render.drawing.svg import Canvas
from auditor.render.page import listed
from auditor.render.parts.wording import framework

_WIDTH, _LABEL, _VALUE, _ROW = 600.0, 110.0, 50.0, 30.0
COLOURS = 12  # as the style sheet has


def colours(goal: GoalResult) -> dict[str, int]:
    """Return the colour's number of each criterion, the same in every framework's bar."""
    names = dict.fromkeys(row.criterion for ranked in goal.ranking for row in ranked.contributions)
    return {name: place % COLOURS for place, name in enumerate(names)}


def draw(goal: GoalResult) -> str:
    """Return an SVG with a stacked bar for each framework, best first."""
    said = listed(f"{framework(ranked.framework)} {ranked.score:.1f}" for ranked in goal.ranking)
    canvas = Canvas(_WIDTH, f"{goal.title}: {said}", "chart")
    sums = [sum(max(row.points, 0.0) for row in ranked.contributions) for ranked in goal.ranking]
    scale = (_WIDTH - _LABEL - _VALUE) / (max(sums, default=0.0) or 1.0)
    paint = colours(goal)
    for place, ranked in enumerate(goal.ranking):
        x, y = _LABEL, place * _ROW
        canvas.words(0, y + 20, framework(ranked.framework), room=_LABEL - 8)
        for row in ranked.contributions:
            wide = max(row.points, 0.0) * scale
            canvas.box(
                x, y + 4, wide - 1, _ROW - 8, f"c{paint[row.criterion]}", f"{row.criterion}: {row.points:.2f}"
            )
            x += wide
        canvas.words(x + 6, y + 20, f"{ranked.score:.1f}", "strong")
    return canvas.svg()
