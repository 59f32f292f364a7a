"""Every format of a report. A further format is one module with `render(report, options)` and one line here."""

from __future__ import annotations

import importlib

from auditor.model.report import Report
from auditor.render.options import RenderOptions, detect

# name -> module, imported when that format is asked for
FORMATS = {
    "text": "auditor.render.terminal",
    "json": "auditor.render.json",
    "markdown": "auditor.render.markdown",
    "html": "auditor.render.html",
    "junit": "auditor.render.junit",
    "prometheus": "auditor.render.prometheus",
}


def render(report: Report, format_: str, options: RenderOptions | None = None) -> str:
    """Return the report in a format, ending with a line break.

    Raises:
        KeyError: no such format.

    """
    text: str = importlib.import_module(FORMATS[format_]).render(report, options or RenderOptions())
    return text


__all__ = ["FORMATS", "RenderOptions", "detect", "render"]
