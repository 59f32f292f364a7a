"""`fwaudit diagnose`: pasted text, logs, reports -> the root cause."""

from __future__ import annotations

from typing import Any

import click

from auditor.cli.options import output_option, warn_unredacted


@click.command("diagnose")
@click.argument("files", nargs=-1, required=True, metavar="FILE... | -")
@click.option(
    "--format",
    "format_",
    metavar="FORMAT",
    help="text (default), json, markdown (a reply ready to post), html, junit or prometheus, on stdout.",
)
@output_option
@click.option(
    "--fail-on",
    type=click.Choice(["error", "warning", "note", "never"]),
    help="Exit 1 for findings at or above it.",
)
@click.option(
    "--rules-dir", "rules_dirs", multiple=True, metavar="DIR", help="Add a folder of your own rule cards."
)
@click.option(
    "--ignore", multiple=True, metavar="RULE=REASON", help="Show a finding as waived, with the reason."
)
@click.option("-v", "--verbose", is_flag=True, help="Show every fact and check.")
@click.option("--no-redact", is_flag=True, help="Leave names, addresses and serials as they are.")
def command(files: tuple[str, ...], **options: Any) -> int:
    """Name the root cause in what was pasted: errors, logs, environment dumps, package lists, our own reports.

    Several files are one case; "-" is stdin. The exit code is 0 where an answer was given, unless --fail-on asks
    for more.
    """
    from auditor.cli import delivery

    plan = delivery.plan_outputs(options["format_"], options["outputs"])
    report = _diagnosed(files, options)
    written = delivery.write_all(report, plan, verbose=options["verbose"])
    if options["fail_on"] and written:
        from auditor.model.verdict import exit_code

        return exit_code(report, options["fail_on"])
    return 0 if written else 3


def _diagnosed(files: tuple[str, ...], options: dict[str, Any]) -> Any:
    from auditor.audit.diagnose import diagnose
    from auditor.cli.pasted import text_of
    from auditor.cli.waivers import waivers
    from auditor.knowledge.words import KnowledgeError
    from auditor.model.stored import StoredError

    ignore = waivers(options["ignore"])
    texts = [text_of(file) for file in files]
    if not options["no_redact"]:
        from auditor.redaction.blocks import without_blocks

        texts = [without_blocks(text) for text in texts]
    try:
        report = diagnose(
            texts,
            rules_dirs=options["rules_dirs"],
            ignore=ignore,
            source=", ".join(f for f in files if f != "-"),
        )
    except StoredError as error:
        raise click.UsageError(f"{', '.join(files)}: {error}") from error
    except KnowledgeError as error:
        raise click.UsageError(str(error)) from error
    if options["no_redact"]:
        warn_unredacted()
        return report
    from auditor.redaction import Identity, Redactor, redact_report
    from auditor.redaction.places import names_in

    users, hosts = names_in("\n".join(texts))
    return redact_report(report, Redactor(Identity(users=users, hosts=hosts)))
