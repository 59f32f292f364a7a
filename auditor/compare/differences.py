"""What differs between reports: facts, packages, variables, workloads and findings, ranked."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from auditor.compare.importance import ORDER, Importance, importance
from auditor.compare.rules import general
from auditor.compare.told import MISSING, Told, rests


class Difference(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One thing that is not alike. `values` are in the reports' order, as text; `explains` are rules (FWA201).

    Where a report never looked, as an audit of another level or version does, it is not `comparable` and explains nothing.
    """

    key: str
    kind: str
    importance: Importance
    values: tuple[str, ...]
    explains: tuple[str, ...] = ()
    comparable: bool = True


class Comparison(msgspec.Struct, frozen=True, kw_only=True):
    """Reports against each other: what differs, gravest first; `same` where nothing but noise does."""

    names: tuple[str, ...]
    verdicts: tuple[str, ...]
    same: bool
    differences: tuple[Difference, ...]
    levels: tuple[str, ...] = ()

    @property
    def levels_differ(self) -> bool:
        """Return whether the reports looked at different things by their own choice."""
        return len(set(self.levels)) > 1


def compare(told: Sequence[Told], tolerance: float | None = None) -> Comparison:
    """Compare what reports told.

    Figures within `tolerance` (0.1 = 10 %) of each other count as alike; without one, what a
    workload measured is noise, since it is never the same twice.
    """
    because = rests(told)
    keys = dict.fromkeys(key for report in told for key in report.values)
    found = []
    for key in keys:
        values = [report.values.get(key, MISSING) for report in told]
        if not alike(values, tolerance or 0.0):
            found.append(_difference(key, values, because, measured=tolerance is not None))
    found.sort(key=_rank)
    return Comparison(
        names=tuple(report.name for report in told),
        verdicts=tuple(report.verdict for report in told),
        same=all(difference.importance == "noise" for difference in found),
        differences=tuple(found),
        levels=tuple(report.level for report in told),
    )


_LOOKED_AT = ("fact", "smoke", "rate")  # a package that is not in a list is missing; these were not asked
_KINDS = ("finding", "smoke", "fact", "rate", "package", "component", "variable")


def _rank(difference: Difference) -> tuple[bool, bool, int, int, str]:
    place = _KINDS.index(difference.kind)
    return (
        not difference.comparable,
        not difference.explains,
        ORDER.index(difference.importance),
        place,
        difference.key,
    )


def _difference(
    key: str, values: Sequence[Any], because: Mapping[str, set[str]], *, measured: bool
) -> Difference:
    kind, _, name = key.partition(":")
    comparable = kind not in _LOOKED_AT or not any(value is MISSING for value in values)
    explains = tuple(sorted(because.get(general(key), ()))) if comparable else ()
    rank = _importance(kind, name, values, explains)
    if kind == "rate" and not measured:
        rank = "noise"
    explains = () if rank == "noise" else explains
    return Difference(
        key=name, kind=kind, importance=rank, values=shown(values), explains=explains, comparable=comparable
    )


_PACKAGES = (
    "torch",
    "tensorflow",
    "jax",
    "nvidia-",
    "numpy",
    "triton",
    "keras",
    "libtpu",
    "intel-extension",
    "protobuf",
    "xla",
)
_HARMFUL = (
    "CUDA",
    "NVIDIA",
    "HIP",
    "ROCR",
    "NCCL",
    "TF_",
    "XLA",
    "TORCH",
    "PYTORCH",
    "LD_",
    "PYTHON",
    "JAX",
    "OMP",
)


def _importance(kind: str, name: str, values: Sequence[Any], explains: tuple[str, ...]) -> Importance:
    if explains and importance(name) != "noise":
        return "decisive"
    if kind == "finding":
        graves = {str(value).partition(":")[0] for value in values}
        return "decisive" if "error" in graves else "relevant" if "warning" in graves else "minor"
    if kind == "smoke":
        return "decisive" if set(values) & {"fail", "crash", "timeout"} else "relevant"
    if kind == "rate":
        return "relevant"
    if kind == "package":
        return "relevant" if name.lower().startswith(_PACKAGES) else "minor"
    if kind == "component":
        return "minor"
    if kind == "variable":
        return "relevant" if name.startswith(_HARMFUL) else "minor"
    return importance(name)


def alike(values: Sequence[Any], tolerance: float) -> bool:
    """Return whether all are equal, or all are figures within `tolerance` of the largest."""
    first = values[0]
    if all(value == first for value in values[1:]):
        return True
    if not tolerance or not all(
        isinstance(value, (int, float)) and not isinstance(value, bool) for value in values
    ):
        return False
    return bool(max(values) - min(values) <= tolerance * max(abs(value) for value in values))


def shown(values: Sequence[Any]) -> tuple[str, ...]:
    """Return values as text; of lists only what is not in all of them."""
    lists = [[_text(item) for item in value] for value in values if isinstance(value, list)]
    if len(lists) < len(values):
        return tuple(_text(value) for value in values)
    common = set(lists[0]).intersection(*lists[1:])
    alone = [[word for word in words if word not in common] for words in lists]
    if not common or not any(alone):
        return tuple(_text(value) for value in values)
    return tuple("... + " + ", ".join(words) if words else "..." for words in alone)


def _text(value: Any) -> str:
    if isinstance(value, str):
        return value
    if isinstance(value, float):
        return f"{value:.10g}" if value.is_integer() else f"{value:.6g}"
    try:
        return msgspec.json.encode(value, order="sorted").decode()
    except UnicodeEncodeError:
        return str(value)
