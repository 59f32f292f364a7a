"""Every format of one report: the same verdict, whole structure, within the limits."""

import re
import shutil
import subprocess
import time
import tracemalloc
import xml.etree.ElementTree as ET

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import reports
from auditor._resources import tree
from auditor.compare.differences import compare
from auditor.compare.page import html
from auditor.compare.text import text as comparison_text
from auditor.compare.told import Pool, told
from auditor.model.fact import Evidence, Fact, known
from auditor.model.finding import Finding, Remedy
from auditor.model.report import Redaction
from auditor.model.smoke import SmokeResult
from auditor.model.stored import decode_report
from auditor.model.verdict import exit_code
from auditor.render import FORMATS, RenderOptions, render
from auditor.render.json import written
from auditor.render.markup.flat import flattened
from auditor.render.parts.opening import verdict

SPOKEN = [format_ for format_ in FORMATS if format_ != "json"]


@pytest.mark.parametrize("format_", SPOKEN)
@pytest.mark.parametrize("name", reports.ALL)
def test_every_format_gives_the_same_verdict(name, format_):
    report = reports.ALL[name]()
    assert verdict(report)[0] in render(report, format_)


@pytest.mark.parametrize("fail_on", ["error", "warning", "note", "never"])
@pytest.mark.parametrize("name", ["healthy", "broken", "bare", "many_gpus"])
def test_machines_formats_are_red_where_the_exit_code_is(name, fail_on):
    report = reports.ALL[name]()
    options = RenderOptions(fail_on=fail_on)
    code = exit_code(report, fail_on)
    checks = ET.fromstring(render(report, "junit", options)).find("testsuite[@name='fwaudit.checks']")
    assert f"\nfwaudit_exit_code {code}\n" in render(report, "prometheus", options)
    assert bool(int(checks.get("failures")) + int(checks.get("errors"))) == (code == 1)


@pytest.mark.parametrize("fail_on", ["error", "warning", "note", "never"])
@pytest.mark.parametrize("found", ["an error", "a waived error", "a warning", "a waived warning", "nothing"])
def test_workloads_that_failed_are_told_alike_by_word_and_exit_code(found, fail_on):
    finding = msgspec.structs.replace(
        reports.DRIVER_TOO_OLD,
        severity="error" if "error" in found else "warning",
        waiver="known" if "waived" in found else "",
    )
    place = {} if found == "nothing" else {"checks" if "waived" in found else "findings": (finding,)}
    failed = SmokeResult(id="pytorch-matmul", framework="pytorch", device="cpu", status="fail")
    report = reports.report(reports.SYSTEM, smoke=(failed,), **place)
    word, code, options = verdict(report)[0], exit_code(report, fail_on), RenderOptions(fail_on=fail_on)
    assert word == ("WAIVED" if found == "a waived error" else "BROKEN")
    assert code == (word == "BROKEN" and fail_on != "never")
    suites = ET.fromstring(render(report, "junit", options))
    assert bool(int(suites.get("failures")) + int(suites.get("errors"))) == code
    assert all(word in render(report, format_, options) for format_ in SPOKEN)


@pytest.mark.parametrize("format_", FORMATS)
@pytest.mark.parametrize("name", reports.ALL)
def test_a_stored_report_is_shown_as_the_scan_would_have(name, format_):
    report = reports.ALL[name]()
    stored = decode_report(render(report, "json").encode())
    for options in (RenderOptions(), RenderOptions(verbose=True), RenderOptions(flat=True)):
        assert render(stored, format_, options) == render(report, format_, options)


def test_junit_counts_what_it_holds_and_skips_the_unknown():
    suites = ET.fromstring(render(reports.broken(), "junit"))
    for suite in suites:
        assert int(suite.get("tests")) == len(suite.findall("testcase"))
        assert int(suite.get("skipped")) == len(suite.findall("testcase/skipped"))
    messages = [skipped.get("message") for skipped in suites.iter("skipped")]
    assert any(message.startswith("unknown") and "nvidia.xids" in message for message in messages)
    assert any(message.startswith("waived") for message in messages)


