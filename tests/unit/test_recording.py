"""What a recorder heard, a snapshot says again: answers, refusals, and nothing else."""

import msgspec
import pytest

from auditor.host.live import LiveHost
from auditor.host.protocol import CallFailed, NotRecorded
from auditor.host.recording import Recorder, Snapshot, SnapshotHost, overlay


@pytest.fixture
def recorded(tmp_path):
    (tmp_path / "text").write_text("hello\n")
    (tmp_path / "binary").write_bytes(b"\xff\xfe\x00")
    (tmp_path / "link").symlink_to("text")
    recorder = Recorder(LiveHost())
    recorder.read(f"{tmp_path}/text")
    recorder.read_bytes(f"{tmp_path}/binary")
    recorder.listdir(str(tmp_path))
    recorder.readlink(f"{tmp_path}/link")
    recorder.stat(f"{tmp_path}/text")
    recorder.run("echo", ["echo", "hi"])
    recorder.environ()
    recorder.call("answer", lambda: {"a": [1, 2]})
    with pytest.raises(FileNotFoundError):
        recorder.read(f"{tmp_path}/gone")
    with pytest.raises(CallFailed):
        recorder.call("broken", lambda: 1 / 0)
    text = msgspec.json.encode(recorder.snapshot, order="sorted")
    return SnapshotHost(msgspec.json.decode(text, type=Snapshot)), tmp_path


def test_answers_come_back(recorded):
    host, folder = recorded
    assert host.read(f"{folder}/text") == "hello\n"
    assert host.read_bytes(f"{folder}/binary") == b"\xff\xfe\x00"
    assert host.listdir(str(folder)) == ["binary", "link", "text"]
    assert host.readlink(f"{folder}/link") == "text"
    assert host.stat(f"{folder}/text").size == 6
    assert host.run("echo", ["anything"]).stdout == "hi\n"
    assert host.call("answer", lambda: pytest.fail("called on a replay")) == {"a": [1, 2]}


def test_refusals_come_back_as_themselves(recorded):
    host, folder = recorded
    with pytest.raises(FileNotFoundError):
        host.read(f"{folder}/gone")
    with pytest.raises(CallFailed, match="division"):
        host.call("broken", dict)


def test_what_was_never_asked_is_not_recorded(recorded):
    host, _ = recorded
    for question in (
        lambda: host.read("/never"),
        lambda: host.stat("/never"),
        lambda: host.run("never", ["x"]),
        lambda: host.call("never", dict),
    ):
        with pytest.raises(NotRecorded):
            question()


def test_secrets_in_the_environment_are_never_read(monkeypatch):
    monkeypatch.setenv("HF_TOKEN", "hf_secret")
    monkeypatch.setenv("PIP_INDEX_URL", "https://user:secret@example.com")
    monkeypatch.setenv("NCCL_DEBUG", "INFO")
    environ = LiveHost().environ()
    assert environ["NCCL_DEBUG"] == "INFO"
    assert "secret" not in str(environ.values())


def test_an_overlay_changes_a_few_answers_and_can_forget_one():
    base = Snapshot(files={"/a": "1", "/b": "2"})
    host = SnapshotHost(overlay(base, files={"/a": "3", "/b": None}))
    assert host.read("/a") == "3"
    with pytest.raises(NotRecorded):
        host.read("/b")
    assert base.files["/b"] == "2"
