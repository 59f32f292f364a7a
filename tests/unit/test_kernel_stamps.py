"""The kernel log as its many writers print it: how old is a line, and what does it say?"""

from __future__ import annotations

import pytest

from auditor.host.formats.kernel_stamps import aged
from auditor.host.recording import Snapshot, SnapshotHost
from auditor.model.fact import Facts
from auditor.probes.node import load

XID = "NVRM: Xid (PCI:0000:9b:00): 119, pid=7, name=x, Timeout"
FORMS = {
    "dmesg": "[  100.500000] {xid}\n[  400.500000] x",
    "dmesg -T": "[Sun Feb 23 16:24:18 2025] {xid}\n[Sun Feb 23 16:29:18 2025] x",
    "dmesg --decode, ISO": "kern  :warn  : 2025-01-21T04:41:44,285060+00:00 {xid}\nkern  :info  : 2025-01-21T04:46:44,285060+00:00 x",
    "dmesg --raw": "<4>[  100.500000] {xid}\n<6>[  400.500000] x",
    "journalctl -k": "Feb 28 23:57:00 node7 kernel: {xid}\nMar 01 00:02:00 node7 kernel: x",
    "a log file over New Year": "Dec 31 23:57:00 node7 kernel: {xid}\nJan  1 00:02:00 node7 kernel: x",
    "a log file with both clocks": "Feb 23 16:24:18 node7 kernel: [12345.678] {xid}\nFeb 23 16:29:18 node7 kernel: [12645.678] x",
    "a log file, ISO": "2025-02-23T16:24:18.123456+01:00 node7 kernel: {xid}\n2025-02-23T16:29:18.123456+01:00 node7 kernel: x",
}


@pytest.mark.parametrize("form", FORMS)
def test_age_and_text(form):
    (age, text), _ = aged(FORMS[form].format(xid=XID).splitlines())
    assert text == XID
    assert age == pytest.approx(300)


@pytest.mark.parametrize("line", ["", "plain text", "[not a stamp] x", "[Foo Bar 99 16:24:18 2025] x", "2025-99-99T00:00:00 x"])  # fmt: skip
def test_a_line_without_a_time_has_no_age(line):
    assert aged([line]) == [(None, line)]


def events(argv, stdout, rc=0):
    answer = {"argv": argv, "stdout": stdout, "rc": rc}
    host = SnapshotHost(Snapshot(commands={" ".join(argv): answer}))
    return load("kernel_log").collect(host, Facts({}))


@pytest.mark.parametrize("form", FORMS)
def test_an_xid_in_any_form_is_seen_once(form):
    line = FORMS[form].format(xid=XID).splitlines()[0]
    (row,) = events(["dmesg"], f"{line}\n{FORMS[form].format(xid=XID)}")["node.xids"].value
    assert (row["address"], row["code"], row["times"]) == ("0000:9b:00", 119, 2)


def test_an_xid_without_a_time_has_an_unknown_age():
    (row,) = events(["dmesg"], XID)["node.xids"].value
    assert row["unknown"] == {"age_s": "the log tells no time"}


def test_a_dmesg_that_was_refused_tells_nothing():
    found = events(["dmesg"], "dmesg: read kernel buffer failed: Operation not permitted", rc=1)
    assert {fact.state for fact in found.values()} == {"unknown"}
