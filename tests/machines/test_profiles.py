"""`fwaudit profile`: learnt from a machine, its report or its capture; tested against others; linted by line and key."""

from __future__ import annotations

import sys
from pathlib import Path

import msgspec
import pytest
from click.testing import CliRunner

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from auditor.cli.commands.profile import command
from auditor.host.recording import overlay
from tests.machines.hardware import MACHINES, nvml


def call(*argv, code=0):
    done = CliRunner().invoke(command, [str(word) for word in argv], standalone_mode=False)
    assert done.exception is None, done.exception
    assert done.return_value == code, done.output
    return done.output


@pytest.fixture
def recorded(tmp_path):
    def write(name, **changes):
        path = tmp_path / f"{name}-{len(changes)}.json"
        path.write_bytes(msgspec.json.encode(overlay(MACHINES[name](), **changes)))
        return path

    return write


@pytest.mark.parametrize("name", sorted(MACHINES))
def test_a_profile_learnt_from_a_capture_holds_for_it(name, recorded, tmp_path):
    profile = tmp_path / "learnt.toml"
    call("learn", "--snapshot", recorded(name), "-o", profile)
    assert "no mistakes" in call("lint", profile)
    assert "verdict: pass" in call("test", profile, "--snapshot", recorded(name), "--expect", "pass")


def lower(**values):
    """Return NVML's answer with fields of every card set."""
    answer = nvml()
    for device in answer["report"]["devices"]:
        device["values"] |= values
    return {"calls": {"nvml": answer}}


@pytest.mark.parametrize(
    "change",
    [{"pcie_width": 8}, {"clock_sm_max_mhz": 0, "power_limit_w": 0.0}, {"pcie_width": None, "ecc_mode": None}],
    ids=["fewer lanes than the card has", "no clock", "a virtual card"],
)  # fmt: skip
def test_a_profile_learnt_from_an_odd_card_parses_and_holds(change, recorded, tmp_path):
    profile, odd = tmp_path / "learnt.toml", recorded("hgx", **lower(**change))
    call("learn", "--snapshot", odd, "-o", profile)
    assert "no mistakes" in call("lint", profile)
    assert "FAIL     gpu-pcie-width" not in call("test", profile, "--snapshot", odd, "--expect", "pass")


def test_learning_from_a_node_that_fails_warns(recorded, tmp_path):
    bad = recorded("hgx", **lower(ecc_uncorrected_volatile=3))
    told = call("learn", "--snapshot", bad, "-o", tmp_path / "learnt.toml")
    assert "fails it: gpu-ecc-uncorrected" in told
    good = call("learn", "--snapshot", recorded("hgx"), "-o", tmp_path / "good.toml")
    assert "warning" not in good


def seven():
    answer = nvml()
    answer["report"]["devices"].pop()
    return {"calls": {"nvml": answer}}


def slower():
    return {"files": {"/sys/class/infiniband/mlx5_3/ports/1/rate": "100 Gb/sec (2X HDR)"}}


def older():
    answer = nvml()
    answer["report"]["driver_version"] = "535.161.08"
    return {"calls": {"nvml": answer}}


def patched():
    """A later patch of the branch is fine; that the module is not of its version is another check's matter."""
    answer = nvml()
    answer["report"]["driver_version"] = "550.127.05"
    return {"calls": {"nvml": answer}}


@pytest.mark.parametrize(
    ("change", "verdict", "says"),
    [(seven, "fail", "GPUs: 7 instead of 8"), (slower, "fail", "active fabric ports of 400 Gb/s or more: 7, 8 are needed"),
     (older, "fail", "the driver, 535.161.08, is older than 550.0"), (patched, "fail", "pass     gpu-driver")],
)  # fmt: skip
def test_a_learnt_profile_against_a_changed_machine(change, verdict, says, recorded, tmp_path):
    profile = tmp_path / "learnt.toml"
    call("learn", "--snapshot", recorded("hgx"), "-o", profile)
    assert says in call("test", profile, "--snapshot", recorded("hgx", **change()), "--expect", verdict)


