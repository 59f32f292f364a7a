"""Memory, NUMA nodes and limits of the process."""

import trees

from auditor.model.fact import Facts, absent, known, unknown
from auditor.probes.limits import PROBE as LIMITS
from auditor.probes.memory import PROBE as MEMORY
from auditor.probes.numa import PROBE as NUMA

MEMINFO = """MemTotal:       16384000 kB
MemFree:         1000000 kB
MemAvailable:    8000000 kB
SwapTotal:             0 kB
SwapFree:              0 kB
HugePages_Total:      16
HugePages_Free:        4
Hugepagesize:       2048 kB
"""
UNLIMITED = Facts({"cgroup.memory_limit_kib": absent("not limited")})
NODE = "/sys/devices/system/node"


def test_meminfo_is_read(machine):
    facts = MEMORY.collect(machine({"/proc/meminfo": MEMINFO}), UNLIMITED)
    got = {key: fact.value for key, fact in facts.items() if fact.is_known}
    assert got == {
        "memory.total_kib": 16384000, "memory.available_kib": 8000000, "memory.swap_total_kib": 0,
        "memory.swap_free_kib": 0, "memory.hugepages_total": 16, "memory.hugepages_free": 4,
        "memory.hugepage_kib": 2048, "memory.usable_kib": 16384000,
    }  # fmt: skip


def test_the_control_group_limits_what_is_usable(machine):
    host = machine({"/proc/meminfo": MEMINFO})
    limited = Facts({"cgroup.memory_limit_kib": known(4096)})
    blind = Facts({"cgroup.memory_limit_kib": unknown("permission denied")})
    assert MEMORY.collect(host, limited)["memory.usable_kib"].value == 4096
    assert MEMORY.collect(host, blind)["memory.usable_kib"] == unknown("permission denied")


def test_transparent_huge_pages_and_shared_memory(machine):
    host = machine(
        {"/sys/kernel/mm/transparent_hugepage/enabled": "always [madvise] never\n"},
        calls={"statvfs:/dev/shm": [65536, 65000]},
    )
    facts = MEMORY.collect(host, UNLIMITED)
    assert facts["memory.thp"].value == "madvise"
    assert (facts["memory.shm_total_kib"].value, facts["memory.shm_free_kib"].value) == (65536, 65000)


def test_meminfo_that_may_not_be_read_is_unknown(machine):
    facts = MEMORY.collect(machine({"/proc/meminfo": MEMINFO}, refused=["/proc/meminfo"]), UNLIMITED)
    assert facts["memory.total_kib"].reason == facts["memory.usable_kib"].reason == "permission denied"


def test_a_field_that_an_old_kernel_lacks_is_absent(machine):
    facts = MEMORY.collect(machine({"/proc/meminfo": "MemTotal: 1 kB\n"}), UNLIMITED)
    assert facts["memory.available_kib"].state == "absent"


def test_nodes_and_their_cpus_are_listed(machine):
    host = machine(
        {
            f"{NODE}/node0/cpulist": "0-3\n",
            f"{NODE}/node1/cpumap": "000000f0\n",
            f"{NODE}/node8/cpulist": "\n",
        }
    )
    facts = NUMA.collect(host, Facts())
    assert facts["numa.node_count"].value == 3
    assert facts["numa.cpulist"].value == {"0": "0-3", "1": "4-7", "8": ""}


def test_lscpu_tells_the_nodes_where_sysfs_was_not_captured(machine):
    host = machine(
        commands={"lscpu": "NUMA node(s):   2\nNUMA node0 CPU(s):  0,1\nNUMA node1 CPU(s):  2,3\n"}
    )
    facts = NUMA.collect(host, Facts())
    assert (facts["numa.node_count"].value, facts["numa.cpulist"].value) == (2, {"0": "0,1", "1": "2,3"})


def test_nodes_that_may_not_be_read_are_unknown(machine):
    host = machine({f"{NODE}/node0/cpulist": "0\n", "/proc/cpuinfo": trees.S390X}, refused=[NODE])
    assert NUMA.collect(host, Facts())["numa.node_count"].state == "unknown"


def test_limits_are_soft_and_minus_one_is_unlimited(machine):
    text = "Limit                     Soft Limit           Hard Limit           Units     \n"
    text += "Max core file size        0                    unlimited            bytes     \n"
    text += "Max locked memory         unlimited            unlimited            bytes     \n"
    facts = LIMITS.collect(machine({"/proc/self/limits": text}), Facts())
    assert (facts["limits.memlock"].value, facts["limits.core"].value) == (-1, 0)
    assert facts["limits.nofile"].state == "unknown"
    live = LIMITS.collect(machine(calls={"rlimits": {"RLIMIT_NOFILE": 1024}}), Facts())
    assert live["limits.nofile"].value == 1024
