"""What control groups grant, in both versions, nested, and inside containers."""

import pytest

from auditor.model.fact import Facts
from auditor.probes.cgroup import PROBE

V2_MOUNT = "30 23 0:26 / /sys/fs/cgroup rw,nosuid - cgroup2 cgroup2 rw,nsdelegate\n"
V1_MOUNTS = "".join(
    f"{number} 23 0:{number} {{root}} /sys/fs/cgroup/{name} rw - cgroup cgroup rw,{name}\n"
    for number, name in enumerate(("cpu,cpuacct", "memory", "pids", "cpuset"), 31)
)


def look(host):
    return PROBE.collect(host, Facts())


def v2(files, path="/a/b"):
    return {"/proc/self/mountinfo": V2_MOUNT, "/proc/self/cgroup": f"0::{path}\n"} | {
        f"/sys/fs/cgroup{name}": text for name, text in files.items()
    }


def v1(files, path="/a/b", root="/"):
    controllers = ("cpu,cpuacct", "memory", "pids", "cpuset")
    mine = "".join(f"{number}:{name}:{path}\n" for number, name in enumerate(controllers, 2))
    return {"/proc/self/mountinfo": V1_MOUNTS.format(root=root), "/proc/self/cgroup": mine + "0::/\n"} | {
        f"/sys/fs/cgroup{name}": text for name, text in files.items()
    }


def test_the_smallest_limit_of_the_path_counts(machine):
    files = {"/a/cpu.max": "150000 100000\n", "/a/b/cpu.max": "400000 100000\n",
             "/a/memory.max": "max\n", "/a/b/memory.max": "1073741824\n", "/a/pids.max": "100\n"}  # fmt: skip
    facts = look(machine(v2(files)))
    assert facts["cgroup.v2"].value is True
    assert facts["cgroup.cpu_quota"].value == 1.5
    assert facts["cgroup.memory_limit_kib"].value == 1048576
    assert facts["cgroup.pids_limit"].value == 100
    assert facts["cgroup.cpu_quota"].evidence[0].ref == "/sys/fs/cgroup/a"


def test_max_means_that_there_is_no_limit(machine):
    facts = look(
        machine(v2({"/a/b/cpu.max": "max 100000\n", "/a/b/memory.max": "max\n", "/a/b/pids.max": "max\n"}))
    )
    assert {facts[f"cgroup.{key}"].state for key in ("cpu_quota", "memory_limit_kib", "pids_limit")} == {
        "absent"
    }


def test_version_1_has_a_folder_for_each_controller(machine):
    files = {"/cpu,cpuacct/a/cpu.cfs_quota_us": "50000\n", "/cpu,cpuacct/a/cpu.cfs_period_us": "100000\n",
             "/memory/a/b/memory.limit_in_bytes": "9223372036854771712\n", "/memory/a/memory.limit_in_bytes": "2147483648\n",
             "/pids/a/b/pids.max": "max\n", "/cpuset/a/b/cpuset.cpus": "2-3\n"}  # fmt: skip
    facts = look(machine(v1(files)))
    assert facts["cgroup.v2"].value is False
    assert facts["cgroup.cpu_quota"].value == 0.5
    assert facts["cgroup.memory_limit_kib"].value == 2097152
    assert facts["cgroup.pids_limit"].state == "absent"
    assert facts["cgroup.cpuset"].value == [2, 3]


def test_minus_one_is_no_quota_in_version_1(machine):
    assert (
        look(machine(v1({"/cpu,cpuacct/cpu.cfs_quota_us": "-1\n"}, path="/")))["cgroup.cpu_quota"].state
        == "absent"
    )


@pytest.mark.parametrize("path", ["/docker/abc", "/somewhere/else"])
def test_in_a_container_the_mount_shows_only_our_part(machine, path):
    files = {"/memory/memory.limit_in_bytes": "4194304\n"}
    assert look(machine(v1(files, path=path, root="/docker/abc")))["cgroup.memory_limit_kib"].value == 4096


def test_a_path_outside_our_namespace_ends_at_the_mount(machine):
    assert (
        look(machine(v2({"/memory.max": "4194304\n"}, path="/../../x")))["cgroup.memory_limit_kib"].value
        == 4096
    )


def test_the_nearest_group_with_a_cpuset_counts(machine):
    files = {"/cpuset.cpus.effective": "0-7\n", "/a/cpuset.cpus.effective": "0-3\n"}
    assert look(machine(v2(files)))["cgroup.cpuset"].value == [0, 1, 2, 3]


def test_a_group_that_may_not_be_read_makes_the_limit_unknown(machine):
    host = machine(v2({"/a/b/memory.max": "4096\n"}), refused=["/sys/fs/cgroup/a/memory.max"])
    fact = look(host)["cgroup.memory_limit_kib"]
    assert (fact.state, fact.reason) == ("unknown", "/sys/fs/cgroup/a: permission denied")


def test_mounts_alone_tell_the_version(machine):
    assert (
        look(machine({"/proc/mounts": "cgroup2 /sys/fs/cgroup cgroup2 rw 0 0\n"}))["cgroup.v2"].value is True
    )
    assert (
        look(machine({"/proc/mounts": "x /sys/fs/cgroup/cpu cgroup rw,cpu 0 0\n"}))["cgroup.v2"].value
        is False
    )


def test_a_kernel_without_control_groups_limits_nothing(machine):
    facts = look(
        machine({"/proc/self/mountinfo": "1 0 8:1 / / rw - ext4 /dev/sda1 rw\n", "/proc/self/cgroup": ""})
    )
    assert {fact.state for fact in facts.values()} == {"absent"}
