"""Interpreters and installations that cannot be used or read."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from fault_harness import Running, fake_torch

pytestmark = pytest.mark.slow

Start = Callable[..., Running]
MakeVenv = Callable[..., Path]


def old_python() -> str | None:
    homes = (Path.home() / ".pyenv" / "versions", Path("/opt/pyenv/versions"))
    return next((str(path) for home in homes for path in sorted(home.glob("3.[5-7].*/bin/python"))), None)


UNUSABLE = {
    "a program that is no Python": ("/bin/true", None),
    "a program that fails": ("/bin/false", None),
    "a text file": ("python", "hello\n"),
    "a script that answers rubbish": ("python", "#!/bin/sh\necho '{\"python\": 1}'\n"),
    "a script that kills itself": ("python", "#!/bin/sh\nkill -SEGV $$\n"),
}


@pytest.mark.parametrize("what", UNUSABLE)
def test_an_interpreter_that_is(what: str, scan: Start, tmp_path: Path) -> None:
    name, content = UNUSABLE[what]
    path = Path(name)
    if content is not None:
        path = tmp_path / name
        path.write_text(content)
        path.chmod(0o755)
    done = scan("--python", str(path), "--level", "none").wait()
    done.assert_whole()
    assert done.rc == 3, done.stderr
    assert "target_unusable" in done.causes
    assert done.report["target"]["reason"]


def test_a_python_that_is_too_old_is_named_with_its_version(scan: Start) -> None:
    python = old_python()
    if python is None:
        pytest.skip("no Python older than 3.8 here")
    done = scan("--python", python, "--level", "none").wait()
    done.assert_whole()
    assert (done.rc, "target_unusable" in done.causes) == (3, True)
    assert "3.8" in done.report["target"]["reason"]


def test_a_path_that_does_not_exist_is_a_usage_error(scan: Start) -> None:
    done = scan("--python", "/no/such/python").wait()
    assert (done.rc, done.stdout) == (2, b"")
    assert "/no/such/python" in done.stderr


BROKEN_INFO: dict[str, dict[str, str | bytes]] = {
    "without METADATA": {"broken-1.0.dist-info/RECORD": ""},
    "empty": {"broken-1.0.dist-info/METADATA": ""},
    "binary": {"broken-1.0.dist-info/METADATA": bytes(range(256)) * 64},
    "endless": {"broken-1.0.dist-info/METADATA": b"Name: " + b"x" * (8 << 20)},
}


@pytest.mark.parametrize("how", BROKEN_INFO)
def test_a_dist_info_that_is(how: str, scan: Start, make_venv: MakeVenv) -> None:
    python = make_venv(
        BROKEN_INFO[how]
        | {"good-1.0.dist-info/METADATA": "Metadata-Version: 2.1\nName: good\nVersion: 1.0\n"}
    )
    done = scan("--python", str(python), "--level", "none").wait()
    done.assert_whole()
    assert "good" in {each["name"] for each in done.value("python.distributions")}
    assert "broken_metadata" in done.causes
    assert done.rc in (0, 1)


def test_a_noisy_sitecustomize_spoils_nothing(scan: Start, make_venv: MakeVenv) -> None:
    noise = "import sys\nprint('{}' * 10000)\nsys.stderr.write('noise' * 10000)\n"
    files = {"sitecustomize.py": noise, **fake_torch("raise ImportError('x')")}
    done = scan("--python", str(make_venv(files)), "--level", "none").wait()
    done.assert_whole()
    assert done.value("torch.version") == "2.9.0"


def test_modules_in_the_working_directory_hide_nothing_of_ours(
    scan: Start, make_venv: MakeVenv, tmp_path: Path
) -> None:
    for name in ("json", "os", "msgspec", "click", "auditor", "torch"):
        (tmp_path / f"{name}.py").write_text("raise SystemExit('hidden')\n")
    python = make_venv(fake_torch("raise ImportError('x')"))
    done = scan("--python", str(python), "--level", "none", cwd=tmp_path).wait()
    done.assert_whole()
    assert done.value("torch.version") == "2.9.0"
    assert "local_module_shadowing" in done.causes
