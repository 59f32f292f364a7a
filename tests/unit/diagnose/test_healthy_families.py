"""Healthy environments by the thousand: no finding may call one of them faulty.

Each family's combinations are sampled; FWAUDIT_ALL_HEALTHY=1 takes them all.
"""

from __future__ import annotations

import itertools
import os
import tomllib
from pathlib import Path

import pytest

from auditor.audit.diagnose import diagnose

TABLE = tomllib.loads(Path(__file__).with_name("healthy.toml").read_text(encoding="utf-8"))
SAMPLE = 8
# true of the card for the screen, and said of it alone: it cannot be used by this build
ASIDE = {"gpu_too_old_for_build"}


def machines(family: dict) -> list[str]:
    """Return the dumps of a family, or so many of them that every row of every axis may come up."""
    filled = [
        TABLE["forms"][family["form"]].format_map(
            TABLE["usual"] | {name: value for row in rows for name, value in row.items()}
        )
        for rows in itertools.product(*family["axes"])
    ]
    if os.environ.get("FWAUDIT_ALL_HEALTHY") or len(filled) <= SAMPLE:
        return filled
    step = next(step for step in range(len(filled) // SAMPLE, 0, -1) if len(filled) % step or step == 1)
    return filled[::step][: SAMPLE + 1]


@pytest.mark.parametrize("family", TABLE["families"], ids=lambda family: family["name"])
def test_nothing_is_called_faulty(family: dict) -> None:
    for text in machines(family):
        wrong = [
            f"{finding.severity} {finding.cause}: {finding.message}"
            for finding in diagnose([text]).findings
            if finding.severity != "note" and finding.cause not in ASIDE
        ]
        assert not wrong, f"{wrong} of{text}"
