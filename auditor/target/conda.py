"""conda's environments, found by the files that conda keeps."""

from __future__ import annotations

import os

from auditor.host.protocol import Host, NotRecorded
from auditor.target.places import home, interpreter, is_folder, names

_ROOTS = ("miniconda3", "anaconda3", "miniforge3", "mambaforge", "micromamba", "conda", ".conda")
_SYSTEM_ROOTS = ("/opt/conda", "/opt/miniconda3", "/opt/anaconda3", "/opt/miniforge3", "/usr/local/conda")


def is_base(host: Host, prefix: str) -> bool:
    """Return whether a conda environment is the base one, which brings conda itself."""
    return is_folder(host, os.path.join(prefix, "condabin"))


def root(host: Host) -> str:
    """Return conda's base folder, or "" where none is found."""
    return next((folder for folder in roots(host) if interpreter(host, folder)), "")


def roots(host: Host) -> list[str]:
    """Return the folders in which a conda may stand: as its variables say, then where it usually is."""
    at_home = home(host)
    return [folder for folder in dict.fromkeys([*_by_variables(host), *_usual(at_home)]) if folder]


def _usual(at_home: str) -> list[str]:
    return [*(os.path.join(at_home, name) for name in _ROOTS if at_home), *_SYSTEM_ROOTS]


def _by_variables(host: Host) -> list[str]:
    folders = []
    executable = _env(host, "CONDA_EXE") or _env(host, "MAMBA_EXE")
    if executable:
        folders.append(os.path.dirname(os.path.dirname(executable)))
    prefix = _env(host, "CONDA_PREFIX")
    if prefix:
        inside = os.path.basename(os.path.dirname(prefix)) == "envs"
        folders.append(os.path.dirname(os.path.dirname(prefix)) if inside else prefix)
    return [*folders, _env(host, "MAMBA_ROOT_PREFIX")]


def environments(host: Host) -> dict[str, str]:
    """Return conda's environments, name to folder; an unnamed one goes by its folder."""
    found: dict[str, str] = {}
    for folder in roots(host):
        if is_base(host, folder):
            found.setdefault("base", folder)
        for name in names(host, os.path.join(folder, "envs")):
            found.setdefault(name, os.path.join(folder, "envs", name))
    for folder in _env(host, "CONDA_ENVS_PATH").split(os.pathsep):
        for name in names(host, folder) if folder else ():
            found.setdefault(name, os.path.join(folder, name))
    for folder in _listed(host):
        if folder not in found.values():
            found[folder if os.path.basename(folder) in found else os.path.basename(folder)] = folder
    return {
        name: folder for name, folder in found.items() if is_folder(host, os.path.join(folder, "conda-meta"))
    }


def _listed(host: Host) -> list[str]:
    """Return what ~/.conda/environments.txt names: conda notes every environment that it made."""
    at_home = home(host)
    try:
        text = host.read(os.path.join(at_home, ".conda", "environments.txt")) if at_home else ""
    except (OSError, NotRecorded):
        return []
    return [line.strip() for line in text.splitlines()[:200] if line.strip().startswith("/")]


def _env(host: Host, name: str) -> str:
    try:
        return host.env(name) or ""
    except NotRecorded:
        return ""
