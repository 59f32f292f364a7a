"""/etc/ld.so.cache in its three forms, built byte by byte as glibc's ldconfig does."""

from __future__ import annotations

import shutil
import struct
import subprocess
from pathlib import Path

import pytest

from auditor.probes import ldcache

X86_64, I386, AARCH64 = 0x0303, 0x0003, 0x0A03
LIBRARIES = [
    ("libcudart.so.12", "/usr/local/cuda/lib64/libcudart.so.12", X86_64),
    ("libcudart.so.12", "/usr/lib/i386/libcudart.so.12", I386),
    ("libz.so.1", "/lib/libz.so.1", X86_64),
]


def new_format(libraries: list[tuple[str, str, int]], order: str = "<") -> bytes:
    offset, strings, entries = 48 + 24 * len(libraries), b"", b""
    for name, path, flags in libraries:
        key = offset + len(strings)
        strings += name.encode() + b"\0" + path.encode() + b"\0"
        entries += struct.pack(f"{order}iIIIQ", flags, key, key + len(name) + 1, 0, 0)
    header = (
        struct.pack(f"{order}II", len(libraries), len(strings))
        + bytes([2 if order == "<" else 3])
        + bytes(19)
    )
    return b"glibc-ld.so.cache1.1" + header + entries + strings


def old_format(libraries: list[tuple[str, str, int]]) -> bytes:
    strings, entries = b"", b""
    for name, path, flags in libraries:
        entries += struct.pack("<iII", flags, len(strings), len(strings) + len(name) + 1)
        strings += name.encode() + b"\0" + path.encode() + b"\0"
    return b"ld.so-1.7.0\0" + struct.pack("<I", len(libraries)) + entries + strings


FORMATS = {
    "new": new_format(LIBRARIES),
    "new, big-endian": new_format(LIBRARIES, ">"),
    "old": old_format(LIBRARIES),
    "old followed by new": old_format(LIBRARIES[2:]) + new_format(LIBRARIES),
}


@pytest.mark.parametrize("data", FORMATS.values(), ids=FORMATS)
def test_every_format_gives_the_same_entries_in_the_caches_order(data: bytes) -> None:
    assert [tuple(entry) for entry in ldcache.parse(data)] == LIBRARIES


@pytest.mark.parametrize("data", FORMATS.values(), ids=FORMATS)
def test_only_names_that_are_asked_for_come_back(data: bytes) -> None:
    assert {entry.soname for entry in ldcache.parse(data, ("libcuda", "libnccl"))} == {"libcudart.so.12"}


@pytest.mark.parametrize(
    ("flags", "arch", "fits"),
    [
        (X86_64, "x86_64", True),
        (I386, "x86_64", False),
        (I386, "i686", True),
        (AARCH64, "aarch64", True),
        (X86_64, "aarch64", False),
        (X86_64, "some-new-architecture", True),
        (0x0300, "x86_64", False),  # libc4: no ELF library
    ],
)
def test_a_program_takes_libraries_of_its_own_architecture(flags: int, arch: str, fits: bool) -> None:
    assert ldcache.fits(flags, arch) is fits


@pytest.mark.parametrize("data", [b"", b"hello", *(d[:-30] for d in FORMATS.values()), FORMATS["new"][:60]])
def test_a_file_that_is_no_cache_or_cut_short_is_an_error(data: bytes) -> None:
    with pytest.raises(ValueError, match=r"ld\.so\.cache"):
        ldcache.parse(data)


@pytest.mark.skipif(
    not shutil.which("ldconfig") or not Path(ldcache.PATH).exists(), reason="no ldconfig here"
)
def test_the_cache_of_this_machine_reads_as_ldconfig_prints_it() -> None:
    lines = subprocess.run(["ldconfig", "-p"], capture_output=True, text=True, check=True).stdout.splitlines()
    printed = [(line.split()[0], line.split(" => ")[1]) for line in lines if " => " in line]
    assert [(e.soname, e.path) for e in ldcache.parse(Path(ldcache.PATH).read_bytes())] == printed
