"""The plain text's layout, written once: lines of styled pieces, wrapped to the width."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal, NamedTuple

from auditor.render.inert import inert, one_line
from auditor.render.options import RenderOptions

Style = Literal["", "strong", "good", "bad", "warn", "dim", "command"]


class Piece(NamedTuple):
    """A run of text in one style."""

    text: str
    style: Style = ""


Line = tuple[Piece, ...]

LABEL_LIMIT = 24  # columns: a longer label is part of the paragraph


class Page:
    """Collects lines. Foreign text is made inert on its way in; nothing is ever cut."""

    def __init__(self, options: RenderOptions) -> None:
        self.options = options
        self.lines: list[Line] = []

    def blank(self) -> None:
        """Leave one empty line, never two."""
        if self.lines and self.lines[-1]:
            self.lines.append(())

    def heading(self, text: str) -> None:
        """Begin a section."""
        self.blank()
        self.lines.append((Piece(self.flat(text), "strong"),))

    def text(
        self, text: str, indent: int = 0, style: Style = "", label: str = "", label_style: Style = ""
    ) -> None:
        """Add a paragraph, wrapped; `label` stands before its first line and the rest hangs under it."""
        label = self.flat(label) + " " if label else ""
        text = self.flat(text)
        if columns(label) > LABEL_LIMIT:
            label, text, hang = "", label + text, indent + 2
        else:
            hang = indent + columns(label)
        rows = wrap(text, self.options.width - hang) or [""]
        first = (Piece(" " * indent), Piece(label, label_style or style), Piece(rows[0], style))
        self.lines.append(tuple(piece for piece in first if piece.text))
        self.lines += [(Piece(" " * hang), Piece(row, style)) for row in rows[1:]]

    def figures(self, name: str, text: str, indent: int, column: int) -> None:
        """Add a name and figures of ours that are aligned already."""
        self.lines.append((Piece(f"{' ' * indent}{self.flat(name):<{column}}{text}"),))

    def row(self, name: str, text: str, indent: int = 2, column: int = 12, style: Style = "") -> None:
        """Add a name in a column of its own and a text beside it."""
        name = self.flat(name)
        gap = " " * max(1, column - len(name))
        hang = indent + len(name) + len(gap)
        rows = wrap(self.flat(text), self.options.width - hang) or [""]
        self.lines.append((Piece(" " * indent + name + gap), Piece(rows[0], style)))
        self.lines += [(Piece(" " * hang), Piece(row, style)) for row in rows[1:]]

    def command(self, line: str, indent: int = 4) -> None:
        """Add a command on lines of its own, never wrapped: it must paste as it is."""
        for part in line.splitlines() or [""]:
            self.lines.append(
                (Piece(" " * indent), Piece(inert(part, unicode=self.options.unicode), "command"))
            )

    def block(self, text: str, indent: int = 4, style: Style = "dim") -> None:
        """Add foreign text line by line, such as the last words of a process."""
        for part in text.expandtabs().splitlines():
            room = self.options.width - indent
            flat = inert(part.rstrip(), unicode=self.options.unicode)
            inner = " " * (len(flat) - len(flat.lstrip()))
            for row in wrap(flat.lstrip(), room - len(inner), keep=True) or [""]:
                self.lines.append((Piece(" " * indent + inner), Piece(row, style)))

    def flat(self, text: str) -> str:
        """Return foreign text on one line, inert."""
        return one_line(text, unicode=self.options.unicode)

    def plain(self) -> str:
        """Return the page without any styling."""
        return "".join("".join(piece.text for piece in line).rstrip() + "\n" for line in self.lines)


def wrap(text: str, width: int, *, keep: bool = False) -> list[str]:
    """Return the text in rows of at most `width` columns; a longer word keeps a row of its own.

    `keep` keeps the white space inside, for text that was laid out before.
    """
    if columns(text) <= width:
        return [text] if text else []
    rows: list[str] = []
    row = ""
    for word in text.split(" ") if keep else text.split():
        joined = f"{row} {word}" if row else word
        if row and columns(joined) > width:
            rows.append(row)
            row = word
        else:
            row = joined
    return [*rows, row]


def columns(text: str) -> int:
    """Return how many columns a terminal needs for the text (UAX 11: wide characters take two)."""
    if text.isascii():
        return len(text)
    import unicodedata

    return sum(
        0 if unicodedata.combining(sign) else 2 if unicodedata.east_asian_width(sign) in "WF" else 1
        for sign in text
    )


def listed(items: Iterable[str], most: int = 0) -> str:
    """Return items joined by commas, at most `most` of them and how many more there are."""
    items = list(items)
    if most and len(items) > most:
        return ", ".join(items[:most]) + f" and {len(items) - most} more"
    return ", ".join(items)


def count(number: int, singular: str, plural: str = "") -> str:
    """Return a number with its noun."""
    return f"{number:,} {singular if number == 1 else plural or singular + 's'}"
