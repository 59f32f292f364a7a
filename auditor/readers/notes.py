"""What a reader understood: facts by key, cards, packages, and the lines that said so."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from auditor.model.fact import Evidence, Fact, absent, known, unknown
from auditor.model.specifiers import normal
from auditor.readers.lines import Line

MOST_PACKAGES, MOST_CARDS, MOST_OTHERS = 5000, 256, 200
EXCERPT = 200  # characters of a line that are quoted

Card = dict[str, Any]
Package = dict[str, Any]


def seen(line: Line) -> Evidence:
    """Return the evidence of a pasted line: its number and its words."""
    return Evidence("paste", f"line {line.number}", line.words[:EXCERPT])


class Notes:
    """A reader's findings. Of two statements for one key the first counts; the others are kept apart."""

    def __init__(self) -> None:
        self.facts: dict[str, Fact] = {}
        self.others: list[tuple[str, Fact]] = []
        self.understood: set[int] = set()
        self.cards: list[tuple[Card, Evidence]] = []
        self.packages: list[tuple[Package, Evidence]] = []
        self.removed: list[tuple[str, int]] = []  # distributions that were taken away, with the line
        self.variables: dict[str, tuple[str, Evidence]] = {}
        self.toolkits: list[tuple[str, Evidence]] = []
        self.counted = (
            True  # whether the cards are all that there are: a sentence names but the one it is about
        )

    def put(self, key: str, fact: Fact, *lines: Line) -> None:
        """Keep a fact; lines that told it are understood."""
        self.take(*lines)
        before = self.facts.get(key)
        if before is None or (before.state == "unknown" and fact.state != "unknown"):
            self.facts[key] = fact
        elif fact.is_known and fact.value != before.value and len(self.others) < MOST_OTHERS:
            self.others.append((key, fact))

    def tell(self, key: str, value: Any, line: Line) -> None:
        """Keep a value."""
        self.put(key, known(value, seen(line)), line)

    def none(self, key: str, why: str, line: Line) -> None:
        """Keep the answer that there is none."""
        self.put(key, absent(why, seen(line)), line)

    def unsure(self, key: str, why: str, line: Line) -> None:
        """Keep that the text could not tell."""
        self.put(key, unknown(why, seen(line)), line)

    def take(self, *lines: Line) -> None:
        """Count lines as understood."""
        self.understood.update(line.number for line in lines)

    def card(self, line: Line, **fields: Any) -> None:
        """Keep a card; fields are the last parts of gpu[i].* keys."""
        self.take(line)
        self.cards.append(({name: value for name, value in fields.items() if value is not None}, seen(line)))

    def package(self, line: Line, name: str, version: str, installer: str = "", build: str = "") -> None:
        """Keep an installed distribution, by its normalised name."""
        self.take(line)
        row = {
            "name": normal(name),
            "version": version,
            "location": "",
            "installer": installer or None,
            "build": build,
        }
        self.packages.append((row, seen(line)))

    def variable(self, line: Line, name: str, value: str) -> None:
        """Keep an environment variable."""
        self.take(line)
        self.variables.setdefault(name, (value, seen(line)))

    def toolkit(self, line: Line, version: str) -> None:
        """Keep a CUDA toolkit that is installed, of which only the version is told."""
        self.take(line)
        self.toolkits.append((version, seen(line)))


Reader = Callable[[list[Line]], Notes]


def combined(readings: Iterable[Notes]) -> Notes:
    """Return the notes of several readers; of two statements for one key the earlier reader's counts."""
    whole = Notes()
    for notes in readings:
        for key, fact in [*notes.facts.items(), *notes.others]:
            whole.put(key, fact)
        whole.understood |= notes.understood
        whole.counted = whole.counted and notes.counted
        whole.cards += notes.cards
        whole.packages += notes.packages
        whole.removed += notes.removed
        whole.variables = notes.variables | whole.variables
        whole.toolkits += notes.toolkits
    once = {tuple(row.values()): (row, evidence) for row, evidence in reversed(whole.packages)}
    whole.packages = _better_told(list(reversed(once.values())))[:MOST_PACKAGES]
    whole.cards = whole.cards[:MOST_CARDS]
    return whole


def _better_told(packages: list[tuple[Package, Evidence]]) -> list[tuple[Package, Evidence]]:
    """Leave out a telling without an installer where the same release is told with one."""
    told = {(row["name"], row["version"]) for row, _ in packages if row["installer"]}
    return [
        (row, piece)
        for row, piece in packages
        if row["installer"] or (row["name"], row["version"]) not in told
    ]
