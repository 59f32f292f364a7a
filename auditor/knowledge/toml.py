"""Reads the TOML files of rules/, from their compiled form where the installation carries one.

TOML parses slowly (100 cards take 60 ms). A wheel therefore holds `rules/compiled.json`, made when it
was built: the path of each file below rules/ to what it holds. A checkout reads the files.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

import msgspec

from auditor._resources import tree


def parse(path: Path, before: str = "") -> dict[str, Any]:
    """Return what a TOML file holds, or the part of it that stands before the text `before`.

    Raises:
        OSError: it cannot be read.
        ValueError: it is no TOML, or no UTF-8.

    """
    compiled = _compiled().get(_name(path))
    if compiled is not None:
        found: dict[str, Any] = msgspec.json.decode(compiled)
        return found
    import tomllib

    text = path.read_text(encoding="utf-8")
    return tomllib.loads(text.partition(before)[0] if before else text)


@cache
def _compiled() -> Mapping[str, msgspec.Raw]:
    try:
        return msgspec.json.decode(
            (tree("rules") / "compiled.json").read_bytes(), type=dict[str, msgspec.Raw]
        )
    except FileNotFoundError:
        return {}


@cache
def _top() -> str:
    return f"{tree('rules')}/"


def _name(path: Path) -> str:
    """Return the path below rules/, or "" for a file that lies elsewhere, such as a site's own card."""
    text = path.as_posix()
    return text[len(_top()) :] if text.startswith(_top()) else ""
