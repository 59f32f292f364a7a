"""The run's temporary folder: the only place that a run writes to, removed when it ends.

Not made by `tempfile`, which tries each place out with a file beside the folder.
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator

_VARIABLES = ("TMPDIR", "TEMP", "TMP")
# /dev/shm stands in where every disk is read-only
_PLACES = ("/tmp", "/var/tmp", "/dev/shm", "/run/user/{uid}")


@contextlib.contextmanager
def workspace() -> Iterator[str | None]:
    """Yield a fresh folder, or None where no place is writable; it is gone afterwards."""
    begun: list[str] = []
    try:
        yield _make(begun)
    finally:
        for path in begun:
            _remove(path)


def _remove(path: str) -> None:
    try:
        os.rmdir(path)  # the usual case: whoever wrote there has cleared up
    except OSError:
        import shutil

        shutil.rmtree(path, ignore_errors=True)


def _make(begun: list[str]) -> str | None:
    """Return a folder in the first place that takes one and a file in it; `begun` names it before it is there."""
    for parent in _places():
        path = os.path.join(os.path.abspath(parent), f"fwaudit-{os.urandom(6).hex()}")
        begun.append(path)
        with contextlib.suppress(OSError, ValueError):
            os.mkdir(path, 0o700)
            _try_out(os.path.join(path, "writable"))
            return path
    return None


def _try_out(path: str) -> None:
    """Write a file and take it away again.

    Raises:
        OSError: the disk is full, though it still takes folders.

    """
    with open(path, "wb") as stream:
        stream.write(b"fwaudit")
    os.unlink(path)


def _places() -> list[str]:
    uid = os.getuid() if hasattr(os, "getuid") else 0
    named = [os.environ[name] for name in _VARIABLES if os.environ.get(name)]
    return [*named, *(place.format(uid=uid) for place in _PLACES)]
