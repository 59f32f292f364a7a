"""compare and validate: what differs, whether it matters, and the findings that it explains."""

import json
import stat
import time
from pathlib import Path
from typing import NamedTuple

import click
import msgspec
import pytest
from click.testing import CliRunner

import reports
from auditor.audit.hosts import load_snapshot
from auditor.cli.commands import compare, completion, show, validate
from auditor.compare.differences import shown
from auditor.model.fact import known, unknown
from auditor.model.finding import Finding
from auditor.render import render

MACHINE = Path(__file__).resolve().parents[1] / "machines" / "debian12-vm-cpu.json"


class Done(NamedTuple):
    """What a command came to, as the shell would see it."""

    exit_code: int
    stdout: str
    stderr: str

    @property
    def output(self):
        return self.stdout + self.stderr


def run(command, *args):
    result = CliRunner().invoke(command, [str(arg) for arg in args], standalone_mode=False)
    if isinstance(result.exception, click.UsageError):
        return Done(2, result.stdout, result.stderr + str(result.exception.format_message()))
    assert result.exception is None, result.exception
    return Done(result.return_value, result.stdout, result.stderr)


@pytest.fixture
def stored(tmp_path):
    """Write reports by name and return their paths."""

    def write(**named):
        paths = []
        for name, report in named.items():
            paths.append(tmp_path / f"{name}.json")
            paths[-1].write_text(render(report, "json"))
        return paths

    return write


def changed(**facts):
    report = reports.healthy()
    return msgspec.structs.replace(
        report,
        facts={**report.facts, **{key.replace("__", "."): known(value) for key, value in facts.items()}},
    )


def differences(paths, *options):
    return json.loads(run(compare.command, *paths, "--format", "json", *options).stdout)


def test_a_report_is_the_same_as_itself(stored):
    result = run(compare.command, *stored(a=reports.healthy(), b=reports.healthy()))
    assert result.exit_code == 0
    assert "The same" in result.output


@pytest.mark.parametrize(
    ("fact", "value"), [("os__uptime_s", 77.0), ("memory__available_kib", 1), ("disk__free_kib", 5)]
)
def test_what_always_varies_does_not_matter(stored, fact, value):
    result = run(compare.command, *stored(a=reports.healthy(), b=changed(**{fact: value})))
    assert (result.exit_code, "The same" in result.output) == (0, True)


def test_a_driver_matters_more_than_a_kernel_and_that_more_than_an_uptime(stored):
    other = changed(nvidia__driver_version="535.129.03", os__kernel="6.8.0", os__uptime_s=1)
    found = differences(stored(a=reports.healthy(), b=other))
    assert [(d["key"], d["importance"]) for d in found["differences"]] == [
        ("nvidia.driver_version", "decisive"), ("os.kernel", "relevant"), ("os.uptime_s", "noise"),
    ]  # fmt: skip
    assert found["differences"][0]["values"] == ["560.35.03", "535.129.03"]
    assert found["same"] is False


def test_a_finding_is_told_with_the_differences_that_explain_it(stored):
    too_old = Finding(
        id="FWA101", cause="driver_too_old", title="The driver is too old", outcome="fail", severity="error"
    )
    bad = msgspec.structs.replace(
        changed(nvidia__driver_version="470.1", os__kernel="6.8.0"), findings=(too_old,)
    )
    paths = stored(good=reports.healthy(), bad=bad)
    by_key = {difference["key"]: difference for difference in differences(paths)["differences"]}
    assert by_key["nvidia.driver_version"]["explains"] == ["FWA101"]
    assert by_key["os.kernel"].get("explains", []) == []
    text = run(compare.command, *paths).output
    assert text.index("The driver is too old [FWA101]") < text.index("470.1") < text.index("6.8.0")
    assert "Works in good.json, fails in bad.json, because:" in text


def test_recordings_are_compared_as_reports_are(tmp_path):
    good = load_snapshot(str(MACHINE))
    files = {
        **good.files,
        "/proc/cpuinfo": good.files["/proc/cpuinfo"].replace(" avx2", "").replace(" avx ", " "),
    }
    bad = msgspec.structs.replace(good, files=files)
    paths = [tmp_path / name for name in ("good.json", "bad.json")]
    for path, machine in zip(paths, (good, bad), strict=True):
        path.write_bytes(msgspec.json.encode(machine))
    page = tmp_path / "c.html"
    told = run(compare.command, *paths).output
    assert run(compare.command, *paths, "-o", page).exit_code == 1
    for text in (told, page.read_text()):
        flat = " ".join(text.replace(f"{tmp_path}/", "").split())
        assert "Works in good.json, fails in bad.json, because:" in flat
        assert "avx2" in flat
    assert run(compare.command, paths[0], paths[0]).exit_code == 0


def test_what_a_warning_has_is_not_called_a_failure(stored):
    note = Finding(id="FWA101", cause="driver_too_old", title="It is old", outcome="fail", severity="warning")
    bad = msgspec.structs.replace(changed(nvidia__driver_version="470.1"), findings=(note,))
    text = run(compare.command, *stored(good=reports.healthy(), bad=bad)).output
    assert "In bad.json, not in good.json, because:" in text


