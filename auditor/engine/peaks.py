"""What a data sheet promises of a device, and what was measured held against it and against its siblings."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from typing import Any

import msgspec

from auditor.knowledge.tables import Row, table
from auditor.model.fact import Fact, Facts, absent, computed, known
from auditor.model.smoke import SmokeResult

# a workload's figure -> what of the data sheet it is held against; `gflops` is of the precision that it names
_FIGURES = {
    "gflops": "",
    "float32_tflops": "float32",
    "tf32_tflops": "tf32",
    "bfloat16_tflops": "bfloat16",
    "float16_tflops": "float16",
    "float8_tflops": "float8",
    "int8_tops": "int8",
    "on_device_gib_s": "memory",
    "host_to_device_gib_s": "pcie",
    "device_to_host_gib_s": "pcie",
    "bus_gib_s": "nvlink",
}
# sheets print TFLOP/s and GB/s; a link's rate counts both ways together, of which a ring fills one
_UNITS = {"gflops": 1e3, "tflops": 1.0, "tops": 1.0, "gib_s": 1e9 / 2**30}
_HALVED = {"nvlink": 0.5}
_MAKERS = re.compile(r"\b(nvidia|tesla|geforce)\b")


def peak(device: str, precision: str) -> float | None:
    """Return a device's peak by its data sheet, None where no sheet that we know states it.

    Args:
        device: its name as a driver or framework gives it, "NVIDIA H100 80GB HBM3".
        precision: "float32", "tf32", "float16", "bfloat16", "float8" (TFLOP/s, dense), "int8" (TOP/s),
            "memory" (GB/s) or "nvlink" (GB/s, both ways together).

    Raises:
        KeyError: no such precision.

    """
    row = _row(" ".join(_MAKERS.sub(" ", device.lower()).split()))
    return (float(row[precision]) or None) if row else None


def compared(results: Sequence[SmokeResult], facts: Facts) -> tuple[tuple[SmokeResult, ...], Fact]:
    """Return the results with what their devices should reach, and the fact `smoke.rates`.

    A figure `x` gains `peak_x` in its own unit and `x_percent_of_peak` where a data sheet states it, and
    `x_percent_of_siblings` of the median where several devices of one name were measured alike.
    """
    rows = [row for result in results for row in _figures(result, facts)]
    rows = [_known_only({**row, "of_siblings": _of_siblings(row, rows)}) for row in rows]
    told = tuple(_told(result, rows) for result in results)
    if not rows:
        return told, absent("no accelerator's rate was measured", computed("smoke.results"))
    return told, known(rows, computed("smoke.results"), _cited())


def _cited() -> Any:
    source = table("device_peaks")
    return computed(f"rules/tables/{source.name} ({source.date})")


@cache
def _row(name: str) -> Row | None:
    rows = table("device_peaks").named("devices")
    return next((row for row in rows if re.fullmatch(row["pattern"], name)), None)


def _figures(result: SmokeResult, facts: Facts) -> Iterator[dict[str, Any]]:
    """Yield a row for each rate that a workload reached on an accelerator whose name is known."""
    name = result.metrics.get("device_name")
    if result.status != "pass" or not name:
        return
    for metric, precision in _FIGURES.items():
        rate = result.metrics.get(metric)
        if isinstance(rate, (int, float)) and rate > 0:
            ideal = _ideal(str(name), precision or _stated(result.metrics), metric, result.device, facts)
            yield {
                "framework": result.framework, "id": result.id, "device": result.device, "name": name,
                "metric": metric, "rate": rate, "peak": ideal,
                "of_peak": round(100 * rate / ideal, 1) if ideal else None,
            }  # fmt: skip


def _stated(metrics: Mapping[str, Any]) -> str:
    return str(metrics.get("precision", ""))


def _ideal(name: str, precision: str, metric: str, device: str, facts: Facts) -> float | None:
    """Return the peak in the figure's own unit."""
    if not precision:
        return None
    value = _pcie(device, facts) if precision == "pcie" else peak(name, precision)
    if value is None:
        return None
    unit = next(factor for suffix, factor in _UNITS.items() if metric.endswith(suffix))
    return round(value * _HALVED.get(precision, 1.0) * unit, 2)


def _pcie(device: str, facts: Facts) -> float | None:
    """Return GB/s one way over the card's PCI Express link, where its place among the visible ones is known."""
    kind, _, number = device.partition(":")
    order = facts.value("env.visible_gpus")
    if kind.lower() not in ("cuda", "gpu") or not number.isdigit() or not order or int(number) >= len(order):
        return None
    card = f"gpu[{order[int(number)]}]"
    lanes = facts.value(f"{card}.pcie_width_max")
    generation = str(facts.value(f"{card}.pcie_generation_max"))
    rates = {row["generation"]: row["lane"] for row in table("device_peaks").named("pcie")}
    return lanes * rates[generation] if lanes and generation in rates else None


def _of_siblings(row: Mapping[str, Any], rows: Sequence[Mapping[str, Any]]) -> float | None:
    """Return percent of the median over all devices of this name, None where it is the only one."""
    alike = [r["rate"] for r in rows if _kind(r) == _kind(row)]
    from statistics import median  # a hundredth of a scan's time, and few machines have siblings

    return round(100 * row["rate"] / median(alike), 1) if len(alike) > 1 else None


def _kind(row: Mapping[str, Any]) -> tuple[Any, ...]:
    return row["id"], row["metric"], row["name"]


def _known_only(row: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in row.items() if value is not None}


def _told(result: SmokeResult, rows: Sequence[Mapping[str, Any]]) -> SmokeResult:
    more: dict[str, Any] = {}
    for row in rows:
        if (row["id"], row["device"]) == (result.id, result.device):
            metric = row["metric"]
            names = {"peak": f"peak_{metric}"} | {
                key: f"{metric}_percent_{key}" for key in ("of_peak", "of_siblings")
            }
            more |= {name: row[key] for key, name in names.items() if key in row}
    return msgspec.structs.replace(result, metrics={**result.metrics, **more}) if more else result
