"""What else than the environment is on the path: PYTHONPATH, the user site, the working directory."""

from __future__ import annotations

import os
import sys
from collections.abc import Collection

from auditor.host.protocol import Host, NotRecorded
from auditor.model.fact import Evidence, Fact, Facts, absent, env, file, known, unknown
from auditor.model.specifiers import normal
from auditor.probes.base import ask
from auditor.probes.packages import by_name
from auditor.target.answer import Folder, Target

PROVIDES = (
    "python.sys_path", "python.pythonpath", "python.user_site", "python.user_site_packages",
    "python.pythonpath_packages", "python.local_shadows",
)  # fmt: skip
_MODULES_LIMIT = 50  # modules named of one folder of PYTHONPATH
# standard modules that nobody imports by mistake, or that are loaded before any script
_HARMLESS = frozenset((
    "test", "this", "antigravity", "idlelib", "turtledemo", "os", "site", "io", "abc", "codecs", "stat",
    "sitecustomize", "usercustomize",
))  # fmt: skip
_PROJECT = ("pyproject.toml", "setup.py", "setup.cfg")


def facts(host: Host, seen: Facts, target: Target, asked: Evidence) -> dict[str, Fact]:
    """Return the path of a user's program and what comes from outside the environment."""
    pythonpath = ask(lambda: entries(host), env("PYTHONPATH"), missing="PYTHONPATH is not set")
    shadows = local_shadows(host, seen, target)
    if target.paths is None:
        nothing = unknown(f"the path of a user's program is not known: {target.path_reason}", asked)
        return {
            **dict.fromkeys(PROVIDES, nothing),
            "python.pythonpath": pythonpath,
            "python.local_shadows": shadows,
        }
    site = target.paths.user_site
    on_path = bool(site) and site in target.search_path
    return {
        "python.sys_path": known(list(target.search_path), asked),
        "python.pythonpath": pythonpath,
        "python.user_site": known(site, asked) if on_path else absent("no user site on the path", asked),
        "python.user_site_packages": known(user_site_packages(target, site) if on_path else [], asked),
        "python.pythonpath_packages": known(pythonpath_packages(target, stated(host, seen)), asked),
        "python.local_shadows": shadows,
    }


def entries(host: Host) -> list[str] | None:
    """Return the entries of PYTHONPATH, an empty one standing for the working directory; None where unset."""
    text = host.env("PYTHONPATH")
    return text.split(os.pathsep) if text else None


def user_site_packages(target: Target, site: str) -> list[dict[str, object]]:
    """Return the distributions of the user site; `shadows` is the version that each hides, or None."""
    rows: list[dict[str, object]] = []
    for name, copies in by_name(target).items():
        if copies[0].location == site:
            hidden = next((d.version for d in copies[1:] if d.location != site), None)
            rows.append({"name": name, "version": copies[0].version, "shadows": hidden})
    return rows


def stated(host: Host, seen: Facts) -> set[str]:
    """Return the folders that PYTHONPATH names, absolute; none where the variable cannot be read."""
    told = ask(lambda: entries(host), env("PYTHONPATH")).value or []
    cwd = seen.value("request.cwd", "/")
    return {os.path.normpath(os.path.join(cwd, entry)) for entry in told}


def pythonpath_packages(target: Target, folders: set[str]) -> list[dict[str, object]]:
    """Return what the folders of PYTHONPATH bring: distributions, then modules without a version."""
    rows: list[dict[str, object]] = []
    for folder in target.on_path:
        if os.path.normpath(folder.path) in folders:
            rows += [
                {"name": d.name, "version": d.version, "location": d.location} for d in folder.distributions
            ]
            brought = {normal(d.name).replace("-", "_") for d in folder.distributions}
            loose = [name for name in folder.modules if name not in brought][:_MODULES_LIMIT]
            rows += [{"name": name, "version": None, "location": folder.path} for name in loose]
    return rows


def local_shadows(host: Host, seen: Facts, target: Target) -> Fact:
    """Return the modules in the working directory that a script started there finds before the real ones."""
    cwd = seen.value("request.cwd")
    if cwd is None:
        return unknown("the working directory is not known")
    if target.paths and target.paths.safe_path:
        return known([], env("PYTHONSAFEPATH", "the working directory is not on the path"))
    return ask(lambda: _shadows(host, cwd, target), file(cwd))


def _shadows(host: Host, cwd: str, target: Target) -> list[dict[str, str]]:
    """Return a row for each; `project` names the file by which a folder is a project's own source."""
    names = host.listdir(cwd)
    standard = _standard(host, target)
    project = next((name for name in _PROJECT if name in names), "")
    rows = []
    for name in names:
        stem = name[:-3] if name.endswith(".py") else name
        hidden = _hides(stem, standard, cwd, target) if stem.isidentifier() else ""
        if hidden and (name.endswith(".py") or "__init__.py" in _names(host, f"{cwd}/{name}")):
            row = {"module": stem, "path": f"{cwd}/{name}", "hides": hidden}
            rows.append({**row, "project": project} if project and stem == name else row)
    return rows


def _standard(host: Host, target: Target) -> Collection[str]:
    """Return the modules of the target's standard library; our own's where it cannot be listed."""
    folder = target.python.stdlib if target.python else ""
    try:
        listed = host.listdir(folder) if folder else []
        listed += host.listdir(f"{folder}/lib-dynload") if "lib-dynload" in listed else []
    except (OSError, NotRecorded):
        listed = []
    named = {name.partition(".")[0] for name in listed} - {"site-packages", "__pycache__"}
    return named if "os" in named else sys.stdlib_module_names


def _hides(module: str, standard: Collection[str], cwd: str, target: Target) -> str:
    """Return what a module of this name would hide: the standard library, or the folder of a package."""
    if module in standard:
        return "" if module in _HARMLESS or module in sys.builtin_module_names else "the standard library"
    return next((f.path for f in target.on_path if module in f.modules and not _is_own(f, cwd, target)), "")


def _is_own(folder: Folder, cwd: str, target: Target) -> bool:
    """Return whether a folder of the path is the working directory's own project, installed as editable."""
    if (folder.path + "/").startswith(cwd.rstrip("/") + "/"):
        return "site-packages" not in folder.path
    return any(d.source == cwd for f in target.on_path for d in f.distributions) and folder.path == cwd


def _names(host: Host, folder: str) -> list[str]:
    try:
        return host.listdir(folder)
    except OSError:
        return []
