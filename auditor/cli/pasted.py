"""Reads pasted text within bounds: of a huge log its beginning and its end."""

from __future__ import annotations

import codecs
import re
import sys
from typing import BinaryIO

import click

from auditor.cli.source import nearest, reason

PART = 1 << 20  # bytes kept of either end of a text
OURS = 32 << 20  # bytes kept of what may be a report or a recording of ours
MOST = 512 << 20  # bytes of a stream after which reading ends
_CHUNK = 1 << 20
_OURS = r'"(?:schema|snapshot)_version"\s*:'  # behind everything else where keys are sorted
_MARKS = ((codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"), (codecs.BOM_UTF8, "utf-8-sig"))
_SPACED = re.compile(rb"(?:[\t-~]\0){4,}")  # PowerShell's >> appends UTF-16 to what another program began


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
        hint = nearest(path) if isinstance(error, FileNotFoundError) else ""
        raise click.UsageError(f"{path}: {reason(error)}{hint}") from error
    text = decoded(data)
    if text is None:
        raise click.UsageError(f"{path}: this is binary, not text; paste what the program printed")
    if len(data) > OURS and re.search(_OURS, text[:PART] + text[-PART:]):
        raise click.UsageError(f"{path}: larger than {OURS >> 20} MiB, which no report or recording is")
    if not text.strip():
        raise click.UsageError(f"{path}: there is nothing in it")
    return text


def _ends(stream: BinaryIO) -> bytes:
    """Return the beginning and the end of a stream, what lies between being left out."""
    head = bytearray(stream.read(PART))
    if decoded(bytes(head)) is None:
        return bytes(head)
    if head.lstrip()[:1] == b"{":
        head += stream.read(OURS)
    tail = _last(stream)
    return bytes(head) if not tail else bytes(head) + b"\n" + tail


def _last(stream: BinaryIO) -> bytes:
    """Return the end of what is left of a stream, jumping to it where that is possible."""
    if stream.seekable():
        here = stream.tell()
        stream.seek(max(here, stream.seek(0, 2) - PART))
    tail, size = bytearray(), 0
    while size < MOST and (chunk := stream.read(_CHUNK)):
        size += len(chunk)
        tail += chunk
        if len(tail) > 2 * PART:
            del tail[:-PART]
    return bytes(tail[-PART:])


def decoded(data: bytes) -> str | None:
    """Return bytes as text, whatever is damaged replaced; None for what is no text."""
    encoding = _encoding(data)
    return None if encoding is None else data.decode(encoding, "replace")


def as_utf8(data: bytes) -> bytes | None:
    """Return a text as UTF-8 without a mark, bytes that are none left as they are; None for what is no text."""
    encoding = _encoding(data)
    if encoding is None:
        return None
    if encoding == "utf-8":
        return _SPACED.sub(lambda run: run.group().replace(b"\0", b""), data) if b"\0" in data else data
    if encoding == "utf-8-sig":
        return data.removeprefix(codecs.BOM_UTF8)
    return data.decode(encoding, "replace").encode("utf-8", "replace")


def _encoding(data: bytes) -> str | None:
    """Return how a text is written, None for what is no text; PowerShell writes UTF-16 into files."""
    for mark, encoding in _MARKS:
        if data.startswith(mark):
            return encoding
    start = data[:65536]
    if start.count(0) > len(start) // 8:
        low, high = start[::2].count(0), start[1::2].count(0)
        few, many = len(start) // 16, len(start) // 3
        return (
            "utf-16-le" if high > many and low < few else "utf-16-be" if low > many and high < few else None
        )
    odd = sum(start.count(byte) for byte in range(32) if byte not in (7, 8, 9, 10, 12, 13, 27))
    return None if odd > len(start) // 20 else "utf-8"
