"""Reads pasted text within bounds: of a huge log its beginning and its end."""

from __future__ import annotations

import codecs
import sys
from typing import BinaryIO

import click

from auditor.cli.source import nearest

PART = 4 << 20  # bytes kept of either end of a text
OURS = 64 << 20  # bytes kept of what may be a report or a recording of ours
MOST = 2 << 30  # bytes after which reading ends
_CHUNK = 1 << 20
_MARKS = ((codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"), (codecs.BOM_UTF8, "utf-8-sig"))


def text_of(path: str) -> str:
    """Return the text of a file, or of stdin for "-".

    Raises:
        click.UsageError: it cannot be read, or is no text.

    """
    try:
        if path == "-":
            data = _ends(sys.stdin.buffer)
        else:
            with open(path, "rb") as stream:
                data = _ends(stream)
    except OSError as error:
        raise click.UsageError(f"{path}: {error.strerror or error}{nearest(path)}") from error
    text = decoded(data)
    if text is None:
        raise click.UsageError(f"{path}: this is binary, not text; paste what the program printed")
    return text


def _ends(stream: BinaryIO) -> bytes:
    """Return the beginning and the end of a stream, what lies between being left out."""
    head, tail, size = bytearray(), bytearray(), 0
    while size < MOST and (chunk := stream.read(_CHUNK)):
        size += len(chunk)
        limit = OURS if head[:1] in (b"{", b"") and chunk[:1] == b"{" or head[:1] == b"{" else PART
        room = max(0, limit - len(head))
        head += chunk[:room]
        tail += chunk[room:]
        if len(tail) > 2 * PART:
            del tail[:-PART]
    return bytes(head) if not tail else bytes(head) + b"\n" + bytes(tail[-PART:])


def decoded(data: bytes) -> str | None:
    """Return bytes as text, whatever is damaged replaced; None for what is no text.

    PowerShell writes UTF-16 into files.
    """
    for mark, encoding in _MARKS:
        if data.startswith(mark):
            return data.decode(encoding, "replace")
    start = data[:65536]
    if start.count(0) > len(start) // 8:
        return data.decode("utf-16-le", "replace") if start[1::2].count(0) > len(start) // 3 else None
    odd = sum(start.count(byte) for byte in range(32) if byte not in (7, 8, 9, 10, 12, 13, 27))
    return None if odd > len(start) // 20 else data.decode("utf-8", "replace")
