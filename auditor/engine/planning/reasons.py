"""The sentences of a plan: why this build, what ends it, what would unblock, what else there is."""

from __future__ import annotations

from collections.abc import Sequence

from auditor.engine.cuda import branch_of
from auditor.engine.planning.accelerators import NOT_LOOKED_FOR
from auditor.engine.planning.candidate import Candidate
from auditor.engine.planning.choose import Unblocking, changeable, choose
from auditor.engine.planning.constraints import (
    is_module,
    last_branch,
    needed_driver,
    reaches,
    unmet,
)
from auditor.engine.planning.machine import Machine
from auditor.engine.planning.other_builds import wants_older_cudnn
from auditor.engine.planning.rows import rows, toolkit_driver
from auditor.engine.planning.steps import brings_no_cuda, in_new_environment, parts
from auditor.engine.versions import minor, release
from auditor.knowledge.tables import knowledge_date


def because(build: Candidate, machine: Machine, why: str = "is the newest that fits") -> tuple[str, ...]:
    """Return why this build, what was assumed, and how old the tables are."""
    cards = (
        machine.of("nvidia")
        if build.family == "cuda"
        else machine.of("amd")
        if build.family == "rocm"
        else ()
    )
    said = [f"{build.words} {why}: Python {build.python_min} to {build.python_max}"]
    if cards:
        said.append(f"it runs on {', '.join(dict.fromkeys(card.words for card in cards))}")
    if build.family == "cuda":
        said += _driver_reasons(build, machine)
    if build.family == "cpu" and machine.family == "cpu":
        said.append(_no_accelerator(machine))
    if wants_older_cudnn(machine, build):
        said.append("cuDNN from 9.11 on wants compute capability 7.5, so an older one is pinned")
    if build.name == "tensorflow" and build.family == "cuda" and parts(build.version, machine):
        said.append(
            "its extra and-cuda has no tensorrt for this Python, so CUDA's libraries are named one by one"
        )
    if brings_no_cuda(build):
        said.append(
            f"this release brings no CUDA libraries: CUDA {build.cuda} and its cuDNN must be installed beside it"
        )
    said += [note for note in (build.doubtful, build.carried) if note]
    said += _other_vendors(build, machine)
    return (
        *said,
        *machine.assumed,
        f"by the tables of {knowledge_date()}; a release that is newer is not known to them",
    )


def _no_accelerator(machine: Machine) -> str:
    """Say that none was seen only where it could be looked for."""
    if any(NOT_LOOKED_FOR in said for said in machine.assumed):
        return "no accelerator is known of, so the build for the CPU"
    return "no accelerator that a published build uses is here, so the build for the CPU"


def _driver_reasons(build: Candidate, machine: Machine) -> list[str]:
    least = needed_driver(build, machine)
    if machine.driver_state != "known":
        return [f"it needs driver {least} or newer"]
    said = [
        f"driver {machine.driver} is at least {least}, which CUDA {minor(build.cuda)[0]} and the cards need"
    ]
    toolkit = toolkit_driver(build.cuda, machine.os)
    if toolkit and not reaches(machine.driver, toolkit):
        said.append(
            f"it runs by minor-version compatibility: CUDA {build.cuda} came with driver {toolkit}, "
            "below which the driver does not compile its PTX"
        )
    return said


def _other_vendors(build: Candidate, machine: Machine) -> list[str]:
    served = {"cuda": "nvidia", "rocm": "amd", "xpu": "intel", "mps": "apple", "tpu": "tpu"}.get(
        build.family, ""
    )
    others = [vendor for vendor in machine.vendors if vendor != served]
    return (
        [f"one build serves one vendor: {', '.join(others)} stays unused here"] if served and others else []
    )


def expires(build: Candidate, machine: Machine, candidates: Sequence[Candidate]) -> str:
    """Return what will end this choice: the release that no longer fits, or the driver's last branch."""
    said = []
    after = _next_release(build, candidates)
    if after:
        # the cause that can be removed, where one of its builds has no other
        needs = min(
            (unmet(one, machine) for one in after), key=lambda needs: (not changeable(needs), len(needs))
        )
        if needs:
            said.append(
                f"{build.name} {build.version} is the last release that fits; the next: {needs[0].reason}"
            )
    branch = last_branch(machine) if build.family == "cuda" else 0
    if branch:
        ends = next((row["end"] for row in rows("driver_branches") if row["branch"] == branch), "")
        said.append(
            f"driver branch {branch} is the last for these cards" + (f" and ends {ends}" if ends else "")
        )
    return "; ".join(said)


def _next_release(build: Candidate, candidates: Sequence[Candidate]) -> list[Candidate]:
    """Return the builds of the same family in the release after this one."""
    newer = [
        candidate
        for candidate in candidates
        if candidate.family == build.family and release(candidate.version) > release(build.version)
    ]
    first = min((release(candidate.version) for candidate in newer), default=())
    return [candidate for candidate in newer if release(candidate.version) == first]


def blocked(ways: Sequence[Unblocking], reasons: Sequence[str]) -> tuple[str, ...]:
    """Return what would have to change, or why nothing helps."""
    said = [f"{need.reason} ({way.build.words})" for way in ways for need in way.needs]
    return tuple(dict.fromkeys(said or reasons))


def alternatives(ways: Sequence[Unblocking], machine: Machine) -> tuple[str, ...]:
    """Return the changes that unblock, as sentences."""
    return tuple(_way(way, machine) for way in ways)


def with_a_newer_driver(
    build: Candidate, candidates: Sequence[Candidate], machine: Machine
) -> tuple[str, ...]:
    """Return what a newer driver alone would allow beyond the chosen build."""
    better = choose(candidates, machine, build.family, ignoring=("driver",)).build
    if better is None or release(better.version) <= release(build.version):
        return ()
    way = Unblocking(better, tuple(unmet(better, machine)))
    return alternatives(feasible([way], machine), machine) if way.needs else ()


def feasible(ways: Sequence[Unblocking], machine: Machine) -> list[Unblocking]:
    """Return the ways without those that want a driver that no longer drives one of the cards."""
    return [way for way in ways if not _contradicts_itself(way, machine)]


def _contradicts_itself(way: Unblocking, machine: Machine) -> bool:
    """Whether a way wants a newer driver than the last branch that drives every card."""
    last = last_branch(machine)
    if not last or not any(need.kind == "driver" for need in way.needs):
        return False
    return branch_of(needed_driver(way.build, machine), machine.os) > last


def _way(way: Unblocking, machine: Machine) -> str:
    kinds = {need.kind for need in way.needs}
    if kinds == {"python"}:
        return f"with another Python, {way.build.words}: {in_new_environment(way.build, machine)}"
    if kinds == {"disk"}:
        return f"after making room, {way.build.words}"
    if kinds == {"driver"} and any(is_module(card) for card in machine.of("nvidia")):
        least = needed_driver(way.build, machine)
        return f"with a JetPack whose driver is {least} or newer (it is no package of its own), {way.build.words}"
    if kinds == {"driver"}:
        last = last_branch(machine)
        branch = f", of branch {last} at most" if last else ""
        least = needed_driver(way.build, machine)
        return f"with driver {least} or newer{branch} (an administrator installs it), {way.build.words}"
    floor = f"{'macOS' if machine.os == 'darwin' else 'glibc'} {way.build.floor} or newer"
    words = {"floor": f"{floor} (a newer system)", "disk": "more disk", "python": "another Python"}
    if "driver" in kinds:
        words["driver"] = f"driver {needed_driver(way.build, machine)} or newer"
    return f"with {' and '.join(words[kind] for kind in sorted(kinds))}, {way.build.words}"
