"""A framework's build against the GPUs that are here."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal, NamedTuple

from auditor.engine.arch import covers, number, numbers, span
from auditor.engine.look import Look, Undecided
from auditor.engine.lookup import newer_than_knowledge
from auditor.engine.subjects import Build, cuda_builds, gpu_name, has_vendor, nvidia_gpus
from auditor.engine.verdict import Verdict, fail, not_applicable, passed, unknown
from auditor.knowledge.tables import table

Options = Mapping[str, Any]
Fit = Literal["fits", "too_new", "too_old", "unknown"]

# JAX's own floors (jax/_src/xla_bridge.py MIN_COMPUTE_CAPABILITY; CUDA 13 dropped what is older than 7.5)
_JAX_FLOOR = {"12": 52, "13": 75}


class Match(NamedTuple):
    """How one build fits one GPU, with the words to say so."""

    fit: Fit
    build: Build
    has: str = ""
    why: str = ""


def gpu_against_build(look: Look, options: Options) -> list[Verdict] | Verdict:
    """Report each GPU for which a build is `misfit` (too_new or too_old)."""
    if not has_vendor(look, "nvidia"):
        return not_applicable("no NVIDIA GPU")
    builds = cuda_builds(look)
    if not builds:
        return not_applicable("no framework built for CUDA")
    indices = nvidia_gpus(look)
    if not indices:
        raise Undecided("gpu[0].compute_capability: no GPU is described")
    matches = {index: [_match(look, build, index) for build in builds] for index in indices}
    others_work = any(match.fit == "fits" for found in matches.values() for match in found)
    return [_verdict(look, index, found, options["misfit"], others_work) for index, found in matches.items()]


def _match(look: Look, build: Build, index: int) -> Match:
    key = f"gpu[{index}].compute_capability"
    capability = look.fact(key)
    if not capability.is_known:
        return Match("unknown", build, why=f"{key}: {capability.reason}")
    if build.framework == "jax":
        return _jax_match(build, capability.value)
    archs = look.fact(f"{build.prefix}.arch_list")
    if not archs.is_known:
        return Match("unknown", build, why=f"{build.prefix}.arch_list: {archs.reason}")
    if not numbers(archs.value):
        return Match("unknown", build, why=f"{build.prefix}.arch_list: it names no NVIDIA architecture")
    if covers(archs.value, capability.value, build.cuda):
        return Match("fits", build)
    if capability.value not in known_capabilities():
        return Match(
            "unknown", build, why=f"{key}: {newer_than_knowledge(f'compute capability {capability.value}')}"
        )
    return Match(_direction(archs.value, capability.value), build, span(archs.value))


def _jax_match(build: Build, capability: str) -> Match:
    lowest = _JAX_FLOOR.get(build.cuda)
    if lowest is None:
        return Match("unknown", build, why=f"jax.plugins: {newer_than_knowledge(f'CUDA {build.cuda}')}")
    has = f"compute capability {lowest // 10}.{lowest % 10} and newer"
    return Match("too_old", build, has) if number(capability) < lowest else Match("fits", build)


def _direction(archs: list[str], capability: str) -> Fit:
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
        capability=look.maybe(f"gpu[{index}].compute_capability"),
        framework=" and ".join(names),
        has=bad[0].has,
        severity="warning" if others_work else None,
        variant="torch" if bad[0].build.framework == "pytorch" else bad[0].build.framework,
    )
