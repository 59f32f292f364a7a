"""Our half of one child: start it, follow its events, watch its group, and say how it ended."""

from __future__ import annotations

import os
import signal
import subprocess
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from typing import Any, Literal

import msgspec

from auditor.host import processes
from auditor.model import cut
from auditor.smoke.values import Deadlines
from auditor.smoke.watch import Watch

TICK_S = 0.1  # between looks at a child: an import takes seconds, memory grows by at most 1 GiB
LOOK_MOST_S = (
    1.0  # that counts of the time between two looks: a machine that stood still is no child that hangs
)
_PLACE_S = 2.0  # for a loaded machine to let a hung child write where it is
HEAD_LIMIT = 4096
COST_FACTOR = 6  # times a workload's own rough time before it counts as hung, where that is later
TAIL_LIMIT = 16384

Manner = Literal["ended", "crash", "hang", "memory", "stopped"]


class Ending(msgspec.Struct, frozen=True):
    """How a child ended: `words` says it for a reader ("SIGSEGV", "no progress for 75 s")."""

    manner: Manner
    words: str = ""


class Looks:
    """A clock of the seconds that a child was looked at: of a gap between two looks it counts a second at most.

    Where we ourselves were not let run (a stalled virtual machine, one that swaps), nor was the child.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._last, self._counted = clock(), 0.0

    def look(self) -> None:
        """Count the time since the last look."""
        now = self._clock()
        self._counted += min(now - self._last, LOOK_MOST_S)
        self._last = now

    def __call__(self) -> float:
        """Return the seconds counted so far."""
        return self._counted


class Stderr:
    """Drains a pipe for as long as it is open, keeping its beginning and its end; `received` counts its bytes."""

    def __init__(self, process: subprocess.Popen[bytes]) -> None:
        self._stream = process.stderr
        self._head = bytearray()
        self._tail = bytearray()
        self.received = 0
        self._thread = threading.Thread(target=self._drain, daemon=True)
        self._thread.start()

    def _drain(self) -> None:
        if self._stream is None:
            return
        with self._stream:
            while chunk := os.read(self._stream.fileno(), 1 << 16):
                if len(self._head) <= HEAD_LIMIT:
                    self._head += chunk[: HEAD_LIMIT + 1 - len(self._head)]
                self._tail += chunk
                self.received += len(chunk)
                if len(self._tail) > 4 * TAIL_LIMIT:
                    del self._tail[:-TAIL_LIMIT]

    def tail(self) -> str:
        """Return the last lines, after the pipe was closed or soon."""
        self._thread.join(0.5)
        return cut.tail(bytes(self._tail).decode("utf-8", "replace"), TAIL_LIMIT)

    def beginning(self) -> str:
        """Return the first words."""
        return cut.head(bytes(self._head).decode("utf-8", "replace"), HEAD_LIMIT)


class Child:
    """One run of `_child.py` on a job. `follow` yields its events until it has ended.

    `stage_s` is then how long it was at what it did last, in seconds.
    """

    def __init__(
        self, argv: list[str], env: Mapping[str, str], cwd: str, results: str, limits: Limits
    ) -> None:
        self._results = results
        self._offset = 0
        self._limits = limits
        self.ending = Ending("ended")
        self._stage, self._patience = "import", 0.0
        self._looks = Looks()
        self._since, self._counted_since = time.monotonic(), 0.0
        self.stage_s = 0.0
        self.process = processes.spawn(argv, env, stdout=subprocess.DEVNULL, cwd=cwd)
        self.stderr = Stderr(self.process)
        self._watch = Watch(self.process.pid, self._looks)

    def follow(self, stop: threading.Event) -> Iterator[dict[str, Any]]:
        """Yield each event; the child's whole group is gone when this ends, whatever ends it."""
        try:
            while not self._over(stop):
                yield from self._new_events()
            yield from self._new_events()
            self.stage_s = round(time.monotonic() - self._since, 4)
        finally:
            processes.finish(self.process)
        if self.ending.manner == "ended":
            self.ending = _ending(self.process.returncode)

    def _over(self, stop: threading.Event) -> bool:
        try:
            self.process.wait(TICK_S)
        except subprocess.TimeoutExpired:
            pass
        else:
            return True
        self._looks.look()
        self._watch.sample()
        if stop.is_set():
            self.ending = Ending("stopped", "the run was interrupted")
        elif (used := self._watch.memory_mib(self._limits.memory_mib)) > self._limits.memory_mib:
            self.ending = Ending(
                "memory",
                f"out of memory: it held {used:.0f} MiB, more than the {self._limits.memory_mib} MiB allowed",
            )
        elif reason := self._limits.passed(
            self._stage, self._looks() - self._counted_since, self._watch, self._patience
        ):
            self.ending = Ending("hang", reason)
            self._ask_where()
        return self.ending.manner != "ended"

    def _ask_where(self) -> None:
        """Let faulthandler write the stack to stderr, until it is silent again, before the child is ended."""
        if not hasattr(signal, "SIGUSR1"):
            return
        before = seen = self.stderr.received
        self.process.send_signal(signal.SIGUSR1)
        end = time.monotonic() + _PLACE_S
        while self.process.poll() is None and time.monotonic() < end:
            time.sleep(TICK_S)
            if before < seen == self.stderr.received:
                return
            seen = self.stderr.received

    def _new_events(self) -> Iterator[dict[str, Any]]:
        try:
            with open(self._results, "rb") as stream:
                stream.seek(self._offset)
                data = stream.read()
        except FileNotFoundError:
            return
        whole = data[: data.rfind(b"\n") + 1]
        self._offset += len(whole)
        for line in whole.splitlines():
            event = msgspec.json.decode(line)
            self._enter(event)
            yield event

    def _enter(self, event: dict[str, Any]) -> None:
        """Give the part of the work that has begun its own deadline."""
        kind = event["event"]
        stage = {"imported": "devices", "begin": f"workload {event.get('device')}", "finished": "exit"}.get(
            kind, "between"
        )
        if kind != "start":
            self._stage, self._since, self._counted_since = stage, time.monotonic(), self._looks()
            self._patience = COST_FACTOR * float(event.get("cost_s", 0.0))
            self._watch.reset()


