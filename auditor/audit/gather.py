"""Runs the probes: each as soon as its needs are met, side by side, none longer than its deadline."""

from __future__ import annotations

import queue
import threading
import time
from collections.abc import Sequence

from auditor.host.protocol import Host
from auditor.model.fact import Fact, Facts, unknown
from auditor.model.report import ProbeRun
from auditor.probes.base import Probe, in_order, run_probe

DEADLINE = 45.0  # seconds for all probes; longer than any single child's own deadline


def gather(
    probes: Sequence[Probe], host: Host, seed: Facts, deadline: float = DEADLINE
) -> tuple[Facts, list[ProbeRun]]:
    """Return the seed with every promised fact, and how each probe fared.

    Threads are daemons: a read that never returns (a dead network mount) is left behind as a
    time-out and does not hold the exit.
    """
    waiting = in_order(probes)
    order = {probe.name: place for place, probe in enumerate(waiting)}
    running: dict[str, tuple[Probe, float]] = {}
    done: queue.SimpleQueue[tuple[Probe, dict[str, Fact], ProbeRun]] = queue.SimpleQueue()
    facts, runs = seed, []
    end = time.monotonic() + deadline

    def work(probe: Probe, so_far: Facts) -> None:
        done.put((probe, *run_probe(probe, host, so_far)))

    while waiting or running:
        for probe in [p for p in waiting if all(need in facts for need in p.needs)]:
            waiting.remove(probe)
            running[probe.name] = (probe, time.monotonic())
            threading.Thread(target=work, args=(probe, facts), daemon=True).start()
        try:
            probe, found, run = done.get(timeout=max(0.0, end - time.monotonic()))
        except queue.Empty:
            break
        running.pop(probe.name)
        facts = facts.merged(found)
        runs.append(run)
    late = [probe for probe, _ in running.values()] + waiting
    for probe in late:
        reason = (
            f"no answer within {deadline:.0f} s"
            if probe.name in running
            else "it waited for a probe that hung"
        )
        facts = facts.merged(
            {
                key: unknown(f"the probe {probe.name!r}: {reason}")
                for key in probe.provides
                if "[i]" not in key
            }
        )
        runs.append(ProbeRun(probe.name, "timeout", deadline, reason))
    return facts, sorted(runs, key=lambda run: order[run.name])
