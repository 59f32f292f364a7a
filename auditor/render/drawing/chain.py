"""Which accelerators a framework sees, and where the others are lost: bus, driver, container, masks, framework."""

from __future__ import annotations

from typing import Any, NamedTuple

from auditor.model.fact import Fact, Facts
from auditor.model.report import Report
from auditor.render.drawing.svg import WIDE, WIDTHS, Canvas
from auditor.render.page import listed, wrap
from auditor.render.parts.opening import is_processor
from auditor.render.parts.wording import facts_of, framework, installed, items, objects

_GAP, _HEIGHT, _LOW = 24.0, 102.0, 64.0


class Step(NamedTuple):
    """One stage: how many accelerators remain ("?" where unknown), and by what that is known."""

    title: str
    number: str
    about: str


def steps(report: Report) -> list[Step]:
    """Return the stages from the bus to the framework."""
    facts = facts_of(report)
    seen = len(facts.instances("gpu"))
    unseen = facts["nvidia.gpu_count"].state == "unknown" and not seen
    driver = Step("driver", "?" if unseen else str(seen), _driver(facts))
    return [_bus(facts), driver, _container(facts), _masks(facts), *_frameworks(report, facts)]


def _bus(facts: Facts) -> Step:
    listed_ = facts["pci.accelerators"]
    counts = [
        facts.value("nvidia.pci_gpu_count", 0),
        facts.value("amd.gpu_count", 0),
        len(items(facts.value("intel.gpus"))),
    ]
    if listed_.state == "unknown":
        return Step("physical", "?", listed_.reason)
    return Step("physical", str(sum(n for n in counts if isinstance(n, int))), "on the PCI bus")


def _driver(facts: Facts) -> str:
    named = [(facts["nvidia.driver_version"], "NVIDIA {}"), (facts["amd.driver_version"], "amdgpu {}")]
    return listed(words.format(fact.value) for fact, words in named if fact.is_known) or _why(named[0][0])


def _why(fact: Fact) -> str:
    return fact.reason or "no driver"


def _container(facts: Facts) -> Step:
    runtime = facts["container.runtime"]
    if not runtime.is_known:
        return Step("container", "-" if runtime.state == "absent" else "?", _why(runtime))
    granted = [mask for mask in objects(facts.value("env.masks")) if mask.get("framework") == "container"]
    about = listed(f"{mask.get('variable')}={mask.get('value')}" for mask in granted)
    return Step("container", _count(granted[-1]) if granted else "=", f"{runtime.value} {about}".strip())


def _masks(facts: Facts) -> Step:
    masks = facts["env.masks"]
    visible = facts["env.visible_gpus"]
    about = listed(f"{mask.get('variable')}={mask.get('value')}" for mask in objects(masks.value)) or _why(
        masks
    )
    left = str(len(visible.value)) if visible.is_known and isinstance(visible.value, list) else "?"
    return Step("masks", "=" if masks.state == "absent" else left, about)


def _frameworks(report: Report, facts: Facts) -> list[Step]:
    found = []
    for slug in installed(report)[:2]:
        devices = facts[f"smoke.{slug}.devices"]
        if devices.is_known and isinstance(devices.value, list):
            names = [str(name) for name in devices.value if not is_processor(str(name))]
            found.append(Step(framework(slug), str(len(names)), listed(names, 4) or "the CPU only"))
        else:
            found.append(Step(framework(slug), "?", devices.reason))
    return found


def _count(mask: dict[str, Any]) -> str:
    visible = mask.get("visible")
    return str(len(visible)) if isinstance(visible, list) else "?"


def draw(chain: list[Step], kind: str = WIDE) -> str:
    """Return an SVG of the stages: left to right, or the narrow kind, from top to bottom."""
    canvas = Canvas(WIDTHS[kind], "; ".join(f"{step.title}: {step.number}" for step in chain), kind)
    (_across if kind == WIDE else _down)(canvas, chain)
    return canvas.svg()


def _across(canvas: Canvas, chain: list[Step]) -> None:
    wide = (canvas.width - _GAP * (len(chain) - 1)) / len(chain)
    for place, step in enumerate(chain):
        x = place * (wide + _GAP)
        canvas.box(x + 1, 1, wide - 2, _HEIGHT, "part")
        canvas.words(x + 10, 22, step.title, "strong", room=wide - 20)
        canvas.words(x + 10, 50, step.number, "figure")
        for row, line in enumerate(_lines(step.about, int((wide - 20) / 7))):
            canvas.words(x + 10, 74 + 17 * row, line, "dim", room=wide - 16)
        if place:
            canvas.arrow(x - _GAP + 2, x - 1, _HEIGHT / 2)


def _down(canvas: Canvas, chain: list[Step]) -> None:
    for place, step in enumerate(chain):
        y = place * (_LOW + _GAP)
        canvas.box(1, y + 1, canvas.width - 2, _LOW, "part")
        canvas.words(12, y + 24, step.title, "strong")
        canvas.words(12, y + 52, step.number, "figure")
        for row, line in enumerate(_lines(step.about, 28)):
            canvas.words(104, y + 38 + 17 * row, line, "dim", room=canvas.width - 108)
        if place:
            canvas.down(canvas.width / 2, y - _GAP + 3, y)


def _lines(about: str, columns: int) -> list[str]:
    """Return a text in two lines; what does not fit stays in the second, which is cut when written."""
    rows = wrap(about, columns)
    return [*rows[:1], *([" ".join(rows[1:])] if rows[1:] else [])]
