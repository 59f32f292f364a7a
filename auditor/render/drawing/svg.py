"""A canvas of boxes, lines and words; colours come from classes, so that light, dark and print differ."""

from __future__ import annotations

from auditor.render.markup.xml import attributes, text

WIDE, NARROW = "wide", "narrow"  # a page holds both, and a phone shows the second
WIDTHS = {WIDE: 920.0, NARROW: 340.0}
_SIGN = 0.6  # of the font size: the mean width of a sign in a sans-serif face


class Canvas:
    """Collects elements on `width` units; the height is where the lowest element ends. `kind` is the drawing's class."""

    def __init__(self, width: float, label: str, kind: str) -> None:
        self.width = width
        self.kind = kind
        self.height = 0.0
        self._label = label
        self._parts: list[str] = []

    def box(self, x: float, y: float, width: float, height: float, kind: str, tip: str = "") -> None:
        """Draw a rectangle; `tip` is shown under the pointer."""
        given = attributes(
            x=f"{x:.1f}", y=f"{y:.1f}", width=f"{max(width, 0):.1f}", height=f"{height:.1f}", class_=kind
        )
        self._parts.append(f"<rect{given}>{f'<title>{text(tip)}</title>' if tip else ''}</rect>")
        self._grow(y + height)

    def words(
        self, x: float, y: float, words: str, kind: str = "", room: float = 0, size: float = 13
    ) -> None:
        """Write words from a base line on; what is wider than `room` ends in an ellipsis."""
        most = int(room / (size * _SIGN)) if room else len(words)
        shown = words if len(words) <= most else words[: max(most - 1, 1)] + "…"
        tip = f"<title>{text(words)}</title>" if shown != words else ""
        given = attributes(x=f"{x:.1f}", y=f"{y:.1f}", **({"class_": kind} if kind else {}))
        self._parts.append(f"<text{given}>{text(shown)}{tip}</text>")
        self._grow(y + 4)

    def line(self, x1: float, y1: float, x2: float, y2: float, kind: str) -> None:
        """Draw a straight line."""
        given = attributes(x1=f"{x1:.1f}", y1=f"{y1:.1f}", x2=f"{x2:.1f}", y2=f"{y2:.1f}", class_=kind)
        self._parts.append(f"<line{given}/>")
        self._grow(max(y1, y2))

    def arrow(self, x1: float, x2: float, y: float) -> None:
        """Draw an arrow to the right."""
        self.line(x1, y, x2, y, "wire")
        self._parts.append(f'<path d="M{x2:.1f} {y:.1f}l-6 -4v8z" class="tip"/>')

    def down(self, x: float, y1: float, y2: float) -> None:
        """Draw an arrow downwards."""
        self.line(x, y1, x, y2, "wire")
        self._parts.append(f'<path d="M{x:.1f} {y2:.1f}l-4 -6h8z" class="tip"/>')

    def svg(self) -> str:
        """Return the drawing, named for those who hear it."""
        given = attributes(
            viewBox=f"0 0 {self.width:g} {self.height + 4:.0f}", width=f"{self.width:g}", height=f"{self.height + 4:.0f}",
            role="img", class_=self.kind, aria_label=self._label,
        ).replace("aria_label", "aria-label")  # fmt: skip
        return f"<svg{given}>{''.join(self._parts)}</svg>"

    def _grow(self, y: float) -> None:
        self.height = max(self.height, y)
