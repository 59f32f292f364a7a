"""The network between nodes: rates and errors of InfiniBand ports, NCCL's variables, memory of GPUs over RDMA."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from auditor.engine.look import Look, Undecided
from auditor.engine.subjects import has_vendor, is_jetson, nvidia_gpus, wants
from auditor.engine.verdict import Verdict, fail, not_applicable, passed
from auditor.engine.versions import version_ge
from auditor.knowledge.tables import table
from auditor.knowledge.words import nearest

Options = Mapping[str, Any]
Row = Mapping[str, Any]

_ALIKE = 0.9  # difflib's ratio: one or two letters of a variable's name are wrong
_LIKE_ALL = 2  # so many ports of one model at the higher rate make the lower one odd
_SHARE = 0.75  # below this part of the others' rate a port is slow: link speeds go in steps of two or so
_PEERMEM = ("nvidia_peermem", "nv_peer_mem")
# DMA-BUF does without the module from these on (NCCL user guide, NCCL_DMABUF_ENABLE)
_DMABUF_KERNEL, _DMABUF_DRIVER = "5.12", "515"
# cards whose memory adapters cannot reach: consumer boards, and those that share the host's memory
_UNREACHABLE = ("geforce", "titan", "gb10", "orin", "xavier", "thor")


def ib_rate_degraded(look: Look, _: Options) -> list[Verdict] | Verdict:
    """Find an active InfiniBand port that is slower than the other ports of the same model."""
    ports = [row for row in look.value("ib.ports") or [] if _is_active(row) and _is_infiniband(row)]
    if not ports:
        return not_applicable("no InfiniBand port is active")
    models = look.maybe("ib.device_info") or {}
    kinds: dict[str, list[Row]] = {}
    for row in ports:
        kinds.setdefault(str((models.get(row["device"]) or {}).get("type") or row.get("model")), []).append(
            row
        )
    return [slow for rows in kinds.values() for slow in _slow(rows)] or passed()


def _is_active(row: Row) -> bool:
    return "active" in str(row.get("state")).lower()


def _is_infiniband(row: Row) -> bool:
    return row.get("link_layer") == "InfiniBand"


def _slow(rows: Sequence[Row]) -> Iterator[Verdict]:
    """Yield the odd ones out: several ports at one lower rate are another network, by design."""
    rates = Counter(float(row["rate_gbps"]) for row in rows if row.get("rate_gbps"))
    top = max(rates, default=0.0)
    if rates[top] < _LIKE_ALL:
        return
    for row in rows:
        rate = float(row.get("rate_gbps") or top)
        if rate < _SHARE * top and rates[rate] < rates[top]:
            alone = rates[rate] == 1
            yield fail(
                f"{row['device']}/{row['port']}",
                device=row["device"],
                port=f"port {row['port']} of {row['device']}",
                rate=f"{rate:g}",
                usual=f"{top:g}",
                severity=None if alone else "note",
            )


def ib_link_errors(look: Look, options: Options) -> list[Verdict] | Verdict:
    """Find ports whose error counters grow faster than `options` allow, in errors an hour or since boot."""
    ports = look.value("node.fabric_ports")
    if not ports:
        return not_applicable("no InfiniBand or RoCE port is here")
    found = []
    for row in ports:
        counts = [
            f"{row[name]:g} {words}" for name, words, most in options["most"] if (row.get(name) or 0) > most
        ]
        if counts:
            found.append(fail(f"{row['device']}/{row['port']}", device=row["device"],
                port=f"port {row['port']} of {row['device']}",
                              counts=", ".join(counts)))  # fmt: skip
    return found or passed()


def nccl_env_invalid(look: Look, options: Options) -> list[Verdict] | Verdict:
    """Find variables that choose an adapter or interface that is not there (`choose`), and misspelt names of NCCL's."""
    selectors = look.fact("node.fabric_selectors")
    variables = look.value("env.variables") or {}
    found = [*_choices(selectors.value or []), *_misspelt(look, variables)]
    if not found and selectors.state == "unknown" and set(options["choose"]).intersection(variables):
        raise Undecided(f"node.fabric_selectors: {selectors.reason}")
    return found or passed()


def _choices(rows: Sequence[Row]) -> Iterator[Verdict]:
    for row in rows:
        if row.get("missing") or row.get("selected") == []:
            missing = ", ".join(row.get("missing") or [str(row["value"])])
            said = f"{row['variable']}={row['value']} names {missing}, which is not there"
            yield fail(row["variable"], said=said, variable=row["variable"])


def _misspelt(look: Look, variables: Mapping[str, str]) -> Iterator[Verdict]:
    ours = [name for name in variables if name.startswith("NCCL_")]
    if not ours:
        return
    source = table("nccl_variables")
    known = {row["name"] for row in source.all()}
    for name in ours:
        close = "" if name in known else nearest(name, known, _ALIKE)
        if close:
            look.cite(source)
            said = f"{name} is set, which NCCL does not read; it reads {close}"
            yield fail(name, said=said, variable=name, severity="note", confidence="likely")


def peermem_missing(look: Look, _: Options) -> Verdict:
    """Find a host with RDMA ports where no adapter can reach the memory of the GPUs."""
    told = bool(look.maybe("log.gdr_disabled"))
    if not has_vendor(look, "nvidia"):
        return not_applicable("no NVIDIA GPU")
    if not told and not any(_is_active(row) for row in look.value("ib.ports") or []):
        return not_applicable("no RDMA port is active")
    if is_jetson(look) or all(_unreachable(look, index) for index in nvidia_gpus(look) or [0]):
        return not_applicable("no adapter can reach the memory of these cards")
    if set(_PEERMEM).intersection(look.value("nvidia.modules") or []) or _dmabuf(look):
        return passed()
    return fail(severity=None if wants(look, "distributed") else "note")


def _unreachable(look: Look, index: int) -> bool:
    name = str(look.maybe(f"gpu[{index}].name") or "").lower()
    return any(word in name for word in _UNREACHABLE)


def _dmabuf(look: Look) -> bool:
    """Return whether kernel and driver export GPU memory as DMA-BUF, which takes the open kernel modules."""
    kernel = str(look.value("os.kernel") or "").partition("-")[0]
    driver = look.maybe("nvidia.driver_version")
    if not version_ge(kernel, _DMABUF_KERNEL) or (driver and not version_ge(driver, _DMABUF_DRIVER)):
        return False
    return bool(look.value("nvidia.kernel_module_open"))
