"""The state of the GPUs as a node-health check sees it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from auditor.engine.look import Look, Undecided
from auditor.engine.subjects import gpu_name
from auditor.engine.verdict import Verdict, fail, not_applicable, passed, unknown
from auditor.knowledge.tables import table
from auditor.model.finding import Severity

Options = Mapping[str, Any]

_YES = (True, 1, "Yes", "yes", "Pending", "pending")


def xid_errors(look: Look, options: Options) -> list[Verdict] | Verdict:
    """Report XID lines whose code calls for action; `only` and `but` choose codes."""
    rows = {row["code"]: row for row in table("xids").all()}
    seen: dict[tuple[str, int], None] = {}
    for address, code in look.value("nvidia.xids") or []:
        if int(code) in rows and _wanted(int(code), options):
            seen[str(address), int(code)] = None
    if seen:
        look.cite(table("xids"))
    return [
        fail(
            f"gpu {address}",
            code=code,
            address=address,
            meaning=rows[code]["meaning"],
            action=rows[code]["action"],
            severity=rows[code]["severity"],
        )
        for address, code in seen
    ] or passed()


def _wanted(code: int, options: Options) -> bool:
    return code in options["only"] if "only" in options else code not in options.get("but", ())


def row_remap_pending(look: Look, _: Options) -> list[Verdict] | Verdict:
    """Find rows or pages that wait for a reset, and remaps that failed."""
    return _each(look, _remap) or not_applicable("no GPU of NVIDIA is described")


def _each(look: Look, judge: Callable[[Look, int], Verdict]) -> list[Verdict]:
    """Judge NVIDIA's cards one by one: what cannot be known of one hides no fault of another."""
    found = []
    for index in look.facts.instances("gpu"):
        if look.maybe(f"gpu[{index}].vendor", "nvidia") != "nvidia":
            continue
        try:
            found.append(judge(look.bind("gpu", index), index))
        except Undecided as error:
            found.append(unknown(*error.because, subject=f"gpu:{index}"))
    return found


def _remap(look: Look, index: int) -> Verdict:
    subject = f"gpu:{index}"
    rows, pages = look.value("gpu[i].remapped_rows"), look.value("gpu[i].retired_pages")
    repair = look.maybe("gpu[i].repair") or {}
    if rows is None and pages is None and not repair:
        return not_applicable("this card counts neither rows nor pages", subject)
    if rows and rows.get("failure") in _YES:
        return fail(
            subject,
            gpu=gpu_name(look, index),
            index=str(index),
            what="a row remap failed",
            variant="failure",
            severity="error",
        )
    waits = [
        name
        for name, state in (("a row remap", rows), ("a page retirement", pages))
        if state and state.get("pending") in _YES
    ]
    waits += [f"a {name} repair" for name in ("channel", "tpc") if repair.get(name) in _YES]
    return (
        fail(subject, gpu=gpu_name(look, index), index=str(index), what=f"{waits[0]} waits for a reset")
        if waits
        else passed(subject)
    )


def nvlink_down(look: Look, _: Options) -> list[Verdict] | Verdict:
    """Find cards with some links up and some down; a card with none up has no bridge."""
    return _each(look, _links) or not_applicable("no GPU of NVIDIA is described")


def _links(look: Look, index: int) -> Verdict:
    links = look.value("gpu[i].nvlinks")
    if not links:
        return not_applicable("this card has no NVLink", f"gpu:{index}")
    down = [str(link["link"]) for link in links if not link["active"]]
    if not down or len(down) == len(links):
        return passed(f"gpu:{index}")
    return fail(f"gpu:{index}", gpu=gpu_name(look, index), down=", ".join(down), total=len(links))


def pcie_link_degraded(look: Look, _: Options) -> list[Verdict] | Verdict:
    """Find links narrower than card and slot allow, or slower while the card works.

    An idle card lowers its link's generation to save power, so that counts under load alone. Half the
    width on every card is how many boards and clouds share their lanes: a note.
    """
    widths = {i: look.maybe(f"gpu[{i}].pcie_width") for i in look.facts.instances("gpu")}
    known = {index: width for index, width in widths.items() if width}
    if not known:
        return not_applicable("no PCIe link is described")
    alike = len(set(known.values())) == 1
    blind = [index for index in widths if look.facts[f"gpu[{index}].pcie_width"].state == "unknown"]
    return [
        *(_pcie(look.bind("gpu", index), index, width, alike) for index, width in known.items()),
        *(unknown(f"gpu[{i}].pcie_width: it cannot be read", subject=f"gpu:{i}") for i in blind),
    ]


def _pcie(look: Look, index: int, width: int, alike: bool) -> Verdict:
    most = look.value("gpu[i].pcie_width_max")
    if most and width < most:
        shared: Severity | None = "note" if alike and 2 * width >= most else None
        return fail(
            f"gpu:{index}", gpu=gpu_name(look, index), now=f"x{width}", best=f"x{most}", severity=shared
        )
    now, best = look.maybe("gpu[i].pcie_generation"), look.maybe("gpu[i].pcie_generation_max")
    if now and best and now < best and (look.maybe("gpu[i].utilization_percent") or 0) >= 50:
        return fail(
            f"gpu:{index}", gpu=gpu_name(look, index), now=f"generation {now}", best=f"generation {best}"
        )
    return passed(f"gpu:{index}")


_TOOLS = {"tool": "nvidia-smi", "nvml": "NVML"}


def vendor_tool_failed(look: Look, options: Options) -> Verdict:
    """Report NVIDIA's tools whose state is among those of `tool` and `nvml`, in their own words."""
    said = [
        f"{name} {look.maybe(f'nvidia.{key}_state')}: {look.maybe(f'nvidia.{key}_error') or 'it gave no reason'}"
        for key, name in _TOOLS.items()
        if look.maybe(f"nvidia.{key}_state") in options[key]
    ]
    if said:
        return fail(said="; ".join(said))
    for key in _TOOLS:
        look.value(f"nvidia.{key}_state")
    return passed()
