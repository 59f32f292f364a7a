"""Recorded machines, replayed through the whole pipeline: as they are, and each with one thing broken."""

import copy
from pathlib import Path

import msgspec
import pytest

from auditor.audit.hosts import load_snapshot, open_host
from auditor.audit.pipeline import audit
from auditor.audit.request import Request
from auditor.host.protocol import NotRecorded
from auditor.host.recording import SnapshotHost, overlay

FILE = Path(__file__).with_name("debian12-vm-cpu.json")
TARGET = "target /srv/project/.venv/bin/python3"


@pytest.fixture(scope="module")
def recorded():
    return load_snapshot(str(FILE))


def scan(snapshot, **options):
    return audit(Request(cwd="/elsewhere", level="none", **options), SnapshotHost(snapshot), None)


def value(report, key):
    return report.facts[key].value


def test_the_machine_as_it_is(recorded):
    report = scan(recorded)
    assert [finding.cause for finding in report.findings] == []
    assert report.incomplete == ()
    assert {run.status for run in report.probes} == {"ok"}
    expected = {
        "os.id": "debian",
        "os.version_id": "12",
        "os.glibc_version": "2.36",
        "os.arch": "x86_64",
        "cpu.model_name": "AMD EPYC",
        "cpu.logical_online": 2,
        "cpu.usable": 2,
        "numa.node_count": 1,
        "nvidia.gpu_count": 0,
        "accelerators.vendors": [],
        "target.usable": True,
        "python.version": "3.11.7",
        "python.kind": "venv",
        "python.frameworks": ["pytorch", "tensorflow"],
        "torch.version": "2.13.0+cpu",
        "torch.build": "cpu",
        "tensorflow.version": "2.21.0",
        "tensorflow.distribution": "tensorflow-cpu",
        "request.cwd": "/srv/project",
    }
    assert {key: value(report, key) for key in expected} == expected


def test_a_stored_report_is_a_machine_too(recorded, tmp_path):
    """Its facts answer: the same findings, the same plan's ground, and unknown where it tells nothing."""
    before = scan(recorded)
    file = tmp_path / "report.json"
    file.write_bytes(msgspec.json.encode(before))
    host = open_host(snapshot=str(file))
    after = audit(Request(cwd="/elsewhere", level="none"), host, None)
    assert after.facts == before.facts
    assert [(f.id, f.outcome) for f in after.checks] == [(f.id, f.outcome) for f in before.checks]
    assert (after.target, after.recommendation) == (before.target, before.recommendation)
    with pytest.raises(NotRecorded):
        host.read("/proc/cpuinfo")


def test_a_replay_reads_nothing_of_this_machine(recorded, monkeypatch):
    monkeypatch.setenv("NCCL_DEBUG", "TRACE")
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "7")
    report = scan(recorded)
    assert "CUDA_VISIBLE_DEVICES" not in str(report.facts["env.variables"])
    assert report.host.kind == "snapshot"


def test_every_fact_has_evidence_or_a_reason(recorded):
    report = scan(recorded)
    bare = [key for key, fact in report.facts.items() if not fact.evidence and not fact.reason]
    assert bare == []


def with_distribution(snapshot, name, version):
    """Return the answer of the interpreter with one distribution set to another version or added."""
    answer = copy.deepcopy(snapshot.calls[TARGET])
    folder = next(f for f in answer["folders"] if any(d["name"] == "torch" for d in f["distributions"]))
    rows = [d for d in folder["distributions"] if d["name"] != name]
    model = next(d for d in folder["distributions"] if d["name"] == "torch")
    rows.append({**model, "name": name, "version": version, "requires": []})
    folder["distributions"] = rows
    return {TARGET: answer}


BROKEN = {
    "a processor without AVX": (
        "cpu_missing_avx",
        lambda s: {"files": {"/proc/cpuinfo": _without_flags(s.files["/proc/cpuinfo"], "avx")}},
    ),
    "a small /dev/shm": ("shm_too_small", lambda s: {"calls": {"statvfs:/dev/shm": [65536, 65536]}}),
    "a full disk": (
        "disk_full",
        lambda s: {"calls": {k: {**v, "free_kib": 100} for k, v in s.calls.items() if "statvfs:/srv" in k}},
    ),
    "few open files": (
        "nofile_limit",
        lambda s: {"calls": {"rlimits": {**s.calls["rlimits"], "RLIMIT_NOFILE": 256}}},
    ),
    "a quota that libraries do not see": (
        "cpu_quota_ignored",
        lambda s: {"calls": {"sched_getaffinity": [0], "cpu_count": 2}},
    ),
    "TensorFlow twice": (
        "tf_mixed_packages",
        lambda s: {"calls": with_distribution(s, "tensorflow", "2.20.0")},
    ),
    "torchvision of another torch": (
        "torch_companion_mismatch",
        lambda s: {"calls": with_distribution(s, "torchvision", "0.21.0")},
    ),
    "ONNX Runtime twice": (
        "onnxruntime_cpu_gpu_both",
        lambda s: {
            "calls": with_distribution(
                overlay(s, calls=with_distribution(s, "onnxruntime", "1.20.0")), "onnxruntime-gpu", "1.20.0"
            )
        },
    ),
    "an old C library": (
        "glibc_too_old",
        lambda s: {"calls": {"confstr:CS_GNU_LIBC_VERSION": "glibc 2.17", **_with_libc(s, "glibc 2.17")}},
    ),
    "a variable that ruins speed": (
        "debug_env_harmful",
        lambda s: {"environment": {**s.environment, "CUDA_LAUNCH_BLOCKING": "1"}},
    ),
    "an interpreter that hangs": (
        "target_unusable",
        lambda s: {"calls": {TARGET: msgspec.to_builtins({"error": "it did not answer within 15 s"})}},
    ),
}


def _without_flags(text, *flags):
    drop = {flag for flag in text.split() if flag.startswith(flags)}
    return "\n".join(
        " ".join(word for word in line.split(" ") if word not in drop) if line.startswith("flags") else line
        for line in text.split("\n")
    )


def _with_libc(snapshot, libc):
    answer = copy.deepcopy(snapshot.calls[TARGET])
    answer["python"]["libc"] = libc
    return {TARGET: answer}


@pytest.mark.parametrize("name", BROKEN)
def test_one_thing_broken_is_named(recorded, name):
    cause, changes = BROKEN[name]
    report = scan(overlay(recorded, **changes(recorded)))
    assert cause in [finding.cause for finding in report.findings]


def test_what_was_never_recorded_is_unknown_and_no_fault(recorded):
    report = scan(overlay(recorded, files=dict.fromkeys(recorded.files)))
    assert report.facts["cpu.model_name"].state == "unknown"
    assert report.facts["os.id"].state == "unknown"
    assert [finding.cause for finding in report.findings if finding.severity == "error"] == []


def test_an_assumed_card_and_driver_are_judged_and_marked(recorded):
    report = scan(recorded, assume=("gpu=GeForce RTX 5090", "driver=550.54.14"))
    assert value(report, "gpu[0].compute_capability") == "12.0"
    assert report.facts["nvidia.driver_version"].evidence[0].kind == "assumed"
    assert "cpu_only_build" in [finding.cause for finding in report.findings]
