"""Notes of readers -> facts, under the keys that the live scan uses."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from auditor.model.fact import Evidence, Fact, absent, known
from auditor.readers.moments import Moment, Told, last_moment
from auditor.readers.notes import Card, Notes

_SUMMARY = ("name", "uuid", "pci_bus_id", "memory_total_mib", "compute_capability")
_TENSORFLOWS = (
    "tensorflow",
    "tensorflow-cpu",
    "tensorflow-gpu",
    "tensorflow-rocm",
    "tensorflow-macos",
    "tensorflow-intel",
    "tf-nightly",
    "tf-nightly-cpu",
    "tf-nightly-gpu",
)
_PLUGIN = re.compile(r"jax-.*-(?:plugin|pjrt)|jax-metal|libtpu(?:-nightly)?")
_FRAMEWORKS = (("torch.version", "pytorch"), ("tensorflow.version", "tensorflow"), ("jax.version", "jax"))


def facts_of(notes: Notes) -> dict[str, Fact]:
    """Return the facts that notes amount to."""
    moment = last_moment(notes)
    facts = moment.facts
    _platform(facts, notes)
    _cards(facts, notes)
    _packages(facts, moment.packages)
    _variables(facts, notes)
    _toolkits(facts, notes)
    _nobody_answers(facts)
    _driver_means_card(facts)
    _torch_build(facts)
    _frameworks(facts)
    _contradictions(facts, notes, moment)
    return facts


def _platform(facts: dict[str, Fact], notes: Notes) -> None:
    """Take WSL where any statement shows it: its distribution's name alone reads as Linux."""
    told = [fact for key, fact in notes.others if key == "os.platform" and str(fact.value).startswith("wsl")]
    before = facts.get("os.platform")
    if told and before is not None and before.value == "linux":
        facts["os.platform"] = told[0]
    platform = facts.get("os.platform")
    if platform is not None and platform.is_known:
        facts.setdefault("os.wsl", known(str(platform.value).startswith("wsl"), *platform.evidence))


# ---- cards


def _cards(facts: dict[str, Fact], notes: Notes) -> None:
    cards = merged(notes.cards)
    for index, (card, evidence) in enumerate(cards):
        for name, value in card.items():
            facts[f"gpu[{index}].{name}"] = known(value, *evidence)
    if not cards:
        return
    first = cards[0][1]
    nvidia = [card for card, _ in cards if card.get("vendor") == "nvidia"]
    vendors = sorted({str(card["vendor"]) for card, _ in cards if card.get("vendor")})
    if nvidia and notes.counted:
        rows = [{name: card[name] for name in _SUMMARY if name in card} for card in nvidia]
        facts["nvidia.gpus"] = known(rows, *first)
        facts["nvidia.gpu_count"] = known(len(nvidia), *first)
    if vendors:
        facts["accelerators.vendors"] = known(vendors, *first)
    targets = sorted({str(card["gfx_target"]) for card, _ in cards if card.get("gfx_target")})
    if targets:
        facts["amd.gfx_targets"] = known(targets, *first)


def merged(cards: list[tuple[Card, Evidence]]) -> list[tuple[Card, tuple[Evidence, ...]]]:
    """Return the cards of the telling that names most, filled in from the others.

    Two tellings of one card differ in how much of its name they give: "RTX 3090", "NVIDIA GeForce RTX 3090".
    """
    by_source: dict[int, list[tuple[Card, Evidence]]] = {}
    source, before = 0, 0
    for card, evidence in cards:
        number = int(evidence.ref.rpartition(" ")[2] or 0)
        source += number not in (before, before + 1)
        by_source.setdefault(source, []).append((card, evidence))
        before = number
    groups = sorted(by_source.values(), key=lambda group: (-len(group), -sum(len(card) for card, _ in group)))
    kept: list[tuple[Card, tuple[Evidence, ...]]] = [
        (dict(card), (evidence,)) for card, evidence in (groups[0] if groups else [])
    ]
    for group in groups[1:]:
        for card, evidence in group:
            _add(kept, card, evidence)
    return kept


def _add(kept: list[tuple[Card, tuple[Evidence, ...]]], card: Card, evidence: Evidence) -> None:
    """Fill the same card in; another maker's card is one more card."""
    alike = [place for place, (other, _) in enumerate(kept) if _same(other, card)]
    for place in alike:
        other, before = kept[place]
        longer = str(card.get("name", ""))
        if str(other.get("name", "")).endswith("...") and longer:
            other["name"] = longer
        kept[place] = ({**card, **other}, tuple(dict.fromkeys((*before, evidence))))
    if (
        not alike
        and card.get("vendor")
        and not any(other.get("vendor") == card["vendor"] for other, _ in kept)
    ):
        kept.append((dict(card), (evidence,)))


def _same(one: Card, other: Card) -> bool:
    if one.get("vendor") and other.get("vendor") and one["vendor"] != other["vendor"]:
        return False
    names = [set(_plain(str(card.get("name", "")))) for card in (one, other)]
    return not names[0] or not names[1] or names[0] <= names[1] or names[1] <= names[0]


def _plain(name: str) -> list[str]:
    return re.sub(r"[^a-z0-9]+", " ", name.lower().rstrip(".")).split()


# ---- the rest


