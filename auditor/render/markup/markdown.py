"""Markdown that GitHub, GitLab and Jira read alike, from text that may hold anything."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from functools import lru_cache

from auditor.model.cut import head
from auditor.render.inert import inert, one_line

# "@name", "#1", "!1" and addresses become links after the escapes are read; a zero-width space ends
# that, as Renovate and Dependabot do it (their "@&#8203;")
_BREAK = "&#8203;"
_LINE = 2_000  # characters; the JSON holds the rest


def text(value: str) -> str:
    """Return foreign text on one line: no emphasis, link, mention, HTML, table cell or list comes of it."""
    line = one_line(_short(value))
    line = line.replace("&", "&amp;").replace("<", "&lt;")
    line = _acting().sub(r"\\\g<0>", line)
    line = _reference().sub(rf"\1{_BREAK}", line)
    line = re.sub(r"(?i)\b(https?|ftp|www)(:|\.)", rf"\1{_BREAK}\2", line)
    return _begins_block().sub(r"\1\\\2", line)  # >, #, -, +, = and "1." make blocks where a line begins


def _short(value: str) -> str:
    """Return what of a line a ticket has room for: one that is as long as the limit would push its finding out."""
    return value if len(value) <= _LINE else head(value, _LINE)


@lru_cache(maxsize=1)
def _acting() -> re.Pattern[str]:
    return re.compile(r"[\\`*\[\]|~$^{}]|(?<![A-Za-z0-9])_|_(?![A-Za-z0-9])")


@lru_cache(maxsize=1)
def _reference() -> re.Pattern[str]:
    return re.compile(r"([@#!%])(?=\w)")


@lru_cache(maxsize=1)
def _begins_block() -> re.Pattern[str]:
    return re.compile(r"^(\d{1,9}(?=[.)])|)([#+\-=>:.)])")


def code(value: str) -> str:
    """Return foreign text as code within a line."""
    line = one_line(_short(value)).replace("|", "¦")  # a table ends cells at bars, even inside of code
    fence = "`" * (_longest_run(line) + 1)
    pad = " " if line.startswith("`") or line.endswith("`") or not line else ""
    return f"{fence}{pad}{line}{pad}{fence}"


def block(value: str, language: str = "") -> str:
    """Return foreign lines as a fenced block, each as it stands so that commands paste."""
    lines = inert(value.strip("\n"))
    fence = "`" * max(3, _longest_run(lines) + 1)
    return f"{fence}{language}\n{lines}\n{fence}\n"


def _longest_run(value: str) -> int:
    return max((len(run) for run in re.findall("`+", value)), default=0)


def link(label: str, url: str) -> str:
    """Return a link where the address is plainly one of the web, else its text as code."""
    if re.fullmatch(r"https?://[\w.~:/?#@!$&*+,;=%-]{1,500}", url, re.ASCII):
        return f"[{text(label or url)}](<{url}>)"
    return f"{text(label)} {code(url)}".strip()


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Return a table; the cells are Markdown already."""
    lines = [head, ["---"] * len(head), *rows]
    return "".join("| " + " | ".join(cell or " " for cell in row) + " |\n" for row in lines)


def folded(summary: str, content: str) -> str:
    """Return content that unfolds; the empty lines let Markdown be read inside of the HTML."""
    return f"<details>\n<summary>{text(summary)}</summary>\n\n{content.rstrip()}\n\n</details>\n"
