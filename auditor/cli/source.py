"""Reads a file that the user named, or stdin."""

from __future__ import annotations

import sys

import click

SIZE_LIMIT = 64 << 20  # bytes: a report of 64 GPUs and 3,000 packages takes 3 MB


def read(path: str) -> bytes:
    """Return a file's bytes, or those of stdin for "-".

    Raises:
        click.UsageError: it cannot be read, or is larger than any report.

    """
    try:
        if path == "-":
            data = sys.stdin.buffer.read(SIZE_LIMIT + 1)
        else:
            with open(path, "rb") as stream:
                data = stream.read(SIZE_LIMIT + 1)
    except OSError as error:
        hint = nearest(path) if isinstance(error, FileNotFoundError) else ""
        raise click.UsageError(f"{path}: {reason(error)}{hint}") from error
    if len(data) > SIZE_LIMIT:
        raise click.UsageError(f"{path}: larger than {SIZE_LIMIT >> 20} MiB, which no report is")
    return data


def text(path: str) -> bytes:
    """Return a file's bytes as `read` does, those of a text that PowerShell wrote as UTF-8 without a mark."""
    data = read(path)
    if data[:1] == b"{" and data[1:2] != b"\0":
        return data
    from auditor.cli.pasted import as_utf8

    found = as_utf8(data)
    return data if found is None else found


def reason(error: OSError) -> str:
    """Return why a file cannot be read, in words."""
    if isinstance(error, IsADirectoryError):
        return "this is a folder; name a file in it"
    return error.strerror or str(error)


def nearest(path: str) -> str:
    """Return the file of the same folder that was probably meant."""
    import os
    from difflib import get_close_matches

    try:
        names = os.listdir(os.path.dirname(path) or ".")
    except OSError:
        return ""
    near = get_close_matches(os.path.basename(path), names, 1)
    return f". Did you mean {os.path.join(os.path.dirname(path), near[0])!r}?" if near else ""
