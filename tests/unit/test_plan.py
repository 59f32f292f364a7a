"""Plans: the advisor's table, the environment's commands, and what is installed already."""

import tomllib
from pathlib import Path

import pytest

from auditor.engine.plan import plan
from auditor.engine.planning.line import torch_line
from auditor.model.fact import Facts, absent, known, unknown

ADVISOR = tomllib.loads(Path(__file__).with_name("advisor.toml").read_text())["machine"]
FRAMEWORKS = ("pytorch", "tensorflow", "jax")
USUAL = {
    "os.platform": "linux",
    "os.arch": "x86_64",
    "os.glibc_version": "2.35",
    "python.version": "3.12.3",
    "accelerators.vendors": [],
}


def machine(row=None, **facts):
    row = row or {}
    values = dict(USUAL)
    for index, (name, capability) in enumerate(row.get("cards", ())):
        values |= {f"gpu[{index}].vendor": "nvidia", f"gpu[{index}].name": name}
        values |= {f"gpu[{index}].compute_capability": capability} if capability else {}
        values["accelerators.vendors"] = ["nvidia"]
    if "driver" in row:
        values["nvidia.driver_version"] = row["driver"]
    values |= row.get("facts", {}) | {key.replace("__", "."): value for key, value in facts.items()}
    return Facts(
        {key: absent("none") if value == "absent" else known(value) for key, value in values.items()}
    )


def everything_said(made):
    rejected = [f"{option}: {why}" for option, why in made.rejected.items()]
    return "\n".join(
        [*made.steps, *made.because, *rejected, *made.blocked_by, *made.alternatives, made.expires]
    )


def chosen(made):
    return f"{made.choices[0]['version']} {made.choices[0]['build']}" if made.possible else "no"


@pytest.mark.parametrize(
    ("row", "framework"),
    [(row, name) for row in ADVISOR for name in FRAMEWORKS if name in row],
    ids=lambda part: part if isinstance(part, str) else part["name"],
)
def test_the_advisors_table(row, framework):
    made = plan(machine(row), framework)
    assert chosen(made) == row[framework]
    words = row.get("says" if framework == "pytorch" else f"{framework}_says", [])
    for word in words:
        assert word in everything_said(made)


@pytest.mark.parametrize("framework", FRAMEWORKS)
@pytest.mark.parametrize("row", ADVISOR, ids=lambda row: row["name"])
def test_a_plan_is_either_possible_with_steps_or_blocked_with_a_reason(row, framework):
    made = plan(machine(row), framework)
    assert made.possible == bool(made.choices) == bool(made.steps)
    assert made.possible != bool(made.blocked_by)


def test_unknown_facts_are_assumed_aloud():
    said = "\n".join(plan(Facts(), "pytorch").because)
    for words in ("Python 3.12 is assumed", "glibc 2.35 is assumed", "Linux is assumed", "none is assumed"):
        assert words in said


def test_the_default_build_of_the_index_needs_no_index_option():
    (choice,) = plan(machine(ADVISOR[5]), "pytorch").choices
    assert choice == {"name": "torch", "version": "2.15.0", "build": "cu132", "index": ""}


def test_an_old_card_pins_a_cudnn_that_still_knows_it():
    assert "nvidia-cudnn-cu12<9.11" in everything_said(plan(machine(ADVISOR[0]), "tensorflow"))


VENV = {"python.kind": "venv", "python.executable": "/w/.venv/bin/python", "python.pip_version": "24.0"}


@pytest.mark.parametrize(
    ("facts", "steps"),
    [
        (VENV, ["/w/.venv/bin/python -m pip install torch==2.15.0 --index-url"]),
        (VENV | {"python.installer": "uv"}, ["uv pip install --python /w/.venv/bin/python torch==2.15.0"]),
        (
            {"python.kind": "system", "python.executable": "/usr/bin/python3"},
            ["/usr/bin/python3 -m venv ~/venvs/dl", "~/venvs/dl/bin/python -m pip install torch"],
        ),
        (
            {"python.kind": "conda-base", "python.executable": "/opt/conda/bin/python"},
            ["/opt/conda/bin/python -m venv ~/venvs/dl", "~/venvs/dl/bin/python -m pip install torch"],
        ),
        (VENV | {"python.externally_managed": True}, ["/w/.venv/bin/python -m venv ~/venvs/dl"]),
        ({}, ["python3 -m venv ~/venvs/dl"]),
    ],
)
def test_commands_fit_the_environment(facts, steps):
    made = plan(machine({"facts": facts}), "pytorch").steps
    for step, beginning in zip(made, steps, strict=False):
        assert step.startswith(beginning)


INSTALLED = {"torch.version": "2.13.0+cpu", "torch.build": "cpu"}


def test_what_is_installed_and_fits_stays_whatever_its_age():
    made = plan(machine({"facts": INSTALLED}), "pytorch")
    assert made.possible
    assert not made.steps
    assert made.choices[0]["version"] == "2.13.0"
    assert "nothing to type" in made.because[0]
    assert made.alternatives == ("the newest that fits is torch 2.15.0 cpu",)


