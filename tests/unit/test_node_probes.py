"""Pre-flight's own probes on recorded answers: each a small machine, and what it must say."""

from __future__ import annotations

import struct

import pytest

from auditor.host.recording import Failure, Snapshot, SnapshotHost
from auditor.model.fact import Facts, known, unknown
from auditor.probes import node
from auditor.probes.base import run_probe
from auditor.probes.node.bus import acs_control
from auditor.probes.node.kernel_log import kind_of
from auditor.probes.node.selectors import choose


def ask(name, parts=None, **facts):
    told = {key.replace("__", "."): known(value) for key, value in facts.items()}
    found, run = run_probe(node.load(name), SnapshotHost(Snapshot(**(parts or {}))), Facts(told))
    assert run.status == "ok", run
    return found


@pytest.mark.parametrize("name", node.ALL)
def test_a_machine_of_which_nothing_was_recorded_is_unknown(name):
    host = SnapshotHost(Snapshot())
    blind = Facts({need: unknown("not recorded") for need in node.load(name).needs})
    found, run = run_probe(node.load(name), host, blind)
    assert run.status in ("ok", "skipped")
    assert {key for key, fact in found.items() if fact.is_known and fact.value} == set()


NFS = "22 1 8:1 / / rw - ext4 /dev/sda1 rw\n30 22 0:50 / /home ro,relatime - nfs4 nas:/home rw,hard\n"


def mounts(command, **look):
    parts = {
        "files": {"/proc/self/mountinfo": NFS},
        "calls": {"mount:/": {"answers": True, "free_percent": 12.5, "read_only": False}},
        "commands": {"stat -f /home": {"argv": ["stat", "-f", "/home"], **command}},
    }
    rows = ask("mounts", parts, request__look={"mounts": look.get("wanted", [])})["node.mounts"].value
    return {row["path"]: row for row in rows}


def test_mounts_that_answer_hang_refuse_or_are_missing():
    good = mounts({"rc": 0, "stdout": "4096 1000 250 0 0\n"})
    assert (good["/home"]["answers"], good["/home"]["free_percent"], good["/home"]["read_only"]) == (
        True,
        25.0,
        True,
    )
    assert good["/home"]["inodes_free_percent"] is None
    assert good["/"]["free_percent"] == 12.5
    assert mounts({"timed_out": True})["/home"]["reason"] == "silent for 1 s"
    stale = "stat: cannot read file system information for '/home': Stale file handle"
    assert mounts({"rc": 1, "stderr": stale})["/home"]["reason"] == "Stale file handle"
    refused = mounts({"rc": 1, "stderr": "stat: cannot ...: Permission denied"})["/home"]
    assert "CAP_DAC_READ_SEARCH" in refused["unknown_because"]
    assert "answers" not in refused
    assert mounts({"rc": 0, "stdout": "4096 1 1 0 0"}, wanted=["/scratch"])["/scratch"]["present"] is False


def processes(**stats):
    files = {f"/proc/{pid}/stat": text for pid, text in stats.items()}
    files |= {
        "/proc/loadavg": "8.00 1 1 1/2 3",
        "/sys/devices/system/cpu/online": "0-3",
        "/proc/9/wchan": "nfs_wait",
    }
    names = [name.split("/")[2] for name in files if name.endswith("/stat")]
    parts = {"files": files, "folders": {"/proc": names}}
    return ask("processes", parts, request__look={"services": ["sshd", "nv-fabricmanager-long"]})


def test_processes_by_state_and_name():
    found = processes(
        **{"1": "1 (systemd) S 0", "9": "9 (a (b) c) D 1", "10": "10 (sh) Z 9", "11": "11 (sshd) S 1"}
    )
    assert found["node.blocked_processes"].value == [{"pid": 9, "name": "a (b) c", "wchan": "nfs_wait"}]
    assert found["node.zombies"].value == [{"pid": 10, "name": "sh", "parent": 9}]
    assert [row["running"] for row in found["node.services"].value] == [True, False]
    assert found["node.load_per_cpu"].value == 2.0


def test_a_containers_processes_do_not_prove_that_a_service_is_down():
    rows = processes(**{"1": "1 (python) S 0"})["node.services"].value
    assert all("unknown_because" in row for row in rows)


def test_the_kernel_log_by_age_and_its_refusal():
    rows = [[60.0, "NVRM: Xid (PCI:0000:9b:00): 79, GPU has fallen off the bus."], [90000.0, "EXT4-fs error (device sda1)"],
            [5.0, "task df:7 blocked for more than 120 seconds."]]  # fmt: skip
    found = ask("kernel_log", {"calls": {"kernel-events": rows}})
    assert found["node.xids"].value == [{"address": "0000:9b:00", "code": 79, "age_s": 60, "times": 1}]
    assert [row["kind"] for row in found["node.kernel_events"].value] == ["hung-task"]
    refused = ask("kernel_log", {"calls": {"kernel-events": Failure(1, "Operation not permitted")}})
    assert "CAP_SYSLOG" in refused["node.xids"].reason


