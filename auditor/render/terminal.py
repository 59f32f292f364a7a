"""The report for a person in trouble: verdict, what is broken, what works, what was not seen, advice."""

from __future__ import annotations

from auditor.model.report import Report
from auditor.render.options import RenderOptions
from auditor.render.page import Page
from auditor.render.parts import advice, closing, environments, machine, opening, problems, smoke, unseen


def render(report: Report, options: RenderOptions) -> str:
    """Return the report as text; rich draws it where colour is wanted and is not imported otherwise."""
    page = layout(report, options)
    if not options.colour:
        return page.plain()
    from auditor.render.draw import draw

    return draw(page)


def layout(report: Report, options: RenderOptions) -> Page:
    """Return the report's lines."""
    page = Page(options)
    if report.host.kind == "paste":
        from auditor.render.parts import pasted

        pasted.write(page, report)
        return page
    opening.write(page, report)
    problems.write(page, report)
    if any(check.waiver for check in report.checks):
        from auditor.render.parts import waived

        waived.write(page, report)
    environments.write(page, report)
    machine.write(page, report)
    smoke.write(page, report)
    unseen.write(page, report)
    if options.verbose:
        from auditor.render.parts import details

        details.write(page, report)
    advice.write(page, report)
    closing.write(page, report)
    return page
