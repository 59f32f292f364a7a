"""How many CPUs this process may really use."""

import pytest
from trees import CPU

from auditor.model.fact import Facts, absent, known, unknown
from auditor.probes.cpu import PROBE

NONE = absent("not limited")


@pytest.mark.parametrize(
    ("affinity", "cpuset", "quota", "usable"),
    [
        ([0, 1, 2, 3], NONE, NONE, 4.0),
        ([0, 1, 2, 3], known([0, 1]), NONE, 2.0),
        ([0, 1, 2, 3], known([0, 1, 2, 3]), known(1.5), 1.5),
        ([0], NONE, known(8.0), 1.0),
    ],
)
def test_the_smallest_limit_counts(machine, affinity, cpuset, quota, usable):
    facts = Facts({"cgroup.cpuset": cpuset, "cgroup.cpu_quota": quota})
    host = machine(calls={"sched_getaffinity": affinity})
    assert PROBE.collect(host, facts)["cpu.usable"].value == usable


def test_a_limit_that_cannot_be_seen_makes_the_answer_unknown(machine):
    facts = Facts({"cgroup.cpuset": NONE, "cgroup.cpu_quota": unknown("permission denied")})
    answer = PROBE.collect(machine(calls={"sched_getaffinity": [0]}), facts)["cpu.usable"]
    assert (answer.state, answer.reason) == ("unknown", "permission denied")


def test_affinity_is_read_from_the_status_of_a_captured_process(machine):
    host = machine({"/proc/self/status": "Name:\tx\nCpus_allowed:\tf\nCpus_allowed_list:\t0-2,5\n"})
    assert PROBE.collect(host, Facts())["cpu.affinity"].value == [0, 1, 2, 5]


def test_governors_are_joined_and_the_highest_frequency_counts(machine):
    policies = f"{CPU}/cpufreq/policy"
    host = machine(
        {
            f"{policies}0/scaling_governor": "powersave\n",
            f"{policies}4/scaling_governor": "performance\n",
            f"{policies}0/cpuinfo_max_freq": "4700000\n",
            f"{policies}4/cpuinfo_max_freq": "3500000\n",
        }
    )
    facts = PROBE.collect(host, Facts())
    assert facts["cpu.governor"].value == "performance,powersave"
    assert facts["cpu.max_mhz"].value == 4700.0


def test_without_frequency_control_there_is_no_governor(machine):
    assert PROBE.collect(machine({f"{CPU}/online": "0"}), Facts())["cpu.governor"].state == "absent"
