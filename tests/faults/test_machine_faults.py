"""Vendor tools that misbehave and a machine that refuses to be read."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
from fault_harness import Running

pytestmark = pytest.mark.slow

Start = Callable[..., Running]
NONE = ("--level", "none")

# what a fake nvidia-smi does -> (script, causes of which one must be found)
SMI = {
    "returns garbage": ("head -c 100000 /dev/urandom", {"vendor_tool_failed"}),
    "returns another schema": (
        'echo \'<?xml version="1.0"?><other><card n="1"/></other>\'',
        {"vendor_tool_failed"},
    ),
    "returns half a reply": (
        'echo \'<?xml version="1.0"?><nvidia_smi_log><gpu id="0"><product_na\'',
        {"vendor_tool_failed"},
    ),
    "returns an XML bomb": (
        'echo \'<!DOCTYPE a [<!ENTITY b "bbbbbbbbbb"><!ENTITY c "&b;&b;&b;&b;&b;&b;&b;&b;">]><a>&c;</a>\'',
        {"vendor_tool_failed"},
    ),
    "fails": (
        "echo 'Unable to determine the device handle for GPU: Unknown Error'; exit 15",
        {"vendor_tool_failed"},
    ),
    "prints without end": ("exec cat /dev/zero", {"vendor_tool_hangs", "vendor_tool_failed"}),
    "crashes": ("kill -SEGV $$", {"vendor_tool_failed"}),
}


@pytest.mark.parametrize("fault", SMI)
def test_an_nvidia_smi_that(fault: str, scan: Start, tmp_path: Path) -> None:
    script, causes = SMI[fault]
    tool = tmp_path / "nvidia-smi"
    tool.write_text(f"#!/bin/sh\n{script}\n")
    tool.chmod(0o755)
    run = scan(*NONE, env={"PATH": f"{tmp_path}:{os.environ['PATH']}"})
    done = run.wait()
    done.assert_whole()
    assert done.causes & causes, (done.causes, done.value("nvidia.tool_state"))
    assert done.rc in (0, 1)
    assert done.seconds < 300  # of the hour that it would take
    assert run.left() == []


CRASHING_NVML = "__attribute__((constructor)) static void f(void) { *(volatile int *)0 = 0; }"


def test_an_nvml_that_crashes_the_process_that_loads_it(scan: Start, tmp_path: Path) -> None:
    if not shutil.which("gcc"):
        pytest.skip("no gcc here")
    (tmp_path / "nvml.c").write_text(CRASHING_NVML)
    subprocess.run(
        ["gcc", "-shared", "-fPIC", "-o", tmp_path / "libnvidia-ml.so.1", tmp_path / "nvml.c"], check=True
    )
    done = scan(*NONE, env={"LD_LIBRARY_PATH": str(tmp_path)}).wait()
    done.assert_whole()
    assert done.rc in (0, 1)
    if done.value("nvidia.nvml_state") is None:
        pytest.skip("without an NVIDIA device NVML is not asked")
    assert done.value("nvidia.nvml_state") == "crash"
    assert done.causes & {"vendor_tool_failed", "driver_library_mismatch"}, done.causes


def broken_tree(root: Path) -> None:
    """Make /proc and /sys whose entries refuse in every way that does not need another user."""
    for folder in ("proc/sys", "proc/self", "sys/class", "sys/devices/system/cpu", "etc", "dev"):
        (root / folder).mkdir(parents=True)
    for name in ("proc/cpuinfo", "proc/meminfo", "proc/modules", "etc/os-release", "sys/class/infiniband"):
        (root / name).mkdir()  # EISDIR where a file is expected
    (root / "proc/version").symlink_to("/proc/version")  # ELOOP
    (root / "proc/self/cgroup").symlink_to("/nowhere/at/all")
    (root / "sys/devices/system/cpu/online").write_bytes(b"\xff\xfe 0-\n")
    (root / "sys/devices/system/cpu/cpu0").write_text("a file where a folder is expected")
    (root / "sys/devices/system/node").write_text("")
    (root / "etc/ld.so.cache").write_bytes(b"glibc-ld.so.cache1.1" + b"\xff" * 100)
    (root / "sys/class/drm").symlink_to("../class/drm")
    (root / "proc/filesystems").write_bytes(os.urandom(1 << 16))


def test_a_tree_whose_entries_cannot_be_read(scan: Start, tmp_path: Path) -> None:
    broken_tree(tmp_path)
    done = scan("--root", str(tmp_path)).wait()
    report = done.report
    assert "internal error" not in done.stderr
    assert done.rc in (0, 1, 3)
    assert not [run for run in report["probes"] if run["status"] == "failed"], report["probes"]
    for key in ("cpu.model_name", "memory.total_kib"):
        assert report["facts"][key]["state"] == "unknown", (key, report["facts"][key])


def test_entries_that_only_others_may_read(scan: Start, tmp_path: Path) -> None:
    if os.geteuid() == 0:
        pytest.skip("root may read everything")
    (tmp_path / "proc").mkdir()
    (tmp_path / "proc" / "cpuinfo").write_text("processor : 0\n")
    (tmp_path / "proc" / "cpuinfo").chmod(0)
    done = scan("--root", str(tmp_path)).wait()
    assert done.report["facts"]["cpu.model_name"]["state"] == "unknown"


def test_an_empty_tree_gives_a_report_in_which_everything_is_unknown_or_absent(
    scan: Start, tmp_path: Path
) -> None:
    (tmp_path / "proc").mkdir()
    done = scan("--root", str(tmp_path)).wait()
    assert done.rc in (0, 1, 3)
    assert not [run for run in done.report["probes"] if run["status"] == "failed"], done.report["probes"]
