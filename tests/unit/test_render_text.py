"""The text report: what a person in trouble reads, in which order, and nothing that acts on a terminal."""

import subprocess
import sys

import msgspec
import pytest

import reports
from auditor.model.fact import known, unknown
from auditor.model.finding import Remedy
from auditor.model.report import Redaction
from auditor.model.smoke import SmokeResult
from auditor.redaction import Identity, Redactor, redact_report
from auditor.render import RenderOptions, render
from auditor.render.page import wrap


def text(report, **options) -> str:
    return render(report, "text", RenderOptions(**options))


def commands_of(report) -> list[str]:
    remedies = [finding.remedy for finding in report.findings if finding.remedy and not finding.explained_by]
    plan = report.recommendation.plan if report.recommendation else None
    return [
        *(line for remedy in remedies for line in (*remedy.commands, remedy.check) if line),
        *(plan.steps if plan else ()),
    ]


def test_a_healthy_workstation_takes_at_most_forty_lines_of_eighty_columns():
    lines = text(redact_report(reports.healthy(), Redactor(Identity(home="/home/alice")))).splitlines()
    assert len(lines) <= 40
    assert max(map(len, lines)) <= 80


@pytest.mark.parametrize("name", reports.ALL)
def test_the_first_line_names_the_interpreter_and_why(name):
    report = reports.ALL[name]()
    opening = text(report, width=200).splitlines()[0]
    assert report.target.python in opening
    assert report.target.chosen_because in opening


@pytest.mark.parametrize(
    ("name", "word"),
    [
        ("healthy", "WORKS"),
        ("broken", "BROKEN"),
        ("bare", "NOTHING TO RUN"),
        ("unusable", "INCOMPLETE"),
        ("many_gpus", "WORKS"),
    ],
)
def test_the_verdict_comes_before_everything_else(name, word):
    assert text(reports.ALL[name]()).split("\n\n")[1].startswith(word + " ")


def test_what_was_not_run_is_not_called_working():
    report = msgspec.structs.replace(reports.healthy(), smoke=())
    assert "NOT TRIED" in text(report)
    assert "works" not in text(report).lower()


def test_a_machine_whose_environment_was_not_seen_is_not_called_bare():
    facts = {**reports.SYSTEM, **reports.INTERPRETER, "python.frameworks": unknown("not recorded")}
    assert "\nUNKNOWN " in text(reports.report(facts))


def test_an_import_alone_proves_no_device():
    result = SmokeResult(id="pytorch-import", framework="pytorch", status="pass")
    assert "GPU." not in text(msgspec.structs.replace(reports.healthy(), smoke=(result,))).split("What")[0]


def test_sections_come_in_the_order_of_need():
    page = text(reports.broken())
    places = [
        page.index(heading)
        for heading in (
            "BROKEN",
            "What is broken",
            "What is here",
            "What was tried",
            "Not seen",
            "Which framework",
            "NOT redacted",
        )
    ]
    assert places == sorted(places)


@pytest.mark.parametrize("name", reports.ALL)
@pytest.mark.parametrize("width", [40, 80, 120])
def test_commands_stand_whole_on_lines_of_their_own_and_prose_fits(name, width):
    report = reports.ALL[name]()
    lines = text(report, width=width).splitlines()
    commands = commands_of(report)
    assert set(commands) <= {line.strip() for line in lines}
    for line in lines:
        if len(line) > width and line.strip() not in commands and "pip install" not in line:
            assert len(line.split()[-1]) > width // 2, line  # a path or the like, which is never cut


def test_a_command_in_prose_is_set_apart():
    remedy = Remedy(
        "Do it",
        meanwhile="a CPU build works: python -m pip install torch --index-url https://x.example/" + "y" * 80,
    )
    report = reports.report({}, findings=(msgspec.structs.replace(reports.DRIVER_TOO_OLD, remedy=remedy),))
    assert "     " + remedy.meanwhile.partition(": ")[2] in text(report).splitlines()


def test_a_consequence_points_at_its_root_and_repeats_no_remedy():
    page = text(reports.broken())
    assert "This follows from 1: mend that first." in page


