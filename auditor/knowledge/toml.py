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

LONGEST = 4 << 20  # bytes of one file: the longest of ours has 13 kB


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

    text = text_of(path)
    return tomllib.loads(text.partition(before)[0] if before else text)


def text_of(path: Path) -> str:
    """Return the text of a file of rules, which may be a device or a pipe.

    Raises:
        OSError: it cannot be read.
        ValueError: it is longer than any file of rules, or no UTF-8.

    """
    with path.open("rb") as stream:
        data = stream.read(LONGEST + 1)
    if len(data) > LONGEST:
        msg = f"longer than {LONGEST >> 20} MiB, which no file of rules is"
        raise ValueError(msg)
    return data.decode("utf-8")


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
