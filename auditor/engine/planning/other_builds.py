"""The published builds of TensorFlow and JAX for one platform."""

from __future__ import annotations

from collections.abc import Iterator

from auditor.engine.arch import number
from auditor.engine.planning.candidate import Candidate, platform_row
from auditor.engine.planning.machine import Machine
from auditor.engine.planning.rows import rows
from auditor.engine.planning.torch_builds import TPU_GENERATIONS
from auditor.engine.versions import minor
from auditor.knowledge.tables import Row

_FLAGS = ("avx",)


def tensorflow_candidates(machine: Machine) -> Iterator[Candidate]:
    """Yield TensorFlow's wheels, each for the GPU, where it can use one, and for the CPU; then TPU's."""
    for row in _wheels():
        place = platform_row(rows("tensorflow_builds", "platforms"), machine.platform, row["newest"])
        yield _tensorflow(row, place, "cpu")
        if place is None or place["gpu"]:
            yield _tensorflow(row, place, f"cu{row['cuda'].replace('.', '')}")
    for row in rows("tensorflow_builds", "tpu"):
        yield Candidate(
            name=row["package"],
            version=row["version"],
            build="tpu",
            family="tpu",
            python_min=row["python_min"],
            python_max=row["python_max"],
            has_wheel=machine.platform == "linux-x86_64",
            floor=row["floor"],
            needs_flags=_FLAGS,
            carried=TPU_GENERATIONS,
        )


def _wheels() -> Iterator[Row]:
    """Yield the releases, and of one whose newest patch dropped a Python the patch before too."""
    older = {row["tensorflow"]: row for row in rows("tensorflow_builds", "older_patches")}
    for row in rows("tensorflow_releases", "wheels"):
        yield row
        if row["tensorflow"] in older:
            yield {**row, **older[row["tensorflow"]]}


def _tensorflow(row: Row, place: Row | None, build: str) -> Candidate:
    is_gpu = build != "cpu"
    return Candidate(
        name="tensorflow",
        version=row["newest"],
        build=build,
        family="cuda" if is_gpu else "cpu",
        python_min=row["python_min"],
        python_max=row["python_max"],
        has_wheel=place is not None,
        floor=place["floor"] if place else "",
        cuda=row["cuda"] if is_gpu else "",
        archs=_with_code(row["archs"]) if is_gpu else (),
        ptx_limit=rows("tensorflow_builds", "ptx_limit")[0]["sm"],
        needs_flags=_FLAGS,
        is_default=True,
    )


def _with_code(archs: list[str]) -> tuple[str, ...]:
    """Return the list with the code that stands beside each PTX in TensorFlow's builds."""
    beside = [arch.replace("compute", "sm") for arch in archs if arch.startswith("compute")]
    return (*archs, *beside)


def jax_candidates(machine: Machine) -> Iterator[Candidate]:
    """Yield JAX's releases: for the CPU, with each CUDA plugin, and for TPUs."""
    pairing = {row["jax"]: row for row in rows("jax_releases")}
    plugins = {row["plugin"]: row for row in rows("jax_builds", "plugins")}
    for row in rows("jax_builds", "releases"):
        place = platform_row(rows("jax_builds", "platforms"), machine.platform, row["jax"])
        common = _jax(row, pairing[row["jax"]], place)
        yield Candidate(build="cpu", family="cpu", is_default=True, **common)
        tpu = {"floor": "2.31", "has_wheel": machine.platform == "linux-x86_64"}
        yield Candidate(build="tpu", family="tpu", **common | tpu, carried=TPU_GENERATIONS)
        for plugin in row["plugins"] if place is None or place["gpu"] else ():
            known = plugins[plugin]
            cuda = {"cuda": known["cuda"], "archs": (f"compute_{known['sm_min']}",)}
            cuda |= {"floor": place["gpu_floor"]} if place else {}
            yield Candidate(build=plugin.replace("cuda", "cu"), family="cuda", **common | cuda)


def _jax(row: Row, pairing: Row, place: Row | None) -> Row:
    return {
        "name": "jax",
        "version": row["jax"],
        "python_min": pairing["python_min"],
        "python_max": row["python_max"],
        "free_threaded": tuple(row["free_threaded"]),
        "has_wheel": place is not None,
        "floor": place["floor"] if place else "",
        "needs_flags": _FLAGS,
    }


def wants_older_cudnn(machine: Machine, candidate: Candidate) -> bool:
    """Whether the build's open range of cuDNN reaches one that dropped a card of this machine (below 7.5)."""
    old = any(card.capability and number(card.capability) < 75 for card in machine.of("nvidia"))
    if candidate.family != "cuda" or not old:
        return False
    if candidate.name == "tensorflow":
        return minor(candidate.version) >= minor(rows("tensorflow_builds", "and_cuda")[0]["cudnn_open"])
    return candidate.name == "jax" and candidate.build == "cu12"
