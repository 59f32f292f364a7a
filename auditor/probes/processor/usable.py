"""How many CPUs this process may really use, and how fast they may run."""

from __future__ import annotations

import os

from auditor.host.protocol import Host
from auditor.model.fact import Fact, Facts, call, computed, file, known, unknown
from auditor.probes.attempts import first_known, text, whole_number
from auditor.probes.base import ask, list_or_empty
from auditor.probes.processor.cpulist import parse_list
from auditor.probes.processor.siblings import CPU


def affinity(host: Host) -> Fact:
    """Return the CPU numbers on which this process may run."""
    return first_known(
        lambda: ask(lambda: host.call("sched_getaffinity", _own_affinity), call("sched_getaffinity")),
        lambda: ask(lambda: parse_list(_allowed_list(host)), file("/proc/self/status", "Cpus_allowed_list")),
    )


def _own_affinity() -> list[int]:
    return sorted(os.sched_getaffinity(0))


def _allowed_list(host: Host) -> str:
    """Return the CPUs of a captured process.

    Raises:
        LookupError: the kernel did not write them.

    """
    head, found, rest = host.read("/proc/self/status").partition("Cpus_allowed_list:")
    if not found:
        msg = f"no Cpus_allowed_list in {len(head)} characters"
        raise LookupError(msg)
    return rest.partition("\n")[0]


def usable(allowed: Fact, facts: Facts) -> Fact:
    """Return the smallest of affinity, cpuset and quota, in CPUs.

    A limit that is absent does not limit; one that is unknown makes the answer unknown.
    """
    cpuset, quota = facts["cgroup.cpuset"], facts["cgroup.cpu_quota"]
    blind = [fact.reason for fact in (allowed, cpuset, quota) if fact.state == "unknown"]
    if blind:
        return unknown("; ".join(dict.fromkeys(blind)))
    limits = [float(len(fact.value)) for fact in (allowed, cpuset) if fact.is_known and fact.value]
    limits += [float(quota.value)] if quota.is_known else []
    evidence = computed("cpu.affinity", "cgroup.cpuset", "cgroup.cpu_quota")
    return known(min(limits), evidence) if limits else unknown("nothing says which CPUs may be used")


def frequency(host: Host) -> dict[str, Fact]:
    """Return the governor, its driver and the highest frequency, from the policies that CPUs share."""
    folder = f"{CPU}/cpufreq"
    policies = [f"{folder}/{name}" for name in list_or_empty(host, folder) if name.startswith("policy")]
    if not policies:  # before Linux 4.3 there was a folder for each CPU
        policies = [f"{CPU}/cpu0/cpufreq"]
    none = "the kernel controls no frequency here"
    governors = [text(host, f"{policy}/scaling_governor", none) for policy in policies]
    speeds = [whole_number(host, f"{policy}/cpuinfo_max_freq", none) for policy in policies]
    return {
        "cpu.governor": _joined(governors),
        "cpu.scaling_driver": text(host, f"{policies[0]}/scaling_driver", none),  # one for the machine
        "cpu.max_mhz": _highest(speeds),
    }


def _joined(governors: list[Fact]) -> Fact:
    found = [fact for fact in governors if fact.is_known]
    if not found:
        return governors[0]
    return known(",".join(sorted({fact.value for fact in found})), *found[0].evidence)


def _highest(speeds: list[Fact]) -> Fact:
    """Return the highest speed in MHz; the kernel writes kHz."""
    found = [fact for fact in speeds if fact.is_known]
    return known(max(fact.value for fact in found) / 1000, *found[0].evidence) if found else speeds[0]


def assumed(host: Host) -> Fact:
    """Return what os.cpu_count() says, which libraries take for the number of their threads."""
    return ask(lambda: host.call("cpu_count", os.cpu_count), call("os.cpu_count"))
