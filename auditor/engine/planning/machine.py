"""The machine as a plan sees it: what is known, what is assumed and said, what must be asked."""

from __future__ import annotations

from typing import Any, Literal

import msgspec

from auditor.engine.planning.accelerators import Card, cards_of, not_validated, vendors_of
from auditor.model.fact import Facts

Family = Literal["cuda", "rocm", "xpu", "mps", "tpu", "hpu", "cpu"]

# What a machine that was not described is taken to be; each use is said in the plan.
DEFAULT_PYTHON = "3.12"
DEFAULT_GLIBC = "2.35"
DEFAULT_MACOS = "14.0"
_ARCHS = {"amd64": "x86_64", "x64": "x86_64", "arm64": "aarch64"}
_FAMILIES: tuple[tuple[str, Family], ...] = (
    ("nvidia", "cuda"),
    ("amd", "rocm"),
    ("tpu", "tpu"),
    ("intel", "xpu"),
    ("apple", "mps"),
    ("gaudi", "hpu"),
)


class Machine(msgspec.Struct, frozen=True, kw_only=True):
    """What decides between builds. `floor` is the glibc or macOS version; `flags` None where unknown."""

    platform: str
    os: str
    python: str
    free_threaded: bool
    implementation: str
    libc: str
    floor: str
    driver: str
    driver_state: Literal["known", "absent", "unknown"]
    cards: tuple[Card, ...]
    vendors: tuple[str, ...]
    family: Family
    flags: frozenset[str] | None
    assumed: tuple[str, ...]
    has_nouveau: bool = False
    free_kib: int | None = None
    free_where: str = ""

    @property
    def python_asked(self) -> str:
        """Return the Python as installers name it: "3.13", or "3.13t" for the free-threaded one."""
        return ".".join(self.python.split(".")[:2]) + ("t" if self.free_threaded else "")

    def of(self, vendor: str) -> tuple[Card, ...]:
        """Return the cards of one vendor."""
        return tuple(card for card in self.cards if card.vendor == vendor)


def machine_of(facts: Facts) -> Machine:
    """Return the machine that the facts describe; what is unknown is assumed, and each assumption said."""
    assumed: list[str] = []
    place = _place(facts)
    os_name = _known(facts, "os.platform", "linux", "Linux", assumed)
    cards = cards_of(facts)
    arch = _arch(facts, os_name, cards, assumed)
    platform = _platform(os_name, arch)
    vendors = _used(vendors_of(facts, cards, assumed), platform, assumed)
    if not vendors and (left := not_validated(facts)):
        assumed.append(
            f"PyTorch's XPU build was not validated on {', '.join(left)}, and no other build uses it: left out"
        )
    driver = facts["nvidia.driver_version"]
    number = numbers_of(driver.value) if driver.is_known else ""
    state = driver.state if number or driver.state != "known" else "unknown"
    assumed += _drivers(facts, cards, vendors, state)
    if platform.endswith("x86_64") and not facts["cpu.flags"].is_known:
        assumed.append("cpu.flags is not known; a processor with AVX is assumed")
    if facts["disk.places"].state == "unknown":
        assumed.append("disk.places is not known; enough free disk is assumed")
    return Machine(
        platform=platform,
        os=os_name,
        python=_version(facts, "python.version", DEFAULT_PYTHON, f"Python {DEFAULT_PYTHON}", assumed),
        free_threaded=bool(facts.value("python.free_threaded", False)),
        implementation=facts.value("python.implementation", "CPython"),
        libc=facts.value("os.libc", "glibc"),
        floor=_floor(facts, os_name, assumed),
        driver=number,
        driver_state=state,
        cards=cards,
        vendors=vendors,
        family=next((family for vendor, family in _FAMILIES if vendor in vendors), "cpu"),
        flags=frozenset(facts.value("cpu.flags")) if facts["cpu.flags"].is_known else None,
        assumed=tuple(assumed),
        has_nouveau="nouveau" in (facts.value("nvidia.modules") or ()),
        free_kib=place.get("free_kib"),
        free_where=f"where {place.get('role')} lies ({place.get('path', '')})" if place else "",
    )


