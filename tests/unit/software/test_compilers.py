"""Compilers and headers: what files tell is not asked of programs."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from auditor.host.protocol import Answer, Host
from auditor.model.fact import Fact, Facts, known
from auditor.probes import compilers, headers

Machine = Callable[..., Host]
HELD: dict[str, Any] = {"/home/u/venv/bin": None}  # a folder of PATH of which nothing is held is unknown
PATH = {"PATH": "/home/u/venv/bin:/usr/bin"}
GCC = "gcc -dumpfullversion -dumpversion"


def look(host: Host) -> dict[str, Fact]:
    return dict(compilers.PROBE.collect(host, Facts()))


@pytest.mark.parametrize(
    ("files", "commands", "key", "version"),
    [
        ({"/usr/bin/gcc": "#!"}, {GCC: "12.2.0\n"}, "compilers.gcc", "12.2.0"),
        (
            {
                "/usr/bin/clang": "-> ../lib/llvm-14/bin/clang",
                "/usr/lib/llvm-14/bin/clang": "#!",
                "/usr/lib/llvm-14/lib/clang/14": "-> 14.0.6",
                "/usr/lib/llvm-14/lib/clang/14.0.6/include/x.h": "",
            },
            {},
            "compilers.clang",
            "14.0.6",
        ),
        (
            {"/usr/bin/clang": "#!"},
            {"clang --version": "Ubuntu clang version 18.1.3 (1ubuntu1)\n"},
            "compilers.clang",
            "18.1.3",
        ),
        (
            {"/usr/bin/clang": "#!"},
            {"clang --version": "Debian clang version 14.0.0-1+deb12u1\n"},
            "compilers.clang",
            "14.0.0",
        ),
        ({"/usr/bin/cmake": "#!", "/usr/share/cmake-3.25/x": ""}, {}, "compilers.cmake", "3.25"),
        (
            {
                "/home/u/venv/bin/ninja": "#!/home/u/venv/bin/python",
                "/home/u/venv/lib/python3.11/site-packages/ninja-1.11.1.4.dist-info/METADATA": "",
            },
            {},
            "compilers.ninja",
            "1.11.1.4",
        ),
    ],
)
def test_each_way_of_telling_a_version(
    machine: Machine, files: Any, commands: Any, key: str, version: str
) -> None:
    assert look(machine(files, env=PATH, commands=commands))[key].value == version


def test_a_missing_compiler_is_absent_and_one_that_hangs_unknown(machine: Machine) -> None:
    hangs = {GCC: Answer(("gcc",), timed_out=True)}
    facts = look(machine({**HELD, "/usr/bin/gcc": "#!"}, env=PATH, commands=hangs))
    assert facts["compilers.gxx"].state == "absent"
    assert (facts["compilers.gcc"].state, "did not answer" in facts["compilers.gcc"].reason) == (
        "unknown",
        True,
    )


def test_a_folder_of_path_that_was_not_captured_leaves_open_what_stands_there(machine: Machine) -> None:
    facts = look(machine({"/usr/bin/gcc": "#!"}, env=PATH, commands={GCC: "12.2.0"}))
    assert facts["compilers.gcc"].value == "12.2.0"
    assert {facts[key].state for key in ("compilers.gxx", "compilers.clang")} == {"unknown"}


@pytest.mark.parametrize(
    ("files", "env", "expected"),
    [
        ({"/usr/bin/gcc": "#!", "/usr/bin/clang": "#!"}, {"CC": "icx"}, "icx"),
        ({"/usr/bin/gcc": "#!", "/usr/bin/clang": "#!"}, {}, "/usr/bin/gcc"),
        ({"/usr/bin/clang": "#!"}, {}, "/usr/bin/clang"),
        ({}, {}, None),
    ],
)
def test_the_compiler_at_run_time_is_cc_then_gcc_then_clang(
    machine: Machine, files: Any, env: Any, expected: Any
) -> None:
    commands = {GCC: "12.2.0", "clang --version": "clang version 18.1.3"}
    fact = look(machine({**HELD, **files}, env={**PATH, **env}, commands=commands))["compilers.cc"]
    assert (fact.state, fact.value) == ("known" if expected else "absent", expected)


@pytest.mark.parametrize(
    ("facts", "expected"),
    [
        ({"python.version": "3.11.2", "python.base_prefix": "/usr"}, "/usr/include/python3.11/Python.h"),
        (
            {"python.version": "3.13.0", "python.base_prefix": "/usr", "python.free_threaded": True},
            "/usr/include/python3.13t/Python.h",
        ),
        ({"python.include": "/opt/x/include"}, "/opt/x/include/Python.h"),
    ],
)
def test_python_h_is_looked_for_where_the_interpreter_says(
    machine: Machine, facts: Any, expected: str
) -> None:
    told = Facts({key: known(value) for key, value in facts.items()})
    missing = headers.PROBE.collect(machine({}), told)["compilers.python_h"]
    assert (missing.state, expected in missing.reason) == ("absent", True)
    assert headers.PROBE.collect(machine({expected: ""}), told)["compilers.python_h"].value == expected


def test_without_an_interpreter_the_headers_are_unknown(machine: Machine) -> None:
    assert headers.PROBE.collect(machine({}), Facts())["compilers.python_h"].state == "unknown"
