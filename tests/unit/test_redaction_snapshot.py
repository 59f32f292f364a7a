"""A recording: nothing of its owner is left in it, and every question still finds its answer."""

import base64

import canaries
import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from auditor.host.recording import Snapshot, SnapshotHost
from auditor.redaction import Identity, Redactor, redact_snapshot
from auditor.redaction.redactor import Redactor as Machine

IDENTITY = Identity(
    hosts=canaries.HOSTS, users=canaries.USERS, home=canaries.HOME, machine_id=canaries.MACHINE_ID
)
UUID = "GPU-8932f937-d72c-4106-c12f-20bd9faed9f6"
VENV = "/home/alice/vision/.venv"

RECORDED = {
    "snapshot_version": 1,
    "files": {
        "/etc/machine-id": canaries.MACHINE_ID + "\n",
        "/etc/hostname": "deepbox\n",
        "/etc/passwd": "root:x:0:0:root:/root:/bin/bash\nrobert:x:1001:1001:Robert:/home/robert:/bin/bash\nalice:x:1000:1000:Alicia Keys:/home/alice:/bin/sh\n",
        "/etc/group": "video:x:44:robert,alice\nnogroup:x:65534:\nsecretlab:x:20000:robert\n",
        f"{VENV}/pyvenv.cfg": "home = /usr/bin\nversion = 3.11.9\nprompt = /home/alice/vision\n",
        "/sys/class/dmi/id/product_serial": "PF3ABC12\n",
        "/sys/class/dmi/id/product_uuid": "4c4c4544-0042-3510-8054-b7c04f4d3232\n",
        "/proc/4711/cmdline": "/home/robert/env/bin/python\0train.py\0--key\0hunter2\0",
        "/home/alice/.condarc": {"type": "failure", "errno": 13, "message": "Permission denied: /home/alice/.condarc"},
        "/etc/ld.so.cache": {"type": "bytes", "base64": base64.b64encode(b"\xff\x01/home/alice/lib/libx.so\0/usr/lib/liby.so\0").decode()},
    },
    "folders": {
        "/home": ["alice", "robert"],
        "/home/alice": ["vision", "mail-alice"],
        f"{VENV}/lib/python3.11/site-packages": ["nvidia_cudnn_cu12-8.9.7.29.dist-info", "torch"],
        "/sys/bus/pci/devices": ["0000:3b:00.0"],
    },
    "links": {f"{VENV}/bin/python": "/home/alice/.local/uv/python", "/proc/self/exe": "/usr/bin/python3.11"},
    "stats": {"/home/alice/vision": {"type": "stat", "mode": 16877, "uid": 1000}},
    "commands": {"nvidia-smi -L": {"argv": ["nvidia-smi", "-L"], "stdout": f"GPU 0: A100 (UUID: {UUID})\n", "rc": 0}},
    "calls": {
        "hostname": "deepbox",
        "user name": "alice",
        "uname": {"release": "6.5.0-45-generic", "nodename": "deepbox"},
        "nvml": [{"uuid": UUID, "serial": "1562520004213", "driver": "560.35.03"}],
        f"inside {VENV}/bin/python": {"sys_path": [f"{VENV}/lib/python3.11/site-packages", "/home/robert/shared"]},
    },
    "environment": {"HOME": "/home/alice", "USER": "alice", "VIRTUAL_ENV": VENV, "CUDA_VISIBLE_DEVICES": "GPU-8932f937", "SLURM_JOB_NODELIST": "n[1-4]"},
}  # fmt: skip


def replayed():
    redacted = redact_snapshot(RECORDED, Redactor(IDENTITY))
    return SnapshotHost(msgspec.convert(redacted, Snapshot)), redacted


def test_nothing_of_the_owner_is_left():
    text = msgspec.json.encode(replayed()[1]).decode()
    for secret in (
        "alice",
        "robert",
        "Robert",
        "Alicia",
        "secretlab",
        "deepbox",
        canaries.MACHINE_ID,
        "PF3ABC12",
        "4c4c4544",
        "8932f937",
        "hunter2",
        "1562520004213",
        "n[1-4]",
    ):
        assert secret not in text, secret
    assert base64.b64encode(b"alice")[:6] not in text.encode()


