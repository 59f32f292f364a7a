"""Reports as data: what a scan of five machines comes to, as real in shape as can be by hand."""

from __future__ import annotations

from typing import Any

from auditor.model.fact import Evidence, Fact, absent, call, command, computed, file, known, unknown
from auditor.model.finding import Finding, Reference, Remedy
from auditor.model.recommendation import (
    Contribution,
    CriterionResult,
    GoalResult,
    Plan,
    Ranked,
    Recommendation,
)  # fmt: skip
from auditor.model.report import HostInfo, ProbeRun, Report, TargetInfo, Tool
from auditor.model.smoke import SmokeResult

HOME = "/home/alice"
PYTHON = "/home/alice/vision/.venv/bin/python"
UUID = "GPU-8932f937-d72c-4106-c12f-20bd9faed9f6"

SYSTEM: dict[str, Fact] = {
    "os.platform": known("linux", call("uname")),
    "os.pretty_name": known(
        "Ubuntu 22.04.4 LTS", file("/etc/os-release", 'PRETTY_NAME="Ubuntu 22.04.4 LTS"')
    ),
    "os.kernel": known("6.5.0-45-generic", call("uname")),
    "os.arch": known("x86_64", call("uname")),
    "os.glibc_version": known("2.35", call("gnu_get_libc_version")),
    "cpu.model_name": known("AMD Ryzen Threadripper PRO 5955WX 16-Cores", file("/proc/cpuinfo")),
    "cpu.logical_online": known(32, file("/sys/devices/system/cpu/online", "0-31")),
    "cpu.usable": known(32.0, computed("cpu.affinity", "cgroup.cpu_quota")),
    "cpu.x86_64_level": known("x86_64_v3", computed("cpu.flags")),
    "cgroup.cpu_quota": absent("no quota is set", file("/sys/fs/cgroup/cpu.max", "max 100000")),
    "memory.total_kib": known(131_841_000, file("/proc/meminfo")),
    "memory.usable_kib": known(131_841_000, computed("memory.total_kib")),
    "memory.available_kib": known(118_000_000, file("/proc/meminfo")),
    "container.runtime": absent("not in a container", file("/proc/1/cgroup", "0::/init.scope")),
    "request.cwd": known("/home/alice/vision", call("getcwd")),
    "env.variables": known(
        {"HOME": HOME, "USER": "alice", "VIRTUAL_ENV": "/home/alice/vision/.venv", "OMP_NUM_THREADS": "16"},
        call("environ"),
    ),
    "nvidia.xids": unknown("permission denied", file("/dev/kmsg")),
}

INTERPRETER: dict[str, Fact] = {
    "target.python": known(PYTHON),
    "target.usable": known(True),
    "python.version": known("3.11.9", call("inside.py")),
    "python.implementation": known("CPython", call("inside.py")),
    "python.kind": known("venv", file("/home/alice/vision/.venv/pyvenv.cfg")),
    "python.frameworks": known(["pytorch", "tensorflow"], computed("python.distributions")),
    "python.distributions": known(
        [
            {"name": "torch", "version": "2.13.0+cu126", "location": "/home/alice/vision/.venv/lib/python3.11/site-packages", "installer": "pip"},
            {"name": "nvidia-cudnn-cu12", "version": "8.9.7.29", "location": "/home/alice/vision/.venv/lib/python3.11/site-packages", "installer": "pip"},
            {"name": "nvidia-curand-cu12", "version": "10.3.5.147", "location": "/home/alice/vision/.venv/lib/python3.11/site-packages", "installer": "pip"},
        ],
        call("inside.py"),
    ),
    "torch.version": known("2.13.0+cu126", file("/home/alice/vision/.venv/lib/python3.11/site-packages/torch/version.py")),
    "torch.cuda_build": known("12.6"),
    "tensorflow.version": known("2.21.0"),
}  # fmt: skip


