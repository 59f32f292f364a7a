"""What every command does alike: empty values, full disks, closed pipes, signals, and nothing left behind."""

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest
from click.testing import CliRunner

from auditor.audit.workspace import workspace
from auditor.cli.app import app
from auditor.host import processes

FWAUDIT = [sys.executable, "-m", "auditor"]
ROOT = Path(__file__).resolve().parent.parent.parent


def answered(*argv):
    return CliRunner().invoke(app, argv, standalone_mode=True)


@pytest.mark.parametrize(
    "option", ["--python", "--venv", "--conda-env", "--root", "--snapshot", "-o", "--assume"]
)
def test_an_unset_variable_of_a_script_is_a_usage_error(option):
    done = answered("scan", "--level", "none", option, "")
    assert done.exit_code == 2
    assert "empty value" in done.output


def test_the_place_of_an_output_is_looked_at_before_the_work(tmp_path, monkeypatch):
    monkeypatch.setattr("auditor.audit.workspace.workspace", lambda: pytest.fail("the work was begun"))
    for place, said in ((tmp_path / "no" / "x.json", "there is no folder"), (tmp_path, "this is a folder")):
        for command in (["scan", "--format", "json"], ["capture"], ["compare", "a", "b"]):
            done = answered(*command, "-o", str(place))
            assert (done.exit_code, said in done.output) == (2, True), done.output


def test_a_folder_in_place_of_a_file_is_told_as_one(tmp_path):
    assert "this is a folder" in answered("redact", str(tmp_path)).output


@pytest.mark.parametrize(
    "argv",
    [("list", "facts"), ("explain", "FWA101"), ("--help",), ("completion", "bash"), ("list", "probes")],
)
def test_a_full_disk_behind_stdout_is_told_by_every_command(argv):
    with open("/dev/full", "wb") as full:
        done = subprocess.run([*FWAUDIT, *argv], stdout=full, stderr=subprocess.PIPE, text=True, check=False)
    assert done.returncode == 3
    assert "internal error" not in done.stderr
    assert "Traceback" not in done.stderr
    assert "Exception ignored" not in done.stderr


def test_a_reader_that_goes_away_ends_a_list_quietly():
    read, write = os.pipe()
    os.close(read)
    done = subprocess.run(
        [*FWAUDIT, "list", "facts"], stdout=write, stderr=subprocess.PIPE, text=True, check=False
    )
    os.close(write)
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
@pytest.mark.parametrize("command", ["list", "scan"])
def test_a_signal_while_we_start_ends_with_3_and_leaves_nothing(number, command, tmp_path):
    ends = {"list": ["list", "facts"], "scan": ["scan", "--level", "none", "-q"]}[command]
    for after in (0.05, 0.1, 0.15, 0.2, 0.25):
        watched = f"import sys; from auditor.cli import main; main._heed_signals(); print('up', file=sys.stderr, flush=True); sys.argv[1:] = {ends!r}; main.entry()"
        child = subprocess.Popen(
            [sys.executable, "-c", watched],
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, cwd=ROOT, env={**os.environ, "TMPDIR": str(tmp_path)},
            preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler),
        )  # fmt: skip
        assert child.stderr.readline() == "up\n"
        time.sleep(after - 0.04)
        child.send_signal(number)
        _, said = child.communicate(timeout=60)
        assert child.returncode in (3, 0, 1), said
        assert child.returncode == 3 or "interrupted" not in said
        assert "Traceback" not in said
        assert list(tmp_path.iterdir()) == []


def test_nohup_outlives_the_terminal():
    code = "import signal; signal.signal(signal.SIGHUP, signal.SIG_IGN)\nfrom auditor.cli.signals import interruptible\nimport os\nwith interruptible(): os.kill(os.getpid(), signal.SIGHUP)\nprint('done')"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT, check=False)
    assert done.stdout == "done\n"


def test_the_temporary_folder_is_ours_alone_and_gone_afterwards(tmp_path, monkeypatch):
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    with workspace() as folder:
        assert [str(path) for path in tmp_path.iterdir()] == [folder]
        assert os.stat(folder).st_mode & 0o777 == 0o700
        assert os.listdir(folder) == []
    assert list(tmp_path.iterdir()) == []


