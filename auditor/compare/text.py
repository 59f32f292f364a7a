"""A comparison for people: what fails and because of what first, then what else matters."""

from __future__ import annotations

from msgspec.structs import replace

from auditor.compare.because import Because, because, is_told
from auditor.compare.differences import Comparison, Difference
from auditor.render.options import RenderOptions
from auditor.render.page import Page, Style, count, listed

_TITLES = {
    "decisive": "What can make the difference",
    "relevant": "What may matter",
    "minor": "What seldom matters",
    "noise": "What always varies",
}
_FEW, _MOST_VALUES = 3, 8  # names beside a value, and values beneath a difference
_STYLES: dict[str, Style] = {"decisive": "bad", "relevant": "warn"}


def text(comparison: Comparison, options: RenderOptions) -> str:
    """Return the comparison, drawn as the options say."""
    page = Page(options)
    comparison = replace(comparison, names=_short(comparison.names))
    for name, verdict in zip(comparison.names, comparison.verdicts, strict=True):
        page.row(verdict, name, indent=0, column=16)
    page.blank()
    if comparison.levels_differ:
        page.text(f"Audited at different levels ({', '.join(level or 'unknown' for level in comparison.levels)}): "
                  "what only one looked at is not comparable.", style="warn")  # fmt: skip
    page.text(_summary(comparison), style="good" if comparison.same else "warn")
    told = because(comparison)
    for each in told:
        _explained(page, comparison, each)
    for importance, title in _TITLES.items():
        rest = [
            d for d in comparison.differences
            if d.importance == importance and d.comparable and not d.explains and not is_told(d, told)
        ]  # fmt: skip
        shown = importance in ("decisive", "relevant") or options.verbose
        if rest and shown:
            page.heading(title)
            for difference in rest:
                _difference(page, comparison, difference)
        elif rest:
            page.blank()
            page.text(f"{title}: {count(len(rest), 'difference')}; --verbose lists them.", style="dim")
    _not_comparable(page, comparison, verbose=options.verbose)
    if options.colour:
        from auditor.render.draw import draw

        return draw(page)
    return page.plain()


def _short(names: tuple[str, ...]) -> tuple[str, ...]:
    """Return the files' names without their folders, where that still tells them apart."""
    last = tuple(name.replace("\\", "/").rpartition("/")[2] for name in names)
    return last if len(set(last)) == len(set(names)) else names


def _summary(comparison: Comparison) -> str:
    if comparison.same:
        return "The same: nothing differs but what always varies."
    compared = [difference for difference in comparison.differences if difference.comparable]
    matters = sum(difference.importance in ("decisive", "relevant") for difference in compared)
    if matters:
        return f"They differ: {count(matters, 'difference')} that may matter."
    seldom = sum(difference.importance == "minor" for difference in compared)
    if seldom:
        return f"They differ only in what seldom matters: {count(seldom, 'difference')}."
    return "Nothing differs of what all looked at, but not all looked at the same."


def _not_comparable(page: Page, comparison: Comparison, *, verbose: bool) -> None:
    """Name what not every report looked at; it says nothing about what is there."""
    apart = [d for d in comparison.differences if not d.comparable and d.importance != "noise"]
    if not apart:
        return
    page.heading("Not comparable: some of the reports never looked")
    keys = [d.key for d in apart]
    page.text(", ".join(keys) if verbose else listed(keys, 6), indent=2, style="dim")


def _explained(page: Page, comparison: Comparison, each: Because) -> None:
    """Write a finding that not all have, and beneath it the differences in what its rule looks at."""
    page.heading(f"{each.title} [{each.rule}]")
    fails, works = listed(each.fails, 4), listed(each.works, 4)
    said = f"Works in {works}, fails in {fails}" if each.grave else f"In {fails}, not in {works}"
    page.text(f"{said}, because:", indent=2)
    for difference in each.differences:
        _difference(page, comparison, difference)


def _difference(page: Page, comparison: Comparison, difference: Difference) -> None:
    kind = "" if difference.kind == "fact" else f" ({difference.kind})"
    page.text(f"{difference.key}{kind}", indent=2, style=_STYLES.get(difference.importance, ""))
    groups: dict[str, list[str]] = {}
    for name, value in zip(comparison.names, difference.values, strict=True):
        groups.setdefault(value, []).append(name)
    commonest = sorted(groups.items(), key=lambda group: -len(group[1]))
    for value, names in commonest[:_MOST_VALUES]:
        page.text(value, indent=4, label=f"{_who(names, len(comparison.names))}:", label_style="dim")
    if len(commonest) > _MOST_VALUES:
        page.text(f"and {count(len(commonest) - _MOST_VALUES, 'other value')}", indent=4, style="dim")


def _who(names: list[str], every: int) -> str:
    """Return the reports that share a value; of many, how many and the first."""
    return listed(names, _FEW) if every <= 2 * _FEW else f"{len(names)} of {every} ({listed(names, _FEW)})"
