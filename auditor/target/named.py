"""The interpreter that the user named: found, refused with the nearest that exists, or unusable."""

from __future__ import annotations

import os

from auditor.host.protocol import Host, NotRecorded
from auditor.target import conda
from auditor.target.choice import Choice, TargetError, of_prefix, on_path, variable
from auditor.target.places import is_file, is_folder, names


def named_python(host: Host, python: str, cwd: str) -> Choice:
    """Return the interpreter at a path or of a name on PATH; a folder counts as an environment."""
    where = f"--python {python}"
    if os.sep in python or python.startswith("~"):
        path = os.path.normpath(os.path.join(cwd, os.path.expanduser(python)))
    else:
        beside = os.path.join(cwd, python)
        path = next(on_path(host, python), beside)
    is_path = os.sep in python
    try:
        host.stat(path)
    except (FileNotFoundError, NotADirectoryError):
        gone = _link(host, path)
        if gone:
            return Choice(path, where, False, f"it is a link to {gone}, which is gone")
        nearest = _nearest_file(host, path) if is_path else _nearest_command(host, python)
        raise TargetError("no such file" if is_path else "no such file or command", where, nearest) from None
    except OSError as error:
        return Choice(path, where, False, error.strerror or str(error))
    if is_folder(host, path):
        return named_folder(host, path, where)
    return Choice(path, where, True)


def named_folder(host: Host, folder: str, where: str) -> Choice:
    """Return the interpreter of an environment's folder."""
    folder = os.path.normpath(folder)
    if not is_folder(host, folder):
        if is_file(host, folder):
            return Choice(folder, where, False, "it is a file, no environment's folder")
        raise TargetError("no such folder", where, _nearest_file(host, folder))
    return of_prefix(host, folder, where)


def named_conda(host: Host, name: str, cwd: str) -> Choice:
    """Return the interpreter of a conda environment by its name or folder."""
    where = f"--conda-env {name}"
    if os.sep in name:
        return named_folder(host, os.path.join(cwd, os.path.expanduser(name)), where)
    known = conda.environments(host)
    if name in known:
        return of_prefix(host, known[name], where)
    there = (
        f"no such conda environment; there are {', '.join(sorted(known))}"
        if known
        else "no conda environment was found"
    )
    raise TargetError(there, where, _nearest(name, list(known)))


def _link(host: Host, path: str) -> str:
    try:
        return host.readlink(path)
    except (OSError, NotRecorded):
        return ""


def _nearest_file(host: Host, path: str) -> str:
    """Return the existing path that is most like a missing one: its first missing part is replaced."""
    parent, name = os.path.split(path.rstrip(os.sep))
    if not is_folder(host, parent):
        parent = _nearest_file(host, parent) if parent not in ("", os.sep) else ""
        if not parent or _there(host, os.path.join(parent, name)):
            return parent and os.path.join(parent, name)
    nearest = _nearest(name, names(host, parent, 2000))
    return os.path.join(parent, nearest) if nearest else ""


def _there(host: Host, path: str) -> bool:
    return is_file(host, path) or is_folder(host, path)


def _nearest_command(host: Host, name: str) -> str:
    """Return the Python on PATH whose name is most like `name`."""
    folders = variable(host, "PATH").split(os.pathsep)
    pythons = {n for folder in folders if folder for n in names(host, folder, 5000) if n.startswith("py")}
    return _nearest(name, sorted(pythons))


def _nearest(word: str, words: list[str]) -> str:
    from difflib import get_close_matches

    return (get_close_matches(word, words, 1, 0.5) or [""])[0]