def test_an_unusable_tmpdir_gives_way_to_the_next_place(tmp_path, monkeypatch):
    monkeypatch.setenv("TMPDIR", str(tmp_path / "no"))
    with workspace() as folder:
        assert folder.startswith("/tmp/fwaudit-")
    assert not os.path.exists(folder)


def test_a_grandchild_in_a_session_of_its_own_is_ended_too(until):
    sleeper = "import subprocess, sys; p = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(600)'], start_new_session=True, stdout=-3, stderr=-3); print(p.pid)"
    bystander = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])
    pid = int(processes.run([sys.executable, "-c", sleeper], 120.0, os.environ).stdout)
    processes.terminate_all()
    assert until(
        lambda: pid not in {p.pid for p in psutil.process_iter() if p.status() != psutil.STATUS_ZOMBIE}
    )
    assert bystander.poll() is None
    bystander.kill()
    bystander.wait()


def test_probes_are_listed_one_short_line_each():
    lines = answered("list", "probes").output.splitlines()
    assert all(len(line) < 80 and "facts" in line for line in lines)
    assert '"provides"' in answered("list", "probes", "--format", "json").output


@pytest.mark.parametrize(
    ("word", "said"),
    [("torch", "torch."), ("driver_to_old", "did you mean 'driver_too_old'"), ("reserch", "did you mean 'research'"),
     ("nvidia.driver_versoin", "did you mean 'nvidia.driver_version'"), ("nosuch", "fwaudit list facts")],
)  # fmt: skip
def test_an_unknown_word_is_answered_with_what_is_truly_near(word, said):
    done = answered("explain", word)
    assert done.exit_code == 2
    assert said in done.output


def test_what_is_far_from_every_fact_gets_no_nearest_one():
    done = answered("scan", "--assume", "zzqwx=1")
    assert (done.exit_code, "nearest" in done.output) == (2, False)


def test_a_fact_is_explained_by_its_short_name():
    assert "nvidia.driver_version" in answered("explain", "driver").output


@pytest.mark.parametrize(
    ("part", "answers", "key"),
    [
        ("commands", {"nvidia-smi -q -x": "text"}, "commands.nvidia-smi -q -x"),
        ("commands", {"lscpu": {"argv": ["lscpu"], "stdout": 5}}, "commands.lscpu"),
        ("calls", {"target choice": {"python": 5}}, "calls.target choice"),
        ("calls", {"target /usr/bin/python3": [1]}, "calls.target /usr/bin/python3"),
        ("calls", {"target choice": {"type": "failure", "errno": "x"}}, "calls.target choice"),
    ],
)
@pytest.mark.parametrize("command", [("scan", "--level", "none", "--snapshot"), ("validate",)])
def test_a_recording_with_an_answer_of_the_wrong_kind_is_told(command, part, answers, key, tmp_path):
    path = tmp_path / "m.json"
    path.write_text(json.dumps({"snapshot_version": 1, part: answers}))
    done = answered(*command, str(path))
    assert done.exit_code == (2 if command[0] == "scan" else 0)  # validate's own is 1, given by its caller
    assert f"m.json: {key}: " in " ".join(done.output.split())


def test_a_goal_is_explained_by_its_name():
    assert answered("explain", "research").output.startswith("research: ")


@pytest.mark.parametrize(
    ("words", "nearest"),
    [
        (["scann"], "scan"),
        (["scan", "--levl", "none"], "--level"),
        (["scan", "--level", "quik"], "quick"),
        (["scan", "--fail-on", "warnin"], "warning"),
        (["scan", "--format", "jsn"], "json"),
        (["scan", "--goal", "reserch"], "research"),
        (["scan", "--assume", "nvidia.driver_verson=1"], "nvidia.driver_version"),
        (["scan", "--assume", "drivr=550"], "'driver'"),
        (["scan", "--assume", "gpuu=H100"], "'gpu'"),
        (["scan", "--assume", "pyhton=3.12"], "'python'"),
        (["scan", "--assume", "glbic=2.35"], "'glibc'"),
    ],
    ids=lambda each: each if isinstance(each, str) else " ".join(each),
)
def test_a_wrong_word_is_answered_with_the_nearest(words, nearest):
    done = answered(*words)
    assert done.exit_code == 2
    assert nearest in done.output.splitlines()[-1]