class Limits(msgspec.Struct, frozen=True):
    """What a child may take: time by stage, and resident memory in MiB."""

    deadlines: Deadlines
    memory_mib: int

    def passed(self, stage: str, elapsed: float, watch: Watch, patience: float = 0.0) -> str:
        """Return why a stage counts as hung, or ""; what is known to last long has `patience` seconds at least."""
        limits = self.deadlines
        end = max(self._end(stage), patience)
        if watch.still_s >= limits.still_s:
            return f"no progress for {watch.still_s:.0f} s: neither CPU time nor I/O"
        if stage == "import" and watch.spin_s >= limits.spin_s:
            return f"no progress for {watch.spin_s:.0f} s: it computes and reads nothing"
        return f"not done after {end:.0f} s" if elapsed >= end else ""

    def _end(self, stage: str) -> float:
        limits = self.deadlines
        if stage.startswith("workload"):
            on_cpu = stage.partition(" ")[2].lower().startswith("cpu")
            return limits.workload_s if on_cpu else limits.accelerator_s
        named = {"import": limits.import_s, "devices": limits.accelerator_s, "exit": limits.exit_s}
        return named.get(stage, limits.workload_s)


def _ending(code: int | None) -> Ending:
    if code is None:
        return Ending("hang", "it could not be ended: the kernel holds it")
    if code < 0:
        return Ending("crash", _signal_name(-code))
    return Ending("ended", f"exit code {code}")


def _signal_name(number: int) -> str:
    try:
        name = signal.Signals(number).name
    except ValueError:
        return f"signal {number}"
    # nobody but the kernel sends it here: our own KILL comes after an ending of its own
    return "SIGKILL, as the kernel sends when memory runs out" if name == "SIGKILL" else name
