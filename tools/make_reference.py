"""Writes docs/reference/ from rules/: `python tools/make_reference.py`, with `--check` only compares."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Sequence
from itertools import groupby
from pathlib import Path

from auditor.knowledge.cards import load_cards
from auditor.knowledge.catalogue import catalogue
from auditor.knowledge.criteria import FRAMEWORKS, load_criteria
from auditor.knowledge.goals import load_goals
from auditor.knowledge.kept import Coping, load_kept
from auditor.knowledge.profiles import library
from auditor.model.finding import Reference

FOLDER = Path(__file__).resolve().parent.parent / "docs" / "reference"
NOTE = "<!-- Made by tools/make_reference.py from rules/; edit there. -->\n"


def pages() -> dict[str, str]:
    """Return each page's name and text."""
    return {"facts.md": facts(), "rules.md": rules(), "goals.md": goals(), "checks.md": checks()}


def facts() -> str:
    """Return the page of all fact keys, by subject."""
    parts = ["# Facts\n", NOTE, "Every key that a report may hold. `[i]` stands for any instance.\n"]
    entries = sorted(catalogue().items(), key=lambda entry: entry[0].split(".")[0].split("[")[0])
    for subject, group in groupby(entries, key=lambda entry: entry[0].split(".")[0].split("[")[0]):
        rows = [(f"`{key}`", spec.type, spec.unit, spec.doc) for key, spec in group]
        parts += [f"## {subject}\n", table(("key", "type", "unit", "what"), rows)]
    return "\n".join(parts)


def rules() -> str:
    """Return the page of all rule cards, by family."""
    cards = sorted(load_cards(), key=lambda card: card.id)
    parts = [
        "# Rules\n",
        NOTE,
        f"{len(cards)} cards. `fwaudit explain FWA101` prints one with its examples.\n",
    ]
    overview = [(f"[{c.id}](#{c.id.lower()})", f"`{c.cause}`", c.severity, cell(c.title)) for c in cards]
    parts.append(table(("id", "cause", "severity", "title"), overview))
    for card in cards:
        parts += [
            f"## {card.id}\n",
            f"**{card.title}** (`{card.slug}`, {card.severity}, {card.confidence})\n",
            f"{card.why}\n",
        ]
        if card.remedy:
            who = "" if card.remedy.who == "you" else f" (by an {card.remedy.who})"
            parts.append(f"What mends it{who}: {card.remedy.summary}\n")
        if card.references:
            parts.append("Sources: " + "; ".join(source(reference) for reference in card.references) + "\n")
    return "\n".join(parts)


def checks() -> str:
    """Return the page of pre-flight's named checks, in their order."""
    parts = [
        "# Checks of pre-flight\n",
        NOTE,
        "What `fwaudit preflight` can check; a profile gives the figures.\n",
    ]
    rows = [
        (
            f"`{raw['name']}`",
            raw.get("code", ""),
            raw.get("level", "fail"),
            raw["title"],
            str(raw.get("value", "")),
            raw.get("source", ""),
            ", ".join(raw.get("peers", ())),
        )
        for raw in library().values()
    ]
    parts.append(table(("name", "code", "level", "what", "figure", "source of the figure", "peers"), rows))
    return "\n".join(parts)


def goals() -> str:
    """Return the page of goals and criteria."""
    criteria = load_criteria()
    parts = ["# Goals and criteria\n", NOTE, "## Goals\n"]
    for goal in load_goals(criteria).values():
        parts.append(f"### {goal.id}\n\n{goal.title}. {goal.why}\n")
        parts.append(
            table(
                ("criterion", "weight", "why"),
                [(n, f"{w.weight:g}", cell(w.why)) for n, w in goal.weights.items()],
            )
        )
    parts.append("## What must not change\n")
    for kept in load_kept().values():
        parts.append(f"### {kept.id}\n\n{kept.title}. {kept.why} (`--keep {kept.id}`)\n")
        rows = [
            (
                name,
                f"{kept.coping(name).fit:g}" if kept.coping(name).says else "left out",
                cell(_copes(kept.coping(name))),
            )
            for name in FRAMEWORKS
        ]
        parts.append(table(("framework", "fit", "how"), rows))
    parts.append("## Criteria\n")
    parts.append(table(("criterion", "title"), [(f"`{c.id}`", cell(c.title)) for c in criteria.values()]))
    return "\n".join(parts)


def _copes(coping: Coping) -> str:
    """Return how a framework copes, or why it cannot and what would allow it."""
    return coping.says or f"{coping.cannot}; what would allow it: {coping.unblock}"


def source(reference: Reference) -> str:
    """Return a source with its date."""
    dated = f" ({reference.date})" if reference.date else ""
    return (
        f"{reference.title or reference.url} <{reference.url}>{dated}"
        if reference.title
        else f"<{reference.url}>{dated}"
    )


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Return a Markdown table."""
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join("| " + " | ".join(row) + " |" for row in lines) + "\n"


def cell(text: str) -> str:
    """Return a text that does not end a table's cell."""
    return text.replace("|", "\\|").replace("\n", " ")


def main() -> int:
    """Write or compare; 1 where a page is out of date."""
    check = "--check" in sys.argv[1:]
    stale = []
    for name, text in pages().items():
        path = FOLDER / name
        if not path.is_file() or path.read_text(encoding="utf-8") != text:
            stale.append(name)
            if not check:
                FOLDER.mkdir(parents=True, exist_ok=True)
                path.write_text(text, encoding="utf-8")
    print(("out of date: " if check else "written: ") + (", ".join(stale) or "nothing"))
    return 1 if check and stale else 0


if __name__ == "__main__":
    sys.exit(main())
