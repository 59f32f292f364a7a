"""JSON: every field, sorted, ASCII, true to its schema, and back again."""

import json
import subprocess
import sys
from pathlib import Path

import jsonschema
import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

import reports
from auditor._resources import tree
from auditor.model.fact import Evidence, Fact
from auditor.model.stored import decode_report
from auditor.render import render

ROOT = Path(__file__).resolve().parents[2]


@pytest.mark.parametrize("name", reports.ALL)
def test_real_reports_fit_the_schema(name):
    schema = json.loads((tree("reports") / "schema" / "report-v1.json").read_text())
    jsonschema.Draft202012Validator(schema).validate(json.loads(render(reports.ALL[name](), "json")))


@pytest.mark.parametrize("name", reports.ALL)
def test_what_was_written_reads_back_and_writes_the_same(name):
    written = render(reports.ALL[name](), "json")
    assert decode_report(written.encode()) == reports.ALL[name]()
    assert render(decode_report(written.encode()), "json") == written


def test_facts_have_the_shape_that_the_design_promises():
    facts = json.loads(render(reports.healthy(), "json"))["facts"]
    assert facts["nvidia.xids"] == {
        "state": "unknown", "value": None, "reason": "permission denied",
        "evidence": [{"kind": "file", "ref": "/dev/kmsg", "excerpt": ""}],
    }  # fmt: skip
    assert all(set(fact) == {"state", "value", "reason", "evidence"} for fact in facts.values())


def test_defaults_are_written_so_that_readers_need_no_knowledge_of_them():
    report = json.loads(render(reports.broken(), "json"))
    assert {"status", "device", "framework", "reason", "metrics"} <= set(report["smoke"][0])
    assert all(
        {"cause", "severity", "outcome", "subject", "remedy"} <= set(finding)
        for finding in report["findings"]
    )


def test_keys_are_sorted_and_everything_is_ascii():
    report = reports.report(
        {"cpu.model_name": Fact("known", "µ 日本 🙂"), "b": Fact("known", {"z": 1, "a": 2})}
    )
    written = render(report, "json")
    assert written.isascii()
    assert json.dumps(json.loads(written), sort_keys=True, indent=2) == written.rstrip("\n")
    assert json.loads(written)["facts"]["cpu.model_name"]["value"] == "µ 日本 🙂"


def test_a_name_of_a_file_that_is_no_utf8_does_not_end_the_report():
    report = reports.report({"request.cwd": Fact("known", "/data/\udcff", "", (Evidence("call", "getcwd"),))})
    assert "/data/" in json.loads(render(report, "json"))["facts"]["request.cwd"]["value"]


def test_the_schemas_are_up_to_date():
    done = subprocess.run(
        [sys.executable, "tools/make_schema.py", "--check"], cwd=ROOT, capture_output=True, text=True, check=False,
        env={"PYTHONPATH": str(ROOT)},
    )  # fmt: skip
    assert done.returncode == 0, done.stdout


_JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**53), 2**53)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)


@given(
    st.dictionaries(
        st.text(min_size=1),
        st.tuples(st.sampled_from(["known", "absent", "unknown"]), _JSON, st.text()),
        max_size=4,
    )
)
def test_any_report_survives_every_format_and_the_way_back(facts):
    report = reports.report(
        {key: Fact(state, value, reason) for key, (state, value, reason) in facts.items()}
    )  # type: ignore[arg-type]
    written = render(report, "json")
    assert written.isascii()
    assert render(decode_report(written.encode()), "json") == written
    assert render(report, "text")
    assert render(msgspec.structs.replace(report), "text").endswith("\n")
