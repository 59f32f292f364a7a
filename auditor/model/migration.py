"""Brings a stored report of an older schema version to today's, one version at a time."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

Step = Callable[[dict[str, Any]], dict[str, Any]]

# version -> what makes its reports reports of the next version; none is ever removed, so that version 1 stays readable
STEPS: Mapping[int, Step] = {}


def migrated(report: dict[str, Any], to: int) -> dict[str, Any]:
    """Return a report, as JSON values, in schema version `to`.

    Raises:
        LookupError: no step leads on from a version; a test holds that there is one for each.

    """
    for version in range(report["schema_version"], to):
        if version not in STEPS:
            msg = f"schema version {version} is too old: no step leads to {version + 1}"
            raise LookupError(msg)
        report = {**STEPS[version](report), "schema_version": version + 1}
    return report
