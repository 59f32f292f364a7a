"""Hosts at the beginning of log lines are hidden; what only looks like one is kept."""

from __future__ import annotations

import pytest

from auditor.redaction.identity import Identity
from auditor.redaction.places import names_in
from auditor.redaction.redactor import Redactor

HIDDEN = (
    "Nov 22 10:11:12 {} kernel: NVRM: Xid (PCI:0000:1a:00): 79, pid=123",
    "Nov  2 10:11:12 {} nvidia-persistenced[812]: Failed to query NVIDIA devices.",
    "2026-11-22T10:11:12.123456+01:00 {} kernel: NVRM: loading",
    "{}:2211:2299 [0] NCCL INFO Bootstrap : Using eth0",
    "[{}:12345] *** Process received signal ***",
    "Linux {} 5.15.0-105-generic #115-Ubuntu SMP x86_64 GNU/Linux",
    "slurmstepd: error: *** JOB 12345 ON {} CANCELLED AT 2026-11-22T10:11:12 ***",
    "srun: error: {}: task 0: Exited with exit code 1",
    "The client socket has failed to connect to [{}]:29500 (errno: 110)",
    "{}  Sun Nov 22 10:11:12 2026  550.54.15",
    "[rank3]@{}: Watchdog caught collective operation timeout",
    "E1122 10:11:12.123456 {} 4567 nccl_plugin.cc:88] no device",
)
KEPT = (
    "rank0:2211:2299 [0] NCCL INFO Bootstrap",
    "[rank3:771] *** Process received signal ***",
    "connect to [localhost]:29500",
    "srun: error: Unable to allocate resources",
    "Linux version 5.15.0-105-generic (buildd) #115-Ubuntu",
    "line 3: RuntimeError: CUDA error: out of memory",
    "connected to GPU 0",
    "worker-3: step 100",
    "W1122 10:11:12.283498 4567 socket.cpp:697] [c10d] retrying",
    "W1122 10:11:12.283498 socket.cpp:697] [c10d] retrying",
    "python3.11: can't open file",
    "localhost: connection refused",
)
# what pdsh and clush put before each line: names that clusters count
COUNTED = ("gpu-node17", "dgx-h100-04", "nid003412", "compute-3-12.cluster.example")


def redact(text: str) -> str:
    return Redactor(Identity()).text(text)


@pytest.mark.parametrize("line", HIDDEN)
@pytest.mark.parametrize("host", ["hal-dgx04", "n0417.ice.example", "Brutus"])
def test_a_host_in_a_log_is_hidden(line: str, host: str) -> None:
    assert redact(line.format(host)) == line.format("<host>")
    users, hosts = names_in(f"x\n{line.format(host)}\n")
    assert (users, hosts) == ((), (host,))


@pytest.mark.parametrize("host", COUNTED)
def test_a_counted_host_before_a_line_is_hidden(host: str) -> None:
    assert redact(f"{host}: CUDA error") == "<host>: CUDA error"


@pytest.mark.parametrize("line", KEPT)
def test_what_names_no_host_is_kept(line: str) -> None:
    assert redact(line) == line
