"""Draws a page on a terminal with rich: the only module that imports it."""

from __future__ import annotations

import io

from auditor.render.page import Page

_STYLES = {
    "": "", "strong": "bold", "good": "bold green", "bad": "bold red", "warn": "bold yellow", "dim": "dim", "command": "cyan",
}  # fmt: skip


def draw(page: Page) -> str:
    """Return the page with terminal colours; the line breaks are the page's own."""
    from rich.console import Console
    from rich.text import Text

    out = io.StringIO()
    console = Console(
        file=out,
        force_terminal=True,
        color_system="standard",
        width=page.options.width,
        legacy_windows=False,
        highlight=False,
    )
    for line in page.lines:
        text = Text()
        for piece in line:
            text.append(piece.text, _STYLES[piece.style])
        console.print(text, soft_wrap=True)
    return out.getvalue()
