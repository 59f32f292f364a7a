"""What was tried: each framework on each device, with the rates reached."""

from __future__ import annotations

from collections.abc import Sequence

from auditor.model.report import Report
from auditor.model.smoke import SmokeResult
from auditor.model.verdict import FAILED
from auditor.render.page import Page, Style, count, listed
from auditor.render.parts.opening import is_processor
from auditor.render.parts.wording import VERSIONS, facts_of, framework, installed, number, shown

_TAIL_LINES = 4  # of a failed workload's last words, unless verbose
RATES = {
    "tflops": "TFLOP/s", "gflops": "GFLOP/s", "gib_s": "GiB/s", "gb_s": "GB/s", "gbps": "Gbit/s",
    "images_per_s": "images/s", "samples_per_s": "samples/s", "tokens_per_s": "tokens/s", "steps_per_s": "steps/s",
}  # fmt: skip
WORDS: dict[str, tuple[str, Style]] = {
    "pass": ("works", "good"), "fail": ("FAILED", "bad"), "crash": ("CRASHED", "bad"), "timeout": ("HUNG", "bad"),
    "skip": ("skipped", "warn"),
}  # fmt: skip


def write(page: Page, report: Report) -> None:
    """Write what was tried, a framework after the other."""
    frameworks = installed(report)
    if not frameworks:
        return
    page.heading("What was tried" if report.smoke else "What is installed")
    for slug in frameworks:
        results = [result for result in report.smoke if result.framework == slug]
        page.row(framework(slug), _about(report, slug, tried=bool(results)))
        # a passed import is told beside the version; one that failed has a row of its own
        for alike in _alike([result for result in results if result.device or result.status != "pass"]):
            _devices(page, alike)


def _about(report: Report, slug: str, *, tried: bool) -> str:
    facts = facts_of(report)
    version = shown(facts[VERSIONS.get(slug, "")]) or "version unknown"
    imported, seconds = facts.value(f"smoke.{slug}.import"), facts.value(f"smoke.{slug}.import_s")
    if imported and imported != "ok":
        return f"{version}, import: {imported}"
    took = f", imported in {number(seconds)} s" if isinstance(seconds, (int, float)) else ""
    return version + took + ("" if tried else ", not tried")


def _alike(results: Sequence[SmokeResult]) -> list[list[list[SmokeResult]]]:
    """Return devices with equal outcomes together: each a list of devices, each its results."""
    devices: dict[str, list[SmokeResult]] = {}
    for result in results:
        devices.setdefault(result.device, []).append(result)
    groups: dict[tuple[tuple[str, str, str], ...], list[list[SmokeResult]]] = {}
    for of_device in devices.values():
        kind = is_processor(of_device[0].device)
        outcome = ((str(kind), "", ""), *((workload(r), r.status, r.reason) for r in of_device))
        groups.setdefault(outcome, []).append(of_device)
    return list(groups.values())


def _devices(page: Page, alike: list[list[SmokeResult]]) -> None:
    names = [results[0].device or workload(results[0]) for results in alike]
    label = names[0] if len(names) == 1 else f"{names[0]} ... {names[-1]} ({len(names)})"
    for status in dict.fromkeys(result.status for result in alike[0]):
        word, style = WORDS[status]
        rows = [[r for r in results if r.status == status] for results in alike]
        done = listed(_measured([results[index] for results in rows]) for index in range(len(rows[0])))
        reasons = listed(dict.fromkeys(_reason(r, page) for r in rows[0] if r.reason))
        page.row(
            label, f"{word}: {done}" + (f" - {reasons}" if reasons else ""), indent=4, column=10, style=style
        )
        if status in FAILED and rows[0][0].device:  # a failed import's words stand in its finding
            _last_words(page, rows[0])


def _last_words(page: Page, results: Sequence[SmokeResult]) -> None:
    for tail in dict.fromkeys(result.stderr_tail for result in results if result.stderr_tail.strip()):
        lines = [line for line in tail.strip("\n").splitlines() if line.strip()]
        shown_lines = lines if page.options.verbose else lines[-_TAIL_LINES:]
        if len(shown_lines) < len(lines):
            page.text(
                f"({count(len(lines) - len(shown_lines), 'line')} before; --verbose shows all)", 6, "dim"
            )
        page.block("\n".join(shown_lines), indent=6)


def _reason(result: SmokeResult, page: Page) -> str:
    """Return a reason; of a skip its first clause, unless verbose: how to install a dozen systems fills a page."""
    whole = page.options.verbose or result.status != "skip"
    return result.reason if whole else result.reason.partition(";")[0]


def workload(result: SmokeResult) -> str:
    """Return the workload's name without its framework's."""
    return result.id.removeprefix(result.framework).lstrip("-_./") or result.id


def rate(result: SmokeResult) -> tuple[float, str] | None:
    """Return the rate that a workload reached with its unit, or None where it measured none."""
    for metric, unit in RATES.items():
        reached = result.metrics.get(metric)
        if isinstance(reached, (int, float)) and not isinstance(reached, bool):
            return float(reached), unit
    return None


def peak(result: SmokeResult) -> float | None:
    """Return the data sheet's rate in the unit of `rate`, where the workload told it (`peak_...`)."""
    for metric in RATES:
        ideal = result.metrics.get(f"peak_{metric}")
        if isinstance(ideal, (int, float)) and metric in result.metrics and ideal > 0:
            return float(ideal)
    return None


def _measured(results: Sequence[SmokeResult]) -> str:
    """Return a workload with the rate it reached, the lowest and highest over several devices."""
    for metric, unit in RATES.items():
        reached = [r.metrics[metric] for r in results if isinstance(r.metrics.get(metric), (int, float))]
        if reached:
            low, high = number(min(reached)), number(max(reached))
            return f"{workload(results[0])} {low if low == high else low + ' to ' + high} {unit}"
    return workload(results[0])