@pytest.mark.parametrize(
    ("line", "kind"),
    [
        ("blk_update_request: critical medium error, dev sdb, sector 1", "disk-error"),
        ("mce: [Hardware Error]: Machine check events logged", "machine-check"),
        ("nfs: server nas not responding, still trying", "nfs-timeout"),
        ("usb 1-1: new high-speed USB device", ""),
    ],
)
def test_kinds_of_kernel_messages(line, kind):
    assert kind_of(line) == kind


def test_ports_with_their_counters():
    port = {"device": "mlx5_0", "port": 1, "state": "active", "phys_state": "link up", "rate_gbps": 400.0, "link_layer": "InfiniBand"}  # fmt: skip
    base = "/sys/class/infiniband/mlx5_0/ports/1/counters"
    files = {f"{base}/symbol_error": "7200", f"{base}/link_downed": "3", "/proc/uptime": "36000.0 1"}
    found = ask("fabric", {"files": files, "environment": {"NCCL_IB_HCA": "mlx5_0,mlx9"}, "folders": {"/sys/class/net": ["eth0"]}}, ib__ports=[port])  # fmt: skip
    (row,) = found["node.fabric_ports"].value
    assert (row["symbol_errors_per_hour"], row["link_downed"]) == (720.0, 3)
    assert row["link_recoveries_per_hour"] is None
    assert found["node.ports_by_rate"].value == {"100": 1, "200": 1, "400": 1, "800": 0}
    (chosen,) = found["node.fabric_selectors"].value
    assert (chosen["selected"], chosen["missing"]) == (["mlx5_0:1"], ["mlx9"])


@pytest.mark.parametrize(
    ("value", "chosen", "missing"),
    [
        ("mlx5", ["mlx5_0:1", "mlx5_1:1", "mlx5_10:1"], []),
        ("=mlx5_1", ["mlx5_1:1"], []),
        ("mlx5_1", ["mlx5_1:1", "mlx5_10:1"], []),
        ("^mlx5_1", ["mlx5_0:1"], []),
        ("^=mlx5_1", ["mlx5_0:1", "mlx5_10:1"], []),
        ("mlx5_0:1,mlx5_0:2", ["mlx5_0:1"], ["mlx5_0:2"]),
        ("ens", [], ["ens"]),
    ],
)
def test_nccls_grammar(value, chosen, missing):
    assert choose(value, ["mlx5_0:1", "mlx5_1:1", "mlx5_10:1"]) == (chosen, missing)


def test_acs_in_a_bridges_configuration_space():
    space = bytearray(4096)
    struct.pack_into("<I", space, 0x100, 0x0001 | 1 << 16 | 0x148 << 20)  # AER, next at 0x148
    struct.pack_into("<IHH", space, 0x148, 0x000D | 1 << 16, 0x5F, 0x1D)
    assert acs_control(bytes(space)) == 0x1D
    assert acs_control(bytes(4096)) is None
    assert acs_control(b"\xff" * 4096) is None


def test_bridges_that_only_root_may_read_are_unknown_with_the_capability():
    folder = "/sys/bus/pci/devices"
    parts = {"folders": {folder: ["0000:00:01.0"]}, "files": {f"{folder}/0000:00:01.0/class": "0x060400\n", f"{folder}/0000:00:01.0/config": "x" * 64}}  # fmt: skip
    assert "CAP_SYS_ADMIN" in ask("bus", parts)["node.acs_bridges"].reason


def test_names_clock_and_settings():
    reply = {"argv": ["getent"], "rc": 0, "stdout": "10.0.0.1 STREAM ctl\n"}
    names = ask("names", {"commands": {"getent ahosts ctl": reply}}, request__look={"names": ["ctl"]})
    assert names["node.names"].value == [{"name": "ctl", "resolves": True}]
    clock = ask("clock", {"calls": {"adjtimex": {"status": 0x40, "error_us": 16000000}}})
    assert (clock["node.clock_synchronised"].value, clock["node.clock_error_ms"].value) == (False, 16000.0)
    files = {"/proc/sys/vm/swappiness": "60\n", "/proc/sys/net/netfilter/nf_conntrack_count": "90", "/proc/sys/net/netfilter/nf_conntrack_max": "100"}  # fmt: skip
    found = ask("settings", {"files": files}, request__look={"sysctl": {"vm.swappiness": 1}})
    assert found["node.sysctl"].value == [{"name": "vm.swappiness", "wanted": "1", "value": "60"}]
    assert found["node.conntrack_percent"].value == 90.0


