"""Each AMD GPU by the driver's own files: memory errors, retired pages, heat, clocks, leftovers."""

from __future__ import annotations

from auditor.host.formats.pci import sysfs_address
from auditor.host.protocol import Host, NotRecorded
from auditor.model.fact import Fact, Facts, absent, computed, file, known, unknown
from auditor.probes.base import Collected, Probe, read_or_none
from auditor.probes.node.rows import Row, blind, figure, median

_DEVICES = "/sys/bus/pci/devices"
_KFD = "/sys/class/kfd/kfd/proc"
_BUSY = 50  # per cent: an idle card lowers its clock on purpose


def collect(host: Host, facts: Facts) -> Collected:
    """Return node.amd_cards and node.kfd_processes."""
    count = facts["amd.gpu_count"]
    if count.state == "unknown":
        return {"node.amd_cards": count, "node.kfd_processes": count}
    ours = [i for i in facts.instances("gpu") if facts.value(f"gpu[{i}].vendor") == "amd"]
    rows = [_card(host, facts, i) for i in ours]
    clocks = [row["clock_mhz"] for row in rows if row["clock_mhz"]]
    boards = {row["vbios"] for row in rows} - {None}
    for row in rows:
        at_work = row["clock_mhz"] and (row["busy_percent"] or 0) >= _BUSY
        row["clock_of_median_percent"] = round(100 * row["clock_mhz"] / median(clocks)) if at_work else None
        for cause in ("clock_mhz", "busy_percent"):
            if cause in row.get("unknown", ()):
                blind(row, "clock_of_median_percent", row["unknown"][cause])
        row["same_firmware"] = len(boards) <= 1
        if "vbios" in row.get("unknown", ()) and len(boards) <= 1:
            row["same_firmware"] = None
            blind(row, "same_firmware", row["unknown"]["vbios"])
    where = file(f"{_DEVICES}/*/ras", f"{len(rows)} cards")
    return {"node.amd_cards": known(rows, where), "node.kfd_processes": _processes(host, bool(ours))}


def _card(host: Host, facts: Facts, index: int) -> Row:
    address = facts.value(f"gpu[{index}].pci_bus_id")
    row: Row = {"index": index, "name": facts.value(f"gpu[{index}].name"), "clock_mhz": None, "vbios": None, "busy_percent": None}  # fmt: skip
    if address is None:
        return {**row, "unknown_because": "its PCI address is not known"}
    folder = f"{_DEVICES}/{sysfs_address(address)}"
    _errors(row, host, f"{folder}/ras")
    _margin(row, host, f"{folder}/hwmon")
    figure(row, "memory_used_mib", host, f"{folder}/mem_info_vram_used", lambda text: int(text) >> 20)
    figure(row, "busy_percent", host, f"{folder}/gpu_busy_percent")
    figure(row, "clock_mhz", host, f"{folder}/pp_dpm_sclk", _clock)
    figure(row, "vbios", host, f"{folder}/vbios_version", str)
    return row


def _errors(row: Row, host: Host, folder: str) -> None:
    """Put the error counts of all blocks ("ue: 0" and "ce: 0") and the pages that wait for a reset.

    A bad page's line ends in R (retired), P (pending) or F (failed): amdgpu's RAS documentation.
    """
    row |= {"ecc_uncorrected": None, "ecc_corrected": None}
    try:
        names = host.listdir(folder)
    except FileNotFoundError:
        names = []
    except (OSError, NotRecorded) as error:
        for field in ("ecc_uncorrected", "ecc_corrected", "bad_pages_waiting"):
            blind(row, field, str(error))
        return
    for name in (name for name in names if name.endswith("_err_count")):
        seen: Row = {}
        counts = figure(seen, name, host, f"{folder}/{name}", _counts) or {}
        for kind in ("ecc_uncorrected", "ecc_corrected"):
            if kind in counts:
                row[kind] = (row[kind] or 0) + counts[kind]
            for why in seen.get("unknown", {}).values():
                blind(row, kind, why)
    for kind in set(row.get("unknown", ())) & {"ecc_uncorrected", "ecc_corrected"}:
        row[kind] = row[kind] or None  # none seen, and not all could be read
    figure(row, "bad_pages_waiting", host, f"{folder}/gpu_vram_bad_pages", _waiting)


def _counts(text: str) -> dict[str, int]:
    pairs = [line.partition(":") for line in text.splitlines()]
    kinds = {"ue": "ecc_uncorrected", "ce": "ecc_corrected"}
    return {kinds[kind.strip()]: int(number) for kind, _, number in pairs if kind.strip() in kinds}


def _waiting(text: str) -> int:
    return sum(line.rpartition(":")[2].strip() in ("P", "F") for line in text.splitlines())


def _margin(row: Row, host: Host, folder: str) -> None:
    """Put the degrees that the hottest sensor is below its own critical temperature (millidegrees)."""
    left = []
    seen: Row = {}
    try:
        chips = host.listdir(folder)
    except (FileNotFoundError, NotADirectoryError):
        chips = []
    except (OSError, NotRecorded) as error:
        chips = []
        blind(seen, "below_critical_c", str(error))
    for chip in chips:
        for number in range(1, 4):
            now, most = (
                figure(seen, end, host, f"{folder}/{chip}/temp{number}_{end}") for end in ("input", "crit")
            )
            if now is not None and most:
                left.append((most - now) // 1000)
    row["below_critical_c"] = min(left, default=None)
    if not left and seen.get("unknown"):
        blind(row, "below_critical_c", next(iter(seen["unknown"].values())))


def _clock(text: str) -> int:
    """Return the clock in use of a list such as `1: 1700Mhz *`."""
    now = next((line for line in text.splitlines() if line.rstrip().endswith("*")), "")
    return int(now.partition(":")[2].strip().lower().partition("mhz")[0])


def _processes(host: Host, present: bool) -> Fact:
    """Return who holds a compute queue: the driver keeps a folder for each such process."""
    if not present:
        return known([], computed("amd.gpu_count"))
    try:
        pids = [name for name in host.listdir(_KFD) if name.isdigit()]
    except FileNotFoundError:
        return absent("the driver lists no compute processes", file(_KFD))
    except (OSError, NotRecorded) as error:
        return unknown(str(error), file(_KFD))
    rows = [{"pid": int(pid), "name": read_or_none(host, f"/proc/{pid}/comm") or ""} for pid in pids]
    return known(rows, file(_KFD))


PROBE = Probe(
    name="node/amd_cards",
    needs=("amd.gpu_count",),
    provides=("node.amd_cards", "node.kfd_processes"),
    platforms=("linux",),
    collect=collect,
    cost=0.01,
    deadline=1.5,
)
