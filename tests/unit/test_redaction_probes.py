"""A machine that answers every question of every probe with secrets in it: none is in any format."""

import base64
import itertools
import re
from html import escape
from pathlib import Path

import canaries
import leaks
import msgspec
import pytest
from accelerators.texts import NEW_GPU, OLD_GPU, xml

from auditor.audit.hosts import load_snapshot
from auditor.audit.pipeline import audit
from auditor.audit.request import Request
from auditor.host.environment import allowed
from auditor.host.protocol import Answer, CallFailed, FileStat, NotRecorded
from auditor.host.recording import Recorder, SnapshotHost
from auditor.redaction import Identity, Redactor, redact_report, redact_snapshot
from auditor.render import FORMATS, RenderOptions, render

MACHINE = Path(__file__).resolve().parents[1] / "machines" / "debian12-vm-cpu.json"
IDENTITY = Identity(
    hosts=canaries.HOSTS, users=canaries.USERS, home=canaries.HOME, machine_id=canaries.MACHINE_ID
)
PLANTED = [
    *canaries.ALL,
    *((text, secret) for _, text, secret in leaks.ALL if not any(part in text for part, _ in leaks.MISSED)),
]
LINES = [text for text, _ in PLANTED if "\n" not in text]
BLOCKS = "\n".join(text for text, _ in PLANTED)
VARIABLES = [
    "CUDA_VISIBLE_DEVICES",
    "NVIDIA_VISIBLE_DEVICES",
    "LD_LIBRARY_PATH",
    "PYTHONPATH",
    "USER",
    "LOGNAME",
    "HOSTNAME",
    "VIRTUAL_ENV",
    "CONDA_PREFIX",
    "MASTER_ADDR",
    "NCCL_SOCKET_IFNAME",
    "NCCL_DEBUG",
    "NCCL_IB_HCA",
    "TF_CONFIG",
    "XLA_FLAGS",
    "TORCH_HOME",
    "HF_HOME",
    "KERAS_HOME",
    "TMPDIR",
    "SLURM_JOB_NODELIST",
    "SLURM_JOB_USER",
    "SLURM_NODELIST",
    "SLURM_JOB_ACCOUNT",
    "SLURMD_NODENAME",
    "PBS_O_HOST",
    "LSB_HOSTS",
    "TPU_WORKER_HOSTNAMES",
    "TPU_NAME",
    "PIP_INDEX_URL",
    "PIP_EXTRA_INDEX_URL",
    "UV_INDEX_URL",
    "OMP_NUM_THREADS",
    "CUDA_HOME",
    "ROCM_PATH",
    "HIP_VISIBLE_DEVICES",
    "KUBERNETES_SERVICE_HOST",
    "CONDA_DEFAULT_ENV",
    "JUPYTER_SERVER_URL",
    "WSL_DISTRO_NAME",
    "SSH_CONNECTION",
    "OPENBLAS_CORETYPE",
    "TF_GPU_ALLOCATOR",
    "TORCHINDUCTOR_CACHE_DIR",
]


_FOLDERS = ("PATH", "_HOME", "_DIR", "_ENV", "_PREFIX", "TMPDIR")