# element -> (attributes it must have, those it may have, elements in it), as Jenkins checks an upload:
# github.com/jenkinsci/xunit-plugin, junit-10.xsd, read 2026-11-22
TALLY = {"name", "tests", "failures", "errors"}
SAID = (set(), {"type", "message"}, set())
JUNIT = {
    "testsuites": (set(), TALLY | {"time"}, {"testsuite"}),
    "testsuite": (TALLY, {"skipped", "time", "timestamp", "hostname", "id", "package", "group", "file", "log", "url"},
                  {"properties", "testcase", "system-out", "system-err"}),
    "properties": (set(), set(), {"property"}),
    "property": ({"name", "value"}, set(), set()),
    "testcase": ({"name"}, {"time", "classname", "group"}, {"skipped", "error", "failure", "system-out", "system-err"}),
    "failure": SAID, "error": SAID, "skipped": SAID, "system-out": (set(), set(), set()), "system-err": (set(), set(), set()),
}  # fmt: skip


@pytest.mark.parametrize("made", reports.ALL.values(), ids=reports.ALL)
def test_junit_holds_what_the_published_schema_allows(made):
    for element in ET.fromstring(render(made(), "junit")).iter():
        must, may, inside = JUNIT[element.tag]
        assert must <= set(element.attrib) <= must | may, element.tag
        assert {child.tag for child in element} <= inside, element.tag


@pytest.mark.skipif(not shutil.which("promtool"), reason="promtool is not installed")
@pytest.mark.parametrize("made", reports.ALL.values(), ids=reports.ALL)
def test_prometheus_finds_nothing_to_say_against_its_format(made):
    page = render(made(), "prometheus")
    done = subprocess.run(["promtool", "check", "metrics"], input=page, capture_output=True, text=True, check=False)  # fmt: skip
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_an_incomplete_audit_is_an_error_for_junit():
    suites = ET.fromstring(render(reports.unusable(), "junit"))
    assert suites.find("testsuite[@name='fwaudit.audit']").get("errors") == "1"


@pytest.mark.parametrize("format_", ["text", "markdown", "html"])
def test_each_of_those_that_need_their_own_remedy_gets_it(format_):
    found = [
        msgspec.structs.replace(
            reports.DRIVER_TOO_OLD, subject=name, message=f"{name} is a build for the CPU",
            remedy=Remedy("Install another", (f"pip install {name}-cuda",), check=f"ask {name}"),
        )
        for name in ("pytorch", "tensorflow")
    ]  # fmt: skip
    shown = render(reports.report(reports.SYSTEM, findings=tuple(found)), format_)
    for name in ("pytorch", "tensorflow"):
        assert shown.count(f"pip install {name}-cuda") == 1
        assert f"{name} is a build for the CPU" in shown
        assert f"ask {name}" in shown


def test_markdown_tells_verdict_and_findings_before_it_folds_the_rest():
    text = render(reports.broken(), "markdown")
    order = [
        text.index(words) for words in ("BROKEN", "FWA201", "FWA202", "FWA310", "What is here", "All facts")
    ]
    assert order == sorted(order)
    assert "```sh\nsudo apt install nvidia-driver-580\n```" in text


@pytest.mark.parametrize("limit", [2_000, 5_000, 20_000, 60_000])
def test_markdown_keeps_the_limit_says_what_it_left_out_and_closes_what_it_opens(limit):
    text = render(large(300, 2, 100), "markdown", RenderOptions(max_chars=limit))
    assert len(text) <= limit
    assert "Left out" in text
    assert "BROKEN" in text[:200]
    assert text.count("<details>") == text.count("</details>")
    assert len(re.findall("^```", text, re.MULTILINE)) % 2 == 0


@pytest.mark.parametrize("field", ["title", "message", "why"])
def test_a_finding_with_more_to_say_than_a_ticket_holds_is_still_told(field):
    report = reports.broken()
    worst = msgspec.structs.replace(report.findings[0], **{field: "spoken <of> " * 100_000})
    page = render(msgspec.structs.replace(report, findings=(worst, *report.findings[1:])), "markdown")
    assert "spoken &lt;of> spoken" in page
    assert "of>..." in page
    assert worst.id in page


