"""/etc/ld.so.cache: which file the dynamic loader takes for a library's name.

Formats: glibc `sysdeps/generic/dl-cache.h` (old "ld.so-1.7.0", new "glibc-ld.so.cache1.1", and the
old one followed by the new); flags: glibc `sysdeps/generic/ldconfig.h`. No `ldconfig` is run.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from typing import NamedTuple

PATH = "/etc/ld.so.cache"

_OLD, _NEW = b"ld.so-1.7.0", b"glibc-ld.so.cache1.1"
_OLD_HEADER, _OLD_ENTRY = 16, 12  # the 11 bytes of magic are padded to 12; nlibs follows
_NEW_HEADER, _NEW_ENTRY = 48, 24
_BIG_ENDIAN = 3  # cache_file_new.flags: 0 unset, 2 little, 3 big

_ELF_LIBC6 = 3
# FLAG_* of ldconfig.h in bits 8-15: what each architecture's loader asks for
_REQUIRED = {
    "x86_64": 0x0300,
    "amd64": 0x0300,
    "aarch64": 0x0A00,
    "arm64": 0x0A00,
    "ppc64le": 0x0500,
    "ppc64": 0x0500,
    "s390x": 0x0400,
    "sparc64": 0x0100,
    "armv7l": 0x0900,
    "riscv64": 0x1000,
    "loongarch64": 0x1200,
    "i386": 0x0000,
    "i686": 0x0000,
}


class Entry(NamedTuple):
    """One line of the cache: a name, the file, and its flags as ldconfig wrote them."""

    soname: str
    path: str
    flags: int


def parse(data: bytes, stems: tuple[str, ...] = ("",)) -> list[Entry]:
    """Return the entries whose names begin with one of `stems`, in the cache's order.

    The loader takes the first entry of a name whose flags fit (`elf/dl-cache.c`).

    Raises:
        ValueError: it is no loader cache, or one cut short.

    """
    begin = data.find(_NEW)
    try:
        if begin >= 0:
            return list(_entries(data, begin, begin + _NEW_HEADER, _NEW_ENTRY, stems))
        if data.startswith(_OLD):
            return list(_entries(data, 0, _OLD_HEADER, _OLD_ENTRY, stems))
    except (struct.error, IndexError) as error:
        msg = f"{PATH} is cut short: {error}"
        raise ValueError(msg) from error
    msg = f"{PATH} has no known format: it begins with {data[:20]!r}"
    raise ValueError(msg)


def _entries(data: bytes, begin: int, first: int, size: int, stems: tuple[str, ...]) -> Iterator[Entry]:
    new = size == _NEW_ENTRY
    order = ">" if new and data[begin + 28] & 3 == _BIG_ENDIAN else "<"
    (count,) = struct.unpack_from(f"{order}I", data, begin + 20 if new else 12)
    # strings of the old format are counted from the end of its entries, of the new from its header
    base = begin if new else first + count * size
    wanted = tuple(stem.encode() for stem in stems)
    table = data[first : first + count * size]
    if len(table) < count * size:
        msg = f"{count} entries do not fit"
        raise IndexError(msg)
    for flags, key, value, *_ in struct.iter_unpack(f"{order}iII" + ("IQ" if new else ""), table):
        if data.startswith(wanted, base + key):
            yield Entry(_string(data, base + key), _string(data, base + value), flags)


def _string(data: bytes, start: int) -> str:
    end = data.find(b"\0", start)
    if end < 0:
        msg = f"a string at byte {start} has no end"
        raise IndexError(msg)
    return data[start:end].decode("utf-8", "replace")


def fits(flags: int, arch: str) -> bool:
    """Return whether a program of `arch` (as uname -m) would take an entry; any fits an unknown one."""
    required = _REQUIRED.get(arch)
    return flags & 0xFF in (1, _ELF_LIBC6) and (required is None or flags & 0xFF00 == required)
