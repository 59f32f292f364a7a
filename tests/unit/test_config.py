"""Options from a file: strict, behind the command line, told in the report, and bounded where nobody named it."""

import json
import os

import pytest
from click.testing import CliRunner

from auditor.cli.app import app
from auditor.cli.config_values import every_command, options_of
from auditor.knowledge.toml_lines import line_of

MACHINE = os.path.join(os.path.dirname(__file__), "..", "machines", "debian12-vm-cpu.json")


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return tmp_path


def scan(*args, **options):
    """A scan of a recorded machine: fast, and the same everywhere."""
    return CliRunner().invoke(app, ["scan", "--snapshot", MACHINE, *args], standalone_mode=False, **options)


def words(*args):
    """What a wrong file is answered with."""
    done = CliRunner().invoke(app, list(args))
    assert done.exit_code == 2, done.output
    return done.output


def test_a_files_options_count_and_the_report_tells_them(folder):
    (folder / "fwaudit.toml").write_text('[scan]\nlevel = "none"\ngoal = "research"\nformat = "json"\n')
    done = scan()
    options = json.loads(done.stdout)["options"]
    assert options["goals"] == ["research"]
    assert options["config"] == {
        "file": "fwaudit.toml",
        "options": {"goal": ["research"], "level": "none", "format": "json"},
    }
    assert "fwaudit.toml sets goal = research, level = none, format = json" in done.stderr


def test_the_command_line_wins_over_the_file(folder):
    (folder / "fwaudit.toml").write_text('[scan]\nlevel = "none"\ngoal = ["research", "vision"]\n')
    options = json.loads(scan("--goal", "production", "--format", "json").stdout)["options"]
    assert options["goals"] == ["production"]
    assert options["config"]["options"] == {"level": "none"}


@pytest.mark.parametrize(
    ("typed", "left"),
    [
        ((), ["output"]),
        (("-o", "typed.json"), []),
        (("--format", "json"), []),
        (("--level", "none"), ["output"]),
    ],
)
def test_what_excludes_a_files_option_stands_in_its_place(folder, typed, left):
    (folder / "fwaudit.toml").write_text('[scan]\noutput = "r.md"\n')
    assert (sorted(scan(*typed).stderr.split(" sets ")[1:]) != []) == bool(left)
    assert (folder / "r.md").exists() == bool(left)


def test_a_pyproject_holds_them_too_and_another_tools_file_is_passed_over(folder):
    (folder / "pyproject.toml").write_text(
        '[tool.ruff]\nline-length = 88\n[tool.fwaudit.scan]\nformat = "json"\n'
    )
    assert json.loads(scan().stdout)["options"]["config"]["file"] == "pyproject.toml"
    (folder / "pyproject.toml").write_text("[tool.ruff")
    assert "config" not in json.loads(scan("--format", "json").stdout)["options"]


@pytest.mark.parametrize(
    "text", ["[tool.fwaudit.scan", "[tool.fwaudit]\nlevel = ", "x = [\n[ tool . fwaudit ]"]
)
def test_a_pyproject_with_our_table_that_cannot_be_parsed_is_told(folder, text):
    (folder / "pyproject.toml").write_text(text)
    assert "pyproject.toml: " in words("scan", "--snapshot", MACHINE)


@pytest.mark.parametrize(
    "text", ['tool = "fwaudit"', "[tool]\nfwaudit = 3", "fwaudit = 1", "# fwaudit\n[[tool]]\nx = 1"]
)
def test_a_pyproject_of_odd_shape_is_no_defect(folder, text):
    (folder / "pyproject.toml").write_text(text)
    done = CliRunner().invoke(app, ["scan", "--snapshot", MACHINE, "--format", "json"])
    assert done.exit_code in (0, 2), done.output
    assert done.exit_code == 0 or "tool.fwaudit: expected a table" in done.output
    assert CliRunner().invoke(app, ["validate", "pyproject.toml"]).exit_code in (0, 2)


def test_a_deeply_nested_file_is_told(folder):
    (folder / "fwaudit.toml").write_text("x = " + "[" * 5000)
    assert "fwaudit.toml" in words("scan", "--snapshot", MACHINE)


def test_no_config_and_config_choose(folder):
    (folder / "fwaudit.toml").write_text('[scan]\nformat = "markdown"\n')
    (folder / "other.toml").write_text('[scan]\nformat = "json"\n')
    assert scan("--no-config").stdout.startswith("Audited")
    named = scan("--config", "other.toml")
    assert json.loads(named.stdout)["options"]["config"]["file"] == "other.toml"
    assert named.stderr == ""  # who names a file knows it
    assert "exclude each other" in words("scan", "--config", "other.toml", "--no-config")
    assert "exclude each other" in words("scan", "--no-config", "--config", "other.toml")


