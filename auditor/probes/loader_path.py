"""Where the dynamic loader looks for a library, in its order (ld.so(8), musl's ldso/dynlink.c).

For a library without a search path of its own: LD_LIBRARY_PATH, then /etc/ld.so.cache, then the
default folders. musl has no cache: LD_LIBRARY_PATH, then /etc/ld-musl-ARCH.path or its defaults.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from auditor.host.protocol import Host
from auditor.probes import ldcache
from auditor.probes.base import list_or_empty
from auditor.probes.paths import Links, is_folder

VARIABLE, DEFAULT = "LD_LIBRARY_PATH", "default folders"

_MUSL_DEFAULT = "/lib:/usr/local/lib:/usr/lib"
_GLIBC_FOLDERS = ("/lib64", "/usr/lib64", "/lib", "/usr/lib")
_DEBIAN_TRIPLETS = {
    "x86_64": "x86_64-linux-gnu",
    "aarch64": "aarch64-linux-gnu",
    "ppc64le": "powerpc64le-linux-gnu",
    "s390x": "s390x-linux-gnu",
    "armv7l": "arm-linux-gnueabihf",
    "riscv64": "riscv64-linux-gnu",
    "i686": "i386-linux-gnu",
}


class Found(NamedTuple):
    """One library: the name that programs ask for, its file, the file without links, and what led to it."""

    soname: str
    path: str
    real: str
    source: str


class Loader:
    """The search of one machine for programs of one architecture (as uname -m)."""

    def __init__(self, host: Host, arch: str, cwd: str = "") -> None:
        self.host, self.arch, self.cwd = host, arch, cwd
        self.links = Links(host)
        self.musl = f"/etc/ld-musl-{arch}.path"
        self.is_musl = f"ld-musl-{arch}.so.1" in list_or_empty(host, "/lib")

    def find(self, stems: tuple[str, ...]) -> list[Found]:
        """Return every library whose name begins with one of `stems`, first come first served.

        Raises:
            OSError: the cache is there and cannot be read.
            ValueError: the cache cannot be understood.
            NotRecorded: the environment was not recorded, so the order is not known.

        """
        found: dict[str, Found] = {}
        for each in (*self._variable(stems), *self._cache(stems), *self._default(stems)):
            found.setdefault(f"{each.real} {each.soname}", each)
        return list(found.values())

    def variable_folders(self) -> list[str]:
        """Return the entries of LD_LIBRARY_PATH; an empty one is the working directory (ld.so(8))."""
        value = self.host.env(VARIABLE)
        return [entry or self.cwd or "." for entry in value.replace(";", ":").split(":")] if value else []

    def default_folders(self) -> list[str]:
        """Return the folders that are searched last, those that are links to another left out."""
        if self.is_musl:
            folders = self._musl_path().replace("\n", ":").split(":")
        else:
            triplet = _DEBIAN_TRIPLETS.get(self.arch)
            debian = (f"/lib/{triplet}", f"/usr/lib/{triplet}") if triplet else ()
            folders = [*debian, *_GLIBC_FOLDERS]
        real = {self.links.resolve(folder): None for folder in folders if folder.startswith("/")}
        return [folder for folder in real if is_folder(self.host, folder)]

    def _musl_path(self) -> str:
        try:
            return self.host.read(self.musl)
        except FileNotFoundError:
            return _MUSL_DEFAULT

    def _variable(self, stems: tuple[str, ...]) -> Iterator[Found]:
        for folder in self.variable_folders():
            # ld.so expands these in LD_LIBRARY_PATH as well
            plain = folder.replace("${", "$").replace("}", "").replace("$PLATFORM", self.arch)
            for lib in ("lib64", "lib") if "$LIB" in plain else ("",):
                yield from self._folder(plain.replace("$LIB", lib).rstrip("/") or "/", stems, VARIABLE)

    def _default(self, stems: tuple[str, ...]) -> Iterator[Found]:
        for folder in self.default_folders():
            yield from self._folder(folder, stems, DEFAULT)

    def _folder(self, folder: str, stems: tuple[str, ...], source: str) -> list[Found]:
        paths = [
            (name, f"{folder}/{name}") for name in list_or_empty(self.host, folder) if is_library(name, stems)
        ]
        return self._asked_for(paths, source)

    def _cache(self, stems: tuple[str, ...]) -> list[Found]:
        if self.is_musl:
            return []
        try:
            data = self.host.read_bytes(ldcache.PATH)
        except FileNotFoundError:
            return []
        entries = ldcache.parse(data, stems)
        paths = [(e.soname, e.path) for e in entries if ldcache.fits(e.flags, self.arch)]
        return self._asked_for([pair for pair in paths if is_library(pair[0], stems)], ldcache.PATH)

    def _asked_for(self, paths: list[tuple[str, str]], source: str) -> list[Found]:
        """Keep one name for each file: the shortest with a version is what programs ask for.

        libcudart.so -> libcudart.so.12 -> libcudart.so.12.4.127 are one library, libcudart.so.12.
        """
        best: dict[str, Found] = {}
        for name, path in paths:
            real = self.links.resolve(path)
            other = best.get(real)
            if other is None or _rank(name) < _rank(other.soname):
                best[real] = Found(name, path, real, source)
        return list(best.values())


def _rank(name: str) -> tuple[bool, int]:
    return ".so." not in name, len(name)


def is_library(name: str, stems: tuple[str, ...]) -> bool:
    """Return whether a name is a shared library whose stem (before .so) begins with one of `stems`."""
    return name.startswith(stems) and (name.endswith(".so") or ".so." in name)