def test_of_long_lists_only_what_differs_is_shown():
    rows = [{"name": f"p{i}"} for i in range(30)]
    assert shown([rows, [*rows, {"name": "new"}]]) == ("...", '... + {"name":"new"}')


def test_packages_and_variables_are_compared_one_by_one(stored):
    packages = [{"name": "torch", "version": "2.12.0"}, {"name": "tqdm", "version": "4"}]
    found = differences(
        stored(
            a=changed(python__distributions=[{"name": "torch", "version": "2.13.0"}]),
            b=changed(python__distributions=packages),
        )
    )
    told = {(d["kind"], d["key"]): d for d in found["differences"]}
    assert told["package", "torch"]["values"] == ["2.13.0", "2.12.0"]
    assert told["package", "torch"]["importance"] == "relevant"
    assert told["package", "tqdm"]["importance"] == "minor"


def test_unknown_is_not_the_same_as_absent_or_known(stored):
    report = reports.healthy()
    blind = msgspec.structs.replace(
        report, facts={**report.facts, "nvidia.driver_version": unknown("permission denied")}
    )
    found = differences(stored(a=report, b=blind))
    assert found["differences"][0]["values"] == ["560.35.03", "unknown: permission denied"]


@pytest.mark.parametrize(("tolerance", "code"), [(None, 0), ("10%", 0), ("0.01", 1)])
def test_measured_rates_count_when_a_tolerance_is_given(stored, tolerance, code):
    slower = msgspec.structs.replace(reports.many_gpus(1), smoke=reports.smoke("pytorch", "cuda:0", 48000.0))
    faster = msgspec.structs.replace(reports.many_gpus(1), smoke=reports.smoke("pytorch", "cuda:0", 51000.0))
    options = ("--tolerance", tolerance) if tolerance else ()
    assert run(compare.command, *stored(a=slower, b=faster), *options).exit_code == code


@pytest.mark.parametrize(
    ("args", "words"),
    [
        (("a",), "two reports"),
        (("a", "b", "--tolerance", "much"), "share from 0 to 1"),
        (("a", "b", "--format", "yaml"), "yaml"),
    ],
)
def test_wrong_words_are_usage_errors(args, words):
    result = run(compare.command, *args)
    assert (result.exit_code, words in result.output) == (2, True)


def test_nothing_that_redaction_hides_is_compared_in_the_open(stored):
    paths = stored(a=reports.healthy(), b=reports.broken())
    assert "alice" not in run(compare.command, *paths, "-v").output.replace(str(paths[0].parent), "")


@pytest.mark.slow
def test_a_thousand_reports_take_less_than_ten_seconds(stored, tmp_path, slowness):
    [path] = stored(a=changed(python__distributions=[{"name": f"p{i}", "version": "1"} for i in range(300)]))
    start = time.process_time()
    result = run(compare.command, *[path] * 999, *stored(b=reports.broken()))
    assert time.process_time() - start < 10 * slowness()
    assert "999 of 1000" in result.output


def test_validate_names_what_is_wrong_and_where(tmp_path, stored):
    [good] = stored(a=reports.healthy())
    bad = tmp_path / "bad.json"
    bad.write_text(good.read_text().replace('"severity": "error"', '"severity": "fatal"', 1))
    result = run(validate.command, good, bad)
    assert result.exit_code == 1
    assert "a.json: a report, schema version 1, valid" in result.output
    assert "bad.json: checks[" in result.output
    assert run(validate.command, good, "--quiet").output == ""
    assert run(validate.command, tmp_path / "none.json").exit_code == 2


def test_a_number_beyond_all_figures_is_refused_with_its_place(tmp_path, stored):
    [good] = stored(a=reports.healthy())
    bad = tmp_path / "bad.json"
    bad.write_text(good.read_text().replace("27012.9", "9" * 400))
    result = run(show.command, bad)
    assert (result.exit_code, "300 digits" in result.output) == (2, True)


def test_what_is_not_hidden_is_said_and_readable_by_its_owner_only(stored, tmp_path):
    paths = stored(a=reports.healthy(), b=reports.broken())
    for command, files, name in ((compare.command, paths, "c.html"), (show.command, paths[:1], "r.html")):
        done = run(command, *files, "--no-redact", "-o", tmp_path / name)
        assert "not hidden" in done.stderr
        assert stat.S_IMODE((tmp_path / name).stat().st_mode) == 0o600
        assert "not hidden" not in run(command, *files).output


def test_reports_made_with_one_salt_correlate_and_others_do_not(stored, tmp_path):
    [path] = stored(a=reports.healthy())
    salts = [tmp_path / name for name in ("one", "two")]
    for salt in salts:
        salt.write_text(f"{salt.name} secret of this site")

    def uuid(salt):
        done = run(show.command, path, "--format", "json", "--redact-salt", salt)
        return json.loads(done.stdout)["facts"]["gpu[0].uuid"]["value"]

    assert uuid(salts[0]) == uuid(salts[0]) != uuid(salts[1])