def test_cards_beside_their_neighbours():
    told = {"nvidia__gpu_count": 3}
    for index, clock in enumerate((1980, 1980, 900)):
        told |= {f"gpu[{index}].vendor": "nvidia", f"gpu[{index}].clock_sm_mhz": clock, f"gpu[{index}].utilization_percent": 99,
                 f"gpu[{index}].temperature_c": 60, f"gpu[{index}].temperature_slowdown_c": 90, f"gpu[{index}].vbios_version": "96.00",
                 f"gpu[{index}].processes": [{"pid": 1, "name": "/usr/bin/nvidia-persistenced"}, {"pid": 2, "name": "python"}]}  # fmt: skip
    rows = ask("cards", **told)["node.cards"].value
    assert [row["clock_of_median_percent"] for row in rows] == [100, 100, 45]
    assert rows[0]["below_slowdown_c"] == 30
    assert (rows[0]["foreign_processes"], rows[0]["same_firmware"]) == (1, True)


def test_ways_of_gpus_into_containers():
    missing = {f"{folder}/{name}": Failure(2, "no such file") for folder in ("/usr/bin", "/usr/local/bin", "/usr/sbin", "/opt/bin")
               for name in ("dockerd", "podman", "containerd", "crio", "apptainer", "singularity", "enroot", "nvidia-container-runtime", "nvidia-ctk")}  # fmt: skip
    bare = {"stats": {**missing, "/usr/bin/podman": {"type": "stat", "mode": 0o100755}}}
    found = ask("containers", bare)
    assert found["node.container_runtimes"].value == ["podman"]
    assert found["node.gpu_container_toolkit"].state == "absent"
    found = ask("containers", {**bare, "folders": {"/etc/cdi": ["nvidia.yaml"]}})
    assert found["node.gpu_container_toolkit"].value == "cdi"


READ_ONLY = {
    # mounts: point, options of the mount, file system, its own options -> read-only mounts that are a fault
    "temporary files on a root turned read-only": (["/ ro ext4 rw"], ["/"]),
    "only /tmp": (["/ rw ext4 rw", "/tmp ro tmpfs rw"], ["/tmp"]),
    "an error of the disk, temporary files elsewhere": (
        [
            "/ ro ext4 ro,errors=remount-ro",
            "/tmp rw tmpfs rw",
            "/var/tmp rw tmpfs rw",
            "/dev/shm rw tmpfs rw",
        ],
        ["/"],
    ),
    "a service's view (ProtectSystem=strict, PrivateTmp=yes)": (
        ["/ ro ext4 rw", "/tmp rw ext4 rw", "/var/tmp rw ext4 rw", "/dev/shm rw tmpfs rw"],
        [],
    ),
    "an image": (
        ["/ ro squashfs ro", "/tmp rw tmpfs rw", "/var rw ext4 rw", "/dev/shm rw tmpfs rw"],
        [],
    ),
}


@pytest.mark.parametrize("case", READ_ONLY)
def test_read_only_mounts_that_are_a_fault(case):
    lines, faults = READ_ONLY[case]
    table = ""
    for number, line in enumerate(lines):
        point, options, kind, own = line.split()
        table += f"{number + 22} 1 8:1 / {point} {options} - {kind} none {own}\n"
    calls = {f"mount:{line.split()[0]}": {"answers": True} for line in lines}
    told = ask("mounts", {"files": {"/proc/self/mountinfo": table}, "calls": calls}, request__look={})
    rows = told["node.mounts"].value
    assert [row["path"] for row in rows if row["must_write"] and row["read_only"]] == faults


def test_an_amd_card_whose_files_cannot_be_read_is_not_called_fine():
    folder = "/sys/bus/pci/devices/0000:1b:00.0"
    denied = Failure(13, "Permission denied")
    facts = Facts({
        "amd.gpu_count": known(1), "gpu[0].vendor": known("amd"), "gpu[0].name": known("x"),
        "gpu[0].pci_bus_id": known("00000000:1B:00.0"),
    })  # fmt: skip
    host = SnapshotHost(
        Snapshot(
            folders={f"{folder}/ras": ["umc_err_count", "gfx_err_count"], f"{folder}/hwmon": denied},
            files={f"{folder}/ras/umc_err_count": denied, f"{folder}/ras/gfx_err_count": "ue: 0\nce: 2\n"},
        )
    )
    (row,) = node.load("amd_cards").collect(host, facts)["node.amd_cards"].value
    assert {"ecc_uncorrected", "ecc_corrected", "below_critical_c"} <= set(row["unknown"])
    assert (row["ecc_uncorrected"], row["ecc_corrected"]) == (None, 2)
