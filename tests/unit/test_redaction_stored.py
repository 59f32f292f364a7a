"""Stored, foreign or oddly encoded: what is cleaned loses what a scan would have lost."""

import codecs
import os
import subprocess
import sys

import pytest
from click.testing import CliRunner
from msgspec.structs import replace

import reports
from auditor.cli.commands import compare, redact, show, validate
from auditor.model.fact import known, unknown
from auditor.model.report import HostInfo, TargetInfo
from auditor.redaction import Identity, Redactor, redact_report
from auditor.render import render

WAYS = {
    "utf-16": lambda text: text.encode("utf-16"),
    "utf-16-le": lambda text: text.encode("utf-16-le"),
    "utf-16-be with a mark": lambda text: codecs.BOM_UTF16_BE + text.encode("utf-16-be"),
    "utf-16-be": lambda text: text.encode("utf-16-be"),
    "utf-8-sig": lambda text: text.encode("utf-8-sig"),
}


def run(command, *args, **more):
    return CliRunner().invoke(command, [str(arg) for arg in args], **more)


@pytest.mark.parametrize("way", WAYS)
def test_redact_reads_what_powershell_writes(way):
    text = "password=hunter2canary\r\nscp jana@gpu07.corp.example:/x .\r\n" * 3
    shown = run(redact.command, "-", input=WAYS[way](text))
    assert "password=<secret>" in shown.stdout
    assert "hunter2canary" not in shown.stdout.replace("\0", "")


def test_redact_reads_what_powershell_appended_to_another_programs_text():
    text = b"torch 2.7.1 is installed and this goes on for a while\n" * 9
    shown = run(redact.command, "-", input=text + "password=hunter2canary\r\n".encode("utf-16-le"))
    assert "hunter2canary" not in shown.stdout.replace("\0", "")
    assert "torch 2.7.1" in shown.stdout


@pytest.mark.parametrize("data", [b"\x7fELF\x02\x01\x01\0\0\0\0\0\0\0\0\0\x03\0>\0", bytes(range(256)) * 9])
def test_redact_refuses_what_is_no_text(data):
    shown = run(redact.command, "-", input=data)
    assert (shown.exit_code, "binary" in shown.output) == (2, True)


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("command", [show.command, validate.command, redact.command])
def test_a_report_that_powershell_stored_is_read(tmp_path, way, command):
    path = tmp_path / "report.json"
    path.write_bytes(WAYS[way](render(reports.healthy(), "json")))
    assert run(command, path).exit_code == 0


def _of(home, user, **facts):
    values = {
        "disk.places": [{"role": "home", "path": home}],
        "python.sys_path": [f"{home}/env_{user}/lib", f"/opt/{user}/site"],
        "component[0].location": f"{home}/env_{user}/x.so",
        **facts,
    }
    return replace(
        reports.healthy(),
        host=HostInfo("live", "nodecanary.corp.example"),
        target=TargetInfo(f"{home}/env_{user}/bin/python", f"nodecanary, user {user}", usable=True),
        facts={key: known(value) for key, value in values.items()},
    )


PEOPLE = {
    "linux": ("/home/zedcanary", "zedcanary"),
    "group of homes": ("/data/people/zedcanary", "zedcanary"),
    "mac": ("/Users/zedcanary", "zedcanary"),
}


@pytest.mark.parametrize("who", PEOPLE)
def test_a_stored_report_loses_what_its_own_scan_would_have_hidden(tmp_path, who):
    home, user = PEOPLE[who]
    report = _of(home, user)
    path = tmp_path / "raw.json"
    path.write_text(render(report, "json"))
    shown = run(show.command, path, "--format", "json").output
    own = Identity(hosts=("nodecanary.corp.example", "nodecanary"), users=(user,), home=home, machine_id="x")
    assert "canary" not in shown
    scanned = render(redact_report(report, Redactor(own)), "json")
    assert shown.replace('"key": "run"', '"key": "machine"') == scanned


def test_roots_home_is_one_too(tmp_path):
    path = tmp_path / "raw.json"
    path.write_text(render(_of("/root", "root"), "json"))
    assert '"/root/' not in run(show.command, path, "--format", "json").output


def test_raw_and_redacted_reports_of_one_machine_are_the_same(tmp_path):
    report = _of("/home/zedcanary", "zedcanary")
    own = Identity(
        hosts=("nodecanary.corp.example", "nodecanary"), users=("zedcanary",), home="/home/zedcanary"
    )
    (tmp_path / "raw.json").write_text(render(report, "json"))
    (tmp_path / "red.json").write_text(render(redact_report(report, Redactor(own)), "json"))
    shown = run(compare.command, tmp_path / "raw.json", tmp_path / "red.json", "-v", standalone_mode=False)
    assert (shown.return_value, "The same" in shown.output) == (0, True)


def test_the_key_of_a_foreign_report_is_not_blamed_on_this_machine(tmp_path):
    path = tmp_path / "raw.json"
    path.write_text(render(_of("/home/zedcanary", "zedcanary"), "json"))
    told = run(show.command, path, "--show-redactions").stderr
    assert "not known to be of this machine" in told
    assert "no /etc/machine-id" not in told


def test_texts_cleaned_with_one_salt_correlate_and_others_do_not(tmp_path):
    text = "GPU-8932f937-d72c-4106-c12f-20bd9faed9f6"
    shown = {}
    for name in ("one", "two"):
        (tmp_path / name).write_bytes(name.encode() * 16)
        shown[name] = run(redact.command, "-", "--redact-salt", tmp_path / name, input=text).stdout
    assert shown["one"] == run(redact.command, "-", "--redact-salt", tmp_path / "one", input=text).stdout
    assert shown["one"] != shown["two"]
    (tmp_path / "short").write_text("x")
    assert run(redact.command, "-", "--redact-salt", tmp_path / "short", input=text).exit_code == 2


def test_an_edited_report_has_one_verdict_and_exit_code(tmp_path):
    edited = replace(
        reports.healthy(), findings=(), checks=(), smoke=reports.smoke("pytorch", "cuda:0", 48000.0)
    )
    edited = replace(edited, smoke=tuple(replace(result, status="crash") for result in edited.smoke))
    path = tmp_path / "edited.json"
    path.write_text(render(edited, "json"))
    shown = run(show.command, path, "--fail-on", "error", standalone_mode=False)
    assert ("BROKEN" in shown.output, shown.return_value) == (True, 1)
    assert run(show.command, path, "--fail-on", "never", standalone_mode=False).return_value == 0


@pytest.mark.parametrize("format_", ["text", "markdown", "html"])
def test_reasons_that_are_as_common_stand_in_one_order(format_):
    facts = {f"component[{i}].slug": unknown(f"reason {i}") for i in range(9)}
    there, back = (dict(items) for items in (facts.items(), reversed(facts.items())))
    first, second = (render(reports.report(each), format_) for each in (there, back))
    assert first == second


def test_on_a_terminal_nothing_in_a_cleaned_text_acts(tmp_path):
    path = tmp_path / "log"
    path.write_text("a\x1b[2Jb\u202ec\n")
    ours, theirs = os.openpty()
    subprocess.run(
        [sys.executable, "-m", "auditor", "redact", str(path)], stdout=theirs, check=True, timeout=600
    )
    os.close(theirs)
    assert os.read(ours, 999).decode() == "a\\x1b[2Jb\\u202ec\r\n"
    os.close(ours)
    assert run(redact.command, path).stdout == "a\x1b[2Jb\u202ec\n"
