"""Measures how often each level of confidence is right, and prints the table that docs/diagnose.md shows.

    python tools/measure_confidence.py [CASES]

Two samples: the cards' own examples, held against all cards together (so that another card may take the first
place), and, where CASES is a folder of collected tickets with a `score.py` that lays them out, those. What counts is
the first finding: right where it names the example's or the ticket's cause, and none that is an error where there
is none to be found.
"""

from __future__ import annotations

import importlib.util
import json
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from auditor.audit.diagnose import diagnose, findings
from auditor.engine.derive import derive
from auditor.engine.predicates import PREDICATES
from auditor.knowledge.card import Example, RuleCard
from auditor.knowledge.cards import load_cards
from auditor.model.fact import Fact, Facts, absent, call, known
from auditor.model.finding import Finding

LEVELS = ("certain", "likely", "possible", "none")


class Answer(NamedTuple):
    """The first finding's level, whether it was right, and what it was an answer to."""

    sample: str
    level: str
    right: bool
    what: str


def from_examples() -> Iterator[Answer]:
    cards = load_cards(predicates=PREDICATES, examples=True)
    for card in cards:
        for number, example in enumerate(card.examples):
            if example.outcome != "fail" or is_note(card, example):
                continue
            found = problems(diagnose([example.text]).findings if example.text else judged(cards, example))
            sample = "examples, messages" if example.text else "examples, facts"
            yield answer(sample, found, {card.cause}, f"{card.id} {number}")


def is_note(card: RuleCard, example: Example) -> bool:
    """Return whether the card by itself makes no more than a note of it: notes are no answers."""
    alone = [] if example.text else problems(judged((card,), example))
    return card.severity == "note" if example.text else not alone


def judged(cards: tuple[RuleCard, ...], example: Example) -> list[Finding]:
    told: dict[str, Fact] = {key: known(value, call("example")) for key, value in example.facts.items()}
    told |= {key: absent("said to be absent") for key in example.absent}
    facts = Facts(told)
    facts = facts.merged({key: fact for key, fact in derive(facts).items() if key not in told})
    return findings(cards, facts, {}, {})


def problems(found: list[Finding] | tuple[Finding, ...]) -> list[Finding]:
    return [finding for finding in found if finding.is_problem and finding.severity != "note"]


def answer(sample: str, found: list[Finding], accepted: set[str], what: str) -> Answer:
    first = found[0] if found else None
    level = first.confidence if first else "none"
    return Answer(sample, level, bool(first) and first.cause in accepted, f"{what}: {first and first.cause}")


def from_cases(folder: Path) -> Iterator[Answer]:
    spec = importlib.util.spec_from_file_location("score", folder / "score.py")
    assert spec
    assert spec.loader
    score = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(score)
    for path in sorted(folder.glob("*.json")):
        case = json.loads(path.read_text(encoding="utf-8"))
        found = problems(diagnose([score.paste(case["inputs"])]).findings)
        if case["healthy"]:
            alarms = [finding for finding in found if finding.severity == "error"]
            level = alarms[0].confidence if alarms else "none"
            yield Answer("tickets, healthy", level, not alarms, case["id"])
        else:
            yield answer("tickets, broken", found, {case["cause"], *case["also_acceptable"]}, case["id"])


def main() -> int:
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else None
    answers = [*from_examples(), *(from_cases(folder) if folder else ())]
    samples = dict.fromkeys(each.sample for each in answers)
    print("| first finding | " + " | ".join(samples) + " |\n| --- |" + " --- |" * len(samples))
    for level in LEVELS:
        cells = []
        for sample in samples:
            here = Counter(each.right for each in answers if (each.sample, each.level) == (sample, level))
            total = here[True] + here[False]
            cells.append(f"{here[True]} of {total}" if total else "")
        print(f"| {level} | " + " | ".join(cells) + " |")
    wrong = [f"{each.sample}, {each.level}: {each.what}" for each in answers if not each.right]
    print("\nwrong:", *wrong, sep="\n  ", file=sys.stderr)
    return 0


if __name__ == "__main__":
    sys.exit(main())
