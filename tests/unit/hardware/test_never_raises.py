"""No machine makes a hardware probe fail: every promised key comes out, and nothing is called fine."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from auditor.host.protocol import Answer, CallFailed, FileStat
from auditor.model.fact import Facts
from auditor.probes import load
from auditor.probes.base import in_order, run_probe

NAMES = (
    "system", "cpu", "numa", "cgroup", "memory", "limits", "disk", "container", "orchestrator", "firmware", "virtualization",
)  # fmt: skip


class Odd:
    """A machine that answers every question in one odd way."""

    live = True
    kind = "live"

    def __init__(self, content: bytes | Exception, names: tuple[str, ...] = ()) -> None:
        self._content, self._names = content, names

    def _answer(self, value: Any) -> Any:
        if isinstance(self._content, Exception):
            raise self._content
        return value

    def read_bytes(self, path: str, limit: int = 0) -> bytes:
        return self._answer(self._content)

    def read(self, path: str, limit: int = 0) -> str:
        return self.read_bytes(path).decode("utf-8", "replace")

    def listdir(self, path: str) -> list[str]:
        return list(self._answer(self._names))

    def readlink(self, path: str) -> str:
        return self.read(path)

    def stat(self, path: str) -> FileStat:
        return self._answer(FileStat(0o100644))

    def run(self, key: str, argv: list[str], timeout: float = 10.0) -> Answer:
        return self._answer(Answer(tuple(argv), self.read("stdout"), rc=1))

    def env(self, name: str) -> str | None:
        return self.environ().get(name)

    def environ(self) -> dict[str, str]:
        return self._answer({"HOME": "/root", "SLURM_JOB_ID": "x", "SLURM_CPUS_ON_NODE": "?"})

    def call(self, key: str, how: Callable[[], Any]) -> Any:
        raise CallFailed(f"{key} does not work here")


@pytest.mark.parametrize(
    "machine",
    [
        Odd(PermissionError(13, "Permission denied")),
        Odd(OSError(5, "Input/output error")),
        Odd(FileNotFoundError(2, "No such file or directory")),
        Odd(b""),
        Odd(
            b"\xff\xfe\0garbage: :::,,-- [", ("node0", "nodeX", "cpu0", "cpu1", "cpuX", "topology", "policy0")
        ),
        Odd(
            b"processor\t: 0\nflags:\n0-\n",
            ("cpu0", "core_cpus_list", "core_id", "physical_package_id", "node0"),
        ),
        Odd(b"0", ("cpu0", "cpu1", "core_cpus", "thread_siblings_list", "core_id", "physical_package_id")),
        Odd(b"-1", ("cpu0", "cpu1", "core_id", "physical_package_id", "node0")),
    ],
    ids=["refused", "broken disk", "nothing", "empty", "garbage", "half a file", "zeros", "minus one"],
)
def test_every_key_comes_out(machine):
    facts = Facts()
    for probe in in_order([load(name) for name in NAMES]):
        found, run = run_probe(probe, machine, facts)
        assert (run.status, run.reason) == ("ok", "")
        assert set(found) >= set(probe.provides)
        assert all(fact.reason for fact in found.values() if fact.state == "unknown")
        facts = facts.merged(found)


def test_where_everything_is_refused_nothing_is_known_and_nothing_absent():
    facts = Facts()
    for probe in in_order([load(name) for name in NAMES]):
        facts = facts.merged(run_probe(probe, Odd(PermissionError(13, "Permission denied")), facts)[0])
    assert {key for key, fact in facts.items() if fact.state != "unknown"} == set()
