"""The pipeline that every command uses. Each stage may fail; the report appears all the same."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, TypeVar

from auditor import __version__
from auditor.audit import stages
from auditor.audit.request import Request
from auditor.host.protocol import Host
from auditor.model.fact import Fact, Facts
from auditor.model.report import HostInfo, ProbeRun, Report, TargetInfo, Tool
from auditor.model.smoke import SmokeResult
from auditor.target.select import Choice

if TYPE_CHECKING:
    from auditor.smoke.values import SmokeOutcome

T = TypeVar("T")


class Audit:
    """One run: keeps what was gathered so far, so that an interruption still gives a report."""

    def __init__(self, request: Request, host: Host, tmpdir: str | None) -> None:
        self.request = request
        self.host = host
        self.tmpdir = tmpdir
        self.facts = Facts()
        self.runs: list[ProbeRun] = []
        self.incomplete: list[str] = []
        self.interrupted = False

    def run(self) -> Report:
        """Run every stage and return the report.

        Raises:
            auditor.target.select.TargetError: the user named an interpreter that does not exist.
            auditor.audit.assume.AssumptionError: an assumption that cannot be read.
            auditor.knowledge.loading.KnowledgeError: an unknown goal, or a site's own rules that cannot be read.

        """
        request, host = self.request, self.host
        assumed, aims = stages.assumptions(request), stages.aims(request)
        if request.rules_dirs or request.ignore:
            stages.cards(request)  # so that a mistake is told before any work
        choice = stages.choose_target(request, host)
        self.facts = stages.seed(request, host, choice)
        self._probe(assumed)
        results = self._smoke()
        derived = self.stage("derived facts", lambda: stages.derived(self.facts), stages.NO_FACTS)
        self.facts = stages.with_assumed(self.facts.merged(derived), assumed)
        results, rates = self.stage(
            "rates", lambda: stages.rates(results, self.facts), (results, stages.NO_FACTS)
        )
        self.facts = self.facts.merged(rates)
        findings = self.stage("rules", lambda: stages.findings(self.facts, request), stages.NO_FINDINGS)
        criteria, recommendation = self.stage(
            "recommendation",
            lambda: stages.recommendation(self.facts, results, aims),
            stages.NO_RECOMMENDATION,
        )
        date = self.stage("knowledge", stages.knowledge_date, "")
        findings = (*findings, *stages.own_failures(self.runs))
        return Report(
            tool=Tool(__version__, date),
            created=datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
            host=HostInfo(host.kind, stages.host_name(host)),
            target=self._target(choice),
            facts=dict(self.facts.items()),
            findings=tuple(finding for finding in findings if finding.is_problem),
            checks=tuple(finding for finding in findings if not finding.is_problem),
            smoke=results,
            criteria=criteria,
            recommendation=recommendation,
            probes=tuple(self.runs),
            options=self._options(),
            incomplete=tuple(self.incomplete),
        )

    def _probe(self, assumed: Mapping[str, Fact]) -> None:
        nothing: tuple[Facts, list[ProbeRun]] = (self.facts, [])
        facts, runs = self.stage(
            "probes", lambda: stages.probe(self.facts, self.host, self.request, self.tmpdir), nothing
        )
        self.facts, self.runs = stages.with_assumed(facts, assumed), self.runs + runs

    def _smoke(self) -> tuple[SmokeResult, ...]:
        if stages.lacks_a_place(self.request, self.host, self.tmpdir, self.facts):
            self.incomplete.append(stages.NO_PLACE)
        outcome: SmokeOutcome | stages.NoSmoke = self.stage(
            "smoke", lambda: stages.smoke(self.facts, self.host, self.request, self.tmpdir), stages.NO_SMOKE
        )
        self.facts = self.facts.merged(outcome.facts).merged(stages.failed_probes(self.runs))
        return outcome.results

    def stage(self, name: str, work: Callable[[], T], otherwise: T) -> T:
        """Return what `work` gives; where it fails or we are interrupted, `otherwise`, and say so."""
        if self.interrupted and name in ("probes", "smoke"):
            return otherwise
        start = time.monotonic()
        try:
            return work()
        except KeyboardInterrupt as stop:
            self.interrupted = True
            self.incomplete.append(f"interrupted during {name}")
            stages.end_children()
            return getattr(stop, "outcome", otherwise)  # what a stage had done until then
        except stages.USER_ERRORS:
            raise
        except Exception as error:
            self.incomplete.append(f"{name}: {type(error).__name__}: {error}")
            spent = round(time.monotonic() - start, 4)
            self.runs.append(ProbeRun(f"stage {name}", "failed", spent, f"{type(error).__name__}: {error}"))
            stages.show_traceback(error)
        return otherwise

    def _target(self, choice: Choice) -> TargetInfo:
        usable = self.facts.value("target.usable", choice.usable)
        reason = self.facts.value("target.reason", choice.reason)
        if self.request.names_target and not usable and not self.incomplete:
            self.incomplete.append(f"the interpreter cannot be audited: {reason}")
        return TargetInfo(choice.python or "", choice.because, bool(usable), reason or "")

    def _options(self) -> dict[str, Any]:
        request = self.request
        given: dict[str, Any] = {
            "level": request.level,
            "goals": list(request.goals),
            "assume": list(request.assume),
            "all_envs": request.all_envs,
            "config": request.settings,
        }
        return {name: value for name, value in given.items() if value}


def audit(request: Request, host: Host, tmpdir: str | None) -> Report:
    """Audit `host` as `request` says, writing nothing outside `tmpdir`."""
    return Audit(request, host, tmpdir).run()