@pytest.mark.parametrize("make", reports.ALL.values(), ids=reports.ALL)
def test_flat_markdown_holds_no_html_and_the_same_words(make):
    folded, flat = (render(make(), "markdown", RenderOptions(flat=flat)) for flat in (False, True))
    assert not re.search("(?m)^</?(details|summary|sub)", flat)
    words = re.compile(r"[A-Za-z0-9]{3,}")
    assert words.findall(flat) == [
        word for word in words.findall(folded) if word not in ("details", "summary", "sub")
    ]
    assert len(flat) <= len(folded)


def test_code_in_flat_markdown_stays_as_it_is():
    text = "<details>\n<summary>a *b*</summary>\n\n````sh\n```\n<details>\n<sub>x</sub>\n````\n</details>\n<sub>end</sub>\n"
    assert flattened(text) == "**a *b***\n\n````sh\n```\n<details>\n<sub>x</sub>\n````\nend\n"


def test_paper_is_white_whatever_the_screen_was():
    style = (tree("reports") / "templates" / "report.css").read_text()
    dark, paper = (
        set(re.findall(r"(--[a-z]+):", style.partition(media)[2].partition(":root{")[2].partition("}")[0]))
        for media in ("prefers-color-scheme:dark", "@media print")
    )
    assert "--node" in dark
    assert dark <= paper


def test_html_is_one_page_with_every_section():
    text = render(reports.broken(), "html")
    for anchor in ("machine", "smoke", "which", "checks", "facts", "redaction"):
        assert f'id="{anchor}"' in text
    assert "NOT redacted" in text
    assert "Hidden: home 3" in render(
        msgspec.structs.replace(reports.broken(), redaction=Redaction(enabled=True, counts={"home": 3})),
        "html",
    )


def test_html_draws_each_gpu_and_each_rate():
    text = render(reports.many_gpus(8), "html")
    assert text.count('class="card"') == 8
    assert text.count('class="bar"') == 9


@pytest.mark.parametrize(
    "path", sorted((tree("reports") / "examples").glob("*.json")), ids=lambda path: path.name
)
def test_examples_are_valid_redacted_and_true_to_their_page(path):
    report = decode_report(path.read_bytes())
    assert report.redaction.enabled
    assert render(report, "json").encode() == path.read_bytes()
    assert verdict(report)[0] in path.with_suffix(".html").read_text()


def large(findings, gpus, packages):
    """A report of a size that no machine has."""
    report = reports.many_gpus(gpus)
    rows = [
        {"name": f"package-{i}", "version": f"1.{i}", "location": "/opt/venv/lib", "installer": "pip"}
        for i in range(packages)
    ]
    found = tuple(
        Finding(
            id=f"FWA{i % 900}", cause=f"cause_{i}", title=f"Fault number {i}", outcome="fail", severity=("error", "warning", "note")[i % 3],
            subject=f"gpu:{i}", message="something is wrong here", why="because", evidence=(Evidence("file", f"/proc/{i}", "words"),),
            remedy=Remedy("Mend it", (f"mend --number {i}",), check="check"),
        )
        for i in range(findings)
    )  # fmt: skip
    facts = {**report.facts, "python.distributions": known(rows)}
    return msgspec.structs.replace(report, findings=found, checks=found, facts=facts)


@pytest.mark.slow
@pytest.mark.parametrize("format_", FORMATS)
def test_ten_thousand_findings_take_two_seconds_and_300_mb(format_, slowness):
    report = large(10_000, 64, 3_000)
    render(reports.healthy(), format_)  # what is imported once is not this format's
    start = time.process_time()
    assert render(report, format_)
    assert time.process_time() - start < 2 * slowness()
    tracemalloc.start()
    render(report, format_)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 300e6


