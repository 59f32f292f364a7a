"""What is installed, twice, broken, foreign: real interpreters over folders as installers leave them."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from made_environments import Environment, audit, interpreters

NOISY = "import sys\nprint('hello from sitecustomize')\nsys.stderr.write('noise' * 1000)\n"


def names(rows: list[dict[str, str]]) -> list[str]:
    return [row["name"] for row in rows]


def test_an_environment_without_pip_answers(environment: Environment, tmp_path: Path) -> None:
    facts = environment.audit(tmp_path)
    assert facts["python.kind"].value == "venv"
    assert facts["python.distributions"].value == []
    assert facts["python.pip_version"].state == "absent"
    assert facts["python.installer"].state == "absent"
    assert facts["python.frameworks"].value == []
    assert facts["torch.version"].state == "absent"


def test_a_noisy_sitecustomize_spoils_nothing(environment: Environment, tmp_path: Path) -> None:
    environment.write({"sitecustomize.py": NOISY})
    environment.install("six", "1.16.0")
    facts = environment.audit(tmp_path)
    assert facts["python.distributions"].value == [
        {"name": "six", "version": "1.16.0", "location": str(environment.site), "installer": "pip"}
    ]


@pytest.mark.parametrize(
    ("code", "reason"),
    [
        ("import os\nos._exit(3)\n", "exit code 3 without an answer"),
        ("import os, signal\nos.kill(os.getpid(), signal.SIGSEGV)\n", "killed by SIGSEGV"),
        ("raise RuntimeError('broken')\n", ""),
    ],
)
def test_a_sitecustomize_that_ends_the_interpreter_is_told(
    environment: Environment, tmp_path: Path, code: str, reason: str
) -> None:
    environment.write({"sitecustomize.py": code})
    facts = environment.audit(tmp_path)
    assert facts["target.usable"].value is (not reason)
    assert reason in (facts["target.reason"].value or "")


def test_an_interpreter_that_hangs_is_left_at_the_deadline(
    environment: Environment, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("auditor.target.query.DEADLINE", 0.5)
    environment.write({"sitecustomize.py": "import time\ntime.sleep(60)\n"})
    facts = environment.audit(tmp_path)
    assert facts["target.usable"].value is False
    assert "no answer within" in facts["target.reason"].value


@pytest.mark.parametrize("program", ["/bin/true", "/bin/sh", "/etc/hostname", "/tmp"])
def test_what_is_no_python_is_unusable_with_a_reason(
    environment: Environment, tmp_path: Path, program: str
) -> None:
    facts = environment.audit(tmp_path, Path(program))
    assert facts["target.usable"].value is False
    assert facts["target.reason"].value.startswith(program)
    assert facts["python.version"].state == "unknown"


def test_modules_in_the_working_directory_are_not_imported_but_told(
    environment: Environment, tmp_path: Path
) -> None:
    work = tmp_path / "work"
    work.mkdir()
    for name in ("json.py", "torch.py", "mine.py", "test.py", "sys.py"):
        (work / name).write_text("raise SystemExit(1)\n")
    environment.write({"torch/__init__.py": "", "torch/version.py": "__version__ = '2.1.0'\n"})
    facts = environment.audit(work)
    shadows = {row["module"]: row["hides"] for row in facts["python.local_shadows"].value}
    assert shadows == {"json": "the standard library", "torch": str(environment.site)}


@pytest.mark.parametrize("python", interpreters("3.13"))
def test_the_standard_library_is_the_targets_not_ours(python: Path, tmp_path: Path) -> None:
    for name in ("imp.py", "random.py"):  # Python 3.12 took `imp` away
        (tmp_path / name).write_text("raise SystemExit(1)\n")
    rows = audit(python, tmp_path)["python.local_shadows"].value
    assert [row["module"] for row in rows] == ["random"]


def test_a_projects_own_source_is_marked(environment: Environment, tmp_path: Path) -> None:
    work = tmp_path / "work"
    (work / "mine").mkdir(parents=True)
    (work / "mine" / "__init__.py").touch()
    (work / "setup.py").touch()
    environment.write({"mine/__init__.py": ""})
    (row,) = environment.audit(work)["python.local_shadows"].value
    assert (row["module"], row["project"]) == ("mine", "setup.py")


def test_a_safe_path_has_no_shadows(
    environment: Environment, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PYTHONSAFEPATH", "1")
    (tmp_path / "json.py").write_text("raise SystemExit(1)\n")
    facts = environment.audit(tmp_path)
    assert facts["python.local_shadows"].value == []
    assert str(tmp_path) not in facts["python.sys_path"].value


def test_broken_distributions_are_named_with_their_reason(environment: Environment, tmp_path: Path) -> None:
    environment.install("good", "1.0")
    environment.install("~orch", "2.0")
    environment.write(
        {
            "empty-1.0.dist-info/METADATA": "",
            "bare-1.0.dist-info/RECORD": "",
            "noversion-1.0.dist-info/METADATA": "Name: noversion\n\n",
            "binary-1.0.dist-info/METADATA": b"\xff\xfe\0\x01",
        }
    )
    facts = environment.audit(tmp_path)
    assert names(facts["python.distributions"].value) == ["good"]
    reasons = {Path(row["path"]).name: row["reason"] for row in facts["python.broken_metadata"].value}
    assert reasons == {
        "bare-1.0.dist-info": "no METADATA in it",
        "binary-1.0.dist-info": "METADATA is empty or gives no name",
        "empty-1.0.dist-info": "METADATA is empty or gives no name",
        "noversion-1.0.dist-info": "METADATA is empty or gives no version",
        "~orch-2.0.dist-info": "left behind by an interrupted uninstall",
    }


def test_a_distribution_that_stands_twice_is_told_and_the_first_counts(
    environment: Environment, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = tmp_path / "other"
    environment.install("torch", "2.1.0")
    environment.install("torch", "2.0.0", folder=other)
    monkeypatch.setenv("PYTHONPATH", str(other))
    facts = environment.audit(tmp_path)
    assert facts["python.duplicates"].value == [
        {
            "name": "torch",
            "copies": [
                {"version": "2.0.0", "location": str(other)},
                {"version": "2.1.0", "location": str(environment.site)},
            ],
            "hides": "pythonpath",
        }
    ]
    assert facts["python.distributions"].value[0]["version"] == "2.0.0"


def test_pythonpath_is_read_as_a_program_in_the_working_directory_gets_it(
    environment: Environment, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "lib").mkdir()
    (tmp_path / "lib" / "helper.py").write_text("")
    environment.install("extra", "3.0", folder=tmp_path / "lib")
    monkeypatch.setenv("PYTHONPATH", "lib:")
    facts = environment.audit(tmp_path)
    assert facts["python.sys_path"].value[:2] == [str(tmp_path / "lib"), str(tmp_path)]
    assert facts["python.pythonpath"].value == ["lib", ""]
    assert facts["python.pythonpath_packages"].value[:2] == [
        {"name": "extra", "version": "3.0", "location": str(tmp_path / "lib")},
        {"name": "helper", "version": None, "location": str(tmp_path / "lib")},
    ]


def test_a_json_in_pythonpath_does_not_break_the_question(
    environment: Environment, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "json.py").write_text("raise SystemExit(1)\n")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    facts = environment.audit(tmp_path / "env")
    assert facts["python.sys_path"].is_known
    assert "json" in names(facts["python.pythonpath_packages"].value)


def test_the_user_site_is_told(
    tmp_path: Path, environment: Environment, monkeypatch: pytest.MonkeyPatch
) -> None:
    config = environment.folder / "pyvenv.cfg"
    config.write_text(config.read_text().replace("packages = false", "packages = true"))
    site = tmp_path / "base" / "lib" / f"python3.{sys.version_info.minor}" / "site-packages"
    environment.install("mine", "1.0", folder=site)
    monkeypatch.setenv("PYTHONUSERBASE", str(tmp_path / "base"))
    facts = environment.audit(tmp_path)
    assert facts["python.user_site"].value == str(site)
    assert facts["python.user_site_packages"].value == [{"name": "mine", "version": "1.0", "shadows": None}]


@pytest.mark.parametrize("python", interpreters("3.12"))
def test_the_user_site_hides_what_the_interpreter_holds(
    python: Path, tmp_path: Path, environment: Environment, monkeypatch: pytest.MonkeyPatch
) -> None:
    site = tmp_path / "base" / "lib" / "python3.12" / "site-packages"
    environment.install("pip", "1.0", folder=site)
    monkeypatch.setenv("PYTHONUSERBASE", str(tmp_path / "base"))
    facts = audit(python, tmp_path)
    (row,) = facts["python.user_site_packages"].value
    assert (row["name"], row["version"]) == ("pip", "1.0")
    assert row["shadows"] not in (None, "1.0")
    assert "pip" in names(facts["python.duplicates"].value)


def test_the_sources_of_an_editable_install_are_no_second_copy(
    environment: Environment, tmp_path: Path
) -> None:
    source = tmp_path / "project"
    (source / "mine.egg-info").mkdir(parents=True)
    (source / "mine.egg-info" / "PKG-INFO").write_text("Name: mine\nVersion: 1.0\n\n")
    url = f'{{"url": "file://{source}", "dir_info": {{"editable": true}}}}'
    environment.install("mine", "1.0", **{"direct_url.json": url})
    environment.write({"mine.pth": f"{source}\n"})
    facts = environment.audit(tmp_path)
    assert facts["python.duplicates"].value == []
    assert facts["python.distributions"].value[0]["editable"] == str(source)


def test_a_conda_environment_is_known_by_its_metadata(environment: Environment, tmp_path: Path) -> None:
    meta = environment.folder / "conda-meta"
    meta.mkdir()
    (meta / "pytorch-2.2.2-py3.11_cpu_0.json").write_text("{}")
    (meta / "history").write_text("")
    facts = environment.audit(tmp_path)
    assert facts["python.conda_packages"].value == [["pytorch", "2.2.2", "py3.11_cpu_0"]]
    assert facts["python.conda_env"].value == "env"


def test_an_unreadable_folder_on_the_path_is_told(
    environment: Environment, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import os

    if os.getuid() == 0:
        pytest.skip("root reads every folder")
    closed = tmp_path / "closed"
    closed.mkdir(mode=0o000)
    monkeypatch.setenv("PYTHONPATH", str(closed))
    facts = environment.audit(tmp_path)
    assert any(row["path"] == str(closed) for row in facts["python.broken_metadata"].value)


def test_a_huge_folder_on_the_path_is_only_slower(
    environment: Environment, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    huge = tmp_path / "huge"
    huge.mkdir()
    for number in range(5000):
        (huge / f"file{number}.py").touch()
    monkeypatch.setenv("PYTHONPATH", str(huge))
    facts = environment.audit(tmp_path)
    assert facts["python.sys_path"].value[0] == str(huge)
    assert len(facts["python.pythonpath_packages"].value) <= 60


def test_where_nothing_is_writable_the_answer_comes_over_stdout(
    environment: Environment, tmp_path: Path
) -> None:
    from auditor.host.live import LiveHost
    from auditor.target.query import query

    environment.write({"sitecustomize.py": NOISY})
    with_file = query(LiveHost(), str(environment.python), str(tmp_path), str(tmp_path))
    without = query(LiveHost(), str(environment.python), str(tmp_path), None)
    assert with_file == without
    assert with_file.usable


def test_a_recording_answers_without_an_interpreter(environment: Environment, tmp_path: Path) -> None:
    from auditor.host.live import LiveHost
    from auditor.host.recording import Recorder, SnapshotHost
    from auditor.target.query import query

    environment.install("six", "1.16.0")
    recorder = Recorder(LiveHost())
    live = query(recorder, str(environment.python), str(tmp_path))
    environment.python.unlink()
    assert query(SnapshotHost(recorder.snapshot), str(environment.python), str(tmp_path)) == live


def test_every_key_that_the_probe_promises_comes_out(
    make_environment: Callable[..., Environment], tmp_path: Path
) -> None:
    from auditor.probes import load

    probe = load("python")
    usable = make_environment("one").audit(tmp_path)
    unusable = make_environment("two").audit(tmp_path, Path("/bin/true"))
    assert set(usable) == set(unusable) == set(probe.provides)


def test_a_link_in_a_circle_hides_nothing(environment: Environment, tmp_path: Path) -> None:
    environment.install("good", "1.0")
    environment.write({"torch/__init__.py": "", "torch/version.py": "__version__ = '2.1.0'\n"})
    for name in ("loop", "loop.py", "loop.dist-info"):
        (environment.site / name).symlink_to(name)
    facts = environment.audit(tmp_path)
    assert "good" in names(facts["python.distributions"].value)
    assert facts["python.frameworks"].value == ["pytorch"]


def test_what_stands_in_a_folder_that_cannot_be_listed_is_unknown(
    environment: Environment, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PYTHONPATH", str(tmp_path / ("a" * 300)))  # longer than a name may be
    facts = environment.audit(tmp_path)
    assert facts["python.frameworks"].state == "unknown"
    assert "cannot be listed" in facts["torch.version"].reason


def test_two_records_of_one_release_in_one_folder_are_one_copy(
    environment: Environment, tmp_path: Path
) -> None:
    environment.install("cryptography", "38.0.4")
    environment.write({"cryptography.egg-info": "Name: cryptography\nVersion: 38.0.4\n\n"})
    assert environment.audit(tmp_path)["python.duplicates"].value == []
