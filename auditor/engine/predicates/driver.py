"""The NVIDIA driver: is it there, loaded, whole, and new enough."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import msgspec

from auditor.engine.cuda import floor, is_driver_version
from auditor.engine.look import Look, Undecided
from auditor.engine.lookup import NotInTable
from auditor.engine.subjects import Build, cuda_builds, has_vendor, is_jetson, lacks_vendor, nvidia_gpus
from auditor.engine.verdict import Verdict, fail, not_applicable, passed, unknown
from auditor.engine.versions import minor, release, version_lt
from auditor.knowledge.tables import table

Options = Mapping[str, Any]


def driver_below_runtime(look: Look, _: Options) -> list[Verdict] | Verdict:
    """Hold the driver against the CUDA of every framework's build."""
    if not has_vendor(look, "nvidia"):
        return not_applicable("no NVIDIA GPU")
    builds = _of_image(look) or _builds(look)
    if not builds:
        return not_applicable("no framework built for CUDA")
    if (branch := look.maybe("log.driver_branch")) and not look.maybe("nvidia.driver_version"):
        return [_branch_against(look, build, str(branch)) for build in builds]
    reported = look.maybe("nvidia.cuda_driver_version")
    if reported and look.facts["nvidia.driver_version"].state == "unknown":
        return [_reported_against(look, build, str(reported)) for build in builds]
    driver = look.value("nvidia.driver_version")
    if driver is None:
        return not_applicable("no driver answers")
    return [_held_against(look, build, driver) for build in builds]


def _builds(look: Look) -> list[Build]:
    """Return the builds for CUDA; of a torch whose release was not told, its CUDA is enough."""
    try:
        return cuda_builds(look)
    except Undecided:
        cuda = look.maybe("torch.cuda_build")
        if cuda is None or look.facts["torch.version"].state != "unknown":
            raise
        return [Build("pytorch", "of a release that was not told", str(cuda), "torch")]


def _of_image(look: Look) -> list[Build]:
    """Return the build in NVIDIA's own image where its tag alone is told, on a GeForce.

    On data-center cards the image brings a newer libcuda, which a GeForce refuses.
    """
    image = look.maybe("container.ngc_release")
    names = [str(look.maybe(f"gpu[{index}].name", "")) for index in nvidia_gpus(look)]
    if image is None or look.maybe("torch.cuda_build") or not any(_GEFORCE.search(name) for name in names):
        return []
    source = table("ngc_images")
    row = next((row for row in source.all() if not version_lt(image, row["from"])), None)
    if row is None:
        return []
    look.cite(source)
    return [Build("pytorch", f"of NVIDIA's image {image}", row["cuda"], "torch")]


_GEFORCE = re.compile(r"geforce|\b[rg]tx ?(?:[1-5]0[5-9]0|16[56]0|9[5-8]0)\b", re.IGNORECASE)


def _held_against(look: Look, build: Build, driver: str) -> Verdict:
    """Judge one build. The CUDA that the driver reports counts first: it knows of forward compatibility."""
    reported = look.maybe("nvidia.cuda_driver_version")
    if _runs(look, build):
        return passed(build.framework)
    if reported and minor(reported)[0] >= minor(build.cuda)[0] >= 11:
        return passed(build.framework)
    if is_jetson(look):
        return unknown(
            "nvidia.cuda_driver_version: a Jetson's driver is judged by it alone", subject=build.framework
        )
    try:
        needed = floor(build.cuda, look.maybe("os.platform"))
    except NotInTable as error:
        return unknown(f"{build.prefix}.cuda_build: {error}", subject=build.framework)
    look.cite(needed.source, "floor")
    if not version_lt(driver, needed.driver):
        return passed(build.framework)
    return fail(
        build.framework,
        framework=f"{build.framework} {build.version}",
        cuda=build.cuda,
        driver=driver,
        floor=needed.driver,
        reported=f", which supports CUDA {reported} at most" if reported else "",
        variant=("torch" if _other_torch(look) else "") if build.framework == "pytorch" else build.framework,
    )


def _other_torch(look: Look) -> bool:
    """Return whether some published torch runs here as it is: else the driver comes first."""
    from auditor.engine.planning.line import torch_line

    return bool(torch_line(look.facts))


def _branch_against(look: Look, build: Build, branch: str) -> Verdict:
    """Judge a driver of which only the branch was told: within the branch of the first that serves, nothing is sure."""
    judged = _held_against(look, build, f"{branch}.0")
    if judged.outcome != "fail" or release(judged.values["floor"])[0] == int(branch):
        return judged if judged.outcome != "fail" else unknown(_OF_BRANCH, subject=build.framework)
    return msgspec.structs.replace(judged, values={**judged.values, "driver": f"one of branch {branch}"})