OFFERED = [
    ("bash", "show ", "file"),
    ("bash", "show r.json -o ", "file"),
    ("bash", "show r.json --format ", "plain,html"),
    ("bash", "show r.json --format = ht", "plain,html"),
    ("fish", "show r.json --format=ht", "plain,--format=html"),
    ("zsh", "show r.json --format=ht", "plain --format=html"),
    ("zsh", "show r.json --form", "plain --format"),
    ("bash", "scan --venv ", "dir"),
    ("bash", "scan --goal re", "plain,research"),
    ("bash", "scan --keep ", "plain,keras-code"),
    ("zsh", "scan --goal=re", "plain --goal=research"),
    ("bash", "plan --assume gpu[0].na", "plain,gpu[0].name="),
    ("bash", "explain FWA20", "plain,FWA201"),
    ("bash", "explain driver_too", "plain,driver_too_old"),
    ("bash", "smoke pytorch-m", "plain,pytorch-matmul"),
    ("bash", "preflight --profile cpu", "plain,cpu-node"),
    ("bash", "list go", "plain,goals"),
    ("bash", "profile lint ", "file"),
    ("bash", "sc", "plain,scan"),
]


@pytest.mark.parametrize(("shell", "line", "offered"), OFFERED)
def test_a_shell_is_offered_files_and_the_words_that_fit(monkeypatch, shell, line, offered):
    words = ["fwaudit", *line.split(" ")]
    told = {
        "COMP_WORDS": " ".join(words),
        "COMP_CWORD": words[-1] if shell == "fish" else str(len(words) - 1),
    }
    for name, value in {"_FWAUDIT_COMPLETE": f"{shell}_complete", **told}.items():
        monkeypatch.setenv(name, value)
    rows = CliRunner().invoke(app, [], prog_name="fwaudit").stdout
    rows = rows.replace("plain\n", "plain ") if shell == "zsh" else rows
    assert any(row.startswith(offered) for row in rows.splitlines()), rows


def test_a_shell_that_asks_is_answered_by_the_program_itself():
    told = {"_FWAUDIT_COMPLETE": "bash_complete", "COMP_WORDS": "fwaudit sca", "COMP_CWORD": "1"}
    program = "import sys; sys.argv[0] = 'fwaudit'; from auditor.cli.main import entry; entry()"
    done = subprocess.run([sys.executable, "-c", program], env={**os.environ, **told}, capture_output=True, text=True, check=False)  # fmt: skip
    assert done.stdout == "plain,scan\n"


PATHS = [  # what is typed, what a shell offers
    ("show --redact-salt=sa", ["--redact-salt=salt.key"]),
    ("show --redact-salt=su", ["--redact-salt=sub/"]),
    ("show --redact-salt=sub/", ["--redact-salt=sub/inner.key"]),
    ("show --redact-salt=none", []),
    ("show --redact-salt sa", ["salt.key"]),
    ("show -o sub/", ["sub/inner.key"]),
    ("show --format=ju", ["--format=junit"]),
]


@pytest.mark.skipif(not shutil.which("fish"), reason="fish is not installed")
def test_fish_finds_paths_behind_an_option_and_its_sign(tmp_path):
    (tmp_path / "sub").mkdir()
    for name in ("salt.key", "sub/inner.key"):
        (tmp_path / name).touch()
    program = tmp_path / "bin" / "fwaudit"
    program.parent.mkdir()
    program.write_text(f"#!{sys.executable}\nfrom auditor.cli.main import entry\nentry()\n")
    program.chmod(0o755)
    asked = "; ".join(f"echo '>'; complete -C'fwaudit {typed}'" for typed, _ in PATHS)
    environment = {**os.environ, "HOME": str(tmp_path), "PATH": f"{program.parent}:{os.environ['PATH']}"}
    done = subprocess.run(["fish", "--no-config", "-c", f"_FWAUDIT_COMPLETE=fish_source fwaudit | source; {asked}"], env=environment, cwd=tmp_path, capture_output=True, text=True, check=False)  # fmt: skip
    assert done.stderr == ""
    assert [rows.split() for rows in done.stdout.split(">")[1:]] == [offered for _, offered in PATHS]


def test_zsh_looks_for_the_path_behind_an_option_and_its_sign(monkeypatch):
    monkeypatch.setenv("_FWAUDIT_COMPLETE", "zsh_source")
    script = CliRunner().invoke(app, [], prog_name="fwaudit").stdout
    assert script.count("compset -P '--*='; _path_files -") == script.count("_path_files -") == 2
