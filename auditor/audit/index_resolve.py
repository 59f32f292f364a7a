"""--index-check with --with: what of a plan resolves together, by the index's metadata, through uv or pip."""

from __future__ import annotations

import json
import os
import re
import shutil
import sys
from collections.abc import Sequence
from pathlib import Path

import msgspec

from auditor.audit.index_check import TAGS, UNREACHED, platform_tags
from auditor.engine.planning.machine import Machine
from auditor.engine.planning.wish import canonical
from auditor.engine.versions import release
from auditor.host.live import LiveHost

_LIMIT_S = 300.0
_GLIBCS = (17, 28, 31, 32, 33, 34, 35, 36, 37, 38, 39, 40)  # of the platforms that uv knows
_SAID = 700
_NO_WHEEL = re.compile(
    r"(?:all versions of |of )?([A-Za-z0-9._-]+)(?:[=<>]\S*)? (?:has|have) no usable wheels", re.ASCII
)


class Resolved(msgspec.Struct, frozen=True):
    """`versions` by canonical name where it resolves; else `why` it does not, or `unasked` why nothing was told.

    `without_wheel` is a package of which there are source archives alone: what it wants shows once it is built.
    """

    versions: dict[str, str] = {}
    why: str = ""
    unasked: str = ""
    without_wheel: str = ""


def resolve(wanted: Sequence[str], machine: Machine, folder: str) -> Resolved:
    """Return the versions that the wanted requirements resolve to for a machine; `folder` takes a file or two.

    No file of a package is built: what has a source archive alone cannot be resolved, and is named.
    """
    uv = find_uv()
    if machine.platform.partition("-")[0] not in TAGS:
        return Resolved(unasked=f"no tool resolves for {machine.platform}")
    return _by_uv(uv, wanted, machine, folder) if uv else _by_pip(wanted, machine, folder)


def find_uv() -> str:
    """Return where uv is, empty where it is not: it reads metadata alone, where pip may fetch whole wheels."""
    return shutil.which("uv") or shutil.which("uv", path=os.path.dirname(sys.executable)) or ""


def _by_uv(uv: str, wanted: Sequence[str], machine: Machine, folder: str) -> Resolved:
    asked = Path(folder) / "wanted.in"
    asked.write_text("".join(f"{text}\n" for text in wanted))
    argv = [uv, "pip", "compile", str(asked), "--no-build", "--no-header", "--no-annotate", "--no-config"]
    argv += ["--color", "never", "--no-python-downloads", "--python", sys.executable]
    argv += ["--python-version", machine.python, "--python-platform", _uv_platform(machine)]
    if machine.os == "darwin" and os.name == "posix":
        argv = ["env", f"MACOSX_DEPLOYMENT_TARGET={machine.floor}", *argv]
    done = LiveHost().run("uv pip compile", argv, _LIMIT_S)
    if done.rc == 0:
        pairs = re.findall(r"^([A-Za-z0-9._-]+)(?:\[.*?\])?==(\S+)", done.stdout, re.MULTILINE)
        return Resolved({canonical(name): version for name, version in pairs})
    return _failed(done.stderr.rpartition("error:")[2] or done.stdout, timed_out=done.timed_out)


def _uv_platform(machine: Machine) -> str:
    system, _, arch = machine.platform.partition("-")
    if system == "linux":
        own = (*release(machine.floor or "0"), 0)[1]
        return f"{arch}-manylinux_2_{max((libc for libc in _GLIBCS if libc <= own), default=_GLIBCS[0])}"
    named = {
        "windows": "windows",
        "macos-arm64": "aarch64-apple-darwin",
        "macos-x86_64": "x86_64-apple-darwin",
    }
    return named.get(machine.platform) or named.get(system, system)


def _by_pip(wanted: Sequence[str], machine: Machine, folder: str) -> Resolved:
    told = Path(folder) / "resolved.json"
    argv = [sys.executable, "-m", "pip", "install", "--dry-run", "--ignore-installed", "--quiet", "--report", str(told)]  # fmt: skip
    argv += ["--use-feature=fast-deps", "--only-binary=:all:", "--target", folder, "--retries", "1"]
    argv += ["--python-version", ".".join(machine.python.split(".")[:2])]
    for tag in platform_tags(machine):
        argv += ["--platform", tag]
    done = LiveHost().run("pip dry-run of all", [*argv, *wanted], _LIMIT_S)
    if done.rc == 0 and told.is_file():
        rows = [row["metadata"] for row in json.loads(told.read_text())["install"]]
        return Resolved({canonical(row["name"]): row["version"] for row in rows})
    return _failed(done.stdout + done.stderr, timed_out=done.timed_out)


def _failed(text: str, *, timed_out: bool) -> Resolved:
    """Return why nothing was resolved: not reached, a package without a wheel, or a conflict."""
    if timed_out:
        return Resolved(unasked=f"no answer within {_LIMIT_S:.0f} s")
    if any(word in text for word in UNREACHED):
        return Resolved(unasked="the index was not reached")
    said = " ".join(re.sub(r"[^\x20-\x7e]+", " ", text).split())
    if found := _NO_WHEEL.search(said):
        return Resolved(without_wheel=canonical(found[1]))
    start = max(said.find("Because"), said.find("ERROR: "), 0)
    return Resolved(why=said[start : start + _SAID])
