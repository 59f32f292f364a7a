"""Machines for the pre-flight's tests: a real capture, and hardware laid over it.

`node()` is the recording of a real virtual machine (README.md). No recording of an 8-GPU node may be
committed here, so `hgx()`, `instinct()` and `tpu_vm()` are synthetic: they lay answers over the real one
in the forms that the vendors document (NVML's fields, sysfs-bus-pci, sysfs-class-infiniband, amdgpu's
sysfs, EDAC). Run as a program it writes one as a snapshot: python -m tests.machines.builder hgx FILE.
"""

from __future__ import annotations

import base64
import struct
import sys
from pathlib import Path
from typing import Any

import msgspec

from auditor.audit.hosts import load_snapshot
from auditor.host.recording import Bytes, Failure, Snapshot, overlay

FILE = Path(__file__).with_name("debian12-vm-node.json")
PCI = "/sys/bus/pci/devices"
GPUS = 8
X86_64 = 0x0303
DRIVER = "550.54.15"
VERSION = f"NVRM version: NVIDIA UNIX Open Kernel Module for x86_64  {DRIVER}  Release Build  (dvs-builder)\n"

Parts = dict[str, dict[str, Any]]
MOUNTS = "60 27 0:50 / /scratch rw,relatime - nfs4 files:/scratch rw,hard\n61 27 0:51 / /var rw - ext4 /dev/vdb rw\n62 27 0:52 / /tmp rw - tmpfs tmpfs rw\n"  # fmt: skip
SPACE = {"answers": True, "total_kib": 1 << 24, "free_kib": 1 << 23, "free_percent": 50.0, "inodes_free_percent": 90.0, "read_only": False}  # fmt: skip


def laid(snapshot: Snapshot, *layers: Parts) -> Snapshot:
    """Return the snapshot with each layer's answers, {part: {question: answer}}, over it."""
    for layer in layers:
        snapshot = overlay(snapshot, **layer)
    return snapshot


def joined(*layers: Parts) -> Parts:
    found: Parts = {}
    for layer in layers:
        for part, answers in layer.items():
            found.setdefault(part, {}).update(answers)
    return found


def node() -> Snapshot:
    """Return the real machine, in order: clock synchronised, load low, mounts of a cluster node."""
    real = load_snapshot(str(FILE))
    quiet: Parts = {
        "calls": {
            "adjtimex": {"status": 0x2001, "error_us": 500},
            "mount:/var": SPACE,
            "mount:/tmp": SPACE,
        },
        "files": {
            "/proc/loadavg": "0.10 0.10 0.10 1/99 999\n",
            "/proc/self/mountinfo": real.files["/proc/self/mountinfo"] + MOUNTS,  # type: ignore[operator]
            "/proc/sys/vm/swappiness": "60\n",
            "/proc/sys/kernel/tainted": "0\n",
            "/proc/sys/net/netfilter/nf_conntrack_count": "10\n",
            "/proc/sys/net/netfilter/nf_conntrack_max": "1000\n",
            "/sys/class/net/eth0/speed": "25000\n",
            "/proc/77/stat": "77 (sshd) S 1 77 77 0 -1 0",
        },
        "folders": {"/proc": [*real.folders["/proc"], "77"]},  # type: ignore[misc]
        "commands": {
            "stat -f /scratch": {
                "argv": ["stat", "-f", "/scratch"],
                "rc": 0,
                "stdout": "4096 1000 500 100 90\n",
            },
            "getent ahosts controller": {
                "argv": ["getent"],
                "rc": 0,
                "stdout": "10.0.0.1 STREAM controller\n",
            },
        },
        "stats": {
            "/usr/bin/dockerd": {"type": "stat", "mode": 0o100755},
            "/usr/bin/nvidia-ctk": {"type": "stat", "mode": 0o100755},
            "/sys/module/br_netfilter": {"type": "stat", "mode": 0o040755},
            "/etc/site-ready": {"type": "stat", "mode": 0o100644},
        },
    }
    return laid(real, quiet, _edac())


