"""How processors group into cores and sockets."""

import pytest
import trees
from trees import CPU, topology

from auditor.model.fact import Facts
from auditor.probes.cpu import PROBE

KEYS = ("logical_online", "sockets", "cores", "threads_per_core")


def counts(host):
    facts = PROBE.collect(host, Facts())
    return tuple(facts[f"cpu.{key}"].value for key in KEYS)


TWO_SOCKETS_SMT = [("0,4", "0-1,4-5"), ("1,5", "0-1,4-5"), ("2,6", "2-3,6-7"), ("3,7", "2-3,6-7")] * 2


def test_sibling_lists_give_cores_and_sockets(machine):
    assert counts(machine({f"{CPU}/online": "0-7", **topology(TWO_SOCKETS_SMT)})) == (8, 2, 4, 2)


def test_masks_of_old_kernels_give_the_same(machine):
    masks = [("3", "f"), ("3", "f"), ("0000000c", "f"), ("c", "f")]
    files = topology(masks, ("thread_siblings", "core_siblings"))
    assert counts(machine({f"{CPU}/online": "0-3", **files})) == (4, 1, 2, 2)


def test_a_hybrid_processor_has_cores_of_both_kinds(machine):
    groups = [("0-1", "0-3"), ("0-1", "0-3"), ("2", "0-3"), ("3", "0-3")]
    assert counts(machine({f"{CPU}/online": "0-3", **topology(groups)})) == (4, 1, 3, 2)


def test_processors_that_are_switched_off_do_not_count(machine):
    groups = [("0,2", "0-3"), ("1,3", "0-3"), ("0,2", "0-3"), ("1,3", "0-3")]
    assert counts(machine({f"{CPU}/online": "0-1", **topology(groups)})) == (2, 1, 2, 1)


def test_without_a_list_of_online_cpus_the_switches_count(machine):
    groups = [("0", "0-2"), ("1", "0-2"), ("2", "0-2")]
    files = {**topology(groups), f"{CPU}/cpu1/online": "1\n", f"{CPU}/cpu2/online": "0\n"}
    assert counts(machine(files)) == (2, 1, 2, 1)


def ids(rows):
    names = ("physical_package_id", "die_id", "core_id")
    return {
        f"{CPU}/cpu{cpu}/topology/{name}": f"{value}\n"
        for cpu, row in enumerate(rows)
        for name, value in zip(names, row, strict=True)
    }


def test_ids_serve_where_there_are_no_sets(machine):
    rows = [(0, 0, 0), (0, 1, 0), (1, 0, 0), (1, 1, 0)]
    assert counts(machine({f"{CPU}/online": "0-3", **ids(rows)})) == (4, 2, 4, 1)


def test_ids_serve_where_the_sets_contradict_each_other(machine):
    broken = [("0-1", "0-1"), ("1", "1"), ("2", "2-3"), ("3", "2-3")]
    files = {**topology(broken), **ids([(0, 0, 0), (0, 0, 0), (1, 0, 0), (1, 0, 1)])}
    assert counts(machine({f"{CPU}/online": "0-3", **files})) == (4, 2, 3, 2)


def test_ids_of_minus_one_mean_that_nobody_knows(machine):
    assert counts(machine({f"{CPU}/online": "0-1", **ids([(-1, 0, 0), (-1, 0, 1)])})) == (2, None, None, None)


def test_sets_win_over_ids_that_repeat_between_books(machine):
    files = {**topology([("0", "0"), ("1", "1")]), **ids([(-1, 0, 0), (-1, 0, 0)])}
    assert counts(machine({f"{CPU}/online": "0-1", **files, "/proc/cpuinfo": trees.S390X})) == (2, 2, 2, 1)


def test_cpuinfo_serves_where_sysfs_is_missing(machine):
    blocks = [trees.x86_block(n, package=n // 4, core=n % 2, siblings=4, cores=2) for n in range(8)]
    assert counts(machine({"/proc/cpuinfo": "".join(blocks)})) == (8, 2, 4, 2)


def test_an_id_that_sockets_share_is_split_by_what_a_socket_holds(machine):
    blocks = [trees.x86_block(n, package=1, core=n % 2, siblings=4, cores=2) for n in range(8)]
    assert counts(machine({"/proc/cpuinfo": "".join(blocks)})) == (8, 2, 4, 2)


@pytest.mark.parametrize(
    ("cpuinfo", "expected"),
    [
        (trees.LOONGARCH, (2, 1, 2, 1)),
        (trees.S390X, (2, None, None, None)),
        (trees.SPARC, (8, None, None, None)),
        (trees.arm64("0xd0c", "0xd0c"), (2, None, None, None)),
        (trees.arm64("0xd0c"), (1, 1, 1, 1)),
    ],
)
def test_cpuinfo_alone_tells_no_more_than_it_says(machine, cpuinfo, expected):
    assert counts(machine({"/proc/cpuinfo": cpuinfo})) == expected


def test_powers_device_tree_tells_cores(machine):
    tree = "/proc/device-tree/cpus/PowerPC,POWER9@{}/ibm,ppc-interrupt-server#s"
    files = {
        f"{CPU}/online": "0-3",
        **{f"{CPU}/cpu{cpu}/physical_id": str(number) for cpu, number in enumerate((8, 9, 16, 17))},
        tree.format(8): b"".join(n.to_bytes(4, "big") for n in (8, 9, 10, 11)),
        tree.format(16): b"".join(n.to_bytes(4, "big") for n in (16, 17, 18, 19)),
    }
    assert counts(machine(files)) == (4, None, 2, 2)


def test_a_count_that_is_missing_says_why(machine):
    fact = PROBE.collect(machine({"/proc/cpuinfo": trees.SPARC}), Facts())["cpu.cores"]
    assert fact.state == "unknown"
    assert fact.reason


def test_a_topology_that_may_not_be_read_is_unknown_for_that_reason(machine):
    files = {f"{CPU}/online": "0-1", **topology([("0", "0-1"), ("1", "0-1")])}
    fact = PROBE.collect(machine(files, refused=[f"{CPU}/cpu0/topology/"]), Facts())["cpu.sockets"]
    assert (fact.state, fact.reason) == ("unknown", "permission denied")
