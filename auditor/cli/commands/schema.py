"""`fwaudit schema`: the JSON Schema of what is written."""

from __future__ import annotations

import click

from auditor.cli.output import OutputError, write

NAMES = {"report": "report-v1.json", "snapshot": "snapshot-v1.json"}


@click.command("schema")
@click.argument("which", type=click.Choice(list(NAMES)))
@click.option("-o", "--output", default="-", metavar="FILE", help="Write to FILE instead of stdout.")
def command(which: str, output: str) -> int:
    """Print the JSON Schema of a report or of a recording (snapshot)."""
    from auditor._resources import tree

    text = (tree("reports") / "schema" / NAMES[which]).read_text(encoding="utf-8")
    try:
        write(output, text)
    except OutputError as error:
        click.echo(f"fwaudit: {error}", err=True)
        return 3
    return 0
