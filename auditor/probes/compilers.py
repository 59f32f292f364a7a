"""Compilers and build tools on PATH: Triton, Inductor and extensions need them at run time."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable
from typing import NamedTuple

from auditor.host.protocol import Host, NotRecorded
from auditor.model.fact import Fact, Facts, absent, command, env, file, known
from auditor.probes.base import Probe, ask, list_or_empty
from auditor.probes.paths import Links, which

_TIMEOUT = 5.0


class Tool(NamedTuple):
    """A program, the arguments that make it say its version, and what tells it without running."""

    key: str
    name: str
    arguments: tuple[str, ...]
    from_files: Callable[[Host, str], tuple[str, str] | None]


def collect(host: Host, facts: Facts) -> dict[str, Fact]:  # noqa: ARG001
    """Return each tool's version, those that must be run side by side."""
    links, found, left = Links(host), dict[str, Fact](), list[Tool]()
    places = {tool.name: _place(host, tool.name) for tool in TOOLS}
    for tool in TOOLS:
        place = places[tool.name]
        told = tool.from_files(host, links.resolve(place.value)) if place.is_known else None
        if told:
            found[tool.key] = known(told[0], file(told[1]))
        elif place.is_known:
            left.append(tool)
        else:
            found[tool.key] = place
    found.update(_side_by_side(host, left))
    found["compilers.cc"] = _c_compiler(host, places)
    return found


def _place(host: Host, name: str) -> Fact:
    return ask(lambda: which(host, name), env("PATH"), missing=f"there is no {name} on PATH")


def _c_compiler(host: Host, places: dict[str, Fact]) -> Fact:
    """Return what compiles at run time: CC, else gcc, else clang (triton/runtime/build.py)."""
    asked = ask(lambda: host.env("CC") or None, env("CC"), missing="CC is not set")
    if asked.is_known or asked.state == "unknown":
        return asked
    for name in ("gcc", "clang"):
        if places[name].state != "absent":
            return places[name]
    return absent("CC is not set, and neither gcc nor clang is on PATH", env("CC"), env("PATH"))


def _side_by_side(host: Host, tools: Iterable[Tool]) -> dict[str, Fact]:
    found: dict[str, Fact] = {}

    def work(tool: Tool) -> None:
        argv = [tool.name, *tool.arguments]
        found[tool.key] = ask(
            lambda: _version(host, argv),
            command(" ".join(argv)),
            missing=f"{tool.name} does not say its version",
        )

    threads = [threading.Thread(target=work, args=(tool,)) for tool in tools]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return found


def _version(host: Host, argv: list[str]) -> str | None:
    """Run a tool and return the first word that begins with a digit."""
    answer = host.run(" ".join(argv), argv, _TIMEOUT)
    if answer.timed_out:
        raise OSError(110, f"{argv[0]} did not answer within {_TIMEOUT:.0f} s")
    words = answer.stdout.replace("(", " ").split()
    # a distribution adds its own revision: 14.0.0-1ubuntu1.1
    numbers = (word.partition("-")[0].rstrip(",)") for word in words if word[:1].isdigit())
    return next((number for number in numbers if number.replace(".", "").isdigit()), None)


def _nothing(host: Host, path: str) -> None:
    """Say that only running it tells."""


def _clang_files(host: Host, path: str) -> tuple[str, str] | None:
    """Return the version by clang's resource folder, PREFIX/lib/clang/VERSION, where there is one."""
    folder = f"{path.rpartition('/')[0].rpartition('/')[0]}/lib/clang"
    versions = {name for name in list_or_empty(host, folder) if name[:1].isdigit()}
    full = [name for name in versions if "." in name] or list(versions)
    return (full[0], f"{folder}/{full[0]}") if len(full) == 1 else None


def _cmake_files(host: Host, path: str) -> tuple[str, str] | None:
    """Return the version by cmake's data folder, PREFIX/share/cmake-X.Y, or by its wheel."""
    share = f"{path.rpartition('/')[0].rpartition('/')[0]}/share"
    names = [n for n in list_or_empty(host, share) if n.startswith("cmake-") and n[6:7].isdigit()]
    return (names[0][6:], f"{share}/{names[0]}") if len(names) == 1 else _wheel(host, path)


def _wheel(host: Host, path: str) -> tuple[str, str] | None:
    """Return the version by the wheel that brought a script, which Python would take long to run."""
    try:
        if host.read_bytes(path, 2) != b"#!":
            return None
    except (OSError, NotRecorded):
        return None
    folder, _, name = path.rpartition("/")
    library = f"{folder.rpartition('/')[0]}/lib"
    for python in (n for n in list_or_empty(host, library) if n.startswith("python")):
        site = f"{library}/{python}/site-packages"
        for entry in list_or_empty(host, site):
            if entry.startswith(f"{name}-") and entry.endswith(".dist-info"):
                return entry[len(name) + 1 : -len(".dist-info")], f"{site}/{entry}"
    return None


TOOLS = (
    # -dumpversion alone gives the major number only, -dumpfullversion is unknown before gcc 7
    Tool("compilers.gcc", "gcc", ("-dumpfullversion", "-dumpversion"), _nothing),
    Tool("compilers.gxx", "g++", ("-dumpfullversion", "-dumpversion"), _nothing),
    Tool("compilers.clang", "clang", ("--version",), _clang_files),
    Tool("compilers.ninja", "ninja", ("--version",), _wheel),
    Tool("compilers.cmake", "cmake", ("--version",), _cmake_files),
)

PROBE = Probe(
    name="compilers",
    provides=("compilers.cc", *(tool.key for tool in TOOLS)),
    collect=collect,
    platforms=("linux",),
)
