"""`fwaudit list`: what there is: rules, facts, tables, goals, criteria, probes, workloads."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import click

from auditor.cli.output import tell

Row = dict[str, str]


def _rules(rules_dirs: tuple[str, ...] = ()) -> list[Row]:
    from auditor.engine.predicates import PREDICATES
    from auditor.engine.rulebook import rule_rows
    from auditor.knowledge.cards import load_cards

    return rule_rows(load_cards(rules_dirs, predicates=PREDICATES))


def _facts() -> list[Row]:
    from auditor.engine.rulebook import fact_rows
    from auditor.knowledge.catalogue import catalogue

    return fact_rows(catalogue())


def _tables() -> list[Row]:
    from auditor.engine.rulebook import table_rows
    from auditor.knowledge import tables

    return table_rows(tables.table(name) for name in tables.names())


def _goals() -> list[Row]:
    from auditor.cli.options import every_goal
    from auditor.engine.listing import goal_rows

    return goal_rows(every_goal())


def _criteria() -> list[Row]:
    from auditor.engine.listing import criterion_rows
    from auditor.knowledge.criteria import load_criteria

    return criterion_rows(load_criteria())


def _moved() -> list[Row]:
    from auditor.engine.listing import moved_rows
    from auditor.knowledge.criteria import load_criteria

    return moved_rows(load_criteria())


def _kept() -> list[Row]:
    from auditor.engine.listing import kept_rows
    from auditor.knowledge.kept import load_kept

    return kept_rows(load_kept())


def _probes() -> list[Row]:
    from auditor.probes import load_each

    return [
        {"name": probe.name, "facts": f"{len(probe.provides)} facts", "provides": ", ".join(probe.provides)}
        for probe in load_each()
    ]


def _workloads() -> list[Row]:
    from auditor.smoke.catalog import load

    return [
        {"id": work.id, "level": work.level, "framework": work.framework, "claim": work.claim}
        for work in load()
    ]


def _checks() -> list[Row]:
    from auditor.knowledge.profiles import library

    rows = [{key: str(raw.get(key, "")) for key in ("name", "code", "title")} for raw in library().values()]
    return [
        {**row, "level": raw.get("level", "fail")} for row, raw in zip(rows, library().values(), strict=True)
    ]


def _profiles() -> list[Row]:
    from auditor.knowledge.profiles import load_profile, shipped

    counts = {name: load_profile([name]).checks for name in shipped()}
    return [{"name": name, "checks": str(len(checks))} for name, checks in counts.items()]


# what -> its rows, and the columns that the text form shows
KINDS: Mapping[str, tuple[Callable[[], list[Row]], tuple[str, ...]]] = {
    "rules": (_rules, ("id", "severity", "cause", "title")),
    "facts": (_facts, ("key", "type", "doc")),
    "tables": (_tables, ("name", "date", "rows", "title")),
    "goals": (_goals, ("id", "title")),
    "criteria": (_criteria, ("id", "framework", "title")),
    "moved": (_moved, ("criterion", "framework", "moved", "published", "today")),
    "kept": (_kept, ("id", "pytorch", "tensorflow", "jax", "title")),
    "probes": (_probes, ("name", "facts")),
    "checks": (_checks, ("code", "level", "name", "title")),
    "profiles": (_profiles, ("name", "checks")),
    "workloads": (_workloads, ("id", "level", "framework", "claim")),
}


@click.command("list")
@click.argument("kind", metavar="|".join(KINDS))
@click.option(
    "--format", "format_", type=click.Choice(["text", "json"]), default="text", help="How to print it."
)
@click.option(
    "--rules-dir", "rules_dirs", multiple=True, metavar="DIR", help="Add a folder of your own rule cards."
)
def command(kind: str, format_: str, rules_dirs: tuple[str, ...]) -> int:
    """List what fwaudit knows: rules, facts, tables, goals, criteria, what to keep, probes or workloads."""
    from auditor.knowledge.words import KnowledgeError

    if kind not in KINDS:
        raise click.UsageError(f"nothing to list is called {kind!r}{_nearest(kind)}")
    rows_of, columns = KINDS[kind]
    try:
        rows = _rules(rules_dirs) if kind == "rules" else rows_of()
    except KnowledgeError as error:
        raise click.UsageError(str(error)) from error
    tell(_json(rows) if format_ == "json" else _text(rows, columns))
    return 0


def _nearest(kind: str) -> str:
    from auditor.knowledge.words import nearest

    close = nearest(kind, KINDS)
    return f"; did you mean {close!r}?" if close else f"; there are {', '.join(KINDS)}"


def _json(rows: list[Row]) -> str:
    import json

    return json.dumps(rows, indent=1, sort_keys=True)


def _text(rows: list[Row], columns: Sequence[str]) -> str:
    """Return aligned columns, the last one as long as it is."""
    widths = [max((len(row[column]) for row in rows), default=0) for column in columns[:-1]]
    return "\n".join(
        "  ".join(
            [
                *(row[column].ljust(width) for column, width in zip(columns, widths, strict=False)),
                row[columns[-1]],
            ]
        )
        for row in rows
    )