class Poisoned:
    """Answers as a recorded machine does, with secrets in every text; what was not recorded is all secrets."""

    live = False
    kind = "snapshot"

    def __init__(self, start, *, links=True):
        self._host = SnapshotHost(load_snapshot(str(MACHINE)))
        self._next = itertools.cycle(LINES[start:] + LINES[:start])
        self._paths = itertools.cycle([text for text in LINES if text[0] == "/" and " " not in text])
        self._names = itertools.cycle([text for text in LINES if not set(text) & set("/ =:\\")])
        self._links = links
        self.asked = set()

    def _answer(self, ask, otherwise):
        try:
            return ask()
        except (NotRecorded, FileNotFoundError, CallFailed):
            return otherwise

    def _words(self, text):
        """Put a secret behind the value of every line, and all of them below."""
        lines = [
            f"{line} {next(self._next)}" if i % 3 == 0 else line for i, line in enumerate(text.splitlines())
        ]
        return "\n".join([*lines, BLOCKS]) + "\n"

    def _deep(self, value):
        if isinstance(value, str):
            return f"{value} {next(self._next)} " if len(value) > 1 else value
        if isinstance(value, dict):
            return {key: self._deep(item) for key, item in value.items()}
        return [self._deep(item) for item in value] if isinstance(value, list) else value

    def read_bytes(self, path, limit=1 << 22):
        self.asked.add("file")
        data = self._answer(lambda: self._host.read_bytes(path, limit), b"")
        return data if b"\0" in data[:4096] else self._words(data.decode("utf-8", "replace")).encode()[:limit]

    def read(self, path, limit=1 << 22):
        return self.read_bytes(path, limit).decode("utf-8", "replace")

    def listdir(self, path):
        self.asked.add("folder")
        names = self._answer(lambda: self._host.listdir(path), [])
        return sorted([*names, next(self._names), next(self._names)])

    def readlink(self, path):
        self.asked.add("link")
        if not self._links:  # they are followed piece by piece, and pieces of canaries are none
            return self._host.readlink(path)
        return self._answer(lambda: self._host.readlink(path), next(self._paths))

    def stat(self, path):
        return self._answer(lambda: self._host.stat(path), FileStat(mode=0o100755))

    def run(self, key, argv, timeout=10.0):
        self.asked.add("command")
        told = self._answer(lambda: self._host.run(key, argv), Answer(argv=tuple(argv), rc=0))
        if key == "nvidia-smi -q -x":
            return Answer(argv=tuple(argv), rc=0, stdout=self._cards())
        return msgspec.structs.replace(
            told, stdout=self._words(told.stdout), stderr=self._words(told.stderr), rc=told.rc
        )

    def _cards(self):
        """An inventory of GPUs with secrets in the fields that are free text."""
        text = xml(NEW_GPU, OLD_GPU)
        for field in ("uuid", "product_name", "process_name"):
            text = re.sub(rf"(<{field}>)[^<]*", lambda found: found[1] + escape(next(self._next)), text)
        return text.replace("</uuid>", f"</uuid><serial>{escape(next(self._next))}</serial>")

    def env(self, name):
        return self.environ().get(name)

    def environ(self):
        self.asked.add("variable")
        planted = {name: next(self._paths if name.endswith(_FOLDERS) else self._next) for name in VARIABLES}
        return allowed({**self._host.environ(), **planted})

    def call(self, key, how):
        self.asked.add("call")
        if key == "uname":  # its words are lowered and taken apart
            return self._host.call(key, how)
        return self._deep(self._answer(lambda: self._host.call(key, how), [next(self._next)]))


@pytest.mark.parametrize("start", range(0, len(LINES), len(LINES) // 6))
def test_nothing_that_a_probe_read_is_in_any_format(start):
    host = Poisoned(start)
    report = audit(Request(cwd="/srv", level="none"), host, None)
    assert host.asked == {"file", "folder", "link", "command", "variable", "call"}
    assert {run.status for run in report.probes} <= {"ok", "failed"}
    bare = render(report, "json")
    assert sum(secret in bare for _, secret in PLANTED) > 100  # they did come in
    shown = redact_report(report, Redactor(IDENTITY))
    for format_ in FORMATS:
        text = render(shown, format_, RenderOptions(verbose=True))
        found = [
            (secret, text[text.index(secret) - 60 : text.index(secret) + 60])
            for _, secret in PLANTED
            if secret in text
        ]
        assert found == [], format_


@pytest.mark.parametrize("start", [0, len(LINES) // 2])
def test_nothing_that_a_probe_read_is_in_a_recording(start):
    recorder = Recorder(Poisoned(start, links=False))
    audit(Request(cwd="/srv", level="none"), recorder, None)
    recorded = msgspec.to_builtins(recorder.snapshot)
    text = msgspec.json.encode(redact_snapshot(recorded, Redactor(IDENTITY))).decode()
    text += "".join(
        base64.b64decode(data).decode("latin-1") for data in re.findall(r'"base64":"([^"]*)"', text)
    )
    assert [(secret, text[text.index(secret) - 60 :][:120]) for _, secret in PLANTED if secret in text] == []
