"""Environments nearby that hold a framework: the wrong environment is the commonest false story.

Found by files only; no interpreter is run, and the look is bounded in time and number.
"""

from __future__ import annotations

import os
import shlex
import time
from collections.abc import Iterator

import msgspec

from auditor.host.protocol import Host, NotRecorded
from auditor.target import conda, pyenv
from auditor.target.choice import variable
from auditor.target.places import frameworks, home, interpreter, is_file, names, prefix_of

SECONDS = 0.5
ROWS = 40
_VENV_NAMES = (".venv", "venv", "env", ".env", "virtualenv")
# folders under the home folder that hold environments side by side: (folder, kind)
_COLLECTIONS = (
    (".virtualenvs", "virtualenvwrapper"),
    ("Envs", "virtualenvwrapper"),
    (".local/share/virtualenvs", "pipenv"),
    (".cache/pypoetry/virtualenvs", "poetry"),
    ("Library/Caches/pypoetry/virtualenvs", "poetry"),
    (".local/share/uv/tools", "uv tool"),
    (".local/share/uv/python", "uv python"),
    (".local/share/pipx/venvs", "pipx"),
    (".local/pipx/venvs", "pipx"),
)
_KERNELS = (
    ".local/share/jupyter/kernels",
    "Library/Jupyter/kernels",
    "/usr/local/share/jupyter/kernels",
    "/usr/share/jupyter/kernels",
)


class Place(msgspec.Struct, frozen=True):
    """A folder that may be an environment; `command` chooses it where a name is nicer than a path."""

    prefix: str
    kind: str
    command: str = ""
    python: str = ""


class Nearby(msgspec.Struct, frozen=True):
    """One environment: its interpreter, its kind, its frameworks and the line that audits it."""

    path: str
    kind: str
    frameworks: tuple[str, ...]
    command: str


def nearby(host: Host, cwd: str, chosen: str = "") -> tuple[list[Nearby], bool]:
    """Return the environments other than the `chosen` interpreter's, and whether the look was cut short."""
    end = time.monotonic() + SECONDS
    seen = {prefix_of(chosen)} if chosen else set()
    rows: list[Nearby] = []
    for place in _places(host, cwd):
        if time.monotonic() > end or len(rows) >= ROWS:
            return rows, True
        if place.prefix in seen:
            continue
        seen.add(place.prefix)
        held = frameworks(host, place.prefix) if _may_be(host, place.prefix) else []
        python = place.python or (interpreter(host, place.prefix) if held else "")
        if held and python:
            option = place.command or f"--python {shlex.quote(python)}"
            rows.append(Nearby(python, place.kind, tuple(held), f"fwaudit scan {option}"))
    return rows, False


def _may_be(host: Host, prefix: str) -> bool:
    """Return whether a folder looks like an environment: one question where most places are not there."""
    return bool({"lib", "lib64", "Lib"}.intersection(names(host, prefix)))


def _places(host: Host, cwd: str) -> Iterator[Place]:
    """Yield the folders to look at, the likeliest first."""
    yield from _virtual(host, cwd)
    yield from _conda(host)
    yield from _kernels(host)
    yield from (Place(folder, "pyenv") for folder in _pyenv(host))
    yield from _collections(host)
    yield from _system(host)


def _virtual(host: Host, cwd: str) -> Iterator[Place]:
    """Yield virtual environments in the working directory, its parents, its siblings and its children."""
    at_home, folder = home(host), cwd
    for _ in range(6):
        yield from (_venv(os.path.join(folder, name)) for name in _VENV_NAMES)
        parent = os.path.dirname(folder)
        if parent == folder or folder == at_home:
            break
        folder = parent
    yield from _below(host, cwd)
    beside = os.path.dirname(cwd)
    yield from _below(host, beside) if beside not in (os.sep, at_home) else ()


def _below(host: Host, folder: str) -> Iterator[Place]:
    """Yield the virtual environments in a folder, and those in the projects that stand there."""
    for name in names(host, folder):
        inside = names(host, os.path.join(folder, name)) if not name.startswith(".") else []
        if "pyvenv.cfg" in inside:
            yield _venv(os.path.join(folder, name))
        yield from (_venv(os.path.join(folder, name, inner)) for inner in _VENV_NAMES[:2] if inner in inside)


def _venv(folder: str) -> Place:
    return Place(folder, "venv", f"--venv {shlex.quote(folder)}")


def _conda(host: Host) -> Iterator[Place]:
    for name, folder in conda.environments(host).items():
        yield Place(folder, "conda", f"--conda-env {shlex.quote(name)}")


def _kernels(host: Host) -> Iterator[Place]:
    """Yield the interpreters that Jupyter's kernels start."""
    at_home = home(host)
    for folder in _KERNELS:
        where = os.path.join(at_home, folder) if at_home else folder
        for name in names(host, where) if where.startswith("/") else ():
            python = _kernel_python(host, os.path.join(where, name, "kernel.json"))
            if python:
                yield Place(prefix_of(python), "jupyter kernel", "", python)


def _kernel_python(host: Host, path: str) -> str:
    try:
        argv = msgspec.json.decode(host.read(path, 64 << 10)).get("argv") or [""]
    except (OSError, NotRecorded, msgspec.DecodeError, AttributeError):
        return ""
    python = str(argv[0])
    return python if python.startswith("/") and "python" in os.path.basename(python) else ""


def _pyenv(host: Host) -> Iterator[str]:
    for folder in pyenv.versions(host):
        yield folder
        yield from (os.path.join(folder, "envs", name) for name in names(host, os.path.join(folder, "envs")))


def _collections(host: Host) -> Iterator[Place]:
    at_home = home(host)
    for folder, kind in _COLLECTIONS if at_home else ():
        where = os.path.join(at_home, folder)
        yield from (Place(os.path.join(where, name), kind) for name in names(host, where))


def _system(host: Host) -> Iterator[Place]:
    """Yield the system's interpreters: those of hosted notebooks hold frameworks."""
    hosted = (
        "colab"
        if variable(host, "COLAB_GPU")
        else "kaggle"
        if variable(host, "KAGGLE_KERNEL_RUN_TYPE")
        else "system"
    )
    yield Place("/usr/local", hosted)
    local = os.path.join(home(host), ".local")
    for name in names(host, os.path.join(local, "lib")):
        if is_file(host, f"/usr/bin/{name}"):
            yield Place(local, "user site", "", f"/usr/bin/{name}")
    # Debian's system interpreter reads the packages of /usr/local too
    yield Place("/usr", hosted, "", "/usr/bin/python3")
