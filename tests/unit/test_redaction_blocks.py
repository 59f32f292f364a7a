"""Secrets over several lines: hidden before a text is taken apart, and gone from every line that diagnose quotes."""

import json

import canaries
import leaks
import pytest
from click.testing import CliRunner

from auditor.cli.app import app
from auditor.redaction import Identity, Redactor
from auditor.redaction.blocks import without_blocks
from auditor.redaction.places import names_in

SPANNING = [(text, secret) for _, text, secret in leaks.ALL if "\n" in text]
ERROR = "RuntimeError: CUDA error: no kernel image is available for execution on the device"


@pytest.mark.parametrize(
    ("text", "secret"), [pair for pair in SPANNING if "BEGIN" in pair[0] or "machine" in pair[0]]
)
def test_a_block_is_hidden_and_every_other_line_keeps_its_number(text, secret):
    shown = without_blocks(f"one\n{text}\nlast")
    assert secret not in shown
    assert shown.splitlines()[text.count("\n") + 2] == "last"


@pytest.mark.parametrize("before", [65_000, 65_400, 65_500])
def test_a_key_across_the_pieces_of_a_long_text_is_hidden(before):
    key = (
        "-----BEGIN RSA PRIVATE KEY-----\n"
        + "MIIEpAIBAAKCAQEAaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\n" * 20
    )
    text = "x\n" * (before // 2) + key + "-----END RSA PRIVATE KEY-----\n" + "y\n" * 40_000
    redactor = Redactor(Identity())
    assert "MIIEpA" not in redactor.text(text)
    assert redactor.counts["key"] == 1


@pytest.mark.parametrize(
    "text", ["password", "-----BEGIN CERTIFICATE REQUEST", "the password\nis lost", "a\nb"]
)
def test_what_is_no_block_stays(text):
    assert without_blocks(text) == text


def test_nothing_of_what_was_pasted_is_quoted(tmp_path):
    known = [
        (text, secret) for _, text, secret in leaks.ALL if not any(part in text for part, _ in leaks.MISSED)
    ]
    known += canaries.ALL
    names = ("alice", "deepbox", "gpu17", "gpu18", "nas3", "lab.example")  # of another machine than this one
    known = [(text, secret) for text, secret in known if not any(name in secret.lower() for name in names)]
    parts = [known[i : i + 12] for i in range(0, len(known), 12)]
    for number, part in enumerate(parts):
        paste = tmp_path / f"{number}.txt"
        paste.write_text(ERROR + "\n" + "\n".join(text for text, _ in part) + "\n")
    told = CliRunner().invoke(
        app, ["diagnose", *map(str, sorted(tmp_path.iterdir())), "--format", "json"], standalone_mode=False
    )
    assert json.loads(told.stdout)["findings"]
    assert [secret for _, secret in known if secret in told.stdout] == []


PASTE = """(base) janapet@gpubox:~/train$ python train.py
[gpubox:12345] *** Process received signal ***
PermissionError: /scratch/janapet/ckpt, see /data/b.wong-old of /home/b.wong/x
max memory is mine; root@gpubox:/# whoami
RuntimeError: CUDA error: no kernel image is available for execution on the device
"""


def test_names_that_a_prompt_or_a_home_tells_are_hidden_everywhere():
    assert names_in(PASTE) == (("janapet", "b.wong"), ("gpubox",))
    assert names_in("/home/max/x root@localhost:~$ git@github.com:~/x /home/u/y") == (("max",), ())


@pytest.mark.parametrize("words", [["redact"], ["diagnose", "--format", "json"]])
def test_names_of_another_machine_are_hidden_in_what_was_pasted(tmp_path, words):
    (tmp_path / "paste.txt").write_text(PASTE)
    told = CliRunner().invoke(app, [*words, str(tmp_path / "paste.txt")], standalone_mode=False).stdout
    assert [name for name in ("janapet", "gpubox", "b.wong") if name in told] == []
    assert "no kernel image" in told
