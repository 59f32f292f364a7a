"""Chooses the interpreter to audit: the one that was named, else the one the user most likely means."""

from __future__ import annotations

import os
from collections.abc import Iterator

from auditor.host.protocol import Host
from auditor.target import conda
from auditor.target.choice import Choice, TargetError, of_prefix, on_path, variable
from auditor.target.named import named_conda, named_folder, named_python
from auditor.target.own import Own, own
from auditor.target.places import frameworks, is_file, is_folder, prefix_of
from auditor.target.pyenv import behind_shim

__all__ = ["Choice", "TargetError", "choose"]


def choose(
    host: Host, *, python: str | None = None, venv: str | None = None, conda_env: str | None = None, cwd: str
) -> Choice:
    """Return the interpreter to audit: the named one, else the first of the default order.

    VIRTUAL_ENV; `.venv` in `cwd` or its parents; CONDA_PREFIX other than base; our own where it
    holds a framework; `python3` on PATH; conda's base. An environment made for fwaudit alone gives
    way to any other environment, and to any interpreter that holds a framework.

    Raises:
        TargetError: what was named does not exist.

    """
    if python is not None:
        return named_python(host, python, cwd)
    if venv is not None:
        return named_folder(host, os.path.join(cwd, os.path.expanduser(venv)), f"--venv {venv}")
    if conda_env is not None:
        return named_conda(host, conda_env, cwd)
    return _default(host, cwd)


def _default(host: Host, cwd: str) -> Choice:
    ours = own(host)
    waiting: Choice | None = None
    for choice, is_environment in _candidates(host, cwd, ours):
        if ours and ours.only_fwaudit and _same(prefix_of(choice.python or ""), ours.prefix):
            waiting = waiting or choice
        elif is_environment or waiting is None or frameworks(host, prefix_of(choice.python or "")):
            return choice
    if waiting:
        return Choice(
            waiting.python, f"{waiting.because}; it holds only fwaudit, and nothing else was found", True
        )
    if ours and ours.executable:
        return Choice(ours.executable, "it runs fwaudit, and no other was found", True)
    return Choice(None, "", False, "no Python was found")


def _candidates(host: Host, cwd: str, ours: Own | None) -> Iterator[tuple[Choice, bool]]:
    """Yield the default order; the flag tells an environment from a mere interpreter."""
    active = variable(host, "VIRTUAL_ENV")
    missing = ""
    if active and is_folder(host, active):
        yield of_prefix(host, active, "VIRTUAL_ENV names it"), True
    elif active:
        missing = f" (VIRTUAL_ENV names {active}, which is not there)"
    for folder in _upwards(cwd):
        if is_file(host, os.path.join(folder, ".venv", "pyvenv.cfg")):
            where = "the working directory" if folder == cwd else folder
            yield of_prefix(host, os.path.join(folder, ".venv"), f".venv in {where}{missing}"), True
    prefix = variable(host, "CONDA_PREFIX")
    if prefix and is_folder(host, prefix) and not conda.is_base(host, prefix):
        yield of_prefix(host, prefix, f"it is the active conda environment{missing}"), True
    if ours and ours.frameworks:
        yield (
            Choice(ours.executable, f"it runs fwaudit and holds {', '.join(ours.frameworks)}{missing}", True),
            True,
        )
    for path in on_path(host, "python3"):
        yield Choice(behind_shim(host, path, cwd), f"python3 on PATH{missing}", True), False
    base = conda.root(host)
    if base:
        yield of_prefix(host, base, f"it is conda's base{missing}"), False


def _upwards(folder: str) -> Iterator[str]:
    yield folder
    while (parent := os.path.dirname(folder)) != folder:
        folder = parent
        yield folder


def _same(one: str, other: str) -> bool:
    return os.path.normpath(one) == os.path.normpath(other)
