"""Pasted text, reports and recordings -> one report: the same rules as for the live scan."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, NamedTuple

from auditor import __version__
from auditor.audit.quotes import stored_rows, to_the_point
from auditor.audit.waived import waived, waivers_of
from auditor.engine.asking import asked, first_questions
from auditor.engine.complaint import tempered
from auditor.engine.derive import derive
from auditor.engine.rank import rank
from auditor.engine.suppose import suppose, wants_gpu
from auditor.engine.symptoms import Hit, symptoms_in
from auditor.engine.weigh import weigh
from auditor.knowledge.card import RuleCard
from auditor.knowledge.tables import knowledge_date
from auditor.model.fact import Fact, Facts
from auditor.model.finding import Finding
from auditor.model.report import HostInfo, Report, TargetInfo, Tool
from auditor.model.smoke import SmokeResult
from auditor.readers import read_lines, unread
from auditor.readers.facts import facts_of
from auditor.readers.lines import Line, split
from auditor.readers.own_text import reported
from auditor.readers.stored import Stored, read

UNREAD_SHOWN = 20


class Case(NamedTuple):
    """What was handed in: the text's lines, and what of ours stood in it."""

    lines: list[Line]
    stored: list[Stored]


def case_of(texts: Sequence[str]) -> Case:
    """Return several texts as one case.

    Raises:
        auditor.model.stored.StoredError: a report or recording of ours that cannot be read.

    """
    stored = [read(text) for text in texts]
    return Case(split("\n\n".join(part.rest for part in stored)), stored)


def diagnose(
    texts: Sequence[str],
    *,
    rules_dirs: tuple[str, ...] = (),
    ignore: Mapping[str, str] | None = None,
    source: str = "",
) -> Report:
    """Return the report on texts: facts from every reader, every card, and what the messages add.

    Raises:
        auditor.model.stored.StoredError: a report or recording of ours that cannot be read.
        auditor.knowledge.loading.KnowledgeError: a site's own rules that cannot be read.

    """
    case = case_of(texts)
    notes = read_lines(case.lines)
    cards = _cards(rules_dirs)
    hits = symptoms_in(cards, case.lines)
    facts = _facts(case, facts_of(notes), hits)
    listed = notes.packages or stored_rows(facts["python.distributions"])
    found = to_the_point(findings(cards, facts, hits, ignore or {}, case.lines), listed, case.lines)
    quoted = {hit.line for group in hits.values() for hit in group}
    left = [line for line in unread(case.lines, notes) if line.number not in quoted]
    return Report(
        tool=Tool(__version__, knowledge_date()),
        created=datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        host=HostInfo("paste", source=source),
        target=TargetInfo(reason="a text was diagnosed, not an interpreter"),
        facts=dict(facts.items()),
        findings=tuple(finding for finding in found if finding.is_problem),
        checks=tuple(finding for finding in found if not finding.is_problem),
        smoke=_smoke(case),
        options=_options(case, found, left, facts) | _changed(case, found, cards),
    )


def findings(
    cards: Sequence[RuleCard],
    facts: Facts,
    hits: Mapping[str, Sequence[Hit]],
    ignore: Mapping[str, str],
    lines: Sequence[Line] = (),
) -> list[Finding]:
    """Return the findings, the likeliest root cause first.

    Raises:
        KnowledgeError: what is to be ignored is no rule.

    """
    from auditor.engine.evaluate import evaluate

    waivers = waivers_of(cards, ignore)

    weighed = weigh(cards, evaluate(cards, facts), hits, facts)
    if not any(
        finding.is_problem and (finding.severity != "note" or finding.explains) for finding in weighed
    ):
        spared = "gpu" in (facts.value("request.avoids") or ())
        wanted = not spared and wants_gpu(cards, facts, hits, lines)
        weighed = suppose(cards, weighed, facts, wants_gpu=wanted)
    weighed = tempered(cards, weighed, hits, facts, lines)
    return waived(_said_first(rank(weighed), hits, weighed), waivers)