def _drivers(facts: Facts, cards: tuple[Card, ...], vendors: tuple[str, ...], nvidia: str) -> list[str]:
    """Say of each vendor's driver that it is assumed; of a Jetson's it is asked instead."""
    from auditor.engine.planning.constraints import is_module

    said = []
    ours = [card for card in cards if card.vendor == "nvidia"]
    if "nvidia" in vendors and nvidia == "unknown":
        asked = "it is the JetPack's: state driver="
        assumed = "it is assumed to be new enough (nvidia-smi shows it)"
        is_asked = bool(ours) and all(map(is_module, ours))
        said.append(f"the driver is not known; {asked if is_asked else assumed}")
    if "amd" in vendors and not facts["amd.driver_version"].is_known:
        said.append("the amdgpu driver is not known; it is assumed to be there and new enough")
    if "intel" in vendors and not facts["intel.xpu_runtime"].is_known:
        said.append("the Level Zero loader is not known; it is assumed to be there, with Intel's GPU driver")
    return said


def _place(facts: Facts) -> dict[str, Any]:
    """Return the disk on which an environment lies, or a new one would."""
    places = {place.get("role"): place for place in facts.value("disk.places") or ()}
    return next((places[role] for role in ("environment", "home") if role in places), {})


def _arch(facts: Facts, os_name: str, cards: tuple[Card, ...], assumed: list[str]) -> str:
    """Return the architecture; where it is not known, that of a module with a processor of its own."""
    if not facts["os.arch"].is_known:
        from auditor.engine.card_names import card_named

        for card in cards:
            if card.vendor == "nvidia" and (arch := card_named(card.name).arch):
                assumed.append(
                    f"os.arch is not known; {arch} is assumed: the processor that comes with {card.name}"
                )
                return arch
    return _known(facts, "os.arch", "arm64" if os_name == "darwin" else "x86_64", "", assumed)


def _used(vendors: tuple[str, ...], platform: str, assumed: list[str]) -> tuple[str, ...]:
    """Leave out the graphics of Intel Macs, which no published build was made for."""
    left = tuple(vendor for vendor in vendors if vendor not in ("amd", "intel"))
    if platform != "macos-x86_64" or left == vendors:
        return vendors
    assumed.append("no published build uses the AMD or Intel graphics of an Intel Mac: they are left out")
    return left


def numbers_of(text: object) -> str:
    """Return the leading numbers of a version ("2.35" of "2.35-0ubuntu3"), empty where it has none."""
    head = ""
    for character in str(text or ""):
        if not (character.isdigit() or character == "."):
            break
        head += character
    return head.strip(".")


def _version(facts: Facts, key: str, default: str, words: str, assumed: list[str]) -> str:
    found = numbers_of(facts.value(key))
    if found:
        return found
    assumed.append(f"{key} is not known; {words} is assumed")
    return default


def _known(facts: Facts, key: str, default: str, words: str, assumed: list[str]) -> str:
    if facts[key].is_known:
        return str(facts.value(key))
    assumed.append(f"{key} is not known; {words or default} is assumed")
    return default


def _platform(os_name: str, arch: str) -> str:
    arch = _ARCHS.get(arch.lower(), arch.lower())
    if os_name == "darwin":
        return "macos-arm64" if arch == "aarch64" else f"macos-{arch}"
    return f"{'windows' if os_name == 'windows' else 'linux'}-{arch}"


def _floor(facts: Facts, os_name: str, assumed: list[str]) -> str:
    """Return the version that wheels' platform tags are held against."""
    if os_name == "windows":
        return ""
    if os_name == "darwin":
        return _version(facts, "os.version_id", DEFAULT_MACOS, f"macOS {DEFAULT_MACOS}", assumed)
    if facts.value("os.libc", "glibc") != "glibc":
        return ""
    return _version(facts, "os.glibc_version", DEFAULT_GLIBC, f"glibc {DEFAULT_GLIBC}", assumed)
