"""Builds that leave an accelerator unused: for the CPU alone, or for another maker's card."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from auditor.engine.amd_targets import compiled_targets
from auditor.engine.arch import number
from auditor.engine.look import Look, Undecided
from auditor.engine.lookup import NotInTable
from auditor.engine.subjects import (
    cuda_builds,
    does_without_gpu,
    has_vendor,
    is_jetson,
    lacks_vendor,
    nvidia_gpus,
)
from auditor.engine.verdict import Verdict, fail, not_applicable, passed, unknown
from auditor.engine.versions import local, minor, parse
from auditor.knowledge.tables import table
from auditor.model.finding import Severity

Options = Mapping[str, Any]

_AMD_CARD = re.compile(
    r"\brx ?(?:6[6-9]|7[6-9]|90)\d0|instinct|\bmi[123]\d\d|radeon pro w[67]", re.IGNORECASE
)
# the cards to buy; the graphics inside a processor may idle in peace
_INTEL_CARD = re.compile(
    r"\barc\b\W{0,3}(?:\(?tm\)?\W{0,2})?(?:pro )?[ab]\d{2,3}m?\b|data cent(?:er|re) gpu (?:max|flex)",
    re.IGNORECASE,
)
# torch wheels of the cu126 index reach down to here (rules/tables/torch_archs)
_OLDEST_USABLE = 50


_NO_GPU_WANTED = "what is wanted of this machine does without a GPU"


def cpu_only_build(look: Look, _: Options) -> list[Verdict] | Verdict:
    """Find builds for the CPU alone on a machine whose GPU they could use."""
    if does_without_gpu(look):
        return not_applicable(_NO_GPU_WANTED)
    if lacks_vendor(look, "nvidia", "amd"):
        return not_applicable("no GPU here that a build for GPUs could use")
    present = [prefix for prefix in ("torch", "tensorflow") if look.maybe(f"{prefix}.version") is not None]
    if not present and look.maybe("torch.build") == "cpu":
        present = ["torch"]  # its release was not told
    if not present and not any(look.value(f"{prefix}.version") for prefix in ("torch", "tensorflow")):
        return not_applicable("neither torch nor TensorFlow is installed")
    if is_jetson(look):
        return not_applicable("a Jetson has wheels of its own")
    gpu = usable_gpu(look)
    if not gpu:
        return not_applicable("no GPU here that a build for GPUs could use")
    return [_judged(look, prefix, gpu) for prefix in present]


def _judged(look: Look, prefix: str, gpu: str) -> Verdict:
    framework = "pytorch" if prefix == "torch" else prefix
    if prefix == "tensorflow" and look.maybe("os.platform") == "windows":
        return not_applicable("TensorFlow has no GPU support on native Windows", framework)
    if _has_accelerator(look, framework) or not _is_cpu_build(look, prefix):
        return passed(framework)
    version = look.maybe(f"{prefix}.version") or "(version not told)"
    severity = "warning" if _on_purpose(look, prefix) else idle_severity(look)
    return fail(framework, framework=framework, version=version, gpu=gpu, severity=severity, variant=prefix)


def _has_accelerator(look: Look, framework: str) -> bool:
    """Return whether the framework lists more than the CPU: a plug-in (Ascend, Gaudi) may bring what its build lacks."""
    return any("cpu" not in str(name).lower() for name in look.maybe(f"smoke.{framework}.devices") or [])


def _is_cpu_build(look: Look, prefix: str) -> bool:
    if prefix == "torch":
        if look.maybe("torch.cuda_build") or look.maybe("torch.hip_build"):
            return False
        return bool(look.value("torch.build") == "cpu")
    return (
        look.value("tensorflow.cuda_build") is None
        and look.maybe("tensorflow.distribution") != "tensorflow-rocm"
    )


def _on_purpose(look: Look, prefix: str) -> bool:
    """Return whether the build was asked for by name: a nightly for the CPU comes from an index of its own."""
    version = str(look.maybe(f"{prefix}.version", ""))
    return bool(version) and local(version) == "cpu" and parse(version).is_prerelease


def idle_severity(look: Look) -> Severity | None:
    """Return how grave an idle GPU is, None for the card's own.

    One that another framework here uses is not idle for want of a build; one too old for all neither.
    """
    capabilities = [look.maybe(f"gpu[{index}].compute_capability") for index in nvidia_gpus(look)]
    known = [number(capability) for capability in capabilities if capability]
    if known and max(known) < _OLDEST_USABLE:
        return "note"
    try:
        return "warning" if cuda_builds(look) or look.maybe("torch.hip_build") else None
    except Undecided:
        return None


def usable_gpu(look: Look) -> str:
    """Return the name of a GPU that some build of the frameworks can use, or an empty text."""
    if has_vendor(look, "nvidia"):
        cards = look.maybe("nvidia.pci_gpus") or []
        if cards and all(card.get("driver") == "vfio-pci" for card in cards):
            return ""
        names = [look.maybe(f"gpu[{index}].name") for index in nvidia_gpus(look)]
        return str(next((name for name in names if name), "the NVIDIA GPU"))
    return "the AMD GPU" if has_vendor(look, "amd") and rocm_targets(look) else ""


def rocm_targets(look: Look) -> list[str]:
    """Return the AMD targets here for which torch's ROCm wheels of any release carry code."""
    supported = {target for row in table("rocm_gfx").all() for target in row["gfx"]}
    return [target for target in look.value("amd.gfx_targets") or [] if target in supported]