def _said_first(
    ranked: list[Finding], hits: Mapping[str, Sequence[Hit]], weighed: Sequence[Finding]
) -> list[Finding]:
    """Put what the text itself complains of before what else is wrong, within roots of one severity.

    Causes that are but possible keep the order in which they were thought of, the commonest first.
    """
    order = {"error": 0, "warning": 1, "note": 2}
    place = {finding.id: number for number, finding in enumerate(weighed) if finding.confidence == "possible"}
    return sorted(
        ranked,
        key=lambda f: (
            (False, bool(f.explained_by), order[f.severity], f.id not in hits, place.get(f.id, -1))
            if f.is_problem
            else (True, True, 3, True, 0)
        ),
    )


def _cards(rules_dirs: tuple[str, ...]) -> tuple[RuleCard, ...]:
    from auditor.engine.predicates import PREDICATES
    from auditor.knowledge.cards import load_cards

    return load_cards(rules_dirs, predicates=PREDICATES)


def _facts(case: Case, told: Mapping[str, Fact], hits: Mapping[str, Sequence[Hit]]) -> Facts:
    """Return what recordings and reports hold, then what the text says where those do not know, then what follows."""
    facts = Facts()
    for stored in case.stored:
        for snapshot in stored.snapshots:
            facts = facts.merged(_replayed(snapshot))
        for report in stored.reports:
            facts = facts.merged(report.facts)
    logged = {key: fact for group in hits.values() for hit in group for key, fact in hit.facts.items()}
    missing = {key: fact for key, fact in {**logged, **told}.items() if not facts[key].is_known}
    facts = facts.merged(missing)
    return facts.merged(derive(facts))


def _replayed(snapshot: Any) -> dict[str, Fact]:
    from auditor.audit.pipeline import audit
    from auditor.audit.request import Request
    from auditor.host.recording import SnapshotHost

    return audit(Request(cwd="/", level="none"), SnapshotHost(snapshot), None).facts


def _smoke(case: Case) -> tuple[SmokeResult, ...]:
    return tuple(result for stored in case.stored for report in stored.reports for result in report.smoke)


def _options(case: Case, found: Sequence[Finding], left: Sequence[Line], facts: Facts) -> dict[str, Any]:
    """Return how much was read, what was not, what to ask, and how a stored report's findings changed.

    `ask` are the commands that would decide; `decides` names those of each cause that is but possible.
    """
    decides = {f.id: asked(f, facts) for f in found if f.is_problem and f.confidence == "possible"}
    problems = any(f.is_problem and f.severity != "note" for f in found)
    ask = [line for lines in decides.values() for line in lines]
    given: dict[str, Any] = {
        "lines": len({line.number for line in case.lines if line.text}),
        "unread": len(left),
        "unread_lines": [f"{line.number}: {line.words[:120]}" for line in left[:UNREAD_SHOWN]],
        "ask": list(dict.fromkeys(ask)) or ([] if problems else first_questions(facts)),
        "decides": decides,
    }
    return {name: value for name, value in given.items() if value}


def _changed(case: Case, found: Sequence[Finding], cards: Sequence[RuleCard]) -> dict[str, Any]:
    """Return how the findings differ from those of a stored report, or of one whose text was pasted."""
    reports = [report for stored in case.stored for report in stored.reports]
    causes = {card.id: card.cause for card in cards}
    said = {causes[name]: title for name, title in reported(case.lines).items() if name in causes}
    said |= {finding.cause: finding.title for report in reports for finding in report.findings}
    now = {finding.cause: finding.title for finding in found if finding.is_problem}
    waived_now = {finding.cause for finding in found if finding.waiver}
    changed = {
        "no longer found": sorted(said[cause] for cause in said.keys() - now.keys() - waived_now),
        "newly found": sorted(now[cause] for cause in now.keys() - said.keys()) if reports or said else [],
    }
    return {"changed": changed} if any(changed.values()) else {}