def test_questions_under_the_recorded_home_find_their_answers():
    host, _ = replayed()
    home, venv = host.env("HOME"), host.env("VIRTUAL_ENV")
    assert home == "/home/user"
    assert "version = 3.11.9" in host.read(f"{venv}/pyvenv.cfg")
    assert host.listdir(home) == ["mail-user", "vision"]
    assert host.readlink(f"{venv}/bin/python") == f"{home}/.local/uv/python"
    assert host.stat(f"{home}/vision").uid == 1000
    assert host.listdir(f"{venv}/lib/python3.11/site-packages")[0] == "nvidia_cudnn_cu12-8.9.7.29.dist-info"
    assert (
        host.call(f"inside {venv}/bin/python", dict)["sys_path"][0] == f"{venv}/lib/python3.11/site-packages"
    )


def test_names_in_a_folder_lead_to_what_they_name():
    host, redacted = replayed()
    names = host.listdir("/home")
    other = redacted["calls"]["inside /home/user/vision/.venv/bin/python"]["sys_path"][1]
    assert "user" in names
    assert other.split("/")[2] in names


def test_groups_keep_their_numbers_and_the_users_membership():
    host, _ = replayed()
    assert host.read("/etc/group").splitlines()[:2] == ["video:x:44:user", "nogroup:x:65534:"]
    assert ":x:20000:" in host.read("/etc/group")
    assert "user:x:1000:1000::/home/user:/bin/sh" in host.read("/etc/passwd")


def test_a_failure_stays_the_failure_it_was():
    host, _ = replayed()
    with pytest.raises(PermissionError) as raised:
        host.read("/home/user/.condarc")
    assert "alice" not in str(raised.value)


def test_offsets_in_binary_files_do_not_move():
    host, _ = replayed()
    data = host.read_bytes("/etc/ld.so.cache")
    assert data.index(b"/usr/lib/liby.so") == len(b"\xff\x01/home/alice/lib/libx.so\0")


def test_a_mask_by_a_short_uuid_still_begins_the_uuid_and_live_and_replay_agree():
    host, _ = replayed()
    full = host.call("nvml", list)[0]["uuid"]
    assert len(full) == len(UUID)
    assert full.startswith(host.env("CUDA_VISIBLE_DEVICES"))
    assert Machine(IDENTITY).text(UUID) == Machine(Identity(machine_id="another")).text(full)


def test_a_home_outside_home_keeps_its_parents():
    identity = Identity(users=("alice",), home="/nfs/u17/alice")
    redacted = redact_snapshot(
        {"files": {"/nfs/u17/alice/x": "1"}, "environment": {"HOME": "/nfs/u17/alice"}}, Redactor(identity)
    )
    assert redacted["environment"]["HOME"] == "/nfs/u17/user"
    assert redacted["files"] == {"/nfs/u17/user/x": "1"}


def test_roots_home_stays():
    identity = Identity(users=("root",), home="/root")
    redacted = redact_snapshot(
        {"files": {"/root/x": "1"}, "environment": {"HOME": "/root", "USER": "root"}}, Redactor(identity)
    )
    assert redacted["files"] == {"/root/x": "1"}
    assert redacted["environment"] == {"HOME": "/root", "USER": "root"}


def test_a_redacted_recording_stays_as_it_is():
    once = redact_snapshot(RECORDED, Redactor(IDENTITY))
    assert redact_snapshot(once, Redactor(Identity())) is once


_PART = st.sampled_from(
    [
        "home",
        "alice",
        "robert",
        "deepbox",
        "lib",
        ".venv",
        "python3.11",
        "0000:3b:00.0",
        "x-alice",
        "libcudnn.so.8.9.7.29",
        "24",
        "10.3.5.147",
    ]
)


@given(st.lists(_PART, min_size=1, max_size=5), st.lists(_PART, min_size=1, max_size=3))
def test_what_lies_in_a_folder_lies_in_what_the_folder_became(folder, rest):
    parent = "/" + "/".join(folder)
    redactor = Redactor(IDENTITY, replay=True)
    assert redactor.text(parent + "/" + "/".join(rest)).startswith(redactor.text(parent) + "/")
