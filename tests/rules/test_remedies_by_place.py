"""Every card's fix, in every kind of place: nothing that does not exist there, nothing that harms there."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from typing import Any

import pytest

from auditor.engine.look import Look
from auditor.engine.predicates import PREDICATES
from auditor.engine.remedy.environment import Environment
from auditor.engine.remedy.fill import remedy_of
from auditor.engine.remedy.places import is_anothers_driver, is_for_a_place
from auditor.engine.template import Words
from auditor.knowledge.cards import load_cards
from auditor.model.fact import Facts, known
from auditor.model.finding import Remedy

LINUX = {
    "os.platform": "linux",
    "os.arch": "x86_64",
    "os.libc": "glibc",
    "os.glibc_version": "2.35",
    "os.id": "ubuntu",
    "os.version_id": "22.04",
    "python.version": "3.11.9",
    "python.kind": "venv",
    "python.installer": "pip",
    "python.pip_version": "25.0",
    "python.executable": "/home/u/env/bin/python",
    "python.prefix": "/home/u/env",
}
NVIDIA = {
    "accelerators.vendors": ["nvidia"],
    "nvidia.driver_version": "550.54.14",
    "gpu[0].vendor": "nvidia",
    "gpu[0].name": "NVIDIA A100-SXM4-80GB",
    "gpu[0].compute_capability": "8.0",
}
AMD = {"accelerators.vendors": ["amd"], "gpu[0].vendor": "amd", "gpu[0].gfx_target": "gfx90a"}
MAC = {"os.platform": "darwin", "os.version_id": "14.5", "accelerators.vendors": ["apple"]}
SYSTEM = {"python.kind": "system", "python.executable": "/usr/bin/python3", "python.prefix": "/usr"}
CONDA = {
    "python.kind": "conda",
    "python.installer": "conda",
    "python.prefix": "/opt/conda/envs/x",
    "python.executable": "/opt/conda/envs/x/bin/python",
}
PLACES: dict[str, dict[str, Any]] = {
    "pip": {**LINUX, **NVIDIA},
    "debian": {**LINUX, **NVIDIA, **SYSTEM, "os.id": "debian", "os.version_id": "12", "python.externally_managed": True},
    "rhel": {**LINUX, **NVIDIA, "os.id": "rhel", "os.version_id": "9.4"},
    "suse": {**LINUX, **NVIDIA, "os.id": "opensuse-leap", "os.version_id": "15.6"},
    "arch": {**LINUX, **NVIDIA, "os.id": "arch"},
    "alpine": {**LINUX, **NVIDIA, "os.id": "alpine", "os.libc": "musl"},
    "conda": {**LINUX, **NVIDIA, **CONDA},
    "conda-base": {**LINUX, **NVIDIA, **CONDA, "python.kind": "conda-base"},
    "uv": {**LINUX, **NVIDIA, "python.installer": "uv"},
    "container": {**LINUX, **NVIDIA, **SYSTEM, "container.runtime": "docker"},
    "slurm": {**LINUX, **NVIDIA, "os.id": "rocky", "os.version_id": "8.9", "orchestrator.name": "slurm"},
    "wsl": {**LINUX, **NVIDIA, "os.platform": "wsl2", "os.wsl": True},
    "windows": {**LINUX, **NVIDIA, "os.platform": "windows", "os.id": "windows", "python.executable": r"C:\Users\a b\e\Scripts\python.exe"},
    "mac-arm": {**LINUX, **MAC, "os.arch": "arm64"},
    "mac-intel": {**LINUX, **MAC, "os.arch": "x86_64", "accelerators.vendors": []},
    "jetson": {**LINUX, **NVIDIA, "os.arch": "aarch64", "os.kernel": "5.15.136-tegra", "gpu[0].name": "Orin", "gpu[0].compute_capability": "8.7"},
    "grace": {**LINUX, **NVIDIA, "os.arch": "aarch64", "nvidia.driver_version": "580.95.05", "gpu[0].name": "NVIDIA GB200", "gpu[0].compute_capability": "10.0"},
    "rocm": {**LINUX, **AMD},
    "nothing": {},
}  # fmt: skip
DEBIAN = (
    "pip",
    "debian",
    "conda",
    "conda-base",
    "uv",
    "container",
    "jetson",
    "grace",
    "rocm",
    "wsl",
    "nothing",
)
DRIVER = r"ubuntu-drivers|install (?:nvidia-(?:open|driver)|cuda-drivers|akmod-nvidia)|mhwd"


@cache
def remedies(place: str) -> tuple[tuple[str, Remedy], ...]:
    """Return every card's remedy and variants as this place gets them, with the card's name."""
    return tuple(_remedies(place))


def _remedies(place: str) -> Iterator[tuple[str, Remedy]]:
    world = Facts({key: known(value) for key, value in PLACES[place].items()})
    words = Words(Look(world), {}, Environment(world))
    for card in load_cards(predicates=PREDICATES):
        for name in ("", *(name for name in card.variants if not is_for_a_place(name))):
            if name == "ubuntu" and (is_anothers_driver(world) or world.value("os.platform") != "linux"):
                continue  # its predicate takes it on Ubuntu's own machines alone
            if remedy := remedy_of(card, name, words):
                yield f"{card.id} {name}".rstrip(), remedy


def lines(place: str) -> list[tuple[str, str]]:
    """Return the commands and checks, without remarks."""
    found = [(card, line) for card, one in remedies(place) for line in (*one.commands, one.check)]
    bare = ((card, line.partition("  # ")[0]) for card, line in found)
    return [(card, line) for card, line in bare if line and not line.startswith("#")]


def wrong(place: str, pattern: str) -> list[tuple[str, str]]:
    """Return the commands of a place in which a pattern stands."""
    return [(card, line) for card, line in lines(place) if re.search(pattern, line)]


@pytest.mark.parametrize("place", PLACES)
def test_the_package_manager_is_that_of_the_system(place: str) -> None:
    if place not in DEBIAN:
        assert wrong(place, r"\b(?:apt|apt-get|dpkg)\b") == []
    if place not in ("rhel", "slurm"):
        assert wrong(place, r"\bdnf\b") == []


@pytest.mark.parametrize("place", ["container", "wsl", "jetson", "windows", "mac-arm", "mac-intel"])
def test_a_driver_is_never_installed_where_it_is_anothers(place: str) -> None:
    assert wrong(place, DRIVER) == []


@pytest.mark.parametrize("place", ["container", "wsl"])
def test_what_is_not_ones_own_kernel_is_not_restarted_from_within(place: str) -> None:
    assert wrong(place, r"^(?:sudo reboot|shutdown)") == []


@pytest.mark.parametrize("place", ["container", "wsl"])
def test_an_administrators_fix_says_on_which_machine(place: str) -> None:
    told = [(card, one.summary) for card, one in remedies(place) if one.who == "administrator"]
    assert len(told) > 20
    assert [(card, said) for card, said in told if not re.search("host|Windows", said)] == []


@pytest.mark.parametrize("place", PLACES)
def test_what_needs_root_is_an_administrators(place: str) -> None:
    """To look (dmesg, lsof) changes nothing, and without root it merely shows less."""
    mine = [(card, line) for card, one in remedies(place) if one.who == "you" for line in one.commands]
    assert [(card, line) for card, line in mine if re.match(r"sudo (?!dmesg|lsof|lspci)", line)] == []


def test_windows_commands_are_taken_by_cmd_and_powershell_alike() -> None:
    """A quoted path is no command in PowerShell, `%X%` no variable; `&` and `&&` do not join in both."""
    bare = [(card, re.sub(r'"[^"]*"', '""', line)) for card, line in lines("windows")]
    assert len(bare) > 200
    assert [(card, line) for card, line in bare if re.search(r"""^""|%|'| &&? """, line)] == []
    first = next(
        one.commands for _, one in remedies("windows") if any(".\\python" in s for s in one.commands)
    )
    assert first[0] == 'pushd "C:\\Users\\a b\\e\\Scripts"'


