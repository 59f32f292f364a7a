"""A report: canaries in every place that can hold foreign text are in no format; support's facts are."""

import canaries
import msgspec

import reports
from auditor.model.fact import Evidence, absent, known, unknown
from auditor.model.finding import Finding, Remedy
from auditor.model.recommendation import Recommendation
from auditor.model.report import HostInfo, ProbeRun, TargetInfo
from auditor.model.smoke import SmokeResult
from auditor.redaction import Identity, Redactor, identity_of, redact_report
from auditor.render import FORMATS, RenderOptions, render

IDENTITY = Identity(
    hosts=canaries.HOSTS, users=canaries.USERS, home=canaries.HOME, machine_id=canaries.MACHINE_ID
)
TEXTS = [text for text, _ in canaries.ALL]
EVERYTHING = "\n".join(TEXTS)


def planted():
    """A report with every canary in every place."""
    facts = {}
    for i, text in enumerate(TEXTS):
        evidence = (Evidence("file", text, text), Evidence("env", "USER", text), Evidence("command", text))
        facts[f"component[{i}].slug"] = known(text, *evidence)
        facts[f"component[{i}].list"] = known([{text: [text], "name": text, "version": text}], *evidence)
        facts[f"component[{i}].no"] = absent(text, *evidence)
        facts[f"component[{i}].why"] = unknown(text, *evidence)
        facts[f"gpu[{i}].uuid"] = known(text, *evidence)
        facts[f"gpu[{i}].serial"] = known(text, *evidence)
        facts[f"gpu[{i}].processes"] = known([{"pid": 1, "name": f"/opt/x/python {text}"}])
    facts["env.variables"] = known(
        {"HOME": canaries.HOME, "SLURM_JOB_NODELIST": "canarynode[1-4]", "LD_LIBRARY_PATH": EVERYTHING}
    )
    findings = tuple(
        Finding(
            id="FWA1", cause="x", title=text, outcome="fail", severity="error", subject=text, message=text, why=text,
            evidence=(Evidence("paste", text, text),), unknown_because=(text,), waiver="",
            remedy=Remedy(text, (text,), meanwhile=text, check=text),
        )
        for text in TEXTS
    )  # fmt: skip
    goal = reports.goals("research").goals[0]
    goal = msgspec.structs.replace(
        goal, because=EVERYTHING, flips_if=EVERYTHING, blocked_by=tuple(TEXTS), title=EVERYTHING
    )
    plan = msgspec.structs.replace(
        reports.PLAN, steps=tuple(TEXTS), because=tuple(TEXTS), alternatives=tuple(TEXTS), expires=EVERYTHING,
        rejected={text: text for text in TEXTS}, choices=({"name": "torch", "index": EVERYTHING},),
    )  # fmt: skip
    return reports.report(
        facts,
        host=HostInfo("live", canaries.HOSTS[0], EVERYTHING),
        target=TargetInfo(EVERYTHING, EVERYTHING, usable=True, reason=EVERYTHING),
        findings=findings,
        checks=tuple(msgspec.structs.replace(finding, outcome="unknown") for finding in findings),
        smoke=tuple(
            SmokeResult(
                id="pytorch-x", framework="pytorch", system=text, device=text, status="crash", reason=text, metrics={"m": text, text: 1},
                placed_on=text, stderr_tail=text,
            )
            for text in TEXTS
        ),
        recommendation=Recommendation(goals=(goal,), plan=plan),
        probes=tuple(ProbeRun(text, "failed", 0.1, text) for text in TEXTS),
        options={"goals": ["research"], "assume": TEXTS},
        incomplete=tuple(TEXTS),
    )  # fmt: skip


def test_no_canary_is_in_any_format():
    report = redact_report(planted(), Redactor(IDENTITY))
    for format_ in FORMATS:
        for options in (
            RenderOptions(),
            RenderOptions(verbose=True, unicode=False),
            RenderOptions(colour=True, width=200),
        ):
            text = render(report, format_, options)
            found = [canary for _, canary in canaries.ALL if canary in text]
            assert not found, (format_, found)
            assert "canarynode" not in text


def test_what_support_needs_is_still_there():
    healthy = redact_report(reports.healthy(), Redactor(IDENTITY))
    text = render(healthy, "json")
    for needed in (
        "8.9.7.29", "10.3.5.147", "560.35.03", "NVIDIA RTX A6000", "AMD Ryzen Threadripper PRO 5955WX", "2.13.0+cu126",
        "6.5.0-45-generic", "00000000:01:00.0", "~/vision/.venv/bin/python", "site-packages/torch/version.py", "Ubuntu 22.04.4 LTS",
    ):  # fmt: skip
        assert needed in text, needed


def test_findings_keep_their_identity_and_commands_still_paste():
    before, after = reports.broken(), redact_report(reports.broken(), Redactor(IDENTITY))
    assert [(f.id, f.cause, f.severity, f.outcome) for f in after.findings] == [
        (f.id, f.cause, f.severity, f.outcome) for f in before.findings
    ]
    assert (
        after.findings[0].remedy.check
        == "~/vision/.venv/bin/python -c 'import torch; print(torch.cuda.is_available())'"
    )
    assert after.findings[0].references == before.findings[0].references


def test_says_what_was_hidden_and_by_which_key():
    report = redact_report(reports.healthy(), Redactor(IDENTITY))
    assert report.redaction.enabled
    assert report.redaction.key == "machine"
    assert report.redaction.counts["home"] > 0
    assert report.redaction.counts["command line"] == 1
    assert redact_report(reports.healthy(), Redactor(Identity())).redaction.key == "run"


def test_a_redacted_report_stays_as_it_is():
    once = redact_report(reports.healthy(), Redactor(IDENTITY))
    assert redact_report(once, Redactor(Identity())) is once


def test_a_stored_report_tells_whose_names_to_hide():
    report = reports.healthy()
    text = render(redact_report(report, Redactor(identity_of(report))), "json")
    assert "alice" not in text
    assert "deepbox" not in text


def test_values_of_the_model_go_in_and_come_out_unchanged_in_type():
    for make in reports.ALL.values():
        report = redact_report(make(), Redactor(IDENTITY))
        assert msgspec.convert(msgspec.to_builtins(report), type(report)) == report
