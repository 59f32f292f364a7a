"""The system's own C and C++ libraries, in the folders that the loader searches by default."""

from __future__ import annotations

import os

from auditor.host.protocol import READ_LIMIT, Host
from auditor.model.fact import Fact, absent, call, file, known, unknown
from auditor.probes.attempts import first_known
from auditor.probes.base import ask, list_or_empty

_GLIBC_BANNER = b"stable release version "  # glibc's csu/version.c
_SYMBOL = b"GLIBCXX_3.4."


def folders(arch: str | None) -> list[str]:
    """Return the loader's default folders: Debian's by architecture, then everybody's."""
    multiarch = [f"/usr/lib/{arch}-linux-gnu", f"/lib/{arch}-linux-gnu"] if arch else []
    return [*multiarch, "/usr/lib64", "/lib64", "/usr/lib", "/lib"]


def libc(host: Host, arch: str | None) -> dict[str, Fact]:
    """Return os.libc and os.glibc_version."""
    version = first_known(lambda: _own_glibc(host), lambda: _glibc_of_files(host, arch))
    if version.is_known:
        return {"os.libc": known("glibc", *version.evidence), "os.glibc_version": version}
    loader = next((name for name in list_or_empty(host, "/lib") if name.startswith("ld-musl-")), None)
    if loader is None:
        return {"os.libc": unknown(version.reason), "os.glibc_version": version}
    evidence = file(f"/lib/{loader}")
    return {"os.libc": known("musl", evidence), "os.glibc_version": absent("the C library is musl", evidence)}


def _own_glibc(host: Host) -> Fact:
    """Ask the C library that this process runs with: the system's, as Python brings none of its own."""
    name = "CS_GNU_LIBC_VERSION"
    return ask(
        lambda: _glibc(host.call(f"confstr:{name}", lambda: os.confstr(name))), call(f"confstr({name})")
    )


def _glibc(answer: str | None) -> str | None:
    words = (answer or "").split()
    return words[1] if len(words) == 2 and words[0] == "glibc" else None


def _glibc_of_files(host: Host, arch: str | None) -> Fact:
    paths = [f"{folder}/libc.so.6" for folder in folders(arch)]
    attempts = (
        lambda path=path: ask(lambda: _glibc_of_file(host, path), file(path), missing="no glibc")
        for path in paths
    )
    return first_known(*attempts)


def _glibc_of_file(host: Host, path: str) -> str | None:
    """Return the version in the link's target (libc-2.31.so, before glibc 2.34) or in the file."""
    named = _between(_target(host, path), "libc-", ".so")
    if named:
        return named
    return _numbers(host.read_bytes(path).partition(_GLIBC_BANNER)[2][:12])


def _numbers(banner: bytes) -> str | None:
    r"""Return "2.36" of "2.36.\nCopyright": digits and dots, but not the sentence's own dot."""
    size = next((at for at, byte in enumerate(banner) if byte not in b"0123456789."), len(banner))
    return banner[:size].rstrip(b".").decode("ascii") or None


def glibcxx(host: Host, arch: str | None) -> Fact:
    """Return the highest GLIBCXX symbol version of libstdc++.

    libstdc++.so.6.0.N brings GLIBCXX_3.4.N (https://gcc.gnu.org/onlinedocs/libstdc++/manual/abi.html);
    only where the file does not bear its number are its symbols searched.
    """
    paths = [f"{folder}/libstdc++.so.6" for folder in folders(arch)]
    missing = "there is no libstdc++ in the loader's default folders"
    attempts = (
        lambda path=path: ask(lambda: _glibcxx_of(host, path), file(path), missing=missing) for path in paths
    )
    return first_known(*attempts)


def _glibcxx_of(host: Host, path: str) -> str | None:
    minor = _target(host, path).partition("libstdc++.so.6.0.")[2]
    if minor.isdigit():
        return f"3.4.{minor}"
    pieces = host.read_bytes(path, READ_LIMIT).split(_SYMBOL)[1:]
    numbers = [int(digits) for piece in pieces if (digits := piece[:3].partition(b"\0")[0]).isdigit()]
    return f"3.4.{max(numbers)}" if numbers else None


def _target(host: Host, path: str) -> str:
    link = ask(lambda: os.path.basename(host.readlink(path)))
    return str(link.value) if link.is_known else ""


def _between(text: str, before: str, after: str) -> str | None:
    if text.startswith(before) and text.endswith(after):
        return text[len(before) : -len(after)] or None
    return None