@pytest.mark.parametrize("place", ["alpine", "mac-arm", "mac-intel", "rocm", "windows", "grace"])
def test_no_tensorflow_for_cuda_where_there_is_none(place: str) -> None:
    """No wheel of TensorFlow has CUDA on Arm, musl, macOS or native Windows, and none serves AMD's cards."""
    assert [one for one in wrong(place, r"tensorflow\[and-cuda") if one[0].startswith("FWA2")] == []
    assert wrong("pip", r"tensorflow\[and-cuda")


@pytest.mark.parametrize("place", ["mac-arm", "mac-intel", "rocm", "alpine"])
def test_no_build_for_cuda_where_no_card_takes_it(place: str) -> None:
    assert wrong(place, r"/whl/cu\d") == []
    assert wrong("pip", r"/whl/cu\d")


@pytest.mark.parametrize("place", PLACES)
def test_what_a_shell_would_take_for_itself_is_quoted(place: str) -> None:
    """Brackets are patterns for zsh, and "<" reads a file in every shell."""
    bare = [(card, re.sub(r"""'[^']*'|"[^"]*\"""", "", line)) for card, line in lines(place)]
    assert [(card, line) for card, line in bare if " install " in line and re.search(r"[\[\]<>]", line)] == []


def test_every_build_waits_for_the_driver_where_the_card_is_newer_than_it() -> None:
    facts = {**PLACES["pip"], "gpu[0].name": "NVIDIA B200", "gpu[0].compute_capability": "10.0"}
    world = Facts({key: known(value) for key, value in facts.items()})
    card = next(card for card in load_cards(predicates=PREDICATES) if card.id == "FWA204")
    made = remedy_of(card, "torch", Words(Look(world), {}, Environment(world)))
    assert made is not None
    assert (made.commands, made.who, made.reboot) == (("sudo ubuntu-drivers install",), "administrator", True)
