"""Where the data lies that ships with the program: the only code that knows."""

from __future__ import annotations

from pathlib import Path

_PACKAGE = Path(__file__).resolve().parent


def tree(name: str) -> Path:
    """Return the folder `name` ("rules" or "reports") of this installation.

    An installed wheel carries it inside the package; a checkout has it beside the package, and only
    a checkout has `pyproject.toml` there, so a stray `rules/` in site-packages is never taken.

    Raises:
        FileNotFoundError: the installation is incomplete.

    """
    inside = _PACKAGE / name
    if inside.is_dir():
        return inside
    beside = _PACKAGE.parent / name
    if beside.is_dir() and (_PACKAGE.parent / "pyproject.toml").is_file():
        return beside
    msg = f"fwaudit's own data folder {name!r} is missing beside {_PACKAGE}; reinstall fwaudit"
    raise FileNotFoundError(msg)
