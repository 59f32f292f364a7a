"""Where facts do not decide: at most three causes as possible, never as certain, and what would decide each."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest

from auditor.audit.diagnose import diagnose

CASES = tomllib.loads((Path(__file__).parent / "incomplete.toml").read_text(encoding="utf-8"))["case"]


@pytest.mark.parametrize("case", [pytest.param(case, id=case["text"].strip()[:40]) for case in CASES])
def test_what_is_open_stays_possible(case: dict) -> None:
    report = diagnose([case["text"]])
    assert sorted(finding.cause for finding in report.findings) == sorted(case["possible"])
    assert len(report.findings) <= 3
    assert {finding.confidence for finding in report.findings} <= {"possible"}
    assert {finding.severity for finding in report.findings} <= {case.get("severity", "warning")}
    asked = report.options.get("ask", [])
    assert [line for line in case.get("ask", []) if line not in asked] == []
    decides = report.options.get("decides", {})
    assert set(decides) == {finding.id for finding in report.findings}
    assert all(decides.values())


IBSTAT = """CA '{0}'
	CA type: {2}
	Number of ports: 1
	Port 1:
		State: Active
		Physical state: LinkUp
		Rate: {1}
		Link layer: InfiniBand
"""


@pytest.mark.parametrize(
    ("rates", "models", "causes"),
    [
        ((400, 400, 100), ("MT4129",) * 3, ["ib_rate_degraded"]),
        ((400, 400, 200), ("MT4129", "MT4129", "MT4123"), []),
        ((200, 200, 200), ("MT4123",) * 3, []),
        ((400, 100), ("MT4129",) * 2, []),
    ],
)
def test_ibstat_shows_the_port_that_lags(rates: tuple, models: tuple, causes: list[str]) -> None:
    told = [
        IBSTAT.format(f"mlx5_{number}", *pair) for number, pair in enumerate(zip(rates, models, strict=True))
    ]
    report = diagnose(["slow, why?\n$ ibstat\n" + "".join(told) + "thanks"])
    assert [finding.cause for finding in report.findings] == causes
    assert len(report.facts["ib.ports"].value) == len(rates)
    assert report.options["unread"] == 3
