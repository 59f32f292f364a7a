"""The gate: three-valued, four dialects, and never a drain by mistake."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from auditor.cli.gatekeeper import told_to_caller
from auditor.host.recording import Snapshot, SnapshotHost
from auditor.knowledge.loading import KnowledgeError
from auditor.knowledge.profile_check import hints, problems
from auditor.knowledge.profiles import check_of, library, load_profile
from auditor.model.fact import Facts, absent, known, unknown
from auditor.model.finding import Finding
from auditor.preflight.dialects import exit_code
from auditor.preflight.gate import preflight
from auditor.preflight.judge import judge
from auditor.preflight.reason import LIMIT, reason
from auditor.preflight.request import Request, duration
from auditor.preflight.text import details
from auditor.preflight.verdict import verdict

MOUNTINFO = "22 1 8:1 / / rw - ext4 /dev/sda1 rw\n23 22 0:5 / /tmp rw - tmpfs tmpfs rw\n"
SPACE = {"answers": True, "total_kib": 100, "free_kib": 50, "free_percent": 50.0, "inodes_free_percent": 9.0, "read_only": False}  # fmt: skip


def machine(**changes):
    parts = {
        "files": {
            "/proc/self/mountinfo": MOUNTINFO,
            "/proc/1/stat": "1 (systemd) S 0 1",
            "/proc/loadavg": "0.1 0 0",
        },
        "folders": {"/proc": ["1"], "/sys/bus/pci/devices": []},
        "calls": {"mount:/": SPACE, "mount:/tmp": SPACE, "kernel-events": []},
        "environment": {},
    }
    return SnapshotHost(Snapshot(**{name: {**part, **changes.get(name, {})} for name, part in parts.items()}))


def profile(tmp_path, text):
    path = tmp_path / "site.toml"
    path.write_text(text)
    return str(path)


def look(host, tmp_path, text, **options):
    import time

    request = Request(profiles=(profile(tmp_path, text),), started=time.monotonic(), budget=20.0, **options)
    return preflight(request, host)


FULL = {"calls": {"mount:/": {**SPACE, "free_percent": 0.2}}}
HUNG = {
    "files": {"/proc/self/mountinfo": MOUNTINFO + "24 22 0:9 / /home rw - nfs4 server:/home rw,hard\n"},
    "commands": {"stat -f /home": {"argv": ["stat"], "timed_out": True}},
}
MOUNTS = {"only": ("mounts-answer", "disk-free", "inodes-free", "root-writable")}


def test_a_healthy_machine_passes(tmp_path):
    assert look(machine(), tmp_path, "", **MOUNTS).verdict.word == "pass"


@pytest.mark.parametrize(("change", "code", "where"), [(FULL, "FWA407", "/"), (HUNG, "FWA550", "/home")])
def test_a_broken_mount_fails_with_its_place(tmp_path, change, code, where):
    host = machine(**{key: value for key, value in change.items() if key != "commands"})
    host._snapshot.commands.update(change.get("commands", {}))
    told = look(host, tmp_path, "", **MOUNTS).verdict
    assert told.word == "fail"
    assert reason(told.failed).startswith(f"fwaudit:{code} {where} ")


def test_what_cannot_be_seen_is_unknown_never_fine(tmp_path):
    told = look(SnapshotHost(Snapshot()), tmp_path, "").verdict
    assert told.word == "unknown"
    assert [told.under(means) for means in ("pass", "warn", "fail")] == ["pass", "warn", "fail"]


def test_a_failure_beats_unknown(tmp_path):
    host = machine(**FULL)
    told = look(host, tmp_path, "").verdict
    assert told.word == "fail"
    assert told.unknown


def test_a_transient_state_seen_once_only_warns(tmp_path):
    text = '[[check]]\nname = "names"\nvalue = ["controller"]\n'
    host = machine()
    host._snapshot.commands["getent ahosts controller"] = {"argv": ["getent"], "rc": 2}
    told = look(host, tmp_path, text, only=("names",)).verdict
    assert told.word == "warn"
    assert "seen once" in told.warned[0].message


TABLE = {
    "posix": {"pass": 0, "warn": 0, "fail": 1, "unknown": 0, "usage": 2, "tool": 3},
    "nagios": {"pass": 0, "warn": 1, "fail": 2, "unknown": 1, "usage": 3, "tool": 3},
    "npd": {"pass": 0, "warn": 0, "fail": 1, "unknown": 2, "usage": 2, "tool": 2},
    "slurm": {"pass": 0, "warn": 0, "fail": 1, "unknown": 0, "usage": 0, "tool": 0},
}


@pytest.mark.parametrize("dialect", TABLE)
def test_exit_codes(dialect):
    assert {word: exit_code(word, dialect) for word in TABLE[dialect]} == TABLE[dialect]
    assert {exit_code(word, dialect, observe=True) for word in TABLE[dialect]} == {0}


def test_the_exit_codes_in_the_docs_are_these():
    page = (Path(__file__).resolve().parents[2] / "docs" / "preflight.md").read_text()
    for dialect, codes in TABLE.items():
        cells = " | ".join(str(codes[word]) for word in ("pass", "warn", "fail", "unknown", "usage", "tool"))
        assert f"| `{dialect}` | {cells} |" in page


def run(*argv, **env):
    clean = {key: value for key, value in os.environ.items() if not key.startswith(("SLURM", "FWAUDIT"))}
    return subprocess.run(
        [sys.executable, "-m", "auditor", "preflight", *argv],
        env={**clean, **env}, capture_output=True, text=True, timeout=600, check=False,
    )  # fmt: skip


MISTAKES = {
    "unknown option": ["--no-such-option"],
    "unknown profile": ["--profile", "dgx-h1000"],
    "missing file": ["--profile", "/nowhere/site.toml"],
    "bad budget": ["--budget", "soon"],
    "unknown check": ["--only", "gpu-cuont"],
    "bad format": ["--format", "jsn"],
    "bad root": ["--root", "/nowhere"],
    "unwritable output": ["-o", "/nowhere/x.json"],
}


@pytest.mark.parametrize("mistake", MISTAKES)
def test_our_mistakes_never_drain(mistake):
    done = run("--dialect", "slurm", *MISTAKES[mistake])
    assert done.returncode == 0
    assert done.stderr
    assert "Traceback" not in done.stderr
    assert run("--dialect=slurm", "--strict", *MISTAKES[mistake]).returncode in (2, 3)


ONE_LINE = {  # dialect -> exit code, which stream, how the line begins
    "nagios": (3, "stdout", "UNKNOWN - fwaudit: "),
    "npd": (2, "stdout", "fwaudit: "),
    "slurm": (0, "stderr", "fwaudit: "),
}


@pytest.mark.parametrize("dialect", ONE_LINE)
@pytest.mark.parametrize("mistake", ["unknown option", "unknown check", "missing file"])
def test_a_mistake_is_one_line_of_the_dialect(dialect, mistake):
    code, stream, begins = ONE_LINE[dialect]
    done = run("--dialect", dialect, *MISTAKES[mistake])
    said = {"stdout": done.stdout, "stderr": done.stderr}
    assert done.returncode == code
    assert said.pop(stream).startswith(begins)
    assert list(said.values()) == [""]
    assert (done.stdout + done.stderr).count("\n") == 1
    assert len(done.stdout) <= LIMIT + 1


def test_a_report_that_cannot_be_written_hides_no_proved_failure(tmp_path):
    site = profile(tmp_path, '[[check]]\nname = "mounts"\nvalue = ["/not-mounted"]\n')
    bad = run(
        "--dialect", "slurm", "--profile", site, "--only", "mounts", "-o", "/dev/full", "--format", "json"
    )
    assert (bad.returncode, bad.stdout.count("\n"), bad.stdout[:15]) == (1, 1, "fwaudit:FWA551 ")
    good = run("--dialect", "nagios", "--only", "root-writable", "-o", "/dev/full", "--format", "json")
    assert (good.returncode, good.stdout.count("\n")) == (3, 1)


def test_a_misspelt_dialect_under_slurm_never_drains():
    assert run("--dialect", "slrum", SLURM_JOB_ID="7").returncode == 0
    assert run("--dialect", "naigos").returncode == 2


def test_an_exception_of_ours_never_drains(tmp_path):
    (tmp_path / "sitecustomize.py").write_text(
        "import auditor.preflight.gate as g\ndef boom(*a): raise RuntimeError('boom')\ng.preflight = boom\n"
    )
    done = run("--dialect", "slurm", PYTHONPATH=str(tmp_path))
    assert done.returncode == 0
    assert "boom" in done.stderr
    assert run(PYTHONPATH=str(tmp_path)).returncode == 3
    assert run("--dialect", "nagios", PYTHONPATH=str(tmp_path)).returncode == 3
    assert run("--observe", PYTHONPATH=str(tmp_path)).returncode == 0


def test_a_broken_installation_never_drains(tmp_path):
    (tmp_path / "click.py").write_text("raise ImportError('half installed')")
    assert run("--dialect", "slurm", PYTHONPATH=str(tmp_path)).returncode == 0
    assert run("--dialect", "posix", PYTHONPATH=str(tmp_path)).returncode == 3


def test_the_switch_passes_at_once_and_says_so():
    done = run("--profile", "dgx-h100", FWAUDIT_DISABLE="1")
    assert (done.returncode, done.stdout) == (
        0,
        "fwaudit: disabled by FWAUDIT_DISABLE=1: passed without a look\n",
    )


@pytest.mark.parametrize("form", ["json", "junit", "prometheus", "text", "markdown", "html"])
def test_switched_off_every_file_says_so(form, tmp_path):
    place = tmp_path / "report"
    done = run("--dialect", "nagios", "--format", form, "-o", str(place), FWAUDIT_DISABLE="1")
    assert (done.returncode, done.stdout[:22]) == (0, "OK - fwaudit: disabled")
    wanted = {"json": '"seen": "disabled"'}.get(form, "NOT LOOKED AT")
    assert wanted in place.read_text()


def test_a_proved_failure_drains_with_one_line(tmp_path):
    site = profile(tmp_path, '[[check]]\nname = "mounts"\nvalue = ["/not/there/' + "x" * 90 + '"]\n')
    done = run("--dialect", "slurm", "--profile", site)
    assert done.returncode == 1
    assert done.stdout.count("\n") == 1
    assert done.stdout.startswith("fwaudit:FWA551 ")
    assert len(done.stdout) <= LIMIT + 1
    assert run("--dialect", "slurm", "--observe", "--profile", site).returncode == 0
    npd = run("--dialect", "npd", "--profile", site)
    assert (npd.returncode, len(npd.stdout) <= LIMIT + 1) == (1, True)
    assert run("--dialect", "nagios", "--profile", site).stdout.startswith("CRITICAL - fwaudit:FWA551")


def test_unknown_means_what_the_operator_says(tmp_path):
    site = profile(
        tmp_path, '[[check]]\nname = "secret"\nmust = { fact = "gpu[i].name", op = "exists" }\nper = "gpu"\n'
    )
    (tmp_path / "proc").mkdir()
    base = ["--root", str(tmp_path), "--profile", site, "--only", "secret"]
    codes = {means: run(*base, "--unknown", means).returncode for means in ("pass", "warn", "fail")}
    assert codes == {"pass": 0, "warn": 0, "fail": 1}
    assert run(*base, "--dialect", "slurm", "--unknown", "fail").returncode == 0
    assert run(*base, "--dialect", "slurm", "--unknown", "fail", "--strict").returncode == 1
    assert run(*base, "--dialect", "slurm", "--strict").returncode == 3
    assert run(*base, "--dialect", "npd").returncode == 2


def test_json_tells_the_same(tmp_path):
    site = profile(tmp_path, '[[check]]\nname = "mounts"\nvalue = ["/not-mounted"]\n')
    done = run("--profile", site, "--format", "json")
    told = json.loads(done.stdout)
    assert done.returncode == told["options"]["preflight"]["exit_code"] == 1
    assert told["options"]["preflight"]["reason"].startswith("fwaudit:FWA551 /not-mounted")
    (row,) = [row for row in told["options"]["preflight"]["checks"] if row["name"] == "mounts"]
    outcome = {"subject": "/not-mounted", "outcome": "fail", "severity": "error", "message": "is not mounted"}
    assert row["outcomes"] == [outcome]


@pytest.mark.parametrize("form", ["json", "markdown", "html", "junit", "prometheus"])
@pytest.mark.parametrize(("value", "word", "seen"), [("/", "FIT", "pass"), ("/not-mounted", "UNFIT", "fail")])
def test_every_format_tells_the_verdict(form, value, word, seen, tmp_path):
    site = profile(tmp_path, f'[[check]]\nname = "mounts"\nvalue = ["{value}"]\n')
    done = run("--profile", site, "--only", "mounts", "--format", form)
    assert done.returncode == (seen == "fail")
    wanted = f'"seen": "{seen}"' if form == "json" else word
    assert wanted in done.stdout
    assert ("UNFIT" in done.stdout) is (word == "UNFIT" and form != "json")


def test_later_profiles_win_and_off_removes(tmp_path):
    one = tmp_path / "one.toml"
    one.write_text('[[check]]\nname = "shm"\nvalue = 5\n[[check]]\nname = "load"\n')
    two = tmp_path / "two.toml"
    two.write_text(
        '[[check]]\nname = "shm"\nvalue = 9\nlevel = "warn"\n[[check]]\nname = "disk-free"\nlevel = "off"\n'
    )
    checks = {check.name: check for check in load_profile([str(one), str(two)]).checks}
    assert (checks["shm"].value, checks["shm"].level) == (9, "warn")
    assert "load" in checks
    assert "disk-free" not in checks


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ('[[check]]\nname = "gpu-cont"\nvalue = 8\n', "gpu-count"),
        ('[[check]]\nname = "gpu-count"\n', "figure"),
        ('[[check]]\nname = "gpu-count"\nvalue = "eight"\n', "number"),
        ('[[check]]\nname = "shm"\nvalu = 3\n', "value"),
        (
            '[[check]]\nname = "mine"\nmust = { fact = "memory.totl_kib", op = "ge", value = 1 }\n',
            "memory.total_kib",
        ),
        (
            '[[check]]\nname = "mine"\nmust = { fact = "memory.total_kib", op = "gte", value = 1 }\n',
            "nearest is",
        ),
        ('[[check]]\nname = "shm"\nwaiver = { since = "soon", reason = "x" }\n', "ISO date"),
        ('extends = ["dgx-h1"]\n', "dgx-h100"),
    ],
)
def test_a_profiles_mistakes_name_key_and_nearest_word(tmp_path, text, says):
    with pytest.raises(KnowledgeError, match=says):
        load_profile([profile(tmp_path, text)])


def test_waivers_hold_between_their_days(tmp_path):
    text = '[[check]]\nname = "shm"\nvalue = 9\nwaiver = { since = "2026-11-01", until = "2026-11-30", reason = "ticket 7" }\n'
    checks = [check for check in load_profile([profile(tmp_path, text)]).checks if check.name == "shm"]
    small = Facts({"memory.shm_total_kib": known(3)})
    words = {
        day: verdict(judge(checks, small, today=day)).word
        for day in ("2026-10-31", "2026-11-15", "2026-12-01")
    }
    assert words == {"2026-10-31": "fail", "2026-11-15": "pass", "2026-12-01": "fail"}


def test_intents_leave_out_what_is_for_other_jobs(tmp_path):
    checks = [check for check in load_profile([profile(tmp_path, '[[check]]\nname = "memlock"\n')]).checks if check.name == "memlock"]  # fmt: skip
    low = Facts({"limits.memlock": known(65536)})
    assert verdict(judge(checks, low)).word == "fail"
    assert verdict(judge(checks, low, ("single-gpu",))).word == "pass"
    assert verdict(judge(checks, low, ("multi-node",))).word == "fail"


def test_what_stands_below_the_reason_fits_80_columns(tmp_path):
    host = machine(files={"/proc/meminfo": "MemTotal: 24684084 kB\nMemAvailable: 9684084 kB\n"})
    text = 'tell = "the team that mends nodes"\n[[check]]\nname = "memory-total"\nvalue = 2000000000\n'
    rows = list(details(look(host, tmp_path, text), verbose=True))
    assert [row for row in rows if len(row) > LIMIT] == []
    told = " ".join(" ".join(rows).split())
    assert "23.54 GiB of memory, 1.863 TiB are expected (FWA536) [tell the team that mends nodes]" in told


def test_a_reason_is_one_line_of_plain_text():
    finding = Finding(id="FWA512", cause="x", title="t", outcome="fail", severity="error", subject="gpu:3", message='a "b"\nc\u2026 ' + "y" * 99)  # fmt: skip
    line = reason([finding, finding])
    assert line.startswith("fwaudit:FWA512 gpu3 a b c?")
    assert line.endswith("(+1 more)")
    assert len(line) <= LIMIT
    assert line.isascii()


def test_a_long_path_leaves_room_for_what_is_wrong():
    place = "/gpfs/projects/climate/ensemble-2026/members/0042/scratch"
    finding = Finding(id="FWA407", cause="x", title="t", outcome="fail", severity="error", subject=place, message="0.0 % of the space is free")  # fmt: skip
    assert reason([finding]) == (
        "fwaudit:FWA407 ..e/ensemble-2026/members/0042/scratch 0.0 % of the space is free"
    )


def test_durations():
    assert [duration(text).seconds for text in ("2s", "500ms", "1m", "3")] == [2, 0.5, 60, 3]
    assert duration("2h").problem
    assert duration("0s").problem


def test_other_commands_keep_their_codes():
    assert told_to_caller(2, ["scan", "--dialect", "slurm"]) == 2


@pytest.mark.slow
def test_a_recorded_machine_gets_the_verdict_of_the_live_one(tmp_path):
    record = tmp_path / "machine.json"
    subprocess.run([sys.executable, "-m", "auditor", "capture", "-o", str(record)], check=True, timeout=600)
    checks = ["--profile", "cpu-node", "--skip", "load,memory-free,zombies,blocked-processes,clock", "-v"]

    def outcomes(done):
        lines = [line.split(":")[0] for line in done.stdout.splitlines()[1:-1]]
        return [line for line in lines if "skipped" not in line]

    assert outcomes(run(*checks, "--snapshot", str(record))) == outcomes(run(*checks))


ABSENT = {
    # check, its figure, what the machine tells -> never a proved failure
    "virtual card's lanes": ("gpu-pcie-width", 16, {"gpu[0].vendor": known("nvidia"), "gpu[0].pcie_width": absent("a vGPU has none")}),
    "virtual card's generation": ("gpu-pcie-generation", 4, {"gpu[0].vendor": known("nvidia"), "gpu[0].pcie_generation_max": absent("a vGPU has none")}),
    "virtual card's ECC": ("gpu-ecc-on", None, {"gpu[0].vendor": known("nvidia"), "gpu[0].ecc_mode": absent("a vGPU has none")}),
    "speed of virtio": ("interfaces", {"eth0": 10000}, {"node.interfaces": known([{"name": "eth0", "wanted": True, "state": "up", "speed_wanted": 10000, "speed_mbps": None}])}),
    "taint": ("kernel-taint", None, {"node.taint_faults": absent("no /proc/sys")}),
    "clock source": ("clocksource", None, {"node.clocksource": absent("no /sys")}),
    "load": ("load", None, {"node.load_per_cpu": absent("no /proc")}),
    "GPUs where the bus is hidden": ("gpu-count", 8, {"nvidia.gpu_count": known(0), "nvidia.pci_gpu_count": unknown("/sys/bus: no such file")}),
    "AMD GPUs where the bus is hidden": ("amd-gpu-count", 8, {"amd.gpu_count": known(0), "pci.accelerators": unknown("/sys/bus: no such file")}),
}  # fmt: skip


@pytest.mark.parametrize("case", ABSENT)
def test_what_a_machine_does_not_tell_is_unknown_never_a_failure(case):
    name, value, facts = ABSENT[case]
    raw = {**library()[name], **({} if value is None else {"value": value})}
    (row,) = judge([check_of(raw, own=False)], Facts(facts))
    assert [finding.outcome for finding in row.findings] == ["unknown"]
    assert row.findings[0].unknown_because


@pytest.mark.parametrize(("shown", "on_the_bus"), [(0, 8), (7, 8), (0, 0)])
def test_cards_that_are_missing_on_a_bus_that_was_seen_fail(shown, on_the_bus):
    facts = Facts({"nvidia.gpu_count": known(shown), "nvidia.pci_gpu_count": known(on_the_bus)})
    (row,) = judge([check_of({**library()["gpu-count"], "value": 8}, own=False)], facts)
    assert [finding.outcome for finding in row.findings] == ["fail"]


FIGURES = {
    "a truth for a count": '"cpu-count"\nvalue = true',
    "a float for a count": '"cpu-count"\nvalue = 1e9',
    "half a card": '"gpu-count"\nvalue = 8.5',
    "no version": '"gpu-driver"\nvalue = "banana"',
    "a comma in a version": '"gpu-cuda"\nvalue = "12,4"',
    "a number for a version": '"gpu-cuda"\nvalue = 12.4',
    "a truth for nodes": '"numa-nodes"\nvalue = false',
    "infinity": '"memory-total"\nvalue = inf',
    "not a number": '"shm"\nvalue = nan',
    "a truth for a share": '"disk-free"\nvalue = true',
    "a broken pattern": '"gpu-model"\nvalue = "H100("',
    "a choice within a repeat": '"cpu-model"\nvalue = "(.|.)*x$"',
    "a repeat within a repeat": '"product"\nvalue = "(a+)+$"',
    "a way back": '"kernel-version"\nvalue = "(.*)-\\\\1$"',
    "too many wide repeats": '"product"\nvalue = ".*a.*b.*c.*d.*e.*f"',
    "one of the site's own that never ends": '"slow"\nmust = { fact = "os.kernel", op = "matches", value = "(a*)*b" }\nsays = "x"',
    "a broken specifier": '"packages"\nvalue = { torch = "latest" }',
    "no such workload": '"workloads"\nvalue = { nosuch = 1 }',
    "a name that stands twice": '"load"\n[[check]]\nname = "load"',
    "a waiver that ends before it begins": '"shm"\nvalue = 1\nwaiver = { since = "2026-12-01", until = "2026-11-01", reason = "x" }',
    "fewer than no cards": '"gpu-count"\nvalue = -1',
    "no processor": '"cpu-sockets"\nvalue = 0',
    "less than no memory": '"memory-total"\nvalue = -512',
    "more than all of the disk": '"disk-free"\nvalue = 101',
    "all of the disk": '"disk-free"\nvalue = 100',
    "more than any memory": '"memory-free"\nvalue = 1e30',
    "a port below zero": '"fabric-ports-400"\nvalue = -9',
    "a figure where none is taken": '"clock"\nvalue = 5',
    "another case of a word": '"gpu-mig"\nvalue = "disabled"',
    "hyphens in a level": '"cpu-flags"\nvalue = ["x86-64-v3"]',
    "a misspelt state": '"memory-thp"\nvalue = ["alwyas"]',
    "a misspelt kind of event": '"kernel-faults"\nvalue = ["lock-up"]',
    "a misspelt reason": '"gpu-throttled"\nvalue = ["thermal"]',
    "no instruction set": '"amd-gfx"\nvalue = "MI300X"',
    "a speed below zero": '"interfaces"\nvalue = { eth0 = -1 }',
    "no MTU": '"mtu"\nvalue = { eth0 = 0 }',
    "a maker that is none": '"own"\nvendor = "nvidea"\nmust = { fact = "os.kernel", op = "exists" }\nsays = "x"',
    "a look at nothing": '"own"\nlook = "mouts"\nvalue = ["/x"]\nmust = { fact = "os.kernel", op = "exists" }\nsays = "x"',
    "a card that is none": '"own"\ncard = "driver/nosuch"',
    "a figure below zero in a site's own": '"own"\nmust = { fact = "nvidia.gpu_count", op = "eq", value = -1 }\nsays = "x"',
    "a range that holds none": '"gpu-driver"\nvalue = "600"\n[[check]]\nname = "gpu-driver-below"\nvalue = "550"',
    "a service's file": '"services"\nvalue = ["/usr/sbin/sshd"]',
    "no name of a host": '"names"\nvalue = ["bad name"]',
    "no name of a module": '"modules"\nvalue = ["nvidia.ko (uvm)"]',
    "a day that there is not": '"shm"\nvalue = 1\nwaiver = { since = "2026-02-30", reason = "x" }',
}  # fmt: skip


@pytest.mark.parametrize("case", FIGURES)
def test_lint_and_preflight_refuse_the_same_mistakes(tmp_path, case):
    path = profile(tmp_path, f"[[check]]\nname = {FIGURES[case]}\n")
    with pytest.raises(KnowledgeError):
        load_profile([path])
    assert problems(Path(path))


RIGHT = {
    "a count": '"gpu-count"\nvalue = 8',
    "a version": '"gpu-driver"\nvalue = "550.54.15"',
    "what is left out needs no figure": '"gpu-count"\nlevel = "off"',
    "a pattern": '"gpu-model"\nvalue = "H100|H200"',
    "a pattern with repeats": '"gpu-model"\nvalue = "^NVIDIA (A100|H100)( (SXM|PCIe))? .*[0-9]+GB$"',
    "a float": '"disk-free"\nvalue = 2.5',
    "a specifier": '"packages"\nvalue = { torch = ">=2.4,<3" }',
    "a workload": '"workloads"\nvalue = { pytorch-matmul = 0 }',
    "no card": '"gpu-count"\nvalue = 0',
    "any speed": '"interfaces"\nvalue = { eth0 = 0 }',
    "a parameter below zero": '"sysctl"\nvalue = { "kernel.perf_event_paranoid" = -1 }',
    "words": '"memory-thp"\nvalue = ["never"]',
    "an instruction set": '"amd-gfx"\nvalue = "gfx90a"',
    "names of hosts": '"names"\nvalue = ["slurmctl", "a.b.example.org.", "10.0.0.1", "fe80::1", "_ldap._tcp.example.org"]',
    "modules": '"modules"\nvalue = ["nvidia-uvm", "8021q"]',
    "whole share": '"conntrack"\nvalue = 100',
}


@pytest.mark.parametrize("case", RIGHT)
def test_lint_and_preflight_take_the_same_figures(tmp_path, case):
    path = profile(tmp_path, f"[[check]]\nname = {RIGHT[case]}\n")
    load_profile([path])
    assert problems(Path(path)) == []


@pytest.mark.parametrize(
    ("figure", "says"),
    [
        ('"memory-total"\nvalue = 512', ["512 is in KiB; 512 GiB would be 536870912"]),
        ('"memlock"\nvalue = 64', ["64 is in bytes; 64 GiB would be 68719476736"]),
        ('"gpu-memory"\nvalue = 80', ["80 is in MiB; 80 GiB would be 81920"]),
        ('"gpu-memory"\nvalue = 81920', []),
        ('"swap-free"\nvalue = 1024', []),
        ('"memlock"\nvalue = -1', ["every limit is at least -1: nothing is checked"]),
        ('"mounts"\nvalue = []', ["an empty list: nothing is checked"]),
        ('"gpu-model"\nvalue = ""', ["an empty text fits everything: nothing is checked"]),
        ('"gpu-count"\nvalue = 8', []),
        ('"mounts"\nvalue = ["/home"]', []),
    ],
)
def test_lint_asks_whether_a_figure_is_in_its_unit(tmp_path, figure, says):
    path = Path(profile(tmp_path, f"[[check]]\nname = {figure}\n"))
    assert problems(path) == []
    assert [text.partition(".value: ")[2] for _, text in hints(path)] == says


@pytest.mark.parametrize(
    "text", ["", "# all of it\n", 'id = "site"\n', '[[check]]\nname = "load"\nlevel = "off"\n']
)
def test_a_profile_that_asks_for_nothing_says_so(tmp_path, text):
    path = tmp_path / "site.toml"
    path.write_text(text)
    assert [(line, said.partition(":")[0]) for line, said in hints(path)] == [
        (1, "it asks for no check and extends no profile")
    ]
    assert load_profile([str(path)]).empty == (str(path),)


def test_lint_asks_back_at_a_misspelt_kind_of_job(tmp_path):
    path = Path(profile(tmp_path, '[[check]]\nname = "load"\nintent = ["multinode", "inference"]\n'))
    assert problems(path) == []
    (only,) = hints(path)
    assert only[1].endswith("no other check has 'multinode'; the nearest is 'multi-node'")


@pytest.mark.parametrize("written", ["/", "//", "/./", "/proc/", "//proc//", "/proc/."])
def test_a_mount_is_found_however_its_path_is_written(tmp_path, written):
    done = run(
        "--profile",
        profile(tmp_path, f'[[check]]\nname = "mounts"\nvalue = ["{written}"]\n'),
        "--only",
        "mounts",
    )
    assert (done.returncode, "FWA551" in done.stdout) == (0, False), done.stdout


def test_a_profile_that_extends_another_asks_for_something(tmp_path):
    path = profile(tmp_path, 'extends = ["cpu-node"]\n')
    assert hints(Path(path)) == []
    assert load_profile([path]).empty == ()


def test_a_circle_of_profiles_is_told_by_both(tmp_path):
    one, two = tmp_path / "one.toml", tmp_path / "two.toml"
    one.write_text(f'extends = ["{two}"]\n')
    two.write_text(f'extends = ["{one}"]\n')
    with pytest.raises(KnowledgeError, match="circle"):
        load_profile([str(one)])
    assert "circle" in str(problems(one)[0][1])


WRONG_WORDS = {
    "an interpreter that is not there": ["--python", "/nonexistent", "--profile", "SITE"],
    "a kind of job that nobody knows": ["--intent", "multi-nod", "--profile", "cpu-node"],
    "nothing left": ["--only", "load", "--skip", "load", "--profile", "cpu-node"],
}


@pytest.mark.parametrize("case", WRONG_WORDS)
def test_words_that_mean_nothing_are_usage_errors_in_every_dialect(tmp_path, case):
    site = profile(tmp_path, '[[check]]\nname = "packages"\nvalue = { torch = ">=2" }\n')
    argv = [word.replace("SITE", site) for word in WRONG_WORDS[case]]
    done = run(*argv)
    assert done.returncode == 2, done.stderr
    assert "internal" not in done.stderr
    assert run("--dialect", "slurm", *argv).returncode == 0


@pytest.mark.parametrize(
    ("options", "code", "failed"),
    [(["--unknown", "fail"], 1, True), (["--dialect", "nagios", "--unknown", "fail"], 2, True),
     (["--observe", "--unknown", "fail"], 0, True), ([], 0, False)],
)  # fmt: skip
def test_every_file_tells_the_same_exit_code(tmp_path, options, code, failed):
    (tmp_path / "proc").mkdir()
    site = profile(tmp_path, '[[check]]\nname = "gpu-count"\nvalue = 8\n')
    metrics, junit = tmp_path / "u.prom", tmp_path / "u.xml"
    done = run(
        "--root", str(tmp_path), "--profile", site, "--only", "gpu-count", *options,
        "-o", str(metrics), "-o", str(junit),
    )  # fmt: skip
    assert done.returncode == code, done.stdout + done.stderr
    assert f"fwaudit_exit_code {code}" in metrics.read_text().splitlines()
    assert ('failures="1"' in junit.read_text()) is failed


def test_a_later_profile_puts_back_what_an_earlier_left_out(tmp_path):
    off = profile(tmp_path, 'extends = ["single-gpu"]\n[[check]]\nname = "gpu-count"\nlevel = "off"\n')
    assert "gpu-count" not in {check.name for check in load_profile([off]).checks}
    assert "gpu-count" in {check.name for check in load_profile([off, "single-gpu"]).checks}
    assert "gpu-count" not in {check.name for check in load_profile(["single-gpu", off]).checks}
