"""Requirements are held against what is installed, as the target's Python sees them."""

from __future__ import annotations

from itertools import islice

import msgspec
import pytest
from packaging.tags import cpython_tags

from auditor.model.fact import call
from auditor.probes.python import abi_tags, manylinux
from auditor.target.answer import Distribution, Interpreter
from auditor.target.requirements import unmet

LINUX = Interpreter(
    version="3.11.7", implementation="cpython", free_threaded=False, bits=64, platform="linux",
    multiarch="x86_64-linux-gnu", machine="x86_64", libc="glibc 2.36", executable="", prefix="", base_prefix="",
    stdlib="", include="", pyvenv=None, externally_managed=False, conda=None, sys_path=(),
)  # fmt: skip


def dist(name: str, version: str, *requires: str) -> Distribution:
    return Distribution(name, version, "/site", f"{name}-{version}.dist-info", "pip", requires, "")


def missing(*distributions: Distribution, python: Interpreter = LINUX) -> list[tuple[str, str, str | None]]:
    return [(u.distribution, u.requirement, u.installed) for u in unmet(distributions, python)[0]]


@pytest.mark.parametrize(
    "line",
    [
        "b", "b>=1", "b (>=1,<3)", "B_==2.0", "b ; python_version >= '3.8'", "c ; sys_platform == 'win32'",
        "c ; extra == 'more'", "c>1 ; extra == 'x' and python_version > '3'", "b @ https://example.org/b.whl", "b[x]>=2",
        "c ; platform_system == 'Windows' or extra == 'x'", "c; python_version < '3.11'", "b==2.*",
    ],
)  # fmt: skip
def test_holds(line: str) -> None:
    line = line.replace("B_==", "B==")
    assert missing(dist("a", "1", line), dist("b", "2.0+cu130")) == []


@pytest.mark.parametrize(
    ("line", "installed"),
    [
        ("b<2", "2.0"),
        ("c", None),
        ("c ; python_version == '3.11'", None),
        ("c ; platform_machine == 'x86_64'", None),
    ],
)
def test_does_not_hold(line: str, installed: str | None) -> None:
    assert missing(dist("a", "1", line), dist("b", "2.0")) == [("a", line.partition(" ;")[0], installed)]


def test_markers_are_those_of_the_target_not_ours() -> None:
    line = "c ; python_version < '3.9' and sys_platform == 'darwin'"
    old_mac = msgspec.structs.replace(LINUX, version="3.8.18", platform="darwin")
    assert missing(dist("a", "1", line)) == []
    assert missing(dist("a", "1", line), python=old_mac) == [("a", "c", None)]


def test_an_extra_counts_where_another_asks_for_it() -> None:
    jax = dist("jax", "1", "jaxlib ; extra == 'cuda'", "numpy")
    assert missing(jax, dist("numpy", "2")) == []
    assert missing(dist("a", "1", "jax[cuda]"), jax, dist("numpy", "2")) == [("jax", "jaxlib", None)]


def test_prereleases_and_local_versions_count() -> None:
    assert (
        missing(dist("a", "1", "torch==2.13.0", "b>=2"), dist("torch", "2.13.0+cpu"), dist("b", "3.0rc1"))
        == []
    )


def test_a_stand_in_is_named() -> None:
    (row,) = unmet(
        [dist("tensorflow-text", "2.21.1", "tensorflow<2.22,>=2.21.0"), dist("tensorflow_cpu", "2.21.0")],
        LINUX,
    )[0]
    assert row.provided_by == "tensorflow-cpu"


@pytest.mark.parametrize(
    ("installed", "stands_in"), [("2.15.1", "tensorflow-cpu"), ("2.18.0", ""), ("?", "")]
)
def test_a_stand_in_of_another_release_is_none(installed: str, stands_in: str) -> None:
    text = dist("tensorflow-text", "2.15.0", "tensorflow<2.16,>=2.15.0")
    assert unmet([text, dist("tensorflow-cpu", installed)], LINUX)[0][0].provided_by == stands_in


def test_what_cannot_be_compared_is_told_not_passed() -> None:
    found, unread = unmet(
        [dist("a", "1", "b>=1", "c>>2", "!!", "c ; python >> 3"), dist("b", "not a version"), dist("c", "1")],
        LINUX,
    )
    assert found == []
    assert [line for _, line in unread] == ["b>=1", "c>>2", "!!", "c ; python >> 3"]


def test_a_hundred_distributions_take_no_time() -> None:
    import time

    many = [
        dist(
            f"d{n}",
            "1.0",
            *(f"d{(n + k) % 100}>={k % 2}.0,<3 ; python_version >= '3.{k}'" for k in range(10)),
        )
        for n in range(100)
    ]
    unmet(many[:1], LINUX)  # imports packaging
    few = many[:10]

    def took(rows: list[Distribution]) -> float:
        start = time.thread_time()
        unmet(rows, LINUX)
        return time.thread_time() - start

    # as time grows with a square, a hundred would take a hundred times as long as ten
    assert min(took(many) for _ in range(5)) < max(0.4, 30 * min(took(few) for _ in range(5)))


@pytest.mark.parametrize("version", ["3.8.1", "3.11.7", "3.14.0"])
@pytest.mark.parametrize(("machine", "glibc"), [("x86_64", "2.12"), ("aarch64", "2.17"), ("x86_64", "2.36")])
def test_wheel_tags_are_those_of_packaging(version: str, machine: str, glibc: str) -> None:
    python = msgspec.structs.replace(LINUX, version=version, multiarch="", machine=machine)
    minor = int(version.split(".")[1])
    tags = cpython_tags((3, minor), [f"cp3{minor}"], manylinux(machine, glibc))
    assert abi_tags(python, glibc, call("test")).value == [str(tag) for tag in islice(tags, 40)]


def test_a_free_threaded_interpreter_takes_no_abi3_wheel() -> None:
    python = msgspec.structs.replace(LINUX, version="3.13.1", free_threaded=True)
    tags = abi_tags(python, "2.17", call("test")).value
    assert tags[0].startswith("cp313-cp313t-")
    assert not any("-abi3-" in tag for tag in tags)
