"""Builds of torch before the releases that a plan chooses among: whoever is on one is not moved five years on."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from auditor.engine.planning.candidate import Candidate
from auditor.engine.planning.machine import Machine
from auditor.engine.planning.rows import rows
from auditor.engine.planning.torch_builds import kernels
from auditor.engine.versions import minor
from auditor.knowledge.tables import Row

_PLATFORMS = ("linux-x86_64", "windows-x86_64")
# of manylinux1, by which these wheels are tagged (PEP 513)
_GLIBC = "2.5"


def older_candidates(machine: Machine, release: str) -> Iterator[Candidate]:
    """Yield the builds for CUDA of torch `release` (such as "1.6.0"), where it is one of those before the planned."""
    row = _row(release)
    if row is None:
        return
    first, last = _pythons(row["newest"])
    for cuda in row["cuda"]:
        yield Candidate(
            name="torch",
            version=row["newest"],
            build="cu" + cuda.replace(".", ""),
            family="cuda",
            python_min=first,
            python_max=last,
            has_wheel=machine.platform in _PLATFORMS and not _ended_there(machine, cuda, release),
            floor=_GLIBC if machine.os == "linux" else "",
            cuda=cuda,
            archs=kernels(row["torch"], cuda, "linux-x86_64")[0],
            is_default=cuda == row["plain"],
        )


def older_words(build: Candidate, installed: Sequence[str]) -> str | None:
    """Return what follows the installing command for such a build; None for a build of another release."""
    row = _row(build.version)
    if row is None:
        return None
    label = "" if build.is_default else f"+{build.build}"
    wanted = [f"torch=={build.version}{label}"]
    if "torchvision" in installed:
        wanted.append(f"torchvision=={row['torchvision']}{label}")
    if "torchaudio" in installed and row["torchaudio"]:
        wanted.append(f"torchaudio=={row['torchaudio']}")
    return " ".join([*wanted, row["find"].format(build=build.build)])


def _row(release: str) -> Row | None:
    return next(
        (row for row in rows("torch_older", "releases") if minor(row["torch"]) == minor(release)), None
    )


def _pythons(release: str) -> tuple[str, str]:
    """Return the oldest and the newest Python for which a release has wheels."""
    found = [row for row in rows("wheel_pythons", "releases") if row["package"] == "torch"]
    row = [row for row in found if minor(row["from"]) <= minor(release)][-1]
    return row["python_min"], row["python_max"]


def _ended_there(machine: Machine, cuda: str, release: str) -> bool:
    ended = rows("torch_older", "windows_without")
    return machine.os == "windows" and any(
        row["cuda"] == cuda and minor(release) >= minor(row["first"]) for row in ended
    )
