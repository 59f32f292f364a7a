"""--ignore ID=REASON: findings that the user knows and waives."""

from __future__ import annotations

import click


def waivers(texts: tuple[str, ...]) -> dict[str, str]:
    """Return rule -> reason, the rule by its id, slug or cause as it was typed.

    Raises:
        click.UsageError: no reason is given.

    """
    found = {}
    for text in texts:
        name, sign, reason = text.partition("=")
        if not sign or not reason.strip():
            raise click.UsageError(
                f'--ignore {text}: expected ID=REASON, such as FWA405="shared host, known"'
            )
        found[name.strip()] = reason.strip().strip('"')
    return found
