"""Text that tries to act in some format, each with what must not come out of that format as it stands."""

from __future__ import annotations

import msgspec

import reports
from auditor.model.fact import Evidence, absent, known, unknown
from auditor.model.finding import Finding, Reference, Remedy
from auditor.model.report import Report, TargetInfo
from auditor.model.smoke import SmokeResult

TEXTS = {
    "script": "<script>document.title='owned'</script>",
    "image": "<img src=x onerror=\"document.title='owned'\">",
    "attribute": "\" onmouseover=\"document.title='owned'\" x='",
    "svg": "</text></svg><script>document.title='owned'</script>",
    "style": "</style><style>body{display:none}</style>",
    "details": "</details></summary></table><h1>owned</h1>",
    "comment": "--><!-- <b>",
    "template": "{{ 7*7 }} {% raw %} ${7*7} #{7*7}",
    "entity": '<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]>&e;',
    "cdata": "]]><x/>",
    "ansi": "\x1b[2J\x1b]0;owned\x07\x9b31m",
    "controls": "a\x00b\x08c\x0bd\x85e\ufffe\uffff",
    "bidi": "safe\u202egnp.exe\u2066\u200b",
    "surrogate": "name\udcff",
    "link": "[click](javascript:alert(1)) ![x](https://evil.example/p.png)",
    "autolink": "<https://evil.example> https://evil.example www.evil.example",
    "emphasis": "*b* _i_ ~~s~~ `code` **b**",
    "fence": "```\n# owned\n```\n````",
    "heading": "# owned\n\n- item\n\n> quote",
    "table": "a | b |\n|---|---|\n| c | d |",
    "mention": "@everyone #1 !2 a@b.example",
    "formula": "=HYPERLINK(\"https://evil.example\")",
    "labels": 'a"} 1\nfwaudit_owned{x="\\',
}  # fmt: skip
EVERYTHING = "\n".join(TEXTS.values())


def report() -> Report:
    """A report with every text in every place that can hold foreign text."""
    facts = {}
    findings = []
    smoke = []
    for i, text in enumerate(TEXTS.values()):
        seen = (Evidence("file", text, text), Evidence("command", text))
        facts |= {
            f"gpu[{i}].name": known(text, *seen),
            f"gpu[{i}].numa_node": known(0),
            f"component[{i}].slug": absent(text, *seen),
            f"os.{text}": unknown(text, *seen),
            f"smoke.{text}.devices": known([text]),
        }
        findings.append(Finding(
            id="FWA1" + text, cause=text, title=text, outcome="fail", severity="note", subject=text, message=text, why=text,
            evidence=seen, explains=(text,), explained_by=(text,),
            remedy=Remedy(text, (text,), meanwhile=text, check=text), references=(Reference(text, text, text), Reference("javascript:alert(1)")),
        ))  # fmt: skip
        smoke.append(SmokeResult(
            id=text, framework=text, device=text, status="pass", reason=text, metrics={"gflops": 1.0, text: text}, stderr_tail=text,
        ))  # fmt: skip
    facts["cpu.model_name"] = facts["os.pretty_name"] = facts["container.runtime"] = known(EVERYTHING)
    facts["numa.cpulist"] = known({"0": EVERYTHING, EVERYTHING: EVERYTHING})
    facts["ib.device_info"] = known({EVERYTHING: {"kind": EVERYTHING, "numa_node": 0}})
    facts["env.masks"] = known(
        [{"variable": EVERYTHING, "value": EVERYTHING, "framework": "container", "visible": [0]}]
    )
    facts["python.frameworks"] = known(list(TEXTS.values()))
    goal = msgspec.structs.replace(
        reports.goals("research").goals[0],
        goal=EVERYTHING,
        title=EVERYTHING,
        because=EVERYTHING,
        flips_if=EVERYTHING,
        blocked_by=tuple(TEXTS.values()),
    )
    plan = msgspec.structs.replace(
        reports.PLAN,
        steps=tuple(TEXTS.values()),
        because=tuple(TEXTS.values()),
        rejected={EVERYTHING: EVERYTHING},
    )
    return reports.report(
        facts,
        target=TargetInfo(EVERYTHING, EVERYTHING, usable=True, reason=EVERYTHING),
        findings=tuple(findings),
        checks=tuple(msgspec.structs.replace(finding, outcome="unknown", unknown_because=(finding.title,)) for finding in findings),
        smoke=tuple(smoke),
        recommendation=msgspec.structs.replace(reports.goals(), goals=(goal,), plan=plan),
        incomplete=tuple(TEXTS.values()),
        options={"config": {"file": EVERYTHING, "options": {text: text for text in TEXTS.values()}}},
    )  # fmt: skip