def test_a_short_salt_is_refused(stored, tmp_path):
    [path] = stored(a=reports.healthy())
    (tmp_path / "salt").write_text("short")
    result = run(show.command, path, "--redact-salt", tmp_path / "salt")
    assert (result.exit_code, "no secret" in result.output) == (2, True)


def test_show_redactions_tells_categories_and_counts_only(stored):
    result = run(show.command, *stored(a=reports.healthy()), "--show-redactions")
    assert "Hidden: " in result.stderr
    assert "home" in result.stderr
    assert "alice" not in result.stderr


@pytest.mark.parametrize(
    ("name", "begins"),
    [("r.md", "## fwaudit"), ("r.html", "<!doctype html>"), ("r.xml", "<?xml"), ("r.prom", "# HELP")],
)
def test_a_file_gets_the_format_of_its_suffix(stored, tmp_path, name, begins):
    assert run(show.command, *stored(a=reports.healthy()), "-o", tmp_path / name).exit_code == 0
    assert (tmp_path / name).read_text().startswith(begins)


def test_markdown_keeps_to_max_chars(stored):
    assert (
        len(
            run(
                show.command, *stored(a=reports.many_gpus()), "--format", "markdown", "--max-chars", 3000
            ).stdout
        )
        <= 3000
    )


def test_a_page_shows_reports_side_by_side(stored, tmp_path):
    page = tmp_path / "c.html"
    assert (
        run(compare.command, *stored(good=reports.healthy(), bad=reports.broken()), "-o", page).exit_code == 1
    )
    text = page.read_text()
    assert text.startswith("<!doctype html>")
    assert "560.35.03" in text
    assert "535.129.03" in text


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_completion_prints_the_line_and_says_where_it_belongs(shell):
    result = run(completion.command, shell)
    assert f"{shell}_source fwaudit" in result.stdout
    assert ("compinit" in result.stdout) == (shell == "zsh")
    assert "Put this line into" in result.stderr


def test_a_component_that_fits_in_one_report_only_is_a_difference(tmp_path):
    def stored_as(name, fits):
        report = reports.healthy()
        rows = known([{"name": "TorchVision", "slug": "torchvision", "fits": fits}])
        report = msgspec.structs.replace(report, facts={**report.facts, "components": rows})
        (tmp_path / name).write_text(render(report, "json"))
        return tmp_path / name

    done = run(compare.command, "--verbose", stored_as("a.json", "yes"), stored_as("b.json", "no"))
    assert done.exit_code == 1
    assert "TorchVision" in done.output


def test_each_of_several_outputs_is_written_in_its_format(stored, tmp_path):
    paths = stored(a=reports.healthy(), b=reports.broken())
    outputs = {"c.json": "{", "c.html": "<!doctype html>", "c.txt": "BROKEN"}
    done = run(compare.command, *paths, *[word for name in outputs for word in ("-o", tmp_path / name)])
    assert (done.exit_code, done.output) == (1, "")
    for name, begins in outputs.items():
        assert begins in (tmp_path / name).read_text()[:200]


@pytest.mark.parametrize(
    ("name", "words"),
    [("c.md", "not markdown"), ("c.xml", "not junit"), ("c.pdf", "no format goes by that suffix")],
)
def test_a_suffix_that_a_comparison_is_not_written_in_is_refused(stored, tmp_path, name, words):
    done = run(compare.command, *stored(a=reports.healthy(), b=reports.broken()), "-o", tmp_path / name)
    assert (done.exit_code, words in done.output) == (2, True)
    assert not (tmp_path / name).exists()


def test_what_was_never_looked_at_is_no_cause(stored):
    too_old = Finding(
        id="FWA101", cause="driver_too_old", title="The driver is too old", outcome="fail", severity="error"
    )
    good = reports.healthy()
    facts = {key: fact for key, fact in good.facts.items() if key != "nvidia.driver_version"}
    blind = msgspec.structs.replace(good, facts=facts, options={**good.options, "level": "none"})
    bad = msgspec.structs.replace(good, findings=(too_old,), options={**good.options, "level": "quick"})
    paths = stored(blind=blind, bad=bad)
    driver = {d["key"]: d for d in differences(paths)["differences"]}["nvidia.driver_version"]
    assert (driver["comparable"], driver.get("explains", [])) == (False, [])
    text = run(compare.command, *paths).output
    assert "because:" not in text
    assert (
        text.index("different levels (none, quick)")
        < text.index("They differ")
        < text.index("Not comparable")
    )


@pytest.mark.parametrize(
    ("facts", "words"),
    [({"os__hostname_x": 1}, "Nothing differs of what all looked at"), ({"nvidia__driver_version": "1"}, "1 difference that")],
)  # fmt: skip
def test_the_summary_counts_what_it_says(stored, facts, words):
    text = run(compare.command, *stored(a=reports.healthy(), b=changed(**facts))).output
    assert words in text
    assert "0 differences" not in text


def test_measured_rates_are_shown_with_the_figures_they_deserve():
    assert shown([8.566666666666666, 100.0, 51000.0]) == ("8.56667", "100", "51000")
