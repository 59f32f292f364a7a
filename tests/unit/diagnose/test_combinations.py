"""Two or three causes at once: the root first, what follows from it after it, the same thing once."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest

from auditor.audit.diagnose import diagnose

CASES = tomllib.loads((Path(__file__).parent / "combinations.toml").read_text(encoding="utf-8"))["case"]


@pytest.mark.parametrize("case", [pytest.param(case, id=case["name"]) for case in CASES])
def test_the_root_comes_first(case: dict) -> None:
    found = [finding for finding in diagnose([case["text"]]).findings if finding.severity != "note"]
    causes = [finding.cause for finding in found]
    assert causes[: len(case["roots"])] == case["roots"]
    follow = {finding.cause for finding in found if finding.explained_by}
    assert follow == set(case.get("follow", []))
    assert {finding.cause for finding in found if not finding.explained_by} == set(case["roots"])
    assert len({(f.cause, f.subject) for f in found}) == len(found)
