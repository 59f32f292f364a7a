"""Stored reports are read strictly: what is wrong, and where."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

import reports
from auditor.cli.app import app
from auditor.model import migration, stored
from auditor.model.report import SCHEMA_VERSION
from auditor.model.stored import StoredError, decode_report
from auditor.render import FORMATS, render


def changed(**changes) -> bytes:
    return json.dumps({**json.loads(render(reports.healthy(), "json")), **changes}).encode()


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "not JSON"),
        (b"{", "not JSON"),
        (b"\xff\xfe", "not JSON"),
        (b"[]", "not a report"),
        (b"{}", "no schema_version"),
        (b'{"snapshot_version": 1}', "scan --snapshot reads it"),
        (changed(schema_version=2), r"newer fwaudit \(schema version 2\); this one reads up to 1"),
        (changed(schema_version="1"), "schema_version: expected a number"),
        (changed(schema_version=0), "schema_version: expected a number"),
        (changed(tool={"version": 1}), "tool.version: expected `str`, got `int`"),
        (changed(facts={"a.b": {"state": "perhaps"}}), "facts.*state"),
        (changed(findings=[{"id": "x"}]), r"findings\[0\]"),
        (b'{"schema_version": 1, "x": ' + b"[" * 100_000, "nested too deeply|not JSON"),
        (b'{"schema_version": ' + b"[" * 100_000, "nested too deeply|not JSON"),
    ],
)
def test_says_what_is_wrong(data, words):
    with pytest.raises(StoredError, match=words):
        decode_report(data)


def nested(levels: int, opened: str = "[", closed: str = "]", end: str = "") -> str:
    return opened * levels + end + closed * levels


PLANS = nested(400, '{"possible":true,"apart":[', "]}", '{"possible":true}')
DEEP = {  # where a report may hold what it likes
    "a fact": {"facts": {"smoke.rates": {"state": "known", "value": "@"}}},
    "a fact's fields": {"facts": {"smoke.rates": {"state": "known", "value": {"a": "@"}}}},
    "options": {"options": {"goals": "@"}},
    "a workload's figures": {"smoke": [{"id": "x", "framework": "pytorch", "metrics": {"a": "@"}}]},
    "what a plan chose": {"recommendation": {"plan": {"possible": True, "choices": [{"a": "@"}]}}},
}


@pytest.mark.parametrize("place", DEEP)
@pytest.mark.parametrize("levels", [60, 400, 900])
def test_what_no_walk_could_follow_is_refused(place, levels):
    for data in (nested(levels), nested(levels, '{"a":', "}", "1")):
        with pytest.raises(StoredError, match="nested too deeply"):
            decode_report(changed(**DEEP[place]).replace(b'"@"', data.encode()))
    assert decode_report(changed(**DEEP[place]).replace(b'"@"', nested(10).encode()))


def test_plans_of_plans_without_end_are_refused():
    data = changed(recommendation={"plan": "@"}).replace(b'"@"', PLANS.encode())
    with pytest.raises(StoredError, match="nested too deeply"):
        decode_report(data)


def test_fields_of_a_later_writer_of_the_same_schema_are_passed_over():
    assert decode_report(changed(something_new=[1])) == reports.healthy()


STORED = sorted((Path(__file__).parent / "stored").glob("report-v*.json"))


def test_every_version_from_the_first_on_has_a_stored_report_and_a_step_to_the_next():
    assert [path.stem for path in STORED] == [f"report-v{n}" for n in range(1, SCHEMA_VERSION + 1)]
    assert sorted(migration.STEPS) == list(range(1, SCHEMA_VERSION))


@pytest.mark.parametrize("path", STORED, ids=lambda path: path.stem)
def test_a_report_of_every_version_is_shown_in_every_format(path):
    report = decode_report(path.read_bytes())
    assert report.schema_version == SCHEMA_VERSION
    for format_ in FORMATS:
        text = render(report, format_)
        assert report.findings[0].id in text or format_ == "prometheus"
    assert decode_report(render(report, "json").encode()) == report


def test_a_step_is_taken_for_each_version_in_between(monkeypatch):
    def renamed(old):
        return {**old, "tool": {**old["tool"], "version": old["tool"]["version"] + "+1"}}

    def again(old):
        assert old["schema_version"] == 2
        return {**old, "options": {**old["options"], "told_by": old["tool"]["version"]}}

    monkeypatch.setattr(stored, "SCHEMA_VERSION", 3)
    monkeypatch.setattr(migration, "STEPS", {1: renamed, 2: again})
    report = decode_report(STORED[0].read_bytes())
    assert report.schema_version == 3
    assert report.options["told_by"] == report.tool.version
    assert report.tool.version.endswith("+1")


def test_a_version_without_a_step_and_a_step_that_fails_are_told(monkeypatch):
    monkeypatch.setattr(stored, "SCHEMA_VERSION", 2)
    with pytest.raises(StoredError, match="no step leads to 2"):
        decode_report(STORED[0].read_bytes())
    monkeypatch.setattr(migration, "STEPS", {1: lambda old: {"lost": old["not there"]}})
    with pytest.raises(StoredError, match="cannot be brought to version 2"):
        decode_report(STORED[0].read_bytes())
    monkeypatch.setattr(migration, "STEPS", {1: lambda old: {**old, "tool": 3}})
    with pytest.raises(StoredError, match="tool: expected"):
        decode_report(STORED[0].read_bytes())


def test_a_newer_version_is_refused_by_every_command_that_reads_reports(tmp_path):
    newer = tmp_path / "newer.json"
    newer.write_bytes(changed(schema_version=SCHEMA_VERSION + 1))
    for words in (["show"], ["validate"], ["compare", str(newer)], ["diagnose"], ["profile", "learn"]):
        done = CliRunner().invoke(app, [*words, str(newer)], standalone_mode=False)
        told = done.output + str(done.exception or "")
        assert "newer fwaudit" in told, words
        assert done.exception is not None or done.return_value != 0
