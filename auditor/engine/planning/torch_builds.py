"""PyTorch's published builds for one platform."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cache

from auditor.engine.amd_targets import compiled_targets
from auditor.engine.lookup import NotInTable
from auditor.engine.planning.candidate import Candidate, dotted, platform_row
from auditor.engine.planning.machine import Machine
from auditor.engine.planning.rows import rows
from auditor.engine.versions import minor
from auditor.knowledge.tables import Row

_DOUBTFUL = "only a secondary source names this build; look into the index before relying on it"

TPU_GENERATIONS = (
    "the metadata of libtpu does not tell which TPU generations it serves: check that yours is among them"
)
_WINDOWS = "that PyTorch's index holds it for Windows too, with the same kernels, is taken over from Linux"


def torch_candidates(machine: Machine) -> Iterator[Candidate]:
    """Yield every build that PyTorch publishes, whether or not it fits the machine."""
    more = {row["torch"]: row for row in rows("torch_builds", "releases")}
    for release in rows("torch_releases"):
        extra = more.get(release["torch"], {})
        default = _default(release, extra, machine.platform)
        for build, doubt in _builds(release, extra):
            yield _candidate(machine, release, extra, build, default, doubt)
        yield from _tpu(machine, release)


def _builds(release: Row, extra: Row) -> Iterator[tuple[str, str]]:
    doubtful = extra.get("doubtful", ())
    named = [f"cu{cuda.replace('.', '')}" for cuda in release["cuda"]]
    named += [f"rocm{release['rocm']}"] if release["rocm"] else []
    for build in dict.fromkeys((*named, *extra.get("more", ()), *doubtful, "cpu")):
        yield build, _DOUBTFUL if build in doubtful else ""


def _default(release: Row, extra: Row, platform: str) -> str:
    """Return the build that PyPI holds for the platform."""
    if platform == "linux-x86_64":
        return f"cu{release['pypi_cuda'].replace('.', '')}"
    return str(extra.get("default_aarch64", "cpu")) if platform == "linux-aarch64" else "cpu"


def _candidate(
    machine: Machine, release: Row, extra: Row, build: str, default: str, doubtful: str
) -> Candidate:
    version = release["newest"]
    place = platform_row(rows("torch_builds", "platforms"), machine.platform, version, build)
    is_mps = machine.family == "mps" and build == "cpu"
    family = "cuda" if build.startswith("cu") else "rocm" if build.startswith("rocm") else "cpu"
    cuda = dotted(build) if family == "cuda" else ""
    archs, secondary = kernels(release["torch"], cuda, machine.platform) if cuda else ((), "")
    gfx, carried = _gfx(build.removeprefix("rocm"), release["torch"]) if family == "rocm" else ((), "")
    return Candidate(
        name="torch",
        version=version,
        build="mps" if is_mps else build,
        family="mps" if is_mps else "xpu" if build == "xpu" else family,  # type: ignore[arg-type]
        python_min=release["python_min"],
        python_max=release["python_max"],
        free_threaded=tuple(extra.get("free_threaded", ())),
        has_wheel=place is not None,
        floor=place["floor"] if place else "",
        cuda=cuda,
        archs=archs,
        sm_min=_cudnn_floor(version) if cuda else 0,
        gfx=gfx,
        needs_flags=("sse4_1",) if minor(version) >= (2, 1) else (),
        is_default=build == default,
        doubtful=doubtful,
        carried=carried or secondary or (_WINDOWS if cuda and machine.os == "windows" else ""),
    )


@cache
def kernels(torch: str, cuda: str, platform: str) -> tuple[tuple[str, ...] | None, str]:
    """Return the kernels of a build and what makes them doubtful. Windows is taken to equal Linux x86_64."""
    name = "linux_aarch64" if platform.endswith("aarch64") else "linux_x86_64"
    wanted = (torch, cuda, name)
    for row in rows("torch_archs"):
        if (row["torch"], row["cuda"], row["platform"]) == wanted:
            return tuple(f"sm_{number}" for number in row["sm"]), ""
    for row in rows("torch_builds", "kernels"):
        if (row["torch"], row["cuda"], row["platform"]) == wanted:
            return tuple(f"sm_{number}" for number in row["sm"]), "only a secondary source names its kernels"
    return None, ""


def _gfx(rocm: str, torch: str) -> tuple[tuple[str, ...] | None, str]:
    """Return the instruction sets of a ROCm build; beyond the table, those of its newest row, said so."""
    try:
        return _without_ended(compiled_targets(rocm, torch), rocm), ""
    except NotInTable:
        newest = str(max((row["rocm"] for row in rows("rocm_gfx")), key=minor))
        if minor(rocm) < minor(newest):
            return None, ""
        said = f"which AMD GPUs ROCm {rocm} builds serve is not established; those of {newest} are assumed"
        return _without_ended(compiled_targets(newest, torch), rocm), said


def _without_ended(gfx: Sequence[str], rocm: str) -> tuple[str, ...]:
    """Leave out the instruction sets that this ROCm's own libraries have no kernels for any more."""
    last = {row["gfx"]: row["last_rocm"] for row in rows("torch_builds", "rocm_ended")}
    return tuple(name for name in gfx if name not in last or minor(rocm) <= minor(last[name]))


def _cudnn_floor(version: str) -> int:
    floors = [row for row in rows("torch_builds", "cudnn_floor") if minor(version) >= minor(row["first"])]
    return max((row["sm_min"] for row in floors), default=0)


def _tpu(machine: Machine, release: Row) -> Iterator[Candidate]:
    for row in rows("torch_builds", "tpu"):
        if row["torch"] == release["newest"]:
            yield Candidate(
                name="torch",
                version=row["torch"],
                build="tpu",
                family="tpu",
                python_min=row["python_min"],
                python_max=row["python_max"],
                has_wheel=machine.platform == "linux-x86_64",
                floor=row["floor"],
                extra=((row["package"], row["version"]),),
                carried=TPU_GENERATIONS,
                is_default=True,
            )
