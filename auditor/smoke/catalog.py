"""The workloads there are, read from their files without running them."""

from __future__ import annotations

import ast
import os
from collections.abc import Sequence
from typing import Any, Literal, get_args

import msgspec

from auditor._resources import package_folder
from auditor.model.smoke import LEVELS, Framework, Level

Devices = Literal["every", "cpu", "accelerator"]


class WorkloadError(Exception):
    """A workload file that cannot be read, or a name that no workload has."""


class Workload(msgspec.Struct, frozen=True, kw_only=True):
    """One file of `workloads/`: its constants in lower case.

    `system` is what of the comparison it proves and `claim` what it shows; `needs` are modules that
    must be there; `cost_s` is a rough time in seconds; `devices` says where it runs ("cpu" for what
    is not bound to a device); `install` is the command that brings what it needs; `ended`
    says, of a system that its makers ended, when and what took its place. `duration_s` is how long one
    that computes for as long as it is told does so, 0 for all others; it counts in `cost_s`. `also` are
    frameworks whose child runs it where `framework` is not there.
    """

    id: str
    framework: Framework
    system: str
    claim: str
    level: Level
    needs: tuple[str, ...]
    cost_s: float
    devices: Devices = "every"
    install: str = ""
    ended: str = ""
    duration_s: float = 0.0
    also: tuple[Framework, ...] = ()
    path: str = ""


def owner(workload: Workload, frameworks: Sequence[str]) -> str:
    """Return whose child runs a workload: its own framework's, or the first of `also` that is among these."""
    names = (workload.framework, *workload.also)
    return next((name for name in names if name in frameworks), workload.framework)


def folder() -> str:
    """Return the folder of our own workloads."""
    return str(package_folder("smoke/workloads"))


def load(where: str | None = None, level: Level = "deep") -> tuple[Workload, ...]:
    """Return every workload of a folder up to a level, sorted by level, cost and id.

    Raises:
        WorkloadError: a file that is not a workload; it names file and constant.

    """
    where = where or folder()
    names = sorted(name for name in os.listdir(where) if name.endswith(".py") and not name.startswith("_"))
    above = tuple(f'\nLEVEL = "{name}"\n' for name in LEVELS[LEVELS.index(level) + 1 :])
    texts = ((path, _text(path)) for path in (os.path.join(where, name) for name in names))
    # those of a higher level are not even parsed: a scan takes the quick ones alone
    found = [_load_file(path, text) for path, text in texts if not any(line in text for line in above)]
    return tuple(sorted(found, key=lambda w: (LEVELS.index(w.level), w.cost_s, w.id)))


def choose(
    workloads: tuple[Workload, ...], level: Level, only: tuple[str, ...] = (), skip: tuple[str, ...] = ()
) -> tuple[Workload, ...]:
    """Return those of a level and below, or those named in `only`, without those in `skip`.

    Raises:
        WorkloadError: a name that no workload has, with the nearest that one has.

    """
    ids = [workload.id for workload in workloads]
    for name in (*only, *skip):
        if name not in ids:
            raise WorkloadError(_no_such(name, ids))
    rank = LEVELS.index(level)
    wanted = [w for w in workloads if (w.id in only if only else LEVELS.index(w.level) <= rank)]
    return tuple(w for w in wanted if w.id not in skip)


def _no_such(name: str, ids: list[str]) -> str:
    import difflib

    near = difflib.get_close_matches(name, ids, 1)
    hint = f"did you mean {near[0]!r}?" if near else "`fwaudit list workloads` shows all"
    return f"no workload is called {name!r}; {hint}"


def _load_file(path: str, text: str) -> Workload:
    constants = _constants(path, text)
    names = {field.name for field in msgspec.structs.fields(Workload)} - {"path"}
    values = {
        key.lower(): value for key, value in constants.items() if key.isupper() and key.lower() in names
    }
    try:
        workload = msgspec.convert({**values, "path": path}, Workload)
    except msgspec.ValidationError as error:
        msg = f"{path}: its constants do not describe a workload: {error}"
        raise WorkloadError(msg) from error
    if workload.framework not in get_args(Framework) or workload.level == "none":
        msg = f"{path}: FRAMEWORK must be one of {get_args(Framework)} and LEVEL one of {LEVELS[1:]}"
        raise WorkloadError(msg)
    return workload


def _text(path: str) -> str:
    try:
        with open(path, encoding="utf-8") as stream:
            return stream.read()
    except (OSError, ValueError) as error:
        msg = f"{path}: {error}"
        raise WorkloadError(msg) from error


def _constants(path: str, text: str) -> dict[str, Any]:
    """Return the module's literal constants; parsing only its head is what keeps a scan quick."""
    try:
        head = text.partition("\n\n\n")[0]  # two blank lines come before the first class or function
        found = _literals(head, path) if head != text else {}
        return found if "ID" in found else _literals(text, path)
    except (SyntaxError, ValueError) as error:
        msg = f"{path}: {error}"
        raise WorkloadError(msg) from error


def _literals(text: str, path: str) -> dict[str, Any]:
    found = {}
    for node in ast.parse(text, path).body:
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
            try:
                found[node.targets[0].id] = ast.literal_eval(node.value)
            except ValueError:
                continue
    return found
