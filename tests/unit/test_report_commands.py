"""show, redact, schema: through the command line."""

import json

import canaries
import pytest
from click.testing import CliRunner

import reports
from auditor.cli.commands import redact, schema, show
from auditor.redaction import Identity, Redactor, redact_report
from auditor.render import render


@pytest.fixture
def stored(tmp_path):
    path = tmp_path / "report.json"
    path.write_text(
        render(
            redact_report(reports.broken(), Redactor(Identity(home="/home/alice", users=("alice",)))), "json"
        )
    )
    return path


def run(command, *args, **more):
    return CliRunner().invoke(command, [str(arg) for arg in args], standalone_mode=True, **more)


def test_show_draws_a_stored_report_and_says_nothing_by_its_exit_code(stored):
    result = run(show.command, stored)
    assert "BROKEN" in result.output
    assert result.exit_code == 0


def test_show_gives_back_the_bytes_that_it_read(stored):
    assert run(show.command, stored, "--format", "json").output == stored.read_text()
    assert run(show.command, "-", "--format", "json", input=stored.read_bytes()).output == stored.read_text()


def test_show_fails_on_request_as_scan_would():
    from auditor.cli.delivery import deliver, write_all

    assert deliver(reports.broken(), [("json", "/dev/null")], verbose=False, fail_on="error") == 1
    assert deliver(reports.unusable(), [("json", "/dev/null")], verbose=False, fail_on="never") == 3
    assert write_all(reports.unusable(), [("json", "/dev/null")], verbose=False)


def test_show_writes_several_formats_by_suffix(stored, tmp_path):
    result = run(show.command, stored, "-o", tmp_path / "a.txt", "-o", tmp_path / "b.json")
    assert result.output == ""
    assert "BROKEN" in (tmp_path / "a.txt").read_text()
    assert json.loads((tmp_path / "b.json").read_text())["schema_version"] == 1


def test_show_redacts_what_was_stored_unredacted(tmp_path):
    path = tmp_path / "report.json"
    path.write_text(render(reports.broken(), "json"))
    assert "alice" not in run(show.command, path, "--verbose").output
    assert "alice" in run(show.command, path, "--no-redact").output
    run(show.command, path, "--no-redact", "-o", tmp_path / "open.txt")
    assert (tmp_path / "open.txt").stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize(("content", "words"), [("{}", "no schema_version"), ("x", "not JSON")])
def test_show_says_what_is_wrong_with_a_file(tmp_path, content, words):
    path = tmp_path / "report.json"
    path.write_text(content)
    result = run(show.command, path)
    assert result.exit_code == 2
    assert words in result.output
    assert "report.json" in result.output


def test_a_missing_file_is_answered_with_the_nearest(stored):
    result = run(show.command, stored.with_name("reprot.json"))
    assert result.exit_code == 2
    assert "Did you mean" in result.output
    assert "report.json" in result.output


def test_redact_cleans_any_text():
    text = "".join(
        f"{text}\n" for text, _ in [*canaries.TOKENS, *canaries.HARDWARE, *canaries.ADDRESSES, *canaries.URLS]
    )
    result = run(redact.command, "-", "--show-redactions", input=text)
    assert not [
        c
        for _, c in [*canaries.TOKENS, *canaries.HARDWARE, *canaries.ADDRESSES, *canaries.URLS]
        if c in result.stdout
    ]
    assert "hidden:" in result.stderr
    assert result.stdout.count("\n") > 50


def test_redact_knows_our_own_reports(tmp_path):
    path = tmp_path / "report.json"
    path.write_text(render(reports.healthy(), "json"))
    report = json.loads(run(redact.command, path).stdout)
    assert report["redaction"]["enabled"]
    assert report["facts"]["gpu[0].processes"]["value"][0]["name"] == "python"


def test_redact_passes_on_bytes_that_are_no_text():
    result = run(redact.command, "-", input=b"ok \xff\xfe password=hunter2canary\n")
    assert result.stdout_bytes == b"ok \xff\xfe password=<secret>\n"


@pytest.mark.parametrize("which", ["report", "snapshot"])
def test_schema_prints_json_schema(which):
    assert json.loads(run(schema.command, which).output)["$schema"].startswith("https://json-schema.org/")


@pytest.mark.parametrize(
    "outputs", [("a.json", "a.json"), ("a.json", "./a.json"), ("a.json", "link.json"), ("-", "-")]
)
def test_an_output_that_is_named_twice_is_refused(stored, tmp_path, monkeypatch, outputs):
    source = stored
    monkeypatch.chdir(tmp_path)
    (tmp_path / "link.json").symlink_to("a.json")
    done = run(show.command, source, *[word for path in outputs for word in ("-o", path)])
    assert (done.exit_code, "named twice" in done.output) == (2, True)
    assert not (tmp_path / "a.json").exists()


def test_a_device_may_be_named_twice(stored):
    done = run(show.command, stored, "-o", "/dev/null", "-o", "/dev/null")
    assert done.exit_code == 0