def gpu(
    index: int, name: str = "NVIDIA RTX A6000", mib: int = 49140, capability: str = "8.6"
) -> dict[str, Fact]:
    """One GPU's facts."""
    smi = command("nvidia-smi -q -x", f"<uuid>{UUID}</uuid>")
    return {
        f"gpu[{index}].name": known(name, smi),
        f"gpu[{index}].uuid": known(UUID[:-2] + f"{index:02x}", smi),
        f"gpu[{index}].memory_total_mib": known(mib, smi),
        f"gpu[{index}].compute_capability": known(capability, smi),
        f"gpu[{index}].pci_bus_id": known(f"00000000:{index + 1:02X}:00.0", smi),
        f"gpu[{index}].processes": known([{"pid": 4711, "name": "/home/bob/env/bin/python train.py --key=hunter2", "memory_mib": 300, "type": "C"}]),
    }  # fmt: skip


NVIDIA: dict[str, Fact] = {
    "nvidia.driver_version": known("560.35.03", call("nvmlSystemGetDriverVersion")),
    "nvidia.cuda_driver_version": known("12.6", call("nvmlSystemGetCudaDriverVersion")),
    "accelerators.vendors": known(["nvidia"], computed("nvidia.pci_gpu_count")),
    "nvidia.gpu_count": known(1, call("nvmlDeviceGetCount")),
}


def smoke(framework: str, device: str, rate: float, **fields: Any) -> tuple[SmokeResult, ...]:
    """Three workloads on one device."""
    common: dict[str, Any] = {
        "framework": framework,
        "device": device,
        "status": "pass",
        "placed_on": device,
        "duration_s": 0.2,
        **fields,
    }
    return (
        SmokeResult(id=f"{framework}-matmul", metrics={"gflops": rate, "error": 1.2e-6}, **common),
        SmokeResult(id=f"{framework}-convolution", metrics={"error": 2.2e-6}, **common),
        SmokeResult(id=f"{framework}-training", metrics={"first_loss": 1.0, "last_loss": 0.2}, **common),
    )  # fmt: skip


def _ranked(framework: str, points: float) -> Ranked:
    parts = (
        Contribution(
            criterion="flexibility", weight=3, baseline=0.8, verdict="verified", factor=1.0, points=2.4
        ),
        Contribution(
            criterion="community",
            weight=2,
            baseline=0.9,
            verdict="unverified",
            factor=0.5,
            points=points - 2.4,
        ),
    )
    return Ranked(framework=framework, score=points, contributions=parts)


def goals(*names: str) -> Recommendation:
    """A recommendation for goals by name."""
    return Recommendation(
        goals=tuple(
            GoalResult(
                goal=name,
                title=name.replace("-", " ").capitalize(),
                ranking=(_ranked("pytorch", 8.4), _ranked("tensorflow", 6.1)),
                because="PyTorch was proved on the GPU here and the goal weighs flexibility most",
                flips_if="the team's weight on deployment were above 4",
                too_close=name == "production",
            )
            for name in names
        )
    )


PLAN = Plan(
    possible=True,
    choices=(
        {
            "name": "torch",
            "version": "2.14.1",
            "build": "cu126",
            "index": "https://download.pytorch.org/whl/cu126",
        },
    ),
    steps=(
        "python3 -m venv /home/alice/dl && . /home/alice/dl/bin/activate",
        "python -m pip install torch==2.14.1 --index-url https://download.pytorch.org/whl/cu126",
    ),
    because=("the driver 560.35.03 runs CUDA up to 12.6",),
    rejected={"cu130": "needs driver 580 or newer"},
    alternatives=("python -m pip install torch --index-url https://download.pytorch.org/whl/cpu",),
    expires="torch 2.16 drops cu126",
)

PROBES = (
    ProbeRun("cpu", "ok", 0.004),
    ProbeRun("nvml", "ok", 0.31),
    ProbeRun("kernel-log", "failed", 0.002, "permission denied"),
)
USE_CASES = ("research", "production", "cross-platform", "custom-models")