def test_defaults_hold_for_every_command_that_has_the_option(folder):
    (folder / "fwaudit.toml").write_text(
        "[defaults]\nverbose = true\nmax-chars = 2000\n[scan]\nmax-chars = 3000\n"
    )
    options = json.loads(scan("--format", "json").stdout)["options"]["config"]["options"]
    assert options == {"verbose": True, "max-chars": 3000}


def test_a_table_stands_for_key_value_texts(folder):
    (folder / "fwaudit.toml").write_text(
        '[scan]\nignore = { FWA405 = "shared host" }\nassume = { driver = "570.86" }\n'
    )
    assert json.loads(scan("--format", "json").stdout)["options"]["assume"] == ["driver=570.86"]


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("[scn]\n", "fwaudit.toml:1: scn: no command or table is called so; did you mean 'scan'?"),
        ("scan = 3\n", "fwaudit.toml:1: scan: expected a table of options"),
        ('\n[scan]\nlevl = "none"\n', "fwaudit.toml:3: scan.levl: `fwaudit scan` has no such option; did you mean 'level'?"),
        ('[scan]\n# level\nlevel = "nnone"\n', "fwaudit.toml:3: scan.level: 'nnone' is not one of"),
        ('scan.level = "nnone"', "fwaudit.toml:1: scan.level"),
        ('scan = { level = "nnone" }', "fwaudit.toml:1: scan.level"),
        ("[scan]\nlevel = true\n", "scan.level: expected one value"),
        ("[scan]\nverbose = 1\n", "scan.verbose: expected true or false"),
        ("[scan]\nmax-chars = 3\n", "scan.max-chars: 3 is not in the range"),
        ("[scan]\ngoal = [[1]]\n", "scan.goal: expected text or numbers"),
        ('[scan]\ngoal = ""\n', "scan.goal: expected text or numbers"),
        ("[defaults]\nverbos = true\n", "fwaudit.toml:2: defaults.verbos: no command has this option; did you mean 'verbose'?"),
        ('ignore = { FWA405 = "known" }\n', "fwaudit.toml:1: ignore: no command or table is called so; 'ignore' is an option: it stands in [defaults] or"),
        ("[scan\n", "fwaudit.toml: "),
        ("[goals.x]\nweights = { debuging = 10 }\n", "fwaudit.toml:2: goals.x.weights.debuging: no criterion"),
        ("goals = 3\n", "fwaudit.toml:1: goals"),
        ('\nteam = ["pytorh"]\n', "fwaudit.toml:2: team: no framework"),
    ],
)  # fmt: skip
def test_a_mistake_is_told_with_file_line_key_and_the_nearest_word(folder, text, says):
    (folder / "fwaudit.toml").write_text(text)
    assert says in words("scan", "--snapshot", MACHINE)
    checked = CliRunner().invoke(app, ["validate", "fwaudit.toml"])
    assert says in checked.output


@pytest.mark.parametrize(
    ("table", "line", "says"),
    [
        ("show", 'format = "yaml"', "show.format: yaml: no such format"),
        ("compare", 'tolerance = "5x"', "compare.tolerance: 5x: expected a share"),
        ("scan", 'goal = "reserch"', 'scan.goal: no goal "reserch"; did you mean "research"?'),
        ("scan", 'team = ["torch"]', 'scan.team: no framework "torch"'),
        ("scan", 'duration = "5 parsecs"', "scan.duration: '5 parsecs' is no duration"),
        ("scan", 'assume = ["foo.bar=1"]', "scan.assume: foo.bar=1: unknown fact"),
        ("scan", 'output = "x.doc"', "scan.output: x.doc: no format goes by that suffix"),
        ("plan", 'keep = "torch"', "plan.keep: nothing to keep is called"),
    ],
)
def test_what_only_the_command_can_judge_is_told_with_its_place_too(folder, table, line, says):
    (folder / "fwaudit.toml").write_text(f"# ours\n[{table}]\n{line}\n")
    given = {"compare": [MACHINE, MACHINE], "show": [MACHINE]}.get(table, [])
    assert f"fwaudit.toml:3: {says}" in words(table, *given)
    assert f"fwaudit.toml:3: {says}" in CliRunner().invoke(app, ["validate", "fwaudit.toml"]).output


@pytest.mark.parametrize("key", ["python", "venv", "root", "snapshot", "rules-dir", "redact_salt"])
def test_a_file_that_is_not_there_is_told_with_the_line_that_names_it(folder, key):
    (folder / "own.toml").write_text(f'[scan]\n{key} = "/nope/at-all"\n')
    assert f"own.toml:2: scan.{key}: /nope/at-all" in words("scan", "--level", "none", "--config", "own.toml")


