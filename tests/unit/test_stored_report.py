"""Stored reports are read strictly: what is wrong, and where."""

import json

import pytest

import reports
from auditor.model.stored import StoredError, decode_report
from auditor.render import render


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


def test_fields_of_a_later_writer_of_the_same_schema_are_passed_over():
    assert decode_report(changed(something_new=[1])) == reports.healthy()