def test_learnt_from_a_report(recorded, tmp_path):
    """A pre-flight's own JSON report teaches what a machine does."""
    import time

    from auditor.audit.hosts import open_host
    from auditor.preflight.gate import preflight
    from auditor.preflight.outcome import report
    from auditor.preflight.request import Request
    from auditor.render.json import written

    host = open_host(None, str(recorded("hgx")))
    request = Request(profiles=("dgx-h100",), started=time.monotonic(), budget=60.0)
    told = report(preflight(request, host), request, host, 0)
    path = tmp_path / "report.json"
    path.write_text(written(told))
    text = call("learn", path)
    for line in (
        'name = "gpu-count"\nvalue = 8',
        'name = "gpu-model"\nvalue = "^NVIDIA H100 80GB HBM3$"',
        'name = "fabric-ports-400"\nvalue = 8',
    ):
        assert line in text


LINES = {
    'id = "x"\n\n[[check]]\nname = "gpu-count"\nvalue = "eight"\n': (5, "check[0] (gpu-count).value", "number"),
    '[[check]]\nname = "shm"\n\n[[check]]\nname = "gpu-cuont"\nvalue = 8\n': (5, "check[1].name", "gpu-count"),
    '[[check]]\nname = "shm"\nlevle = "warn"\n': (3, "level", "level"),
    '[[check]]\nname = "mine"\nmust = { fact = "memory.totl_kib", op = "ge", value = 1 }\n': (3, "must", "memory.total_kib"),
    '[[check]]\nname = "mounts"\nvalue = ["scratch"]\n': (3, "check[0] (mounts).value", "absolute paths"),
    '[[check]]\nname = "shm"\n[[check]]\nname = "shm"\n': (4, "check[1].name", "stands twice"),
    'extends = ["dgx-h1"]\n': (1, "extends", "dgx-h100"),
    'id = "x"\n[[check]\n': (2, "", "line 2"),
}  # fmt: skip


@pytest.mark.parametrize("text", LINES)
def test_lint_names_line_and_key(text, tmp_path):
    line, key, says = LINES[text]
    path = tmp_path / "site.toml"
    path.write_text(text)
    said = call("lint", path, code=1)
    assert said.startswith(f"{path}:{line}: "), said
    assert key in said
    assert says in said


def lost():
    answer = nvml()
    device = answer["report"]["devices"][2]
    device["problems"] = dict.fromkeys([*device["values"]], "NVML: GPU is lost")
    device["values"] = {}
    return {"calls": {"nvml": answer}}


def partitioned():
    answer = nvml()
    answer["report"]["devices"][5]["values"]["mig_mode"] = "Enabled"
    return {"calls": {"nvml": answer}}


def narrow():
    answer = nvml()
    answer["report"]["devices"][4]["values"]["pcie_width"] = 8
    return {"calls": {"nvml": answer}}


def half_the_memory():
    total = int(MEMINFO.split("MemTotal:")[1].split()[0])
    return {"files": {"/proc/meminfo": MEMINFO.replace(str(total), str(total // 2), 1)}}


MEMINFO = str(MACHINES["hgx"]().files["/proc/meminfo"])
# what is changed on one machine -> the only checks that may fail there, and by a profile learnt from the others
DEGRADED = {
    "a GPU less": (seven, {"gpu-count", "gpu-layers"}),
    "a GPU lost": (lost, {"gpu-on-bus"}),
    "MIG on": (partitioned, {"gpu-mig"}),
    "half the lanes": (narrow, {"gpu-pcie-width", "gpu-pcie"}),
    "a slow port": (slower, {"fabric-ports-400", "nccl-adapters-alike"}),
    "a memory module less": (half_the_memory, {"memory-total"}),
}


@pytest.mark.parametrize("name", DEGRADED)
def test_only_the_degraded_point_fails(name, recorded, tmp_path):
    change, wanted = DEGRADED[name]
    profile = tmp_path / "learnt.toml"
    call("learn", "--snapshot", recorded("hgx"), "-o", profile)
    told = call("test", profile, "--snapshot", recorded("hgx", **change()), "--expect", "fail")
    failed = {
        line.split()[1].rstrip(":") for line in told.splitlines() if line.startswith(("  FAIL", "  warn"))
    }
    assert failed, told
    assert failed <= wanted, told