def _packages(facts: dict[str, Fact], packages: list[Told]) -> None:
    if not packages:
        return
    rows = [row for row, _ in packages]
    evidence = list(dict.fromkeys(piece for _, piece in packages))[:4]
    versions: dict[str, tuple[str, Evidence]] = {}
    for row, piece in packages:
        versions.setdefault(row["name"], (row["version"], piece))
    facts["python.distributions"] = known(rows, *evidence)
    facts["python.distributions_partial"] = known(True, *evidence[:1])
    for key, names in (
        ("torch.version", ("torch",)),
        ("tensorflow.version", _TENSORFLOWS),
        ("jax.version", ("jax",)),
        ("jax.jaxlib_version", ("jaxlib",)),
    ):
        name = next((name for name in names if name in versions), "")
        if name and not (key in facts and facts[key].is_known):
            facts[key] = known(versions[name][0], versions[name][1])
        if name and key == "tensorflow.version":
            facts.setdefault("tensorflow.distribution", known(name, versions[name][1]))
    plugins: list[Any] = [
        {"name": name, "version": told[0]} for name, told in versions.items() if _PLUGIN.fullmatch(name)
    ]
    if plugins:
        facts.setdefault("jax.plugins", known(plugins, *evidence))


def _variables(facts: dict[str, Fact], notes: Notes) -> None:
    if not notes.variables:
        return
    evidence = [piece for _, piece in notes.variables.values()][:4]
    facts["env.variables"] = known(
        {name: value for name, (value, _) in sorted(notes.variables.items())}, *evidence
    )
    if "LD_LIBRARY_PATH" in notes.variables:
        value, piece = notes.variables["LD_LIBRARY_PATH"]
        facts["loader.ld_library_path"] = known(
            [part for part in value.split(":") if part and part != "..."], piece
        )


def _toolkits(facts: dict[str, Fact], notes: Notes) -> None:
    rows = [
        {"path": "", "version": version, "found_by": "stated"}
        for version in dict.fromkeys(v for v, _ in notes.toolkits)
    ]
    if rows:
        facts["cuda.toolkits"] = known(rows, *(piece for _, piece in notes.toolkits[:2]))


def _driver_means_card(facts: dict[str, Fact]) -> None:
    """Take it that who tells of an NVIDIA driver, or of a device that torch's CUDA sees, has an NVIDIA card."""
    driver, seen, hip = (
        facts.get(key) for key in ("nvidia.driver_version", "smoke.pytorch.devices", "torch.hip_build")
    )
    rocm = (hip is not None and hip.is_known) or "rocm" in str(_value(facts, "torch.version"))
    told = next(
        (fact for fact in (driver, facts.get("nvidia.cuda_driver_version")) if fact and fact.is_known), None
    )
    if told is not None:
        facts.setdefault("accelerators.vendors", known(["nvidia"], *told.evidence))
    elif seen is not None and seen.is_known and "cuda:0" in seen.value and not rocm:
        facts.setdefault("accelerators.vendors", known(["nvidia"], *seen.evidence))


def _value(facts: dict[str, Fact], key: str) -> Any:
    return facts[key].value if key in facts and facts[key].is_known else None


def _nobody_answers(facts: dict[str, Fact]) -> None:
    """Say that there is no driver for the process where neither its version nor a card could be collected.

    collect_env asks nvidia-smi for both; a Jetson has none, yet a driver.
    """
    driver, count = facts.get("nvidia.driver_version"), facts.get("nvidia.gpu_count")
    kernel = facts.get("os.kernel")
    if driver is None or count is None or (kernel is not None and "tegra" in str(kernel.value)):
        return
    if driver.state == count.state == "unknown":
        facts["nvidia.driver_version"] = absent("no nvidia-smi answered", *driver.evidence)


def _torch_build(facts: dict[str, Fact]) -> None:
    """Say that torch is a CPU build where torch.version.cuda is None and nothing names another accelerator."""
    version, cuda, hip = (facts.get(f"torch.{name}") for name in ("version", "cuda_build", "hip_build"))
    if hip is not None and hip.is_known:
        facts["torch.cuda_build"] = absent("a build for ROCm", *hip.evidence)
        return
    if cuda is None or cuda.state != "absent":
        return
    if version is None or not version.is_known:
        _nvidia_without_cuda(facts, cuda)
    elif not str(version.value).partition("+")[2].startswith(("xpu", "rocm", "cu")):
        facts.setdefault("torch.build", known("cpu", *cuda.evidence))


def _nvidia_without_cuda(facts: dict[str, Fact], cuda: Fact) -> None:
    """Take a torch of an untold release for a CPU build where its CUDA is None beside NVIDIA's cards alone."""
    if _value(facts, "accelerators.vendors") == ["nvidia"]:
        facts.setdefault("torch.build", known("cpu", *cuda.evidence))


def _frameworks(facts: dict[str, Fact]) -> None:
    held = [(name, facts[key].evidence) for key, name in _FRAMEWORKS if key in facts and facts[key].is_known]
    if held:
        facts.setdefault("python.frameworks", known([name for name, _ in held], *held[0][1][:1]))


def _contradictions(facts: dict[str, Fact], notes: Notes, moment: Moment) -> None:
    """Tell what cannot hold of one environment: torch of two releases, or CUDA seen and not seen."""
    found = []
    for key, other in notes.others:
        first = facts.get(key)
        if (
            key in _SINGLE
            and first is not None
            and first.is_known
            and _SINGLE[key](first.value) != _SINGLE[key](other.value)
        ):
            found.append(({"key": key, "first": str(first.value), "other": str(other.value)}, other.evidence))
    if moment.contradiction:
        found.append((moment.contradiction, facts["torch.version"].evidence))
    if moment.copies:
        rows = [{"name": "torch", "copies": moment.copies}]
        facts.setdefault("python.duplicates", known(rows, *facts["torch.version"].evidence))
    if found:
        facts["log.contradictions"] = known([row for row, _ in found], *found[0][1])


# keys of which one environment has one value -> what of the value must agree
_SINGLE: dict[str, Callable[[Any], Any]] = {"smoke.pytorch.devices": len}