def jax_cpu_only(look: Look, _: Options) -> Verdict:
    """Find a JAX without an accelerator plugin where there is a GPU that it could use."""
    if does_without_gpu(look):
        return not_applicable(_NO_GPU_WANTED)
    if lacks_vendor(look, "nvidia"):
        return not_applicable("no NVIDIA GPU")
    if look.value("jax.version") is None:
        return not_applicable("JAX is not installed")
    if not has_vendor(look, "nvidia"):
        return not_applicable("no NVIDIA GPU")
    if look.maybe("os.platform") in ("windows", "darwin"):
        return not_applicable("JAX has no CUDA build for this system")
    jaxlib = look.value("jax.jaxlib_version")
    if look.maybe("jax.plugins") or (jaxlib and "cuda" in local(jaxlib)):
        return passed("jax")
    devices = look.maybe("smoke.jax.devices") or []
    seen = bool(devices) and all("cpu" in str(device) for device in devices)
    if not seen:  # devices that JAX itself listed tell as much as the plugins do
        look.value("jax.plugins")
    driver = look.maybe("nvidia.driver_version")
    major = _jax_cuda_major(look, driver)
    return fail(
        "jax",
        version=look.value("jax.version"),
        severity=idle_severity(look),
        confidence="likely" if seen and not look.facts["jax.plugins"].is_known else None,
        extra=f"cuda{major}",
    )


def _jax_cuda_major(look: Look, driver: str | None) -> int:
    """Return the CUDA major of the JAX plugin that fits: 13 where driver and cards allow it, else 12."""
    from auditor.engine.cuda import newest_major

    capabilities = [look.maybe(f"gpu[{index}].compute_capability") for index in nvidia_gpus(look)]
    new_cards = all(number(capability) >= 75 for capability in capabilities if capability)
    return 13 if driver and newest_major(driver, look.maybe("os.platform")) >= 13 and new_cards else 12


def wrong_vendor_build(look: Look, _: Options) -> Verdict:
    """Find a torch built for a maker whose cards are not here, beside another's card that is."""
    said = look.maybe("log.no_driver") and look.maybe("torch.build") is None
    if said and look.maybe("accelerators.vendors") == ["amd"]:
        return fail("pytorch", build="CUDA", here="AMD", variant="amd", confidence="likely")
    if look.value("torch.version") is None:
        return not_applicable("torch is not installed")
    intel = _has_card(look, _INTEL_CARD)
    if lacks_vendor(look, "nvidia", "amd") and not intel:
        return not_applicable("no GPU of NVIDIA or AMD, and no card of Intel")
    build = str(look.value("torch.build"))
    nvidia, amd = has_vendor(look, "nvidia"), has_vendor(look, "amd")
    if build.startswith("rocm") and nvidia and not amd:
        return fail("pytorch", build=build, here="NVIDIA", variant="nvidia")
    if build.startswith("cu") and amd and not nvidia and (_has_card(look, _AMD_CARD) or rocm_targets(look)):
        return fail("pytorch", build=build, here="AMD", variant="amd")
    if build.startswith(("cu", "rocm")) and intel and not nvidia and not amd:
        return fail("pytorch", build=build, here="Intel", variant="intel")
    return passed("pytorch")


