"""Writes outputs: regular files atomically, devices and pipes in place, "-" to stdout."""

from __future__ import annotations

import contextlib
import errno
import os
import stat
import sys

_MODE, _PRIVATE = 0o666, 0o600


class OutputError(Exception):
    """An output could not be written; the message says which and why."""


def write(path: str, text: str, *, private: bool = False) -> None:
    """Write text to a file, a device, a pipe, or stdout ("-").

    A regular file is whole or untouched: a temporary file in the same folder takes its place when
    it is on the disk. `private` makes it 0600. A reader that closed its end of a pipe ends quietly.

    Raises:
        OutputError: no such folder, permission denied, disk full, ...

    """
    try:
        if path == "-":
            _to_stdout(text)
        elif _is_special(path):
            _in_place(path, _encoded(text))
        else:
            _replace(os.path.realpath(path), _encoded(text), private=private)
    except BrokenPipeError:
        _forget_stdout(path)
    except OSError as error:
        _forget_stdout(path)
        where = "stdout" if path == "-" else path
        reason = "the disk is full" if error.errno == errno.ENOSPC else error.strerror or str(error)
        raise OutputError(f"{where}: {reason}") from error


def tell(text: str) -> None:
    """Print a command's answer; a reader that has gone away ends it quietly.

    Raises:
        click.ClickException: it cannot be written, which ends the run with exit code 3.

    """
    try:
        write("-", text + "\n")
    except OutputError as error:
        from click import ClickException

        raise ClickException(str(error)) from error


def _is_special(path: str) -> bool:
    """Return whether something other than a regular file is there.

    Raises:
        IsADirectoryError: it is a folder.

    """
    try:
        mode = os.stat(path).st_mode
    except FileNotFoundError:
        return False
    if stat.S_ISDIR(mode):
        raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR), path)
    return not stat.S_ISREG(mode)


def _encoded(text: str) -> bytes:
    """Return UTF-8; bytes that arrived undecodable leave as they came."""
    try:
        return text.encode("utf-8", "surrogateescape")
    except UnicodeEncodeError:
        return text.encode("utf-8", "backslashreplace")


def _to_stdout(text: str) -> None:
    stream = sys.stdout
    if stream is None:  # closed before we started
        raise OSError(errno.EBADF, "it is closed")
    encoding = getattr(stream, "encoding", None) or "utf-8"
    data = (
        _encoded(text)
        if encoding.lower().replace("-", "") == "utf8"
        else text.encode(encoding, "backslashreplace")
    )
    buffer = getattr(stream, "buffer", None)
    if buffer is None:  # replaced by a test or an embedding program
        stream.write(data.decode(encoding, "replace"))
    else:
        stream.flush()
        buffer.write(data)
    stream.flush()


def _in_place(path: str, data: bytes) -> None:
    with open(path, "wb", buffering=0) as stream:
        view = memoryview(data)
        while view:
            view = view[stream.write(view) :]


def _replace(path: str, data: bytes, *, private: bool) -> None:
    """Write beside the target, then rename: a reader sees the old file or the new one."""
    temporary = os.path.join(os.path.dirname(path), f".fwaudit-{os.urandom(6).hex()}.tmp")
    try:
        handle = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, _PRIVATE if private else _MODE)
        with open(handle, "wb") as stream:
            stream.write(data)
            stream.flush()
            os.fsync(stream.fileno())
        if not private:
            _keep_mode(path, temporary)
        os.replace(temporary, path)
    except BaseException:  # an interruption too must leave nothing behind
        with contextlib.suppress(OSError):
            os.unlink(temporary)
        raise


def _keep_mode(path: str, temporary: str) -> None:
    with contextlib.suppress(OSError):
        os.chmod(temporary, stat.S_IMODE(os.stat(path).st_mode))


def _forget_stdout(path: str) -> None:
    """Point a broken or full stdout at nothing, so that the interpreter's last flush does not complain."""
    if path == "-" and sys.stdout is not None:
        with contextlib.suppress(OSError, ValueError):
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
