"""What a pre-flight shows of its node: by default nothing that tells whose it is, and under `redact = "site"` where it is."""

import json

import msgspec
import pytest
from click.testing import CliRunner
from test_preflight_gate import FULL, MOUNTS, look, machine

from auditor.cli.commands import preflight as command
from auditor.host.recording import Snapshot
from auditor.knowledge.loading import KnowledgeError
from auditor.knowledge.profiles import load_profile, shipped
from auditor.model.fact import Facts, known
from auditor.model.finding import Finding
from auditor.model.report import HostInfo
from auditor.preflight.outcome import report
from auditor.preflight.request import Request
from auditor.preflight.site import report_for_site, shown, whereabouts
from auditor.preflight.text import details
from auditor.redaction import Identity, Redactor, redact_report

SITE = 'redact = "site"\n'
BROKEN = {**FULL, "calls": {**FULL["calls"], "hostname": "rack7node17", "user name": "janapet"}}
CARD = {
    "gpu[3].pci_bus_id": known("00000000:3B:00.0"),
    "gpu[3].serial": known("1652421001234"),
    "gpu[3].uuid": known("GPU-8932f937-d72c-4106-c12f-20bd9faed9f6"),
}


def lines(result, host, *, open_=False):
    return "\n".join(details(shown(result, host, open_=open_)))


def with_reason(result, text):
    """The result with a failure whose message says something."""
    rows = [
        msgspec.structs.replace(
            row,
            findings=tuple(
                msgspec.structs.replace(f, message=text) if f.outcome == "fail" else f for f in row.findings
            ),
        )
        for row in result.judged
    ]
    return msgspec.structs.replace(result, judged=tuple(rows))


def test_the_default_hides_names(tmp_path):
    host = machine(**BROKEN)
    result = with_reason(look(host, tmp_path, "", **MOUNTS), "full on rack7node17: /home/janapet")
    told = lines(result, host)
    assert "full on <host>" in told
    assert "rack7node17" not in told
    assert "janapet" not in told
    assert "rack7node17: /home/janapet" in lines(result, host, open_=True)


def test_a_sites_profile_shows_the_node(tmp_path):
    host = machine(**BROKEN)
    assert "(host rack7node17)" in lines(look(host, tmp_path, SITE, **MOUNTS), host)


def test_a_sites_profile_shows_a_card_by_place_and_serial():
    told = whereabouts("gpu:3", Facts(CARD), machine(**BROKEN))
    assert told == "host rack7node17, PCI 00000000:3B:00.0, serial 1652421001234"
    assert whereabouts("gpu:0", Facts(CARD), machine(**BROKEN)) == "host rack7node17"


def test_a_node_that_passes_says_nothing_more(tmp_path):
    host = machine(calls={"hostname": "rack7node17"})
    assert "rack7node17" not in lines(look(host, tmp_path, SITE, **MOUNTS), host)


@pytest.mark.parametrize(
    ("text", "name", "serial"), [("", "<host>", "<hidden>"), (SITE, "rack7node17", "1652421001234")]
)
def test_the_report_keeps_name_and_serial_under_a_sites_profile_only(tmp_path, text, name, serial):
    host = machine(**BROKEN)
    result = look(host, tmp_path, text, **MOUNTS)
    told = report(result, Request(), host, 1)
    told = msgspec.structs.replace(
        told, facts={**told.facts, **CARD}, host=HostInfo("snapshot", "rack7node17")
    )
    hidden = redact_report(told, Redactor(Identity(hosts=("rack7node17",))))
    if result.redact:
        hidden = report_for_site(told, hidden)
    assert (hidden.host.name, hidden.facts["gpu[3].serial"].value) == (name, serial)
    assert hidden.facts["gpu[3].uuid"].value.startswith("GPU-")
    assert "8932f937" not in str(hidden.facts["gpu[3].uuid"])
    assert hidden.options["preflight"].get("redact", "") == ("site" if text else "")


def test_the_command_writes_what_the_profile_allows(tmp_path):
    machine_file = tmp_path / "machine.json"
    machine_file.write_bytes(msgspec.json.encode(machine(**BROKEN)._snapshot))
    assert isinstance(msgspec.json.decode(machine_file.read_bytes(), type=Snapshot), Snapshot)
    for name, text, seen in (("open.toml", SITE, True), ("shut.toml", "", False)):
        (tmp_path / name).write_text(text)
        args = ["--profile", str(tmp_path / name), "--snapshot", str(machine_file), "--only", "disk-free"]
        assert ("rack7node17" in CliRunner().invoke(command.command, args).output) == seen
        written = json.loads(CliRunner().invoke(command.command, [*args, "--format", "json"]).stdout)
        assert written["host"].get("name", "") == ("rack7node17" if seen else "")


def test_no_shipped_profile_shows_anything_and_another_word_is_refused(tmp_path):
    assert {load_profile([name]).redact for name in shipped()} == {""}
    (tmp_path / "p.toml").write_text('redact = "off"\n')
    with pytest.raises(KnowledgeError, match="redact"):
        load_profile([str(tmp_path / "p.toml")])


def test_a_finding_without_a_message_is_placed_by_its_title(tmp_path):
    host = machine(**BROKEN)
    result = look(host, tmp_path, SITE, **MOUNTS)
    bare = Finding(
        id="FWA1", cause="x", title="a card is gone", outcome="fail", severity="error", subject="gpu:3"
    )
    rows = tuple(msgspec.structs.replace(row, findings=(bare,)) for row in result.judged[:1])
    result = msgspec.structs.replace(result, judged=rows, facts=Facts(CARD))
    told = " ".join(lines(result, host).split())
    assert "a card is gone (host rack7node17, PCI 00000000:3B:00.0, serial 1652421001234)" in told
