"""Limits of the machine and of the container around us."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from auditor.engine.look import Look
from auditor.engine.subjects import has_vendor
from auditor.engine.verdict import Verdict, fail, not_applicable, passed
from auditor.model.finding import Severity

Options = Mapping[str, Any]

_MIB = 1024
# a framework's install and its caches need this much at least; below 100 MiB even a log fails
_LOW_KIB, _FULL_KIB = 1024 * _MIB, 100 * _MIB
_ASKED_FOR = ("NVIDIA_VISIBLE_DEVICES", "NVIDIA_DRIVER_CAPABILITIES")


def container_no_gpu(look: Look, _: Options) -> Verdict:
    """Find a container on a machine with NVIDIA GPUs that was given none of them."""
    runtime = look.value("container.runtime")
    if runtime in (None, "wsl"):
        return not_applicable("not inside a container")
    cards = [card for card in look.maybe("nvidia.pci_gpus") or [] if card.get("driver") != "vfio-pci"]
    variables = look.maybe("env.variables") or {}
    granted = look.maybe("orchestrator.gpus")
    # nvidia-smi that is there and fails, beside a framework that sees no GPU: someone expects one
    fails = bool(look.maybe("log.no_driver")) or (
        look.maybe("nvidia.tool_state") == "failed" and look.maybe("smoke.pytorch.devices") == ["cpu"]
    )
    unseen = look.maybe("smoke.pytorch.devices") == ["cpu"] and look.maybe("torch.build") != "cpu"
    empty = look.maybe("nvidia.tool_state") == "missing" and (unseen or look.maybe("cuda.nvcc_version"))
    if not cards and not granted and not _asks(variables) and not fails:
        # a text shows no bus; a scan of one without a card has answered the question
        open_ = look.facts["nvidia.pci_gpus"].state == "unknown" and not look.maybe("nvidia.gpu_count")
        if runtime in ("docker", "podman", "kubernetes") and (empty or unseen) and open_:
            return fail(runtime=runtime, severity="warning", confidence="possible", variant=_how(runtime))
        return not_applicable("nothing shows an NVIDIA GPU on this host")
    if look.maybe("nvidia.gpu_count") or (not fails and look.value("nvidia.device_nodes")):
        return passed()
    wanted = (
        granted
        or fails
        or _asks(variables)
        or look.maybe("torch.cuda_build")
        or look.maybe("tensorflow.cuda_build")
    )
    return fail(
        runtime=runtime,
        severity=None if wanted else "warning",
        variant=_how(runtime),
        confidence="likely" if fails and not cards else None,
    )


def _asks(variables: Mapping[str, str]) -> bool:
    return variables.get(_ASKED_FOR[0], "void") not in ("", "void", "none")


def _how(runtime: str) -> str:
    return runtime if runtime in ("apptainer", "kubernetes", "podman") else ""


def cpu_quota_ignored(look: Look, _: Options) -> Verdict:
    """Compare the CPUs that may be used with those that libraries will start threads for."""
    usable, assumed = look.value("cpu.usable"), look.value("cpu.assumed_by_libraries")
    if usable is None or assumed is None:
        return not_applicable("the number of CPUs is not limited")
    threads = max(1, math.floor(usable))
    if assumed <= math.ceil(usable):
        return passed()
    stated = str((look.maybe("env.variables") or {}).get("OMP_NUM_THREADS", ""))
    if stated.isdigit() and int(stated) <= math.ceil(usable):
        return passed()
    severity: Severity | None = None if assumed >= 2 * usable else "note"
    return fail(usable=f"{usable:g}", assumed=assumed, threads=threads, severity=severity)


def disk_full(look: Look, _: Options) -> list[Verdict] | Verdict:
    """Find file systems where a framework must write and no room is left; places on one of them fold."""
    places: dict[tuple[Any, ...], list[Mapping[str, Any]]] = {}
    for place in look.value("disk.places") or []:
        if place.get("free_kib") is not None and not place.get("read_only"):
            places.setdefault(
                (place.get("filesystem"), place.get("total_kib"), place["free_kib"]), []
            ).append(place)
    found = (_room(group) for group in places.values())
    return [verdict for verdict in found if verdict] or passed()


def _room(group: list[Mapping[str, Any]]) -> Verdict | None:
    free, inodes = group[0]["free_kib"], group[0].get("inodes_free")
    if inodes == 0:
        return _place(group, "no inode is free", "error")
    if free >= _LOW_KIB:
        return None
    return _place(group, f"{free // _MIB} MiB are free", "error" if free < _FULL_KIB else "warning")


def _place(group: list[Mapping[str, Any]], what: str, severity: Severity) -> Verdict:
    roles = ", ".join(dict.fromkeys(str(place["role"]) for place in group))
    return fail(roles, roles=roles, path=group[0]["path"], what=what, severity=severity)


def rocm_permission(look: Look, _: Options) -> Verdict:
    """Find device files of AMD GPUs that this user may not open."""
    if not has_vendor(look, "amd"):
        return not_applicable("no AMD GPU")
    nodes = look.value("amd.device_access") or []
    shut = [node for node in nodes if not (node.get("readable") and node.get("writable"))]
    if not nodes:
        return not_applicable("no device file of an AMD GPU")
    if not shut or not any(
        str(node["path"]).endswith("kfd") or "render" in str(node["path"]) for node in shut
    ):
        return passed()
    groups = ",".join(look.maybe("amd.groups_missing") or ["render", "video"])
    return fail(paths=", ".join(str(node["path"]) for node in shut), groups=groups)


def gpu_count_differs(look: Look, _: Options) -> Verdict:
    """Compare the GPUs on the PCI bus that belong to the nvidia driver with those that it shows."""
    if look.maybe("container.runtime") not in (None, "wsl"):
        return not_applicable("a container may see fewer GPUs than the host")
    shown = look.value("nvidia.gpu_count")
    if not shown:
        return not_applicable("the driver shows no GPU")
    cards = [card for card in look.value("nvidia.pci_gpus") or [] if card.get("driver") == "nvidia"]
    return fail(shown=shown, present=len(cards)) if len(cards) > shown else passed()


def forward_compatibility(look: Look, _: Options) -> Verdict:
    """Find NVIDIA's forward-compatibility libcuda in front on a GeForce, which refuses it."""
    paths = look.value("nvidia.libcuda_paths") or []
    if not paths or "compat" not in paths[0]:
        return not_applicable("no forward-compatibility libcuda is in front")
    names = [str(look.maybe(f"gpu[{index}].name", "")) for index in look.facts.instances("gpu")]
    module, library = look.value("nvidia.kernel_module_version"), look.value("nvidia.libcuda_version")
    if module is None or module == library or not any("geforce" in name.lower() for name in names):
        return passed()
    return fail(path=paths[0], library=library, module=module)