_TEXT = st.text(max_size=20)
_JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**53), 2**53)
    | st.floats(allow_nan=False, allow_infinity=False)
    | _TEXT,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(_TEXT, inner, max_size=3),
    max_leaves=6,
)
_EVIDENCE = st.lists(
    st.builds(Evidence, st.sampled_from(["file", "command", "computed"]), _TEXT, _TEXT), max_size=2
).map(tuple)
# keys that renderers look at, so that values of a wrong kind reach them
_KEYS = st.sampled_from([
    "gpu[0].name", "gpu[0].memory_total_mib", "gpu[0].nvlinks", "gpu[0].numa_node", "gpu[1].processes", "numa.cpulist",
    "ib.device_info", "ib.ports", "env.masks", "env.visible_gpus", "pci.accelerators", "intel.gpus", "tpu.chips",
    "cpu.usable", "cpu.logical_online", "memory.total_kib", "python.frameworks", "target.nearby", "nvidia.pci_gpus",
    "smoke.pytorch.devices", "smoke.pytorch.import", "smoke.pytorch.import_s", "accelerators.vendors",
]) | _TEXT  # fmt: skip
_FACTS = st.dictionaries(
    _KEYS,
    st.builds(Fact, st.sampled_from(["known", "absent", "unknown"]), _JSON, _TEXT, _EVIDENCE),
    max_size=8,
)
_REMEDY = st.none() | st.builds(
    Remedy, _TEXT, st.lists(_TEXT, max_size=2).map(tuple), check=_TEXT, meanwhile=_TEXT
)
_FINDING = st.builds(
    Finding, id=_TEXT, cause=_TEXT, title=_TEXT, outcome=st.sampled_from(["fail", "crash"]), subject=_TEXT, message=_TEXT,
    severity=st.sampled_from(["error", "warning", "note"]), evidence=_EVIDENCE, remedy=_REMEDY,
    explained_by=st.lists(_TEXT, max_size=2).map(tuple),
)  # fmt: skip
_SMOKE = st.builds(
    SmokeResult, id=_TEXT, framework=_TEXT, device=_TEXT, status=st.sampled_from(["pass", "fail", "crash", "timeout", "skip"]),
    reason=_TEXT, metrics=st.dictionaries(st.sampled_from(["gflops", "peak_gflops", "images_per_s"]) | _TEXT, _JSON, max_size=2),
)  # fmt: skip


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(_FACTS, st.lists(_FINDING, max_size=3), st.lists(_SMOKE, max_size=3))
def test_random_reports_survive_every_renderer(facts, findings, smoke):
    report = reports.report(
        facts, findings=tuple(findings), smoke=tuple(smoke), recommendation=reports.goals("research")
    )
    for format_ in FORMATS:
        text = render(report, format_, RenderOptions(verbose=True))
        assert text.endswith("\n")
    ET.fromstring(render(report, "junit"))
    pool = Pool()
    comparison = compare([told("a\x1b", report, pool), told("b\udcff", reports.healthy(), pool)], 0.1)
    assert "\x1b" not in comparison_text(comparison, RenderOptions(verbose=True))
    assert written(comparison).isascii()
    assert "\x1b" not in html(comparison)


def test_bars_are_held_against_the_data_sheet_and_the_siblings_where_there_are_any():
    report = reports.many_gpus(4)
    told = tuple(
        msgspec.structs.replace(result, metrics={**result.metrics, "peak_gflops": 67_000.0})
        if "gflops" in result.metrics and result.device.startswith("cuda")
        else result
        for result in report.smoke
    )
    text = render(msgspec.structs.replace(report, smoke=told), "html")
    assert text.count('class="peak"') == 4
    assert "76% of 67,000" in text
    assert "A thick mark is the data sheet" in text
    assert "A dashed line is the median" in text
    alone = render(msgspec.structs.replace(report, smoke=report.smoke[:3]), "html")
    assert "dashed line" not in alone
    assert "thick mark" not in alone


@pytest.mark.parametrize(
    "path", sorted((tree("reports") / "examples").glob("*.html")), ids=lambda path: path.name
)
def test_a_page_is_small(path):
    assert path.stat().st_size < 400_000