@pytest.mark.parametrize(
    "change",
    [
        {"smoke.pytorch.import": "crash"},
        {"torch.version": "2.13.0+weird build"},
        {"torch.build": "cu126"},
        {"python.version": "3.15.0"},
    ],
)
def test_what_is_installed_but_broken_or_unfit_is_planned_anew(change):
    assert plan(machine({"facts": INSTALLED | change}), "pytorch").steps


def test_a_cpu_build_beside_a_gpu_is_replaced_by_another_build_of_its_release():
    row = {"cards": [["H100", "9.0"]], "driver": "580.95.05", "facts": INSTALLED}
    made = plan(machine(row), "pytorch")
    assert chosen(made) == "2.13.0 cu130"
    assert "the newest that fits is torch 2.15.0 cu132" in made.alternatives


@pytest.mark.parametrize(
    ("driver", "line"),
    [
        ("580.95.05", "install torch==2.15.0 --force-reinstall"),
        ("535.54.03", "install torch==2.14.1+cu126 --index-url"),
    ],
)
def test_another_build_of_the_same_release_is_really_replaced(driver, line):
    release = line.split("==")[1][:6]
    own = VENV | {"torch.version": f"{release}+cpu", "torch.build": "cpu"}
    made = plan(machine({"cards": [["H100", "9.0"]], "driver": driver, "facts": own}), "pytorch")
    assert line in made.steps[0]


def test_the_installed_builds_own_kernels_count_before_the_tables():
    row = {"cards": [["GTX 1080 Ti", "6.1"]], "driver": "580.95.05"}
    own = {"torch.version": "2.14.1", "torch.build": "cu130", "torch.arch_list": ["sm_60", "sm_90"]}
    assert plan(machine(row | {"facts": own}), "pytorch").steps == ()


ONE_H100 = {"cards": [["H100", "9.0"]], "driver": "580.95.05"}


def on_a_disk_with(free_gib, row):
    place = {"role": "environment", "path": "/w"} | ({"free_kib": int(free_gib * 2**20)} if free_gib else {})
    return plan(machine(row, disk__places=[place]), "pytorch")


@pytest.mark.parametrize(
    ("free_gib", "row", "answer"),
    [
        (0.5, {}, "no"),
        (2, {}, "2.15.0 cpu"),
        (2, ONE_H100, "no"),
        (4.42, ONE_H100, "2.11.0 cu130"),
        (50, ONE_H100, "2.15.0 cu132"),
        (None, ONE_H100, "2.15.0 cu132"),
    ],
)
def test_a_build_that_the_disk_does_not_hold_is_not_chosen(free_gib, row, answer):
    made = on_a_disk_with(free_gib, row)
    assert chosen(made) == answer
    if not made.possible:
        assert f"only {free_gib:.1f} GiB are free where environment lies (/w)" in made.blocked_by[0]
        assert "after making room" in made.alternatives[0]
        assert made.mendable


def test_what_is_installed_already_needs_no_more_room():
    facts = INSTALLED | {"disk.places": [{"role": "environment", "path": "/w", "free_kib": 10}]}
    assert plan(machine({"facts": facts}), "pytorch").possible


def test_versions_that_are_none_become_assumptions():
    facts = machine(os__glibc_version="unknown", python__version="3.13.0rc1", nvidia__driver_version="N/A")
    made = plan(facts, "pytorch")
    assert made.possible
    assert "os.glibc_version is not known; glibc 2.35 is assumed" in made.because


def test_a_driver_that_could_not_be_asked_is_not_called_missing():
    facts = machine({"cards": [["H100", "9.0"]]}).merged(
        {"nvidia.driver_version": unknown("nvidia-smi hangs")}
    )
    made = plan(facts, "pytorch")
    assert made.possible
    assert "the driver is not known" in everything_said(made)


@pytest.mark.parametrize(
    ("row", "line"),
    [
        (ADVISOR[0], "torch==2.14.1 --index-url https://download.pytorch.org/whl/cu126"),
        (ADVISOR[5], "torch==2.15.0"),
        ({"facts": INSTALLED}, "torch==2.13.0 --index-url https://download.pytorch.org/whl/cpu"),
        ({"facts": {"os.libc": "musl"}}, ""),
    ],
)
def test_a_remedy_gets_the_line_of_the_plan(row, line):
    assert torch_line(machine(row)) == line


@pytest.mark.parametrize(("name", "arch"), [("NVIDIA GB200", "aarch64"), ("NVIDIA H100 80GB HBM3", "x86_64")])
def test_where_the_architecture_is_not_known_the_card_tells_it(name, arch):
    seen = machine({"cards": [(name, "9.0")], "driver": "580.65.06"})
    made = plan(Facts({key: fact for key, fact in seen.items() if key != "os.arch"}), "pytorch")
    assert f"os.arch is not known; {arch} is assumed" in everything_said(made)