def test_every_mistake_of_a_file_is_told_at_once(folder):
    (folder / "fwaudit.toml").write_text(
        '[scan]\nlevl = "none"\nmax-chars = 3\n[nope]\n[show]\nformat = "yaml"\n[goals.x]\nweights = { a = 1 }\n[goals.y]\nweights = { b = 10 }\n'
    )
    lines = CliRunner().invoke(app, ["validate", "fwaudit.toml"]).output.splitlines()
    assert [line.split(": ")[1] for line in lines] == [
        "scan.levl", "scan.max-chars", "nope", "show.format", "goals.x.weights.a", "goals.y.weights.b",
    ]  # fmt: skip
    assert [word in words("scan", "--snapshot", MACHINE) for word in ("levl", "max-chars", "nope")] == [
        True
    ] * 3


def test_validate_reads_the_tables_of_every_command(folder):
    (folder / "site.toml").write_text('[profile.learn]\nnam = "x"\n')
    assert "site.toml:2: profile.learn.nam" in CliRunner().invoke(app, ["validate", "site.toml"]).output
    (folder / "site.toml").write_text('[profile.learn]\nname = "x"\n[preflight]\nprofile = "cpu-node"\n')
    done = CliRunner().invoke(app, ["validate", "site.toml"], standalone_mode=False)
    assert (done.return_value, done.output) == (0, "site.toml: options of fwaudit, valid\n")


@pytest.mark.parametrize("words_", sorted(every_command()))
def test_every_option_of_every_command_has_its_key(words_):
    command = every_command()[words_]
    keys = options_of(command)
    long = {name for option in command.params for name in option.opts if name.startswith("--")}
    assert {f"--{key}" for key in keys} == long - {"--config", "--no-config"}


@pytest.mark.parametrize(
    "line", ["no-redact = true", "cloud-metadata = true", "busy = true", 'redact-salt = "salt"', 'output = "../x.json"', 'output = ["/tmp/x.json"]']
)  # fmt: skip
def test_a_file_that_was_only_found_cannot_harm(folder, line):
    (folder / "fwaudit.toml").write_text(f"[scan]\n{line}\n")
    assert "fwaudit.toml:2: scan." in words("scan", "--snapshot", MACHINE)
    assert not (folder.parent / "x.json").exists()


def test_a_link_leads_no_output_out_of_the_folder(folder, tmp_path_factory):
    outside = tmp_path_factory.mktemp("outside") / "target.json"
    (folder / "r.json").symlink_to(outside)
    (folder / "fwaudit.toml").write_text('[scan]\noutput = "r.json"\n')
    assert "lies outside of this folder" in words("scan", "--snapshot", MACHINE)
    assert not outside.exists()


def test_what_a_found_file_sets_is_announced_even_when_it_asks_for_quiet(folder):
    (folder / "fwaudit.toml").write_text('[scan]\nquiet = true\npython = "./python\\u001b[2J"\n')
    stderr = CliRunner().invoke(app, ["scan", "--level", "none"]).stderr
    assert "fwaudit.toml sets python = ./python" in stderr
    assert "\x1b" not in stderr


def test_a_preflight_takes_no_options_from_the_folder_that_it_runs_in(folder):
    (folder / "fwaudit.toml").write_text('[preflight]\nonly = "nonsense"\n')
    assert CliRunner().invoke(
        app, ["preflight", "--snapshot", MACHINE], standalone_mode=False
    ).return_value in (0, 1)
    assert "nonsense" in words("preflight", "--snapshot", MACHINE, "--config", "fwaudit.toml")


@pytest.mark.parametrize("key", ["dialect = 'slurm'", "strict = true", "observe = true"])
def test_what_a_failure_means_to_a_scheduler_stands_on_the_command_line_only(folder, key):
    (folder / "site.toml").write_text(f"[preflight]\n{key}\n")
    assert "stands on the command line only" in words("preflight", "--config", "site.toml")


@pytest.mark.skipif(os.name != "posix" or os.geteuid() != 0, reason="only root can give a file away")
def test_a_strangers_file_is_left_alone_and_said_so(folder):
    (folder / "fwaudit.toml").write_text(
        '[scan]\nformat = "json"\n[goals.own]\nweights = { debugging = 10 }\n'
    )
    os.chown(folder / "fwaudit.toml", 12345, 12345)
    done = scan()
    assert done.stdout.startswith("Audited")
    assert "belongs to another user (uid 12345)" in done.stderr
    assert "own" in words("scan", "--goal", "own", "--snapshot", MACHINE)


def test_a_pipe_in_the_place_of_the_file_holds_nobody(folder):
    os.mkfifo(folder / "fwaudit.toml")
    assert scan("--format", "json").exit_code == 0


@pytest.mark.parametrize(
    ("text", "key", "line"),
    [
        ("a = 1\n[t]\nb = 2\n[t.u]\nc = 3", ("t", "u", "c"), 5),
        ("[t]\n'b' . \"c\" = 2", ("t", "b", "c"), 2),
        ("[t]\nb = { c = 2 }", ("t", "b", "c"), 2),
        ("[t]\nb = 1", ("t", "x"), 1),
        ("", ("t",), 1),
    ],
)
def test_a_keys_line_is_found(text, key, line):
    assert line_of(text, key) == line
