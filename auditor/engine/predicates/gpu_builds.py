"""A framework's build against the GPUs that are here."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal, NamedTuple

from auditor.engine.arch import covers, number, numbers, span
from auditor.engine.gpu_names import capabilities_of
from auditor.engine.look import Look, Undecided
from auditor.engine.lookup import newer_than_knowledge
from auditor.engine.subjects import Build, cuda_builds, gpu_name, has_vendor, nvidia_gpus
from auditor.engine.verdict import Verdict, fail, not_applicable, passed, unknown
from auditor.engine.versions import minor
from auditor.knowledge.tables import table

Options = Mapping[str, Any]
Fit = Literal["fits", "too_new", "too_old", "unknown"]

# JAX's own floors (jax/_src/xla_bridge.py MIN_COMPUTE_CAPABILITY; CUDA 13 dropped what is older than 7.5)
_JAX_FLOOR = {"12": 52, "13": 75}


# the oldest CUDA of builds that people still run (torch 1.4, 2020): what it compiles for, all of them do
_OLDEST_COMMON_CUDA, _OLDEST_COMMON_TORCH = (10, 1), (1, 4)


class Match(NamedTuple):
    """How one build fits one GPU, with the words to say so."""

    fit: Fit
    build: Build
    has: str = ""
    why: str = ""
    sure: bool = True


def gpu_against_build(look: Look, options: Options) -> list[Verdict] | Verdict:
    """Report each GPU for which a build is `misfit` (too_new or too_old)."""
    if not has_vendor(look, "nvidia"):
        return not_applicable("no NVIDIA GPU")
    try:
        builds = _builds(look)
    except Undecided:
        if ruled_out := _by_card_alone(look, options["misfit"]):
            return ruled_out
        raise
    if not builds:
        return not_applicable("no framework built for CUDA")
    indices = nvidia_gpus(look)
    if not indices:
        raise Undecided("gpu[0].compute_capability: no GPU is described")
    matches = {index: [_match(look, build, index) for build in builds] for index in indices}
    others_work = any(match.fit == "fits" for found in matches.values() for match in found)
    return [_verdict(look, index, found, options["misfit"], others_work) for index, found in matches.items()]


def _by_card_alone(look: Look, misfit: str) -> list[Verdict]:
    """Rule a misfit out where no build is told: no release dropped newer cards, and all know the older ones."""
    rows = {row["cc"]: row for row in table("nvidia_archs").named("support")}
    cards = [rows.get(look.maybe(f"gpu[{index}].compute_capability")) for index in nvidia_gpus(look)]
    if not cards or None in cards or _before_common(look):
        return []
    dropped = any(row and row["last_cuda"] for row in cards)
    recent = any(row and minor(row["first_cuda"]) > _OLDEST_COMMON_CUDA for row in cards)
    return [] if (dropped if misfit == "too_old" else recent) else [passed()]


def _before_common(look: Look) -> bool:
    """Return whether a torch is told that is older than the builds which people still run."""
    torch = look.maybe("torch.version")
    return bool(torch) and minor(torch) < _OLDEST_COMMON_TORCH


def _builds(look: Look) -> list[Build]:
    """Return the builds for CUDA; a message may name the architectures of one whose version is not told."""
    try:
        return cuda_builds(look)
    except Undecided:
        if not look.maybe("torch.arch_list"):
            raise
        return [Build("pytorch", "(version not told)", look.maybe("torch.cuda_build", ""), "torch")]


def _match(look: Look, build: Build, index: int) -> Match:
    key = f"gpu[{index}].compute_capability"
    capability = look.fact(key)
    if capability.is_known:
        return _of_capability(look, build, key, str(capability.value))
    # of a name that stands for several chips, what holds of each of them holds
    found = [_of_capability(look, build, key, each) for each in _several(look, index)]
    if len({match.fit for match in found}) == 1:
        return found[0]
    return Match("unknown", build, why=f"{key}: {capability.reason}")


def _several(look: Look, index: int) -> tuple[str, ...]:
    """Return the capabilities that cards of this GPU's name have."""
    return capabilities_of(str(look.maybe(f"gpu[{index}].name") or ""))


