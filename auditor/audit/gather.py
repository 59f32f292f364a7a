"""Runs the probes: each as soon as its needs are met, side by side, none longer than its deadline."""

from __future__ import annotations

import contextlib
import queue
import threading
import time
from collections.abc import Iterable

from auditor.host.protocol import Host
from auditor.model.fact import Fact, Facts, unknown
from auditor.model.report import ProbeRun
from auditor.probes.base import Probe, run_probe

DEADLINE = 45.0  # seconds for all probes; longer than any single child's own deadline
LOOK = 0.5  # seconds; a signal that comes just before a long wait is not seen until it ends

Done = tuple[Probe, dict[str, Fact], ProbeRun]


def gather(
    probes: Iterable[Probe],
    host: Host,
    seed: Facts,
    deadline: float = DEADLINE,
    meanwhile: Iterable[object] = (),
) -> tuple[Facts, list[ProbeRun]]:
    """Return the seed with every promised fact, and how each probe fared, in the order given.

    A probe starts as soon as it comes out of `probes` and its needs are met, so that a slow one works
    while the next are still being imported. Threads are daemons: a read that never returns (a dead
    network mount) is left behind as a time-out and does not hold the exit. `meanwhile` is other work in
    steps, done while children work: between its steps probes whose needs are now met are started.
    """
    run = _Run(host, seed, time.monotonic() + deadline)
    order = run.start(probes)
    for _ in meanwhile:
        run.drain()
    return run.finish(order, deadline)


class _Run:
    def __init__(self, host: Host, seed: Facts, end: float) -> None:
        self.host, self.facts, self.end = host, seed, end
        self.waiting: list[Probe] = []
        self.running: dict[str, Probe] = {}
        self.late: dict[str, float] = {}  # probes with a deadline of their own: when it is
        self.done: queue.SimpleQueue[Done] = queue.SimpleQueue()
        self.runs: dict[str, ProbeRun] = {}

    def start(self, probes: Iterable[Probe]) -> list[str]:
        order = []
        for probe in probes:
            order.append(probe.name)
            self.waiting.append(probe)
            self.drain()
        return order

    def drain(self) -> None:
        """Keep what has ended so far, and start what waited for it."""
        with contextlib.suppress(queue.Empty):
            while True:
                self.keep(self.done.get_nowait())
        self.start_ready()

    def finish(self, order: list[str], deadline: float) -> tuple[Facts, list[ProbeRun]]:
        while self.running and self.take():
            self.leave_late()
            self.start_ready()
        for probe in [*self.running.values(), *self.waiting]:
            self.give_up(probe, deadline)
        return self.facts, [self.runs[name] for name in order]

    def start_ready(self) -> None:
        for probe in [p for p in self.waiting if all(need in self.facts for need in p.needs)]:
            self.waiting.remove(probe)
            self.running[probe.name] = probe
            if probe.deadline:
                self.late[probe.name] = time.monotonic() + probe.deadline
            threading.Thread(target=self._work, args=(probe, self.facts), daemon=True).start()

    def _work(self, probe: Probe, facts: Facts) -> None:
        self.done.put((probe, *run_probe(probe, self.host, facts)))

    def take(self) -> bool:
        """Wait for the next probe to end, or for a moment; False at the deadline."""
        now = time.monotonic()
        left = min(self.end, *self.late.values(), self.end) - now
        try:
            self.keep(self.done.get(timeout=max(0.0, min(left, LOOK))))
        except queue.Empty:
            return self.end > time.monotonic()
        return True

    def keep(self, done: Done) -> None:
        """Keep the facts of a probe that ended, unless it was left behind before."""
        probe, found, run = done
        if self.running.pop(probe.name, None) is None:
            return
        self.late.pop(probe.name, None)
        self.facts = self.facts.merged(found)
        self.runs[probe.name] = run

    def leave_late(self) -> None:
        """Go on without the probes that are past their own deadline."""
        now = time.monotonic()
        for name in [name for name, end in self.late.items() if end <= now]:
            del self.late[name]
            probe = self.running[name]
            self.give_up(probe, probe.deadline)
            del self.running[name]

    def give_up(self, probe: Probe, deadline: float) -> None:
        hung = probe.name in self.running
        reason = f"no answer within {deadline:.3g} s" if hung else "it waited for a probe that gave no answer"
        missing = unknown(f"the probe {probe.name!r}: {reason}")
        self.facts = self.facts.merged({key: missing for key in probe.provides if "[i]" not in key})
        self.runs[probe.name] = ProbeRun(probe.name, "timeout", deadline, reason)