def _reported_against(look: Look, build: Build, reported: str) -> Verdict:
    """Judge a driver of which only the newest CUDA was told: from 11 on, it serves all of that CUDA's major."""
    same = minor(reported)[0] == minor(build.cuda)[0] >= 11
    if _runs(look, build) or same or minor(reported) >= minor(build.cuda):
        return passed(build.framework)
    judged = _held_against(look, build, "0.0")
    if judged.outcome != "fail":
        return judged
    values = {**judged.values, "driver": f"for CUDA {reported} at most", "reported": ""}
    return msgspec.structs.replace(judged, values=values, variant="told")


_OF_BRANCH = "nvidia.driver_version: of the branch that was told some drivers serve and some do not"


def _runs(look: Look, build: Build) -> bool:
    """Return whether the framework sees a device: a container may bring newer libraries of the driver."""
    seen = look.maybe(f"smoke.{build.framework}.devices") or []
    return any(str(name).lower().startswith(("cuda", "gpu")) for name in seen)


def driver_library_mismatch(look: Look, _: Options) -> Verdict:
    """Compare the loaded kernel module with the libraries of user space."""
    error = f"{look.maybe('nvidia.nvml_error', '')} {look.maybe('nvidia.tool_error', '')}"
    if "version mismatch" in error.lower():
        return fail(said=_mismatch(look), variant="container" if _in_container(look) else "")
    module = look.value("nvidia.kernel_module_version")
    if module is None:
        return not_applicable("no NVIDIA kernel module is loaded")
    libraries = [key for key in ("nvidia.libcuda_version", "nvidia.driver_version") if look.maybe(key)]
    if not libraries:
        raise Undecided(f"nvidia.libcuda_version: {look.facts['nvidia.libcuda_version'].reason}")
    for key in libraries:
        library = str(look.maybe(key))
        if (
            library != module
            and is_driver_version(library)
            and is_driver_version(module)
            and not _is_compat(look, key)
        ):
            said = f"the loaded kernel module is {module}, the libraries are {library}"
            return fail(said=said, variant="container" if _in_container(look) else "")
    return passed()


def _mismatch(look: Look) -> str:
    """Return the tool's words, and the versions as far as they are known."""
    said = [str(look.maybe(key, "")) for key in ("nvidia.tool_error", "nvidia.nvml_error")]
    words = next(words for words in said if "mismatch" in words.lower())
    module = look.maybe("nvidia.kernel_module_version")
    library = look.maybe("nvidia.libcuda_version") or look.maybe("nvidia.nvml_library_version")
    versions = [("the loaded kernel module is", module), ("the libraries are", library)]
    known = [f"{what} {version}" for what, version in versions if version]
    return ", ".join([f'NVIDIA\'s tools say "{words}"', *known])


def _is_compat(look: Look, key: str) -> bool:
    """Return whether the libcuda found first is that of the forward-compatibility package."""
    paths = look.maybe("nvidia.libcuda_paths") or [""]
    return key == "nvidia.libcuda_version" and "compat" in paths[0]


def _in_container(look: Look) -> bool:
    return look.maybe("container.runtime") not in (None, "wsl")


def driver_not_installed(look: Look, _: Options) -> Verdict:
    """Tell a machine without a driver from one whose driver does not run."""
    why = _no_question(look)
    if why:
        return not_applicable(why)
    modules = look.value("nvidia.modules") or []
    if "nvidia" in modules or _user_space(look):
        return passed()
    nouveau = (
        "; the open driver nouveau runs the card, which computes nothing" if "nouveau" in modules else ""
    )
    return fail(gpus=_card_names(look), nouveau=nouveau)


def no_gpu_or_driver(look: Look, _: Options) -> Verdict:
    """Note that a build for CUDA finds neither driver nor GPU: no fault where none is wanted.

    A dump that could not ask nvidia-smi for either leaves it possible.
    """
    if look.value("torch.cuda_build") is None:
        return not_applicable("torch is not built for CUDA")
    driver = look.fact("nvidia.driver_version")
    shown = [look.maybe(key) for key in ("nvidia.pci_gpus", "nvidia.gpu_count", "accelerators.vendors")]
    if driver.is_known or any(shown):
        return not_applicable("there is a GPU or a driver")
    if look.maybe("os.platform") == "wsl1" and look.maybe("smoke.pytorch.devices") == ["cpu"]:
        return fail("pytorch", variant="wsl1", severity="warning")
    if driver.state == "unknown" and not driver.evidence:
        raise Undecided(f"nvidia.driver_version: {driver.reason}")
    # where nothing of NVIDIA is here for certain, a torch that was not tried changes nothing
    ask = look.maybe if driver.state == "absent" and lacks_vendor(look, "nvidia") else look.value
    if any("cuda" in str(device) for device in ask("smoke.pytorch.devices") or []):
        return passed("pytorch")
    if driver.state == "unknown":
        return fail("pytorch", confidence="possible", severity="warning")
    return fail("pytorch", confidence="likely", severity="note")