def _of_capability(look: Look, build: Build, key: str, capability: str) -> Match:
    if build.framework == "jax":
        return _jax_match(build, capability)
    if look.maybe("log.cufft_failed") and _before_chip(build, capability):
        return Match("too_new", build, f"a cuFFT of CUDA {build.cuda}, from before this chip", sure=False)
    archs = look.fact(f"{build.prefix}.arch_list")
    if not archs.is_known:
        return _by_toolkit(build, capability, f"{build.prefix}.arch_list: {archs.reason}")
    if not numbers(archs.value):
        return Match("unknown", build, why=f"{build.prefix}.arch_list: it names no NVIDIA architecture")
    if covers(archs.value, capability, build.cuda):
        return Match("fits", build)
    if capability not in known_capabilities():
        return Match(
            "unknown", build, why=f"{key}: {newer_than_knowledge(f'compute capability {capability}')}"
        )
    return Match(_direction(archs.value, capability), build, span(archs.value))


def _before_chip(build: Build, capability: str) -> bool:
    """Return whether CUDA's own libraries, which chose their kernels by the chip, came out before it did."""
    row = next((row for row in table("nvidia_archs").named("support") if row["cc"] == capability), None)
    return row is not None and bool(build.cuda) and minor(build.cuda) < minor(row["first_cuda"])


def _jax_match(build: Build, capability: str) -> Match:
    lowest = _JAX_FLOOR.get(build.cuda)
    if lowest is None:
        return Match("unknown", build, why=f"jax.plugins: {newer_than_knowledge(f'CUDA {build.cuda}')}")
    has = f"compute capability {lowest // 10}.{lowest % 10} and newer"
    return Match("too_old", build, has) if number(capability) < lowest else Match("fits", build)


def _by_toolkit(build: Build, capability: str, why: str) -> Match:
    """Judge a build whose architectures are not known by what its CUDA can compile for at all.

    Code for an older chip of the same major runs too, so that the first CUDA of any of those counts.
    """
    rows = {row["cc"]: row for row in table("nvidia_archs").named("support")}
    if capability not in rows or not build.cuda:
        return Match("unknown", build, why=why)
    older = [
        row
        for cc, row in rows.items()
        if minor(cc)[0] == minor(capability)[0] and minor(cc) <= minor(capability)
    ]
    said = f"what CUDA {build.cuda} can compile for"
    if all(minor(build.cuda) < minor(row["first_cuda"]) for row in older):
        return Match("too_new", build, said, sure=False)
    last = rows[capability]["last_cuda"]
    if last and minor(build.cuda) > minor(last):
        return Match("too_old", build, said, sure=False)
    return Match("unknown", build, why=why)


def _direction(archs: list[str], capability: str) -> Fit:
    """Return whether a card that no architecture serves was dropped, or came after them all."""
    return "too_old" if number(capability) < numbers(archs)[-1] else "too_new"


def known_capabilities() -> frozenset[str]:
    """Return every compute capability that the tables know."""
    source = table("nvidia_archs")
    return frozenset(row["cc"] for row in (*source.named("chips"), *source.named("support")))


def _verdict(look: Look, index: int, found: list[Match], misfit: str, others_work: bool) -> Verdict:
    subject = f"gpu:{index}"
    visible = look.maybe("env.visible_gpus")
    if visible is not None and index not in visible:
        return not_applicable("a mask hides this GPU", subject)
    bad = [match for match in found if match.fit == misfit]
    if not bad:
        open_ones = [match.why for match in found if match.fit == "unknown"]
        return unknown(*open_ones, subject=subject) if open_ones else passed(subject)
    names = [f"{match.build.framework} {match.build.version}" for match in bad]
    return fail(
        subject,
        gpu=gpu_name(look, index),
        capability=look.maybe(f"gpu[{index}].compute_capability") or " or ".join(_several(look, index)),
        framework=" and ".join(names),
        has=bad[0].has,
        severity="warning" if others_work else None,
        confidence=None if bad[0].sure else "likely",
        variant="torch" if bad[0].build.framework == "pytorch" else bad[0].build.framework,
    )
