"""A machine that is described by assumptions alone: what is not stated takes defaults, each of them said."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec

from auditor.audit.assume import AssumptionError
from auditor.model.fact import Evidence, Fact, Facts, known

_ALONE = ("gpu[", "nvidia.", "amd.", "intel.", "tpu.", "apple.", "accelerators.", "os.")
_AVX2 = ["avx", "avx2", "f16c", "fma", "popcnt", "sse4_1", "sse4_2"]
_MODULES = "a module with an Arm processor of its own"
_ARM = ("aarch64", "arm64")
_FIRST_DRIVER = 60


class Described(msgspec.Struct, frozen=True):
    """The facts, and in words what was taken for granted."""

    facts: Facts
    assumed: tuple[str, ...]


def stands_alone(stated: Mapping[str, Fact]) -> bool:
    """Whether the assumptions describe another machine: a card, driver, system or architecture is stated."""
    return any(key.startswith(_ALONE) and key not in ("os.glibc_version", "os.libc") for key in stated)


def described(stated: Mapping[str, Fact], modules: str = "") -> Described:
    """Return the facts of a machine of which only `stated` is known; `modules` is its cards' architecture.

    Raises:
        AssumptionError: two of the assumptions cannot hold together.

    """
    facts = Facts(stated)
    said: list[str] = []
    vendors = facts.value("accelerators.vendors")
    system = _os(facts, vendors or [], said)
    arch = _arch(facts, system, modules, said)
    _check(facts, system, arch, vendors or [])
    if not modules:
        _check_driver(facts)
    more: dict[str, Any] = {"os.platform": system, "os.arch": arch}
    more |= _libc(facts, system, said)
    if not facts["python.version"].is_known:
        more["python.version"] = "3.12"
        said.append("Python 3.12")
    if arch.lower() in ("x86_64", "amd64", "x64") and not facts["cpu.flags"].is_known:
        more["cpu.flags"] = _AVX2
        said.append("a processor with AVX2")
    if vendors is None:
        more["accelerators.vendors"] = _vendors(facts, system, arch, said)
    said += ["ample disk", "an empty environment"]
    more["disk.places"] = []
    version = ".".join(str(facts.value("python.version") or "3.12").split(".")[:2])
    more["target.python"] = f"python{version}" + ("t" if facts.value("python.free_threaded") else "")
    note = Evidence("assumed", "default")
    return Described(
        facts.merged({key: known(value, note) for key, value in more.items() if key not in stated}),
        (f"not stated and so assumed: {', '.join(said)}",),
    )


def _check(facts: Facts, system: str, arch: str, vendors: list[str]) -> None:
    """Refuse what no machine is.

    Raises:
        AssumptionError: an Apple GPU beside another processor, NVIDIA's driver under macOS, glibc where there is none.

    """
    linux = system.startswith(("linux", "wsl"))
    wrong = ""
    if "apple" in vendors and arch.lower() not in _ARM:
        wrong = f"an Apple GPU comes with an Arm processor, and the architecture is stated to be {arch}"
    elif system == "darwin" and facts["nvidia.driver_version"].is_known:
        wrong = "there is no NVIDIA driver for a macOS that frameworks still serve"
    elif not linux and facts["os.glibc_version"].is_known:
        wrong = f"glibc is the C library of Linux, and the system is stated to be {system}"
    if wrong:
        msg = f"--assume: {wrong}"
        raise AssumptionError(msg)


def _check_driver(facts: Facts) -> None:
    """Refuse the number of a CUDA (12, 12.4) as a driver's; a Jetson's is its L4T release, 32 and up.

    Raises:
        AssumptionError: NVIDIA's drivers for Linux and Windows have had higher numbers since 2005.

    """
    driver = facts.value("nvidia.driver_version")
    if driver is not None and int(str(driver).partition(".")[0]) < _FIRST_DRIVER:
        msg = f"--assume: no NVIDIA driver is called {driver}; is it a CUDA version? nvidia-smi shows both in its first lines"
        raise AssumptionError(msg)


def _os(facts: Facts, vendors: list[str], said: list[str]) -> str:
    if facts["os.platform"].is_known:
        system = str(facts.value("os.platform"))
        if "apple" in vendors and system != "darwin":
            msg = f"--assume: an Apple GPU is used under macOS alone, and the system is stated to be {system}"
            raise AssumptionError(msg)
        return system
    system = "darwin" if "apple" in vendors else "linux"
    said.append("macOS" if system == "darwin" else "Linux")
    return system


def _arch(facts: Facts, system: str, modules: str, said: list[str]) -> str:
    if facts["os.arch"].is_known:
        arch = str(facts.value("os.arch")).lower()
        if modules and arch not in _ARM:
            msg = f"--assume: one of the cards is {_MODULES} ({modules}), and the architecture is stated to be {arch}"
            raise AssumptionError(msg)
        return arch
    arch = modules or ("arm64" if system == "darwin" else "x86_64")
    said.append(arch)
    return arch


def _libc(facts: Facts, system: str, said: list[str]) -> dict[str, Any]:
    if system == "darwin" and not facts["os.version_id"].is_known:
        said.append("macOS 14.0")
        return {"os.version_id": "14.0"}
    if not system.startswith(("linux", "wsl")) or facts.value("os.libc") == "musl":
        return {}
    if facts["os.glibc_version"].is_known:
        return {"os.libc": "glibc"}
    named = " ".join(str(facts.value(key)) for key in ("os.id", "os.version_id") if facts[key].is_known)
    if not named and (jetpack := _jetpack(facts)):
        said.append(
            f"glibc {jetpack['os.glibc_version']} ({jetpack['os.id']} {jetpack['os.version_id']}, its JetPack's)"
        )
        return {key: jetpack[key] for key in ("os.libc", "os.glibc_version")}
    said.append("glibc 2.35" + (f" (the tables do not tell that of {named}: state glibc=)" if named else ""))
    return {"os.libc": "glibc", "os.glibc_version": "2.35"}


def _jetpack(facts: Facts) -> dict[str, str]:
    """Return the facts of the system that a Jetson's JetPack brings along, none where no card is a Jetson's."""
    cards = [facts.value(f"gpu[{index}].compute_capability") for index in facts.instances("gpu")]
    if not any(cards):
        return {}
    from auditor.audit.systems import named_system
    from auditor.knowledge.tables import table

    names = table("accelerator_names")
    last = {row["capability"]: row["system"] for row in names.named("jetson_last")}
    system = next((last[card] for card in cards if card in last), "")
    driver = facts.value("nvidia.driver_version")
    if system and driver is not None:
        branch = int(str(driver).partition(".")[0])
        system = [row["system"] for row in names.named("jetson_systems") if row["driver_from"] <= branch][-1]
    return (named_system(system) or {}) if system else {}


def _vendors(facts: Facts, system: str, arch: str, said: list[str]) -> list[str]:
    """Return whose accelerators there are where no card was named."""
    named = [facts.value(f"gpu[{index}].vendor", "nvidia") for index in facts.instances("gpu")]
    if named:
        return sorted(set(named))
    if system == "darwin" and arch in _ARM:
        said.append("the GPU that every Apple processor has")
        return ["apple"]
    if facts["nvidia.driver_version"].is_known and system != "darwin":
        said.append("an NVIDIA card, since a driver is stated")
        return ["nvidia"]
    said.append("no accelerator")
    return []
