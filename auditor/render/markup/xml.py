"""XML 1.0 from text that may hold anything."""

from __future__ import annotations

import html
from collections.abc import Mapping

from auditor.render.inert import inert, one_line

_NO_CHARACTERS = {0xFFFE: "\\ufffe", 0xFFFF: "\\uffff"}  # XML 1.0, section 2.2; inert() shows the others


def text(value: str) -> str:
    """Return foreign text as the content of an element."""
    return html.escape(inert(value).translate(_NO_CHARACTERS), quote=False)


def attributes(**values: object) -> str:
    """Return attributes with a space before each; a name's last underscore goes ("class_")."""
    return "".join(
        f' {name.rstrip("_")}="{html.escape(one_line(str(value)).translate(_NO_CHARACTERS))}"'
        for name, value in values.items()
    )


def element(name: str, content: str = "", given: Mapping[str, object] | None = None) -> str:
    """Return an element around content that is XML already."""
    head = name + attributes(**(given or {}))
    return f"<{head}>{content}</{name}>\n" if content else f"<{head}/>\n"
