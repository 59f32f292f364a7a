"""A plan by itself, as text or JSON."""

from __future__ import annotations

from auditor.model.recommendation import Plan
from auditor.render.options import RenderOptions
from auditor.render.page import Page
from auditor.render.parts import advice


def render(plan: Plan, format_: str, options: RenderOptions) -> str:
    """Return a plan in a format, text or json, ending with a line break."""
    if format_ == "json":
        return _json(plan)
    page = Page(options)
    _choices(page, plan)
    advice.plan(page, plan)
    if plan.knowledge_date:
        page.text(
            f"Tables of {plan.knowledge_date}; what is newer is not known to them.", indent=2, style="dim"
        )
    if not options.colour:
        return page.plain()
    from auditor.render.draw import draw

    return draw(page)


def _choices(page: Page, plan: Plan) -> None:
    for choice in plan.choices:
        index = f" from {choice['index']}" if choice["index"] else " from PyPI"
        page.row(
            choice["name"], f"{choice['version']} {choice['build']}{index}", indent=0, column=14, style="good"
        )


def _json(plan: Plan) -> str:
    import msgspec

    from auditor.render.json import ascii_only, full

    data = msgspec.json.encode({"plan": full(plan)}, order="sorted")
    return ascii_only(msgspec.json.format(data, indent=2).decode()) + "\n"
