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


ODD_PAIR = "torch==2.6.0+cu124\ntorchaudio==2.5.1+cu124\n"
STORY = """Throughput falls by half after some hours of serving
The server answers every request but each of them takes longer than the one before.
I expected it to stay as fast as it was in the first hour of the run.
"""
REMARK = (
    "WARNING 03-02 10:11:12 ops.py:17] could not load flash_attn, please install flash-attn for more speed\n"
)


@pytest.mark.parametrize(
    ("text", "severities"),
    [
        (ODD_PAIR, ["error"]),
        (STORY + ODD_PAIR, ["warning"]),
        (STORY + "It began when torchaudio was upgraded on one of the two machines we have.\n" + ODD_PAIR, ["error"]),
        ("(Worker pid=7) ERROR 05-28 18:58:32 [core.py:52] ValueError: no such layer: lm_head\n" + ODD_PAIR, ["warning"]),
        (REMARK + STORY, []),
    ],
    ids=["alone", "beside a story", "the story names it", "beside another error in a log", "a remark in a log"],
)  # fmt: skip
def test_a_side_fault_is_no_more_than_a_warning(text: str, severities: list[str]) -> None:
    assert [f.severity for f in diagnose([text]).findings if f.severity != "note"] == severities


def test_flags_that_a_terminal_wrapped_are_not_missed() -> None:
    flags = "fpu vme de pse tsc msr pae mce cx8 apic sep mtrr pge mca cmov pat lm ss\nse3 cx16 sse4_1 ss\ne4_2 popcnt avx avx2"
    text = f"PyTorch version: 2.5.1\nOS: Ubuntu 22.04.4 LTS (x86_64)\nFlags:    {flags}\n"
    report = diagnose([text])
    assert {"sse4_1", "sse4_2", "avx2"} <= set(report.facts["cpu.flags"].value)
    assert not [f for f in report.findings if f.cause == "cpu_missing_avx"]
