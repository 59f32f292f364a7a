"""Where the data lies that ships with the program: the only code that knows."""

from __future__ import annotations

import sys
from functools import cache
from pathlib import Path

_PACKAGE = Path(__file__).resolve().parent


def tree(name: str) -> Path:
    """Return the folder `name` ("rules" or "reports") of this installation.

    An installed wheel carries it inside the package; a checkout has it beside the package, and only
    a checkout has `pyproject.toml` there, so a stray `rules/` in site-packages is never taken.

    Raises:
        FileNotFoundError: the installation is incomplete.

    """
    inside = package_folder(name)
    if inside.is_dir():
        return inside
    beside = _PACKAGE.parent / name
    if beside.is_dir() and (_PACKAGE.parent / "pyproject.toml").is_file():
        return beside
    msg = f"fwaudit's own data folder {name!r} is missing beside {_PACKAGE}; reinstall fwaudit"
    raise FileNotFoundError(msg)


def package_folder(name: str) -> Path:
    """Return the folder `name` of the package as one that other programs can read, too."""
    archive = getattr(sys.modules[__name__].__loader__, "archive", None)
    return _unpacked(archive) / name if archive else _PACKAGE / name


@cache
def _unpacked(archive: str) -> Path:
    """Unpack the package of a zip application into a temporary folder that goes with the process."""
    import atexit
    import shutil
    import tempfile
    import zipfile

    folder = tempfile.mkdtemp(prefix="fwaudit-zip-")
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    with zipfile.ZipFile(archive) as zipped:
        zipped.extractall(folder, [name for name in zipped.namelist() if name.startswith("auditor/")])
    return Path(folder) / "auditor"
