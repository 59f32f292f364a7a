"""--index-check: asks the index, through pip, whether each file of a plan exists: the only network use of a plan."""

from __future__ import annotations

import re
import sys
import tempfile
from collections.abc import Mapping
from typing import Any

import msgspec

from auditor.engine.planning.machine import Machine
from auditor.engine.versions import release
from auditor.host.live import LiveHost
from auditor.model.recommendation import Plan

_LIMIT_S = 60.0
_MISSING = ("No matching distribution", "Could not find a version")
UNREACHED = (
    "NewConnectionError", "Max retries", "connection broken", "ConnectTimeout", "SSLError", "Could not connect",
    "dns error", "Failed to fetch", "error sending request", "Network unreachable",
)  # fmt: skip
TAGS: Mapping[str, tuple[str, ...]] = {
    "linux": (
        *(f"manylinux_2_{libc}_{{a}}" for libc in range(40, 4, -1)),
        "manylinux2014_{a}",
        "manylinux2010_{a}",
        "manylinux1_{a}",
    ),
    "windows": ("win_amd64",),
    "macos": ("macosx_14_0_{a}", "macosx_12_0_{a}", "macosx_11_0_{a}", "macosx_10_15_{a}", "macosx_10_9_{a}"),
}


def platform_tags(machine: Machine) -> list[str]:
    """Return the platform tags of wheels that the machine takes, newest first; empty where pip knows no name for it."""
    system, _, arch = machine.platform.partition("-")
    found = []
    for tag in TAGS.get(system, ()):
        libc = re.match(r"manylinux_(\d+)_(\d+)_", tag)
        if not libc or not machine.floor or release(machine.floor)[:2] >= (int(libc[1]), int(libc[2])):
            found.append(tag.format(a=arch))
    return found


def checked(plan: Plan, machine: Machine) -> Plan:
    """Return the plan with what the index said: a file that is not there makes it impossible."""
    if not plan.possible:
        return plan
    asked = {_words(choice): _ask(choice, machine) for choice in plan.choices}
    missing = [
        f"the index holds no file of {words} for this Python and system"
        for words, said in asked.items()
        if said == "missing"
    ]
    said = tuple(f"index: {words}: {answer}" for words, answer in asked.items())
    if missing:
        return msgspec.structs.replace(
            plan,
            possible=False,
            choices=(),
            steps=(),
            blocked_by=tuple(missing),
            because=(*said, *plan.because),
        )
    return msgspec.structs.replace(plan, because=(*said, *plan.because))


def _words(choice: Mapping[str, Any]) -> str:
    return f"{choice['name']} {choice['version']} {choice['build']}".rstrip()


def _listed(choice: Mapping[str, Any]) -> str:
    """Return whether the index lists a release at all: a source archive alone counts."""
    argv = [sys.executable, "-m", "pip", "index", "versions", choice["name"], "--retries", "1"]
    done = LiveHost().run(f"pip index versions {choice['name']}", argv, _LIMIT_S)
    text = done.stdout + done.stderr
    if done.rc == 0:
        return (
            "is there"
            if re.search(rf"[ ,]{re.escape(choice['version'])}(,|$)", text, re.MULTILINE)
            else "missing"
        )
    return _trouble(text, timed_out=done.timed_out)


def _ask(choice: Mapping[str, Any], machine: Machine) -> str:
    """Return "is there", "missing", or why it could not be asked."""
    if not choice["build"]:
        return _listed(choice)
    version = ".".join(machine.python.split(".")[:2])
    argv = [
        sys.executable,
        "-m",
        "pip",
        "install",
        "--dry-run",
        "--no-deps",
        "--ignore-installed",
        "--retries",
        "1",
    ]
    argv += ["--only-binary=:all:", "--python-version", version, "--target", tempfile.gettempdir()]
    for tag in platform_tags(machine):
        argv += ["--platform", tag]
    argv += [f"{choice['name']}=={choice['version']}"]
    argv += ["--index-url", choice["index"]] if choice["index"] else []
    done = LiveHost().run(f"pip dry-run {_words(choice)}", argv, _LIMIT_S)
    text = done.stdout + done.stderr
    if done.rc == 0:
        return "is there"
    return _trouble(text, timed_out=done.timed_out)


def _trouble(text: str, *, timed_out: bool) -> str:
    if timed_out or any(word in text for word in UNREACHED):
        return "could not be asked: the index was not reached"
    missing = any(word in text for word in _MISSING)
    return "missing" if missing else f"could not be asked: {text.strip()[-120:]}"
