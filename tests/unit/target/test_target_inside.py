"""inside.py runs in any Python from 3.8 on, and says no to older ones."""

from __future__ import annotations

import ast
import json
import subprocess
from pathlib import Path

import pytest
from made_environments import audit, interpreters

from auditor.target import inside

SOURCE = Path(inside.__file__)


def test_parses_as_python_3_8() -> None:
    ast.parse(SOURCE.read_text(), feature_version=(3, 8))


def test_nothing_but_sys_is_imported_before_the_version_gate() -> None:
    body = ast.parse(SOURCE.read_text()).body
    gate = next(place for place, node in enumerate(body) if isinstance(node, ast.If))
    imported = [node for node in body[:gate] if isinstance(node, (ast.Import, ast.ImportFrom))]
    assert [alias.name for node in imported for alias in node.names] == ["sys"]


def test_imports_only_the_standard_library() -> None:
    import sys

    for node in ast.walk(ast.parse(SOURCE.read_text())):
        names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
        names += [node.module or ""] if isinstance(node, ast.ImportFrom) else []
        assert all(name.partition(".")[0] in sys.stdlib_module_names for name in names)


@pytest.mark.parametrize("python", interpreters("3.8", "3.9", "3.10", "3.11", "3.12", "3.13", "3.14"))
def test_every_supported_python_answers(python: Path, tmp_path: Path) -> None:
    facts = audit(python, tmp_path)
    assert facts["target.usable"].value is True
    assert facts["python.version"].value in str(python)
    assert facts["python.prefix"].value == str(python.parent.parent)
    assert facts["python.kind"].value == "pyenv"
    assert facts["python.sys_path"].is_known


@pytest.mark.parametrize("python", interpreters("2.7", "3.6", "3.7"))
def test_older_ones_are_refused_by_their_version(python: Path, tmp_path: Path) -> None:
    facts = audit(python, tmp_path)
    assert facts["target.usable"].value is False
    assert "fwaudit audits 3.8 and newer" in facts["target.reason"].value
    assert "Python" in facts["torch.version"].reason


@pytest.mark.parametrize("python", interpreters("3.6", "3.7"))
def test_the_gate_leaves_with_its_own_exit_code(python: Path, tmp_path: Path) -> None:
    answer = tmp_path / "answer"
    done = subprocess.run([python, "-I", "-B", SOURCE, answer], capture_output=True, check=False)
    assert done.returncode == 79
    assert not answer.exists()


def test_header_ends_at_the_first_blank_line_and_joins_folded_lines(tmp_path: Path) -> None:
    file = tmp_path / "METADATA"
    file.write_bytes(b"Name: a\r\nLicense: one\r\n  two\r\nRequires-Dist: b\r\n\r\nRequires-Dist: no\r\n")
    assert inside.header(str(file)) == [("name", "a"), ("license", "one two"), ("requires-dist", "b")]


def test_requires_txt_reads_like_requires_dist() -> None:
    text = "six\n\n[:python_version < '3']\nenum34\n\n[test]\npytest\n\n[doc:os_name == 'nt']\nsphinx\n"
    assert inside.egg_requires(text) == [
        "six",
        "enum34 ; (python_version < '3')",
        "pytest ; extra == 'test'",
        "sphinx ; (os_name == 'nt') and extra == 'doc'",
    ]


@pytest.mark.parametrize(
    ("content", "mark", "expected"),
    [
        (b"\0sm_75 sm_80 sm_90 compute_90\0", b"sm_", ["sm_75", "sm_80", "sm_90", "compute_90"]),
        (b"\0sm_80\0 asm_x \0sm_70 sm_90a\0", b"sm_", ["sm_70", "sm_90a"]),
        (b"x" * (1 << 16) + b"\0gfx90a gfx942\0", b"gfx", ["gfx90a", "gfx942"]),
        (b"nothing here", b"sm_", None),
        (b"", b"sm_", None),
    ],
)
def test_architectures_are_the_longest_list(
    tmp_path: Path, content: bytes, mark: bytes, expected: list[str] | None
) -> None:
    library = tmp_path / "libtorch_python.so"
    library.write_bytes(content)
    assert inside.architectures(str(library), mark) == expected


def test_version_files_are_read_without_running_them(tmp_path: Path) -> None:
    file = tmp_path / "version.py"
    file.write_text(
        "from typing import Optional\nraise SystemExit\n__version__ = '2.1'\ncuda: Optional[str] = '12.1'\nhip = None\n"
    )
    assert inside.constants(str(file)) == {"__version__": "2.1", "cuda": "12.1", "hip": None}


def test_dash_writes_the_answer_to_stdout() -> None:
    import sys

    done = subprocess.run(
        [sys.executable, "-I", "-B", SOURCE, "-"], capture_output=True, text=True, check=True
    )
    assert json.loads(done.stdout.partition(inside.MARK)[2])["protocol"] == inside.PROTOCOL