def _has_card(look: Look, pattern: re.Pattern[str]) -> bool:
    """Return whether a card bears a name of those that compute; integrated ones may idle in peace."""
    names = [str(look.maybe(f"gpu[{index}].name", "")) for index in look.facts.instances("gpu")]
    return any(pattern.search(name) for name in names)


def rocm_gfx_unsupported(look: Look, _: Options) -> list[Verdict] | Verdict:
    """Hold the AMD cards' targets against those compiled into torch."""
    if lacks_vendor(look, "amd"):
        return not_applicable("no AMD GPU")
    hip = look.value("torch.hip_build")
    if hip is None:
        return not_applicable("torch is not built for ROCm")
    targets = look.value("amd.gfx_targets")
    if not targets:
        return not_applicable("no AMD GPU that computes")
    compiled = [str(arch).partition(":")[0] for arch in look.maybe("torch.arch_list") or []]
    if not compiled:
        try:
            compiled = compiled_targets(hip, look.maybe("torch.version", ""))
        except NotInTable as error:
            return unknown(f"torch.arch_list: {error}")
        look.cite(table("rocm_gfx"))
    override = (look.maybe("env.variables") or {}).get("HSA_OVERRIDE_GFX_VERSION")
    missing = [target for target in targets if target not in compiled]
    if not missing or override:
        return passed()
    everything = len(missing) == len(targets)
    override = _relative(missing, compiled)
    return fail(
        missing=", ".join(missing),
        compiled=", ".join(compiled),
        severity=None if everything else "warning",
        override=override,
        variant="" if override else "alone",
    )


def _relative(missing: list[str], compiled: list[str]) -> str:
    """Return the version under which all these targets run a relative's code; empty where there is none."""
    rows = table("amd_relatives").all()
    found = {
        next(
            (
                row["override"]
                for row in rows
                if name.startswith(row["prefix"]) and row["relative"] in compiled
            ),
            "",
        )
        for name in missing
    }
    return str(found.pop()) if len(found) == 1 else ""


def jetson_wrong_wheel(look: Look, _: Options) -> Verdict:
    """Find a torch on a Jetson that was not built for it."""
    if not is_jetson(look):
        return not_applicable("no Jetson")
    if look.facts["torch.version"].state == "unknown" and look.maybe("smoke.pytorch.devices") == ["cpu"]:
        return fail(
            "pytorch", version="here", what="the CPU alone", confidence="possible", severity="warning"
        )
    if look.value("torch.version") is None:
        return not_applicable("torch is not installed")
    version = str(look.value("torch.version"))
    # NVIDIA's wheels for Jetson bear a local part; PyPI's for Arm are for the CPU
    plain = not local(version) and look.maybe("smoke.pytorch.devices") == ["cpu"]
    if plain and look.facts["torch.build"].state == "unknown":
        return fail("pytorch", version=version, what="the CPU alone", confidence="likely")
    if _for_servers(look, version):
        return fail("pytorch", version=version, what="servers with Arm processors")
    for_cpu = look.maybe("torch.cuda_build") is None and look.value("torch.build") == "cpu"
    return fail("pytorch", version=version, what="the CPU alone") if for_cpu else passed("pytorch")


def _for_servers(look: Look, version: str) -> bool:
    """Return whether a release's local part names CUDA 12 or older as download.pytorch.org's wheels do.

    Those for Arm are compiled for servers; from CUDA 13 on one build is for both.
    """
    unseen = look.maybe("smoke.pytorch.devices") == ["cpu"]
    build = local(version) or str(look.maybe("torch.build") or "" if unseen else "")
    named = build.startswith("cu") and build[2:].isdigit()
    return named and int(build[2:-1]) < 13 and look.maybe("smoke.pytorch.devices") != ["cpu", "cuda:0"]


def tf_windows_native(look: Look, _: Options) -> Verdict:
    """Find a TensorFlow after 2.10 on native Windows beside an NVIDIA GPU."""
    if look.value("os.platform") != "windows":
        return not_applicable("not native Windows")
    version = look.value("tensorflow.version")
    if version is None or any(
        row["name"] == "tensorflow-directml-plugin" for row in look.maybe("python.distributions") or []
    ):
        return not_applicable("TensorFlow is not installed, or it uses DirectML")
    if not has_vendor(look, "nvidia"):
        return not_applicable("no NVIDIA GPU")
    return fail("tensorflow", version=version) if minor(version) > (2, 10) else passed("tensorflow")