def _edac() -> Parts:
    base = "/sys/devices/system/edac/mc"
    files = {f"{base}/mc0/{name}_count": "0\n" for name in ("ce", "ue")}
    files |= {f"{base}/mc0/dimm{number}/size": "65536\n" for number in range(2)}
    return {
        "files": files,
        "folders": {base: ["mc0"], f"{base}/mc0": ["dimm0", "dimm1", "ce_count", "ue_count"]},
    }


def pci(address: str, code: str, vendor: str, device: str, numa: int, driver: str | None = None) -> Parts:
    """Return one device of the bus, its link at full width and its error counters at zero."""
    base = f"{PCI}/{address}"
    aer = {f"{base}/aer_dev_{kind}": f"RxErr 0\nTOTAL_ERR_{word} 0\n" for kind, word in
           (("fatal", "FATAL"), ("nonfatal", "NONFATAL"), ("correctable", "COR"))}  # fmt: skip
    link = {"current_link_width": "16", "max_link_width": "16", "current_link_speed": "32.0 GT/s PCIe", "max_link_speed": "32.0 GT/s PCIe"}  # fmt: skip
    files = {f"{base}/{name}": f"{text}\n" for name, text in link.items()}
    uevent = f"PCI_CLASS={code[2:].upper()}\nPCI_ID={vendor[2:].upper()}:{device[2:].upper()}\n"
    files |= {f"{base}/uevent": uevent, f"{base}/class": f"{code}\n", f"{base}/numa_node": f"{numa}\n", **aer}
    links = {f"{base}/driver": f"../../bus/pci/drivers/{driver}"} if driver else {}
    return {"files": files, "links": links}


def bridge(address: str, control: int = 0) -> Parts:
    """Return a PCI bridge whose ACS control register (extended capability 0x000d) is `control`."""
    space = bytearray(4096)
    struct.pack_into("<IHH", space, 0x100, 0x000D | 1 << 16, 0x5F, control)
    content = Bytes(base64.b64encode(bytes(space)).decode())
    base = f"{PCI}/{address}"
    files = {f"{base}/uevent": "PCI_CLASS=60400\nPCI_ID=1000:C030\n", f"{base}/class": "0x060400\n"}
    return {"files": {**files, f"{base}/config": content}}


def listed(snapshot: Snapshot, addresses: list[str]) -> Parts:
    return {"folders": {PCI: sorted([*snapshot.folders[PCI], *addresses])}}  # type: ignore[misc]


def loader(libraries: list[tuple[str, str]]) -> Parts:
    """Return an /etc/ld.so.cache (new format) and the links of its libraries to versioned files."""
    offset, strings, entries = 48 + 24 * len(libraries), b"", b""
    folder = "/usr/lib/x86_64-linux-gnu"
    for name, _ in libraries:
        key = offset + len(strings)
        strings += name.encode() + b"\0" + f"{folder}/{name}".encode() + b"\0"
        entries += struct.pack("<iIIIQ", X86_64, key, key + len(name) + 1, 0, 0)
    header = struct.pack("<II", len(libraries), len(strings)) + bytes([2]) + bytes(19)
    cache = base64.b64encode(b"glibc-ld.so.cache1.1" + header + entries + strings).decode()
    plain: dict[str, Any] = {path: Failure(22, "not a link") for path in ("/usr", "/usr/lib", folder)}
    plain |= {f"{folder}/{real}": Failure(22, "not a link") for _, real in libraries}
    return {
        "files": {"/etc/ld.so.cache": Bytes(cache)},
        "links": {**plain, **{f"{folder}/{name}": real for name, real in libraries}},
    }


def _main() -> None:
    from tests.machines import hardware

    kind, path = sys.argv[1:]
    Path(path).write_bytes(msgspec.json.encode(getattr(hardware, kind)()))


if __name__ == "__main__":
    _main()
