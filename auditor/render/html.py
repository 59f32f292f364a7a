"""HTML: one file that needs no network and works under the strictest policy, drawn from the same report."""

from __future__ import annotations

import base64
import hashlib
import io
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from auditor._resources import tree
from auditor.model.report import Report
from auditor.render.inert import inert
from auditor.render.options import RenderOptions

if TYPE_CHECKING:
    from jinja2 import Environment


def render(report: Report, options: RenderOptions) -> str:  # noqa: ARG001
    """Return the report as a page."""
    from auditor.render.parts.web import context

    return page("report.html.j2", **context(report))


def page(template: str, **variables: Any) -> str:
    """Return a template filled; script and style go by their hashes, and nothing else may run or load."""
    folder = tree("reports") / "templates"
    style, script = _inline(folder / "report.css"), _inline(folder / "report.js")
    policy = (
        f"default-src 'none'; style-src {_hash(style)}; script-src {_hash(script)}; img-src data:; "
        "base-uri 'none'; form-action 'none'"
    )
    filled = _environment(str(folder)).get_template(template)
    written = io.StringIO()  # a list of the pieces, as render() keeps it, takes five times their text
    for piece in filled.generate(style=style, script=script, policy=policy, **variables):
        written.write(piece)
    written.write("\n")
    return written.getvalue()


@lru_cache(maxsize=1)
def _environment(folder: str) -> Environment:
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    return Environment(
        loader=FileSystemLoader(folder), autoescape=True, undefined=StrictUndefined, finalize=_inert,
        trim_blocks=True, lstrip_blocks=True, auto_reload=False,
    )  # fmt: skip


def _inert(value: Any) -> Any:
    """Show what would act or hide; what the template marks as safe is ours already."""
    return inert(value) if type(value) is str else value


def _inline(path: Path) -> Any:
    from markupsafe import Markup

    return Markup(path.read_text(encoding="utf-8"))  # noqa: S704 (our own file)


def _hash(text: str) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"