def driver_not_loaded(look: Look, options: Options) -> Verdict:
    """Find a driver that is installed and whose module is not loaded; `blocker` says which story is meant.

    The stories are nouveau (it holds the card), secure_boot (it refuses the module), none (neither).
    """
    why = _no_question(look)
    if why:
        return not_applicable(why)
    modules = look.value("nvidia.modules") or []
    if "nvidia" in modules:
        return passed()
    if not _user_space(look):
        return not_applicable("no NVIDIA driver is installed")
    blocker = _blocker(look, modules)
    return (
        fail(gpus=_card_names(look), kernel=look.maybe("os.kernel", ""))
        if blocker == options["blocker"]
        else passed()
    )


def _blocker(look: Look, modules: list[str]) -> str:
    if look.value("system.secure_boot"):
        return "secure_boot"
    return "nouveau" if "nouveau" in modules else "none"


def _no_question(look: Look) -> str:
    """Return why the driver's presence is no question here, or an empty text."""
    if look.maybe("os.wsl"):
        return "under WSL the driver is that of Windows"
    if _in_container(look):
        return "inside a container the driver is that of the host"
    cards = look.value("nvidia.pci_gpus") or []
    if not cards:
        return "no NVIDIA GPU on the PCI bus"
    if all(card.get("driver") == "vfio-pci" for card in cards):
        return "every NVIDIA GPU is handed to a virtual machine (vfio-pci)"
    return ""


def _user_space(look: Look) -> bool:
    """Return whether the driver's libraries or tools are installed.

    Raises:
        Undecided: neither NVML nor nvidia-smi was asked.

    """
    if look.maybe("nvidia.libcuda_paths") or look.maybe("nvidia.libcuda_version"):
        return True
    states = [look.maybe("nvidia.nvml_state", "unasked"), look.maybe("nvidia.tool_state", "unasked")]
    if all(state == "unasked" for state in states):
        raise Undecided("nvidia.nvml_state: neither NVML nor nvidia-smi was asked")
    return any(state not in ("missing", "unasked") for state in states)


def _card_names(look: Look) -> str:
    cards = look.value("nvidia.pci_gpus") or []
    return ", ".join(
        dict.fromkeys(str(card.get("name") or card.get("device_id") or "NVIDIA GPU") for card in cards)
    )


def ptx_needs_newer_driver(look: Look, _: Options) -> list[Verdict] | Verdict:
    """Find builds that reach a GPU by PTX alone, made by a CUDA newer than the driver's compiler."""
    from auditor.engine.arch import covers
    from auditor.engine.subjects import nvidia_gpus

    if lacks_vendor(look, "nvidia"):
        return not_applicable("no NVIDIA GPU")
    if told := _linked_by_old_driver(look):
        return told
    builds = [build for build in cuda_builds(look) if look.maybe(f"{build.prefix}.arch_list")]
    if not builds:
        return not_applicable("no build for CUDA whose architectures are known")
    reported = look.value("nvidia.cuda_driver_version")
    found = []
    for build in builds:
        archs = look.value(f"{build.prefix}.arch_list")
        for index in nvidia_gpus(look):
            capability = look.maybe(f"gpu[{index}].compute_capability")
            if (
                capability
                and covers(archs, capability, build.cuda) == "ptx"
                and version_lt(reported, build.cuda)
            ):
                found.append(
                    fail(
                        f"gpu:{index}",
                        framework=f"{build.framework} {build.version}",
                        cuda=build.cuda,
                        reported=reported,
                    )
                )
    return found or passed()


# from 0.4 on XLA links by itself where the driver is older than the toolkit (jax issue 5723, comment of 2022-12-06)
_LINKS_BY_DRIVER = (0, 4)


def _linked_by_old_driver(look: Look) -> Verdict | None:
    """Find an old jaxlib without its kernels, which the toolkit here compiled for a driver that cannot link them."""
    jaxlib, toolkit = look.maybe("jax.jaxlib_version"), look.maybe("cuda.nvcc_version")
    reported = look.maybe("nvidia.cuda_driver_version")
    if not (jaxlib and toolkit and reported and look.maybe("log.no_kernel_image")):
        return None
    if release(jaxlib)[:2] >= _LINKS_BY_DRIVER or not version_lt(reported, toolkit):
        return None
    who = f"jaxlib {jaxlib}, which compiles with the toolkit here,"
    return fail("jax", framework=who, cuda=toolkit, reported=reported)