def test_a_matter_of_64_gpus_is_told_once():
    page = text(reports.many_gpus())
    assert page.count("Persistence mode is off") == 1
    assert "and 56 more" in page
    assert "GPU 0-63" in page
    assert "cuda:0 ... cuda:63 (64)" in page
    assert len(page.splitlines()) < 40


def test_what_could_change_the_verdict_is_named():
    assert "Not ruled out: GPU errors in the kernel log" in text(reports.healthy())


def test_with_a_goal_the_sum_can_be_redone():
    report = msgspec.structs.replace(
        reports.healthy(), options={"goals": ["research"]}, recommendation=reports.goals("research")
    )
    page = text(report)
    assert "3 x 0.8  x 1    =  2.4000" in page
    assert "Would turn if:" in page


def test_verbose_shows_every_fact_check_and_probe():
    report = reports.broken()
    page = text(report, verbose=True)
    assert all(f"{key}:" in page for key in report.facts)
    assert all(check.id in page for check in report.checks)
    assert all(run.name in page for run in report.probes)
    assert "Seen: file /proc/driver/nvidia/version: NVRM version: 535.129.03" in page


ACTING = "\x1b[31mred\x1b]0;title\x07 \x08\x7f \u202ereversed\u2066 zero\u200bwidth \x9b31m \r\nline \ud800"


def hostile():
    """A report with acting characters wherever foreign text can stand."""
    finding = msgspec.structs.replace(
        reports.DRIVER_TOO_OLD, title=ACTING, message=ACTING, subject=ACTING,
        remedy=Remedy(ACTING, (ACTING,), meanwhile=ACTING, check=ACTING),
    )  # fmt: skip
    return reports.report(
        {"os.pretty_name": known(ACTING), "gpu[0].name": known(ACTING), "python.frameworks": known(["pytorch", ACTING]), ACTING: known({ACTING: [ACTING]})},
        findings=(finding,),
        checks=(msgspec.structs.replace(finding, outcome="unknown", unknown_because=(ACTING,)),),
        smoke=(SmokeResult(id=ACTING, framework=ACTING, device=ACTING, status="crash", reason=ACTING, stderr_tail=ACTING),),
        redaction=Redaction(enabled=True, counts={ACTING: 1}),
        incomplete=(ACTING,),
    )  # fmt: skip


@pytest.mark.parametrize("unicode", [True, False])
def test_nothing_foreign_acts_on_the_terminal(unicode):
    page = text(hostile(), verbose=True, unicode=unicode)
    assert set(page) & set("\x1b\x07\x08\x7f\u202e\u2066\u200b\x9b\r\ud800") == set()
    assert r"\x1b[31m" in page
    page.encode("utf-8")
    if not unicode:
        page.encode("ascii")


def test_colour_comes_from_us_alone():
    page = text(hostile(), colour=True)
    assert "\x1b[1m" in page
    assert "\x1b[31mred" not in page
    assert "\x1b]0" not in page


def test_colour_changes_no_word():
    from rich.text import Text

    for make in reports.ALL.values():
        plain, drawn = text(make()), text(make(), colour=True)
        assert [line.rstrip() for line in Text.from_ansi(drawn).plain.splitlines()] == plain.rstrip(
            "\n"
        ).split("\n")


def test_an_ascii_terminal_gets_ascii():
    report = reports.report({"cpu.model_name": known("Prozessor µ-Größe “X” … 日本")})
    page = text(report, unicode=False)
    page.encode("ascii")
    assert r"u-Gr\xf6\xdfe" in page


def test_in_a_pipe_neither_rich_nor_jinja_is_imported():
    code = (
        "import sys; sys.path.insert(0, sys.argv[1]); import reports; from auditor.render import render\n"
        "for make in reports.ALL.values(): render(make(), 'text'); render(make(), 'json')\n"
        "print([name for name in ('rich', 'jinja2', 'difflib') if name in sys.modules])"
    )
    folder = reports.__file__.rpartition("/")[0]
    done = subprocess.run([sys.executable, "-c", code, folder], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


@pytest.mark.parametrize("words", ["", "a", "aa " * 30, "x" * 100 + " y", "日本語 " * 20])
def test_wrapping_loses_no_word(words):
    rows = wrap(" ".join(words.split()), 20)
    assert " ".join(rows).split() == words.split()
