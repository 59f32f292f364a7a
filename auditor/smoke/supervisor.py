"""Brings one framework through its workloads: a new child goes on where one crashed or hung."""

from __future__ import annotations

import json
import os
import threading
from collections.abc import Sequence
from typing import Any

import msgspec

from auditor.model import cut
from auditor.model.smoke import SmokeResult, SmokeStatus
from auditor.smoke import catalog, words
from auditor.smoke.catalog import Workload
from auditor.smoke.child import Child, Ending, Limits
from auditor.smoke.gpus import Mask
from auditor.smoke.installing import with_versions
from auditor.smoke.values import MODULES, Seen, SmokeRequest

RESTARTS_MAX = 12  # each costs an import; a framework that dies more often is told well enough
HIDE_ALL = {"CUDA_VISIBLE_DEVICES": "", "HIP_VISIBLE_DEVICES": "-1", "JAX_PLATFORMS": "cpu"}


class Supervisor:
    """`thread` runs it, fills `seen`, heeds `stop` and sets `ended`; `env` is the children's whole environment."""

    def __init__(
        self,
        framework: str,
        workloads: Sequence[Workload],
        request: SmokeRequest,
        mask: Mask,
        env: dict[str, str],
        limits: Limits,
    ) -> None:
        self.seen = Seen(framework=framework, results=[])
        self.stop = threading.Event()
        # an interrupted Thread.join takes the thread for ended (bpo-45274's remedy, Python < 3.13)
        self.ended = threading.Event()
        self.thread = threading.Thread(target=self._guarded, daemon=True)
        self._workloads = {w.id: w for w in workloads}
        self._request, self._mask, self._env, self._limits = request, mask, env, limits
        self._done: list[tuple[str, str]] = []
        self._children = 0
        self._events: set[str] = set()  # kinds of event that the present child has sent
        self._current: tuple[str, str] | None = None
        self._cpu_only = False

    def run(self) -> None:
        """Run children until every workload has its result, importing fails, or we are stopped."""
        while self._children < RESTARTS_MAX and not self.stop.is_set():
            if not self._one_child():
                return
        if not self.stop.is_set():
            self._add("rest", "", "skip", f"its process died {RESTARTS_MAX} times; the rest was not run")

    def _guarded(self) -> None:
        try:
            self.run()
        except Exception as error:  # a defect of ours, or a disk that is full: told, and the others go on
            self._add("runner", "", "fail", f"fwaudit could not go on: {type(error).__name__}: {error}")
        finally:
            self.ended.set()

    def _one_child(self) -> bool:
        """Run one child; return whether another must go on."""
        child = self._start()
        self._events, self._current = set(), None
        if child is None:
            return False
        for event in child.follow(self.stop):
            self._events.add(event["event"])
            self._take(event)
        if not self.seen.stderr_head:
            self.seen.stderr_head = child.stderr.beginning()
        return self._conclude(
            child.ending, words.tail(words.innermost_last(child.stderr.tail())), child.stage_s
        )

    def _start(self) -> Child | None:
        framework, request = self.seen.framework, self._request
        self._children += 1
        request.progress(f"importing {MODULES[framework]}")
        base = os.path.join(request.tmpdir, f"{framework}-{self._children}")
        with open(base + ".json", "w", encoding="utf-8") as stream:
            json.dump(self._job(base + ".events"), stream)
        driver = os.path.join(catalog.folder(), "_child.py")
        env = {**self._env, **HIDE_ALL} if self._cpu_only else self._env
        try:
            return Child(
                [request.python, driver, base + ".json"], env, request.tmpdir, base + ".events", self._limits
            )
        except OSError as error:
            self._import_ended("failed", f"the interpreter cannot be started: {error.strerror or error}", "")
            return None

    def _job(self, results: str) -> dict[str, Any]:
        facts = self._request.facts
        return {
            "framework": self.seen.framework,
            "module": MODULES[self.seen.framework],
            "results": results,
            "devices_code": os.path.join(catalog.folder(), "_devices.py"),
            "workloads": [msgspec.to_builtins(w) for w in self._workloads.values()],
            "done": self._done,
            "device_limit_mib": self._mask.device_limit_mib,
            "tpu": bool(facts.value("tpu.device_nodes"))
            and not facts.value("tpu.holders")
            and not self._cpu_only,
        }

    def _take(self, event: dict[str, Any]) -> None:
        kind, seen = event["event"], self.seen
        if kind == "import-failed":
            if event["missing"]:
                self._missing(event["message"])
            else:
                self._import_ended("failed", event["message"], event["trace"])
        elif kind == "imported" and not seen.import_state:
            seen.import_state, seen.import_s, seen.version = "ok", event["seconds"], event["version"]
        elif kind in ("devices", "libraries"):
            seen.libraries = event["libraries"]
            if kind == "devices" and not self._cpu_only:
                seen.devices = event["devices"]
        elif kind == "begin":
            self._current = (event["id"], event["device"])
            self._tell(f"running {event['id']} on {event['device']}")
        elif kind in ("end", "skip"):
            self._settle(event)

    def _tell(self, what: str) -> None:
        """Say what runs, and roughly how long the rest takes on one device where that is worth saying."""
        done = {name for name, _ in self._done}
        seconds = sum(work.cost_s for name, work in self._workloads.items() if name not in done)
        if seconds >= 5:
            self._request.progress(f"{what}, {len(done) + 1} of {len(self._workloads)}", seconds)
        else:
            self._request.progress(what)

    def _settle(self, event: dict[str, Any]) -> None:
        """Keep the result of a workload that ended or was skipped."""
        self._current = None
        self._done.append((event["id"], event["device"]))
        self._keep(
            self._workloads[event["id"]],
            event["device"],
            event.get("status", "skip"),
            with_versions(event["reason"], self._request.facts),
            duration_s=event.get("seconds", 0.0),
            metrics=event.get("metrics", {}),
            placed_on=words.renumbered(event.get("placed_on", ""), self._mask.shown),
            stderr_tail=words.tail(event.get("trace", "")),
        )

    def _conclude(self, ending: Ending, tail: str, seconds: float) -> bool:
        """Say how the child ended, after so many seconds of what was under way; return whether another must go on."""
        if ending.manner == "stopped":
            self._interrupted(seconds)
            return False
        if "import-failed" in self._events:
            return False
        if "imported" not in self._events:
            return self._died_importing(ending, tail)
        if "devices" not in self._events:
            return self._died_listing(ending, tail)
        status: SmokeStatus = "timeout" if ending.manner == "hang" else "crash"
        if self._current is not None:
            workload, device = self._current
            self._done.append(self._current)
            reason = words.death(ending)
            self._keep(
                self._workloads[workload], device, status, reason, duration_s=seconds, stderr_tail=tail
            )
            return True
        if ending.manner != "ended":
            self._revise(status, ending, tail)
        elif not self._events & {"finished", "again"}:
            self._revise("crash", Ending("crash", f"it left without a word ({ending.words})"), tail)
        return "finished" not in self._events

    def _interrupted(self, seconds: float) -> None:
        """Name what was under way: it has no verdict."""
        reason = f"it was under way when the run was interrupted, for {seconds:.1f} s: no verdict"
        if self._current is not None:
            workload, device = self._current
            self._keep(self._workloads[workload], device, "skip", reason, duration_s=seconds)
        elif not self.seen.import_state and "import-failed" not in self._events:
            self._add("import", "", "skip", reason)

    def _died_importing(self, ending: Ending, tail: str) -> bool:
        if self.seen.import_state:
            self._add(
                "rest", "", "skip", f"importing it once more failed: {words.death(ending)}", stderr_tail=tail
            )
            return False
        reason = words.death(ending)
        if ending.manner == "ended" and "start" not in self._events:
            self._import_ended(
                "failed", f"the interpreter ended before the workloads began ({ending.words})\n{tail}", tail
            )
        else:
            self._import_ended(
                "hang" if ending.manner == "hang" else "crash", f"{reason}\n{tail}".strip(), tail
            )
        return False

    def _died_listing(self, ending: Ending, tail: str) -> bool:
        """Listing devices initialises drivers: where that kills or hangs, the CPU is still tried."""
        reason = f"while it listed its devices: {words.death(ending)}"
        self.seen.devices_reason = reason
        self._add("devices", "", "timeout" if ending.manner == "hang" else "crash", reason, stderr_tail=tail)
        again, self._cpu_only = not self._cpu_only, True
        return again

    def _revise(self, status: SmokeStatus, ending: Ending, tail: str) -> None:
        """A child that died after a result: the workload that wrote it last did not end well."""
        last = self.seen.results[-1]
        when = "when its process ended" if "finished" in self._events else "after its result was written"
        reason = f"{words.death(ending)} {when} (the result was: {last.status})"
        self.seen.results[-1] = msgspec.structs.replace(last, status=status, reason=reason, stderr_tail=tail)

    def _import_ended(self, state: str, message: str, tail: str) -> None:
        if self.seen.import_state and (self.seen.devices is not None or self.seen.results):
            self._add("rest", "", "skip", f"importing it once more failed: {message}", stderr_tail=tail)
            return
        self.seen.import_state, self.seen.message = state, cut.head(message, words.LIMIT)
        status: dict[str, SmokeStatus] = {
            "missing": "skip",
            "failed": "fail",
            "crash": "crash",
            "hang": "timeout",
        }
        self._add("import", "", status[state], message.partition("\n")[0], stderr_tail=words.tail(tail))

    def _missing(self, message: str) -> None:
        """The framework is not installed: each workload says so, with the line that brings it."""
        said = f"it is not installed there: {message}"
        if self.seen.import_state or not self._workloads:
            self._import_ended("missing", said, "")
            return
        self.seen.import_state, self.seen.message = "missing", cut.head(said, words.LIMIT)
        for workload in self._workloads.values():
            self._keep(workload, "", "skip", words.not_installed(self.seen.framework))

    def _keep(self, workload: Workload, device: str, status: SmokeStatus, reason: str, **more: Any) -> None:
        device = words.renumbered(device, self._mask.shown)
        self._append(workload.id, workload.system, device, status, reason, **more)

    def _add(self, what: str, device: str, status: SmokeStatus, reason: str, **more: Any) -> None:
        """Keep a result that belongs to no workload: importing, listing devices."""
        name = self.seen.framework
        self._append(f"{name}-{what}", name, device, status, reason, **more)

    def _append(
        self, name: str, system: str, device: str, status: SmokeStatus, reason: str, **more: Any
    ) -> None:
        framework = self.seen.framework
        self.seen.results.append(
            SmokeResult(
                id=name,
                framework=framework,
                system=system,
                device=device,
                status=status,
                reason=reason,
                **more,
            )
        )
