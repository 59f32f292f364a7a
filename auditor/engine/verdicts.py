"""What this machine shows of each claim of the comparison: verified, contradicted, unverified, or impossible here."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from auditor.knowledge.criteria import Criterion, Side
from auditor.model.cut import head
from auditor.model.fact import EXCERPT_LIMIT, Evidence, Facts
from auditor.model.recommendation import CriterionResult, Plan, Verdict
from auditor.model.smoke import SmokeResult

_BROKEN_IMPORT = ("crash", "hang", "failed")
_BROKEN_RUN = ("fail", "crash", "timeout")

Shown = tuple[Verdict, tuple[Evidence, ...]]


def judge(
    criteria: Iterable[Criterion],
    facts: Facts,
    smoke: Sequence[SmokeResult],
    plans: Mapping[str, Plan],
) -> tuple[CriterionResult, ...]:
    """Return one result for each criterion and framework, in the order of `criteria`."""
    results = []
    for criterion in criteria:
        for framework, side in criterion.sides():
            verdict, evidence = _verdict(side, framework, facts, smoke, plans.get(framework))
            results.append(
                CriterionResult(
                    id=criterion.id,
                    title=criterion.title,
                    framework=framework,
                    published=side.published.says if side.published else "",
                    today=side.today.says,
                    source=side.today.source,
                    date=side.today.date,
                    verdict=verdict,
                    evidence=evidence or _why_unverified(criterion, side, facts),
                )
            )
    return tuple(results)


def _verdict(
    side: Side, framework: str, facts: Facts, smoke: Sequence[SmokeResult], plan: Plan | None
) -> Shown:
    """Return the first of: import broken, no accelerator, workloads, no build for it, components."""
    if not side.is_checkable:
        return "unverified", ()
    imported = f"smoke.{framework}.import"
    if facts.value(imported) in _BROKEN_IMPORT:
        return "contradicted", (_seen(imported, f"importing it here: {facts.value(imported)}"),)
    if side.vendors and not _vendor_here(side, facts):
        return ("impossible" if facts["accelerators.vendors"].is_known else "unverified"), ()
    ran = _from_workloads(side, framework, smoke)
    if ran[0] != "unverified":
        return ran
    if side.vendors and plan and not plan.possible and plan.blocked_by and not plan.undecided:
        return ("contradicted" if plan.mendable else "impossible"), (_seen("plan", plan.blocked_by[0]),)
    return _from_components(side, facts)


def _vendor_here(side: Side, facts: Facts) -> bool:
    return any(vendor in side.vendors for vendor in facts.value("accelerators.vendors", ()))


def _from_workloads(side: Side, framework: str, smoke: Sequence[SmokeResult]) -> Shown:
    """A workload that failed contradicts, one that passed verifies, a skipped one says nothing."""
    ours = [result for result in smoke if result.framework == framework and _counts(side, result)]
    broken = [result for result in ours if result.status in _BROKEN_RUN]
    passed = [result for result in ours if result.status == "pass"]
    if broken:
        return "contradicted", tuple(_ran(result) for result in broken[:3])
    if passed:
        return "verified", tuple(_ran(result) for result in passed[:3])
    return "unverified", ()


def _counts(side: Side, result: SmokeResult) -> bool:
    if side.devices:
        return result.device.lower().startswith(side.devices)
    name = result.id.removeprefix(result.framework).lstrip(".:/-_")
    return bool(side.workloads) and name.startswith(side.workloads)


def _from_components(side: Side, facts: Facts) -> Shown:
    """One component that fits verifies; where some are installed and none fits, that contradicts."""
    rows = [row for row in facts.value("components", ()) if row.get("installed") and _named(row, side)]
    fitting = [row for row in rows if row.get("fits") is True]
    misfits = [row for row in rows if row.get("fits") is False]
    if fitting:
        return "verified", tuple(_component(row) for row in fitting[:3])
    if misfits:
        return "contradicted", tuple(_component(row) for row in misfits[:3])
    return "unverified", ()


def _named(row: Mapping[str, Any], side: Side) -> bool:
    names = (str(row.get(key) or "").lower().replace("_", "-") for key in ("distribution", "slug"))
    return any(name in side.components for name in names)


def _component(row: Mapping[str, Any]) -> Evidence:
    said = "fits" if row.get("fits") else f"does not fit: {row.get('why') or 'no reason given'}"
    return _seen("components", f"{row.get('name') or row.get('slug')} {row.get('version') or ''} {said}")


def _ran(result: SmokeResult) -> Evidence:
    where = f" on {result.device}" if result.device else ""
    reason = f": {result.reason}" if result.reason else ""
    return _seen("smoke.results", f"{result.id}{where}: {result.status}{reason}")


def _why_unverified(criterion: Criterion, side: Side, facts: Facts) -> tuple[Evidence, ...]:
    """Say what was missing, so that unverified never reads as fine."""
    if criterion.not_checked:
        return (_seen(criterion.id, criterion.not_checked),)
    if side.vendors and not facts["accelerators.vendors"].is_known:
        return (_seen("accelerators.vendors", "which accelerators there are could not be looked at"),)
    if side.vendors and not _vendor_here(side, facts):
        return (_seen("accelerators.vendors", f"none of {', '.join(side.vendors)} is here"),)
    if not side.is_checkable:
        return (_seen(criterion.id, "nothing is known yet by which a machine shows it"),)
    wanted = ", ".join(dict.fromkeys((*side.workloads, *side.components)))
    return (
        _seen(
            "smoke.results", f"nothing ran or is installed that shows it ({wanted or 'any workload on it'})"
        ),
    )


def _seen(ref: str, excerpt: str) -> Evidence:
    return Evidence("computed", ref, head(excerpt, EXCERPT_LIMIT))