def check(id_: str, outcome: Any, title: str, severity: Any = "error", **fields: Any) -> Finding:
    """A rule that found no fault, or could not be decided."""
    return Finding(
        id=id_, cause=title.replace(" ", "_"), title=title, outcome=outcome, severity=severity, **fields
    )


CHECKS = (
    check("FWA101", "pass", "driver fits the build"),
    check("FWA102", "not-applicable", "ROCm fits the build"),
    check("FWA130", "unknown", "GPU errors in the kernel log", unknown_because=("nvidia.xids",)),
    check("FWA405", "pass", "shared memory is large enough", "warning", waiver="a shared host, known"),
)


def report(facts: dict[str, Fact], **fields: Any) -> Report:
    """A report with this tool, day and host."""
    common: dict[str, Any] = {
        "tool": Tool("0.1.0", "2026-11-20"),
        "created": "2026-11-22T12:00:00Z",
        "host": HostInfo("live", "deepbox.lab.example.org"),
        "target": TargetInfo(PYTHON, "VIRTUAL_ENV names it", usable=True),
        "probes": PROBES,
    }
    return Report(facts=facts, **{**common, **fields})


def healthy() -> Report:
    """A workstation on which everything works."""
    return report(
        {**SYSTEM, **INTERPRETER, **NVIDIA, **gpu(0), "smoke.pytorch.import_s": known(2.91), "smoke.tensorflow.import_s": known(4.2)},
        checks=CHECKS,
        smoke=(
            *smoke("pytorch", "cpu", 1012.4),
            *smoke("pytorch", "cuda:0", 27012.9),
            *smoke("tensorflow", "CPU:0", 871.0),
            *smoke("tensorflow", "GPU:0", 25980.2),
        ),
        criteria=(
            CriterionResult(
                id="graph-type", title="Graph type", framework="pytorch", published="dynamic", today="dynamic, torch.compile captures",
                source="https://pytorch.org/docs/stable/", date="2026-11-01", verdict="verified",
                evidence=(Evidence("call", "pytorch-training", "loss fell"),),
            ),
        ),
        recommendation=goals(*USE_CASES),
    )  # fmt: skip


DRIVER_TOO_OLD = Finding(
    id="FWA201",
    cause="driver_too_old",
    title="NVIDIA driver is too old for this build of PyTorch",
    outcome="fail",
    severity="error",
    subject="gpu:0",
    message="torch 2.13.0+cu130 was built for CUDA 13.0, which needs driver 580 or newer; 535.129.03 is loaded",
    why="A CUDA build runs on drivers of its own major release or newer",
    evidence=(file("/proc/driver/nvidia/version", "NVRM version: 535.129.03"), computed("torch.cuda_build")),
    explains=("cuda_unavailable",),
    remedy=Remedy(
        "Install a newer driver, or a build for the driver that is here",
        ("sudo apt install nvidia-driver-580",),
        who="administrator",
        reboot=True,
        affects_others=True,
        meanwhile="a build for CUDA 12.1 runs on this driver: /home/alice/vision/.venv/bin/python -m pip install torch "
        "--index-url https://download.pytorch.org/whl/cu121",
        check=f"{PYTHON} -c 'import torch; print(torch.cuda.is_available())'",
    ),
    references=(
        Reference("https://docs.nvidia.com/deploy/cuda-compatibility/", "2026-10-01", "CUDA compatibility"),
    ),
)


