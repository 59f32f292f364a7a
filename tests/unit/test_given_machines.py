"""Machines that the user gives: recordings, collect blocks, trees and assumptions."""

import json

import pytest
from click.testing import CliRunner

from auditor.audit.assume import AssumptionError, assumed, replaced
from auditor.audit.hosts import HostError, load_snapshot
from auditor.cli.app import app
from auditor.engine.plan import plan
from auditor.host.root import RootHost
from auditor.model.fact import Facts, absent, known, unknown
from auditor.probes.system_libraries import libc
from auditor.render.parts.opening import stated

RECORDING = {"snapshot_version": 1, "files": {"/proc/sys/kernel/osrelease": "6.1.0\n"}}
BLOCK = f"Paste all\n\n-----BEGIN FWAUDIT COLLECT 1-----\n{json.dumps(RECORDING)}\n-----END FWAUDIT COLLECT 1-----\n"
REPORT = {"schema_version": 1, "tool": {"version": "0"}, "created": "", "host": {"kind": "live"}}


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("{}", "no recording of `fwaudit capture`"),
        ('{"files": {"/proc/version": "x"}}', "no recording of `fwaudit capture`"),
        ('{"snapshot_version": 1}', "holds no answer"),
        (json.dumps(REPORT), "this is a report.*fwaudit show"),
        ("[]", "not a recording"),
        (BLOCK.partition("-----END")[0], "lost its last line"),
    ],
)
def test_what_is_no_recording_is_told_as_what_it_is(tmp_path, text, said):
    file = tmp_path / "given.json"
    file.write_text(text)
    with pytest.raises(HostError, match=said):
        load_snapshot(str(file))


@pytest.mark.parametrize("text", [json.dumps(RECORDING), BLOCK])
def test_a_recording_and_a_collect_block_are_read_alike(tmp_path, text):
    file = tmp_path / "given.txt"
    file.write_text(text)
    assert load_snapshot(str(file)).files == RECORDING["files"]
    assert CliRunner().invoke(app, ["validate", str(file)], standalone_mode=False).return_value == 0
    done = CliRunner().invoke(app, ["show", str(file), "--format", "json"], standalone_mode=False)
    assert json.loads(done.stdout)["facts"]["os.kernel"]["value"] == "6.1.0"


NOBODY = {"python": None, "because": "", "usable": False, "reason": "no Python was found"}


@pytest.mark.parametrize(
    ("calls", "state", "code"), [({}, "unknown", 0), ({"target choice": NOBODY}, "known", 1)]
)
def test_an_interpreter_that_nobody_asked_is_not_broken(tmp_path, calls, state, code):
    file = tmp_path / "given.json"
    file.write_text(json.dumps({**RECORDING, "calls": calls}))
    argv = ["scan", "--snapshot", str(file), "--format", "json"]
    done = CliRunner().invoke(app, argv, standalone_mode=False)
    told = json.loads(done.stdout)
    assert told["facts"]["target.usable"]["state"] == state
    assert any(found["id"] == "FWA901" for found in told["findings"]) == bool(code)
    assert done.return_value == code


def test_a_plan_says_none_is_here_only_where_it_was_looked_for():
    machine = {"os.platform": known("linux"), "os.arch": known("x86_64"), "python.version": known("3.12")}
    blind = plan(Facts({**machine, "accelerators.vendors": unknown("not looked at")}), "pytorch")
    assert not any("is here" in line for line in blind.because)
    assert any("is not known" in line for line in blind.because)
    seen = plan(Facts({**machine, "accelerators.vendors": known([])}), "pytorch")
    assert any("no accelerator that a published build uses is here" in line for line in seen.because)


@pytest.mark.parametrize("version", ["2.36", "2.4", "2.17"])
def test_glibc_is_read_up_to_the_end_of_its_sentence(tmp_path, version):
    library = tmp_path / "lib" / "libc.so.6"
    library.parent.mkdir()
    library.write_text(f"GNU C Library (Debian GLIBC) stable release version {version}.\nCopyright (C) 2022")
    assert libc(RootHost(str(tmp_path)), None)["os.glibc_version"].value == version


@pytest.mark.parametrize(
    ("texts", "said"),
    [
        (["arch=foo"], "x86_64"),
        (["os=windos"], "'windows'"),
        (["gfx=foo"], "gfx90a"),
        (["gfx=gx1100"], "'gfx1100'"),
        (["gpu="], "no value"),
        (["driver="], "no value"),
        (["gpu[99999999999].name=H100"], "no machine has that many"),
        (["gpu=none", "gpu=H100"], "contradicts"),
        (["gpu=none", "gpu[0].name=H100"], "contradicts"),
        (["nvidia.drvr=1"], "fwaudit list facts"),
    ],
)
def test_an_assumption_that_cannot_hold_is_refused_with_what_can(texts, said):
    with pytest.raises(AssumptionError, match=said):
        assumed(texts)


@pytest.mark.parametrize("name", ["gfx1100", "gfx90a:sramecc+:xnack-", "gfx942", "gfx9-4-generic"])
def test_an_instruction_set_is_taken_as_its_makers_write_it(name):
    assert assumed([f"gfx={name}"])["gpu[0].gfx_target"].value == name.partition(":")[0]


def test_another_system_leaves_nothing_of_the_one_that_was_seen():
    seen = Facts(
        {
            "os.platform": known("linux"),
            "os.id": known("debian"),
            "os.pretty_name": known("Debian 12"),
            "os.arch": known("x86_64"),
            "torch.version": known("2.13.0+cpu"),
        }
    )
    facts = replaced(seen, assumed(["os=windows"]))
    assert facts.value("os.platform") == "windows"
    assert {facts[key].state for key in ("os.pretty_name", "torch.version")} == {"unknown"}
    assert facts.value("os.arch") == "x86_64"
    assert replaced(seen, assumed(["os=linux"])).value("os.pretty_name") == "Debian 12"
    assert replaced(seen, assumed(["os=Ubuntu 24.04"])).value("torch.version") == "2.13.0+cpu"


@pytest.mark.parametrize(
    ("fact", "words"),
    [
        (known([{"name": "H100"}, {"name": "T4"}]), "H100, T4"),
        (known([]), "none"),
        (absent("assumed"), "none"),
        (known(True), "yes"),
        (known("535.1"), "535.1"),
    ],
)
def test_what_was_assumed_is_told_in_words(fact, words):
    assert stated(fact) == words
