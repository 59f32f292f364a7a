"""Every named check of the pre-flight on whole machines: one that passes, one that fails, one where it cannot be known."""

from __future__ import annotations

import copy
import sys
import time
import tomllib
from functools import cache
from pathlib import Path
from typing import Any

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from auditor.audit.hosts import load_snapshot
from auditor.host.recording import Failure, Snapshot, SnapshotHost
from auditor.knowledge.profiles import library
from auditor.preflight.gate import Result, preflight
from auditor.preflight.learn import _toml
from auditor.preflight.reason import LIMIT, reason
from auditor.preflight.request import Request
from tests.machines.builder import PCI, bridge, laid, loader
from tests.machines.hardware import GPUS, MACHINES, gpu_address, nvml

HERE = Path(__file__).parent
CASES: dict[str, Any] = tomllib.loads((HERE / "checks.toml").read_text())
# made on the live machine alone: tests/faults/test_preflight_faults.py
LIVE = {"workloads"}
ON_A_MACHINE = sorted(set(CASES) - LIVE)
TARGET = "target /srv/project/.venv/bin/python3"
SECURE_BOOT = "/sys/firmware/efi/efivars/SecureBoot-8be4df61-93ca-11d2-aa0d-00e098032b8c"
PROGRAMS = ("/usr/bin", "/usr/local/bin", "/usr/sbin")


@cache
def machine(name: str) -> Snapshot:
    return load_snapshot(str(HERE / "debian12-vm-cpu.json")) if name == "python" else MACHINES[name]()


def spelt(value: Any) -> Any:
    """Put the folders of the third card and adapter where GPU3 and IB3 stand."""
    if isinstance(value, dict):
        return {spelt(key): inner for key, inner in value.items()}
    for word, folder in (
        ("GPU3", f"{PCI}/{gpu_address(3)}"),
        ("IB3", "/sys/class/infiniband/mlx5_3/ports/1"),
    ):
        value = value.replace(word, folder) if isinstance(value, str) else value
    return value


def answers(base: Snapshot, change: dict[str, Any]) -> list[dict[str, dict[str, Any]]]:
    """Return a change as layers over a machine."""
    plain = ("files", "folders", "links", "stats", "commands", "calls", "environment")
    layers = [{part: spelt(change[part]) for part in plain if part in change}]
    for word, answer in (
        ("denied", Failure(13, "Permission denied")),
        ("gone", Failure(2, "No such file")),
        ("forget", None),
    ):
        for place in change.get(word, ()):
            part, _, key = spelt(place).partition(" ")
            layers.append({part: {key: answer}})
    for folder, names in change.get("remove", {}).items():
        layers.append({"folders": {folder: [name for name in base.folders[folder] if name not in names]}})
    layers += [
        made for word, make in SPECIAL.items() if word in change for made in [make(base, change[word])]
    ]
    if any(word.startswith("nvml") for word in change):
        layers.append({"calls": {"nvml": driver(change)}})
    return layers


def driver(change: dict[str, Any]) -> dict[str, Any]:
    """Return NVML's answer with fields of cards set, unreadable ("?") or none."""
    answer = nvml()
    answer["report"] |= change.get("nvml_system", {})
    devices = answer["report"]["devices"][: change.get("nvml_cards", GPUS)]
    for place, value in change.get("nvml", {}).items():
        device = devices[int(place[0])]
        if isinstance(value, str) and value in UNREAD:
            del device["values"][place[2:]]
            device["problems"][place[2:]] = UNREAD[value]
        else:
            device["values"][place[2:]] = value
    for place in change.get("nvml_none", ()):
        devices[int(place[0])]["values"][place[2:]] = None
    answer["report"]["devices"] = devices
    return answer


def distributions(base: Snapshot, wanted: dict[str, str]) -> dict[str, dict[str, Any]]:
    answer = copy.deepcopy(base.calls[TARGET])
    for row in (row for folder in answer["folders"] for row in folder["distributions"]):
        row["version"] = wanted.get(row["name"], row["version"])
    return {"calls": {TARGET: answer}}


def mounted(base: Snapshot, lines: list[str]) -> dict[str, dict[str, Any]]:
    kept = [line for line in str(base.files["/proc/self/mountinfo"]).splitlines() if " /scratch " not in line]
    points = {line.split()[4] for line in lines}
    kept = [line for line in kept if line.split()[4] not in points]
    return {"files": {"/proc/self/mountinfo": "\n".join([*kept, *lines]) + "\n"}}


