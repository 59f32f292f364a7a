"""One published build, with everything that it needs."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import msgspec

from auditor.engine.planning.machine import Family
from auditor.engine.remedy.environment import PYTORCH_INDEX
from auditor.engine.versions import minor
from auditor.knowledge.tables import Row


class Candidate(msgspec.Struct, frozen=True, kw_only=True):
    """A build. `has_wheel` False: none for this platform. `archs` None: its kernels are not known.

    `floor` is the least glibc or macOS; `sm_min` the least compute capability beside `archs`;
    `doubtful` says by what little it is known to exist, `carried` what was taken over from a neighbour.
    """

    name: str
    version: str
    build: str
    family: Family
    python_min: str
    python_max: str
    free_threaded: tuple[str, ...] = ()
    has_wheel: bool = True
    floor: str = ""
    cuda: str = ""
    archs: tuple[str, ...] | None = ()
    ptx_limit: int = 0
    sm_min: int = 0
    gfx: tuple[str, ...] | None = ()
    needs_flags: tuple[str, ...] = ()
    is_default: bool = False
    doubtful: str = ""
    carried: str = ""
    no_gpu_here: str = ""
    extra: tuple[tuple[str, str], ...] = ()

    @property
    def words(self) -> str:
        """Return "torch 2.14.1 cu126" for sentences and as the key of `rejected`."""
        return f"{self.name} {self.version} {self.build}"

    @property
    def index(self) -> str:
        """Return the package index that holds it, empty for PyPI."""
        return "" if self.name != "torch" or self.is_default else PYTORCH_INDEX + self.build


def between(version: str, first: str, last: str) -> bool:
    """Whether a release lies in first to last, both included, an empty end being open."""
    this = minor(version)
    return (not first or this >= minor(first)) and (not last or this <= minor(last))


def platform_row(rows: Iterable[Row], platform: str, version: str, build: str = "") -> Row | None:
    """Return the first row for a platform, release and (where rows name builds) beginning of a build."""
    for row in rows:
        builds = tuple(row.get("builds", ("",)))
        if (
            row["platform"] == platform
            and between(version, row["first"], row["last"])
            and build.startswith(builds)
        ):
            return row
    return None


def dotted(build: str) -> str:
    """Return "12.6" for "cu126", "13.2" for "cu132"."""
    digits = build.removeprefix("cu")
    return f"{digits[:-1]}.{digits[-1]}"


def newest_first(candidates: Iterable[Candidate]) -> Iterator[Candidate]:
    """Yield by release, newest first; in a release the index's default, then the newest CUDA."""
    yield from sorted(candidates, key=_order)


def _order(candidate: Candidate) -> tuple[tuple[int, ...], bool, tuple[int, ...]]:
    release = tuple(-number for number in _padded(candidate.version))
    return release, not candidate.is_default, tuple(-number for number in _padded(candidate.cuda or "0"))


def _padded(version: str) -> tuple[int, ...]:
    numbers = [int(number) for number in version.split(".")]
    return (*numbers, 0, 0, 0)[:4]