def broken() -> Report:
    """A machine with one root cause, what follows from it, a warning and a crash."""
    return report(
        {
            **SYSTEM,
            **INTERPRETER,
            **gpu(0),
            "nvidia.driver_version": known("535.129.03"),
            "torch.version": known("2.13.0+cu130"),
            "smoke.tensorflow.import": known("crash"),
            "smoke.tensorflow.message": known("Fatal Python error: Segmentation fault"),
        },
        findings=(
            DRIVER_TOO_OLD,
            Finding(
                id="FWA202",
                cause="cuda_unavailable",
                title="PyTorch sees no GPU although one is there",
                outcome="fail",
                severity="error",
                message="torch.cuda.is_available() is False",
                explained_by=("driver_too_old",),
            ),
            Finding(
                id="FWA310",
                cause="harmful_variable",
                title="LD_LIBRARY_PATH puts another cuDNN in front",
                outcome="fail",
                severity="warning",
                confidence="likely",
                message="/opt/cudnn8/lib holds libcudnn.so.8.9.7.29, which hides 9.10.2.21 of the wheel",
                remedy=Remedy("Take the folder out of LD_LIBRARY_PATH", ("unset LD_LIBRARY_PATH",)),
            ),
            check("FWA999", "crash", "a rule of your own", "note", message="KeyError: 'x'"),
        ),
        checks=CHECKS,
        smoke=(
            *smoke("pytorch", "cpu", 1012.4),
            SmokeResult(
                id="pytorch-matmul",
                framework="pytorch",
                device="cuda:0",
                status="crash",
                reason="SIGSEGV",
                stderr_tail="Fatal Python error: Segmentation fault\n\nThread 0x00007f (most recent call first):\n"
                '  File "/home/alice/vision/.venv/lib/python3.11/site-packages/torch/cuda/__init__.py", line 412 in _lazy_init\n'
                "undefined symbol: _ZN3c104cuda9SetDeviceEi\n",
            ),
        ),
        recommendation=goals(*USE_CASES),
    )


def bare() -> Report:
    """No framework is installed: the plan says what to type."""
    interpreter = {
        **INTERPRETER,
        "python.frameworks": known([]),
        "torch.version": absent("not installed"),
        "tensorflow.version": absent("not installed"),
    }
    return report(
        {**SYSTEM, **interpreter, **NVIDIA, **gpu(0)},
        checks=CHECKS,
        recommendation=Recommendation(goals=goals(*USE_CASES).goals, plan=PLAN),
    )  # fmt: skip


def unusable() -> Report:
    """The named interpreter is too old: the machine is told all the same, and it exits 3."""
    nobody = {key: unknown("the interpreter cannot be audited: Python 2.7 is too old") for key in INTERPRETER}
    return report(
        {**SYSTEM, **nobody, **NVIDIA, **gpu(0)},
        target=TargetInfo("/usr/bin/python2", "--python names it", usable=False, reason="Python 2.7 is older than 3.8"),
        findings=(
            Finding(
                id="FWA001", cause="target_unusable", title="The interpreter cannot be audited", outcome="fail", severity="error",
                message="/usr/bin/python2 is Python 2.7",
            ),
        ),
        incomplete=("the interpreter cannot be audited: Python 2.7 is older than 3.8",),
    )  # fmt: skip


def many_gpus(number: int = 64) -> Report:
    """A large machine, one finding on every card."""
    facts = {**SYSTEM, **INTERPRETER, **NVIDIA}
    for index in range(number):
        facts |= gpu(index, "NVIDIA H100 80GB HBM3", 81559, "9.0")
    findings = tuple(
        Finding(
            id="FWA140", cause="gpu_persistence_off", title="Persistence mode is off", outcome="fail", severity="warning",
            subject=f"gpu:{index}", message="the driver is unloaded between jobs",
            remedy=Remedy("Turn it on", ("sudo nvidia-smi -pm 1",), who="administrator"),
        )
        for index in range(number)
    )  # fmt: skip
    results = sum(
        (smoke("pytorch", f"cuda:{index}", 51000.0 + index) for index in range(number)),
        smoke("pytorch", "cpu", 2100.0),
    )
    return report(facts, findings=findings, smoke=results, checks=CHECKS)


ALL = {"healthy": healthy, "broken": broken, "bare": bare, "unusable": unusable, "many_gpus": many_gpus}