UNREAD = {"?": "NVML: Unknown Error", "lost": "NVML: GPU is lost"}
SPECIAL = {
    "libraries": lambda _, names: loader(names),
    "distributions": distributions,
    "mounted": mounted,
    "acs": lambda _, control: bridge("0000:f0:00.0", control),
    "secure_boot": lambda *_: {"files": {SECURE_BOOT: "\x06\0\0\0\x01"}},
    "rates": lambda _, rate: {
        "files": {f"/sys/class/infiniband/mlx5_{i}/ports/1/rate": rate for i in range(GPUS)}
    },
    "forget_programs": lambda base, _: {
        "stats": {path: None for path in base.stats if path.startswith(PROGRAMS)}
    },
}


def judged(name: str, change: dict[str, Any], tmp_path: Path) -> tuple[set[str], Result]:
    case = CASES[name]
    base = machine(case.get("on", "node"))
    snapshot = laid(base, *answers(base, change))
    if change.get("no_environment"):
        snapshot.environment = None
    profile = tmp_path / "site.toml"
    value = f"value = {_toml(case['value'])}\n" if "value" in case else ""
    profile.write_text(f'[[check]]\nname = "{name}"\n{value}')
    request = Request(profiles=(str(profile),), only=(name,), started=time.monotonic(), budget=60.0)
    result = preflight(request, SnapshotHost(snapshot))
    (row,) = result.judged
    return {finding.outcome for finding in row.findings}, result


def test_every_check_has_its_machines():
    assert set(CASES) == set(library()), "each check needs a row in checks.toml"
    assert [
        name for name in ON_A_MACHINE if not (CASES[name].get("fail") and CASES[name].get("unknown"))
    ] == []


# of cards and adapters, and yet something to say where there is none
SAYS = {"gpu-mask", "gpu-grant"}
ABOUT_CARDS = [n for n in ON_A_MACHINE if n.startswith(("gpu-", "amd-", "tpu-", "fabric-")) and n not in SAYS]


@pytest.mark.parametrize("name", [n for n in ABOUT_CARDS if "variables" not in n and "ports" not in n])
def test_without_cards_and_adapters_nothing_of_theirs_is_called_fine(name, tmp_path):
    case = {key: value for key, value in CASES[name].items() if key == "value"}
    profile = tmp_path / "site.toml"
    value = f"value = {_toml(case['value'])}\n" if case else ""
    profile.write_text(f'[[check]]\nname = "{name}"\n{value}')
    request = Request(profiles=(str(profile),), only=(name,), started=time.monotonic(), budget=60.0)
    (row,) = preflight(request, SnapshotHost(machine("node"))).judged
    assert not row.having("pass"), row.findings


@pytest.mark.parametrize("name", ON_A_MACHINE)
def test_a_machine_that_passes(name, tmp_path):
    outcomes, result = judged(name, CASES[name].get("pass", {}), tmp_path)
    assert outcomes == {"pass"}, result.judged[0].findings


@pytest.mark.parametrize("name", ON_A_MACHINE)
def test_a_machine_that_fails_and_its_reason(name, tmp_path):
    outcomes, result = judged(name, CASES[name]["fail"], tmp_path)
    assert "fail" in outcomes, result.judged[0].findings
    assert "unknown" not in outcomes
    failed = [finding for finding in result.judged[0].findings if finding.outcome == "fail"]
    line = reason(failed)
    assert line.startswith(f"fwaudit:{result.judged[0].check.code} ")
    assert len(line) <= LIMIT
    assert line.isascii()
    assert not any(word in failed[0].message for word in ("{item", "{gpu", "{node", "{value", "unknown"))


@pytest.mark.parametrize("name", ON_A_MACHINE)
def test_a_machine_where_it_cannot_be_known(name, tmp_path):
    outcomes, result = judged(name, CASES[name]["unknown"], tmp_path)
    assert "unknown" in outcomes, result.judged[0].findings
    assert "fail" not in outcomes
    assert all(f.unknown_because for f in result.judged[0].findings if f.outcome == "unknown")
    if result.judged[0].check.level == "fail":
        assert result.verdict.word == "unknown"
