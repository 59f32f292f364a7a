"""What comes along with a build: companions, other requirements, and what pins hold back."""

import pytest
from click.testing import CliRunner
from plans import planned, run, words

from auditor.cli.app import app

# what is asked for -> what is chosen, and words of the reasons
PAIRS = [
    (("--goal", "audio"), {"gpu": "none", "python": "3.15"}, ["torch 2.15.0 cpu"], "3.10 to 3.14, not 3.15: it is left out"),
    (("--with", "torchaudio"), {"gpu": "none", "python": "3.14"}, ["torch 2.15.0 cpu", "torchaudio 2.11.0 cpu"], "newest"),
    (("--goal", "audio", "--pin", "torch=2.14.1+cu132"), {"gpu": "L4", "driver": "595.45.04"}, ["torch 2.14.1 cu132"], "built beside torch 2.11, for cu126, cu128, cu130"),
    (("--with", "torchaudio", "--pin", "torch=2.14.1"), {"gpu": "T4", "driver": "550.54.14"}, ["torch 2.14.1 cu126", "torchaudio 2.11.0 cu126"], "newest"),
    (("--goal", "audio",), {"gpu": "L4", "driver": "595.45.04"}, ["torch 2.15.0 cu132", "torchaudio 2.11.0 cu132"], "was not tried"),
]  # fmt: skip


@pytest.mark.parametrize("row", PAIRS, ids=lambda row: " ".join(row[0]))
def test_a_companion_has_pythons_and_variants_of_its_own(row):
    args, machine, chosen, says = row
    plan = planned("--framework", "pytorch", *args, **machine)
    assert [text for text in words(plan) if "soundfile" not in text] == chosen
    assert says in " ".join(plan["because"])


def test_a_companion_without_a_wheel_blocks_where_it_was_asked_for():
    plan = planned("--with", "torchaudio", gpu="none", python="3.15")
    assert not plan["possible"]
    assert "3.10 to 3.14, not 3.15 (torch 2.15.0 cpu)" in " ".join(plan["blocked_by"])


def test_requirements_are_chosen_together():
    assert words(planned("--with", "torchvision==0.23.0", gpu="T4"))[0] == "torch 2.8.0 cu128"
    plan = planned("--with", "torch<2.9", "--with", "torchvision>=0.25", gpu="T4")
    assert not plan["possible"]


# what is asked for beside torch, the machine -> what is chosen, and words of the reasons
COMPANY = [
    (["vllm>=0.9", "flash-attn"], {"gpu": "H100", "driver": "580.95.05"}, ["torch 2.14.0 cu130", "vllm 0.33.0", "flash-attn 2.8.3.post2"], ["it wants torch==2.14.0", "flash-attn 2.8.3.post2 goes with torch 2.14.0 cu130", "it has no wheel"]),
    (["vllm<0.33"], {"gpu": "H100", "driver": "580.95.05"}, ["torch 2.13.0 cu130", "vllm 0.32.0"], ["it wants torch==2.13.0"]),
    (["tensorflow-text"], {"gpu": "T4", "driver": "550.54.14"}, ["tensorflow 2.21.0 cu125", "tensorflow-text 2.21.1"], ["tensorflow<2.22,>=2.21.0"]),
    (["tf-keras<2.20"], {"gpu": "none"}, ["tensorflow 2.19.1 cpu", "tf-keras 2.19.0"], ["by its metadata"]),
    (["litert-torch"], {"gpu": "none"}, ["torch 2.14.1 cpu", "litert-torch 0.10.0"], ["torch<2.15.0"]),
    (["transformers", "vllm"], {"gpu": "H100", "driver": "580.95.05"}, ["torch 2.14.0 cu130", "vllm 0.33.0"], ["pip takes an older one"]),
    (["einops"], {"gpu": "T4", "driver": "550.54.14"}, ["torch 2.14.1 cu126"], ["einops: whether it fits torch 2.14.1 cu126 is undecided", "--index-check"]),
]  # fmt: skip


@pytest.mark.parametrize("row", COMPANY, ids=lambda row: " ".join(row[0]))
def test_what_comes_along_is_chosen_from_its_metadata(row):
    asked, machine, chosen, says = row
    plan = planned(*(word for text in asked for word in ("--with", text)), **machine)
    assert [text.rstrip() for text in words(plan)] == chosen
    for text in says:
        assert text in " ".join(plan["because"])
    for text in asked:
        assert text.split("<")[0].split(">")[0] in " ".join(plan["steps"])


def test_what_has_no_wheel_is_built_against_the_framework_after_it_is_installed():
    steps = planned("--with", "flash-attn", gpu="H100", driver="580.95.05")["steps"]
    (at,) = [number for number, step in enumerate(steps) if "flash-attn==" in step]
    assert steps[at].endswith("--no-build-isolation")
    assert any("torch==" in step for step in steps[:at])


@pytest.mark.parametrize(("spec", "final"), [("vllm", False), ("vllm>=0.28", True), ("vllm==0.33.0", True)])
def test_what_cannot_come_along_says_why_and_what_would_decide(spec, final):
    plan = planned("--with", spec, gpu="GTX 1080 Ti", driver="580.65.06")
    assert not plan["possible"]
    assert "vllm 0.33.0 is built for CUDA 13, and torch 2.14.1 cu126 is not" in plan["blocked_by"][0]
    assert plan["undecided"] != final
    assert ("--index-check" in plan["blocked_by"][0]) != final
    assert f"without {spec}: torch 2.14.1 cu126" in plan["alternatives"]


# packages of which not all fit -> what fits without the fewest of them
FEWER = [
    (["flash-attn", "bitsandbytes"], {"gpu": "RTX 2080 Ti", "driver": "550.54.14"}, ["without flash-attn: torch 2.14.1 cu126"]),
    (["flash-attn", "vllm"], {"gpu": "H100", "driver": "550.54.14"}, ["without vllm: torch 2.14.1 cu126"]),
    (["tensorrt", "vllm", "peft"], {"gpu": "MI300X"}, ["without tensorrt, vllm: torch 2.13.0 rocm7.2"]),
    (["torchtext", "vllm"], {"gpu": "RTX 4090", "driver": "580.95.05"}, ["without torchtext: torch 2.14.0 cu130", "without vllm: torch 2.3.1 cu121"]),
    (["torchvision==0.99", "transformers"], {"gpu": "none"}, ["without torchvision==0.99: torch 2.15.0 cpu"]),
]  # fmt: skip


@pytest.mark.parametrize("row", FEWER, ids=lambda row: " ".join(row[0]))
def test_the_fewest_packages_are_left_out(row):
    packages, machine, without = row
    wanted = [word for package in packages for word in ("--with", package)]
    plan = planned("--framework", "pytorch", *wanted, **machine)
    assert not plan["possible"]
    assert [said for said in plan["alternatives"] if said.startswith("without ")] == without


# packages asked for -> the installing commands, after `pip install`
COMMANDS = [
    (["tensorflow-cpu<2.21"], ["tensorflow==2.20.0"]),
    (["tensorflow", "torch"], ["torch==2.15.0 --index-url https://download.pytorch.org/whl/cpu", "tensorflow==2.21.0"]),
    (["tensorflow", "nobody-knows-it"], ["tensorflow==2.21.0", "nobody-knows-it tensorflow==2.21.0"]),
    (["torch", "nobody-knows-it"], ["torch==2.15.0 --index-url https://download.pytorch.org/whl/cpu", "nobody-knows-it torch==2.15.0+cpu"]),
]  # fmt: skip


@pytest.mark.parametrize("row", COMMANDS, ids=lambda row: " ".join(row[0]))
def test_nothing_that_comes_along_replaces_the_build_or_comes_twice(row):
    asked, commands = row
    steps = planned(*(word for text in asked for word in ("--with", text)), gpu="none")["steps"]
    assert [step.partition(" pip install ")[2] for step in steps if " pip install " in step] == commands


def test_each_of_two_frameworks_gets_what_belongs_to_it():
    plan = planned("--framework", "both", "--with", "tf-keras", "--with", "torchvision", gpu="none")
    assert [text.rstrip() for text in words(plan)] == [
        "torch 2.15.0 cpu", "torchvision 0.29.2 cpu", "tensorflow 2.21.0 cpu", "tf-keras 2.21.0",
    ]  # fmt: skip


# pins and requirements, the machine -> words of the answer, and what it may not say
HELD_BACK = [
    (["--pin", "torch=2.13.0"], {"gpu": "none"}, "fits with torch 2.13.0 (without: torch 2.15.0 cpu)", "is the newest that fits:"),
    (["--with", "torchvision<0.29"], {"gpu": "none"}, "fits with torchvision<0.29 (without: torch 2.15.0 cpu)", "is the newest that fits:"),
    (["--pin", "torch=2.13.0+cpu"], {"gpu": "T4"}, "without --pin torch 2.13.0 cpu: torch 2.15.0 cu132", "no published build"),
    (["--pin", "torch=2.15.0"], {"gpu": "GTX 1080 Ti", "driver": "580.65.06"}, "without --pin torch 2.15.0: torch 2.14.1 cu126", "no published build"),
    ([], {"gpu": "RTX 5090", "driver": "570.86.10"}, "with driver 580.65.06 or newer (an administrator installs it), torch 2.15.0 cu132", "the next: it has no kernels"),
    ([], {"gpu": "V100", "driver": "570.86.10"}, "is the newest that fits:", "or newer (an administrator"),
]  # fmt: skip


@pytest.mark.parametrize("row", HELD_BACK, ids=lambda row: " ".join([*row[0], *row[1].values()]))
def test_a_plan_says_what_holds_it_back(row):
    args, machine, says, never = row
    plan = planned("--framework", "pytorch", *args, **machine)
    said = " ".join(
        [
            *plan["because"],
            *plan.get("blocked_by", ()),
            *plan.get("alternatives", ()),
            plan.get("expires", ""),
        ]
    )
    assert says in said
    assert never not in said


# a machine -> what is said of its driver, and what is not
DRIVERS = [
    ({"gpu": "MI300X"}, "the amdgpu driver is not known; it is assumed", "nvidia-smi"),
    ({"gpu": "Arc B580"}, "the Level Zero loader is not known; it is assumed", "nvidia-smi"),
    ({"gpu": "T4"}, "the driver is not known; it is assumed", "amdgpu"),
    ({"gpu": "Jetson AGX Orin"}, "a Jetson", "assumed to be new enough"),
]


@pytest.mark.parametrize("row", DRIVERS, ids=lambda row: row[0]["gpu"])
def test_no_driver_is_guessed_silently(row):
    machine, says, never = row
    plan = planned("--framework", "pytorch", **machine)
    said = " ".join([*plan["because"], *plan.get("blocked_by", ())])
    assert says in said
    assert never not in said


@pytest.mark.parametrize("args", [("--team", "tensorflow"), ("--keep", "keras-code")])
def test_a_goal_that_nobody_gave_is_named(args):
    said = planned(*args, gpu="none")["because"]
    assert said[0].startswith("no --goal is given, so it is chosen for ")


def test_an_error_names_no_password():
    code, said = run("--with", "git+https://someone:s3cr3t@example.org/x")
    assert code == 2
    assert "--with git+https://<credentials>@" in said
    assert "s3cr3t" not in said


@pytest.mark.parametrize(
    ("word", "says"),
    [("criterion:debugging", "pytorch, published"), ("community", "tensorflow, today (0.7)")],
)
def test_a_criterion_is_explained_by_its_id(word, says):
    result = CliRunner().invoke(app, ["explain", word])
    assert result.exit_code == 0
    assert says in result.stdout


def test_a_list_of_rejected_builds_that_is_cut_says_so():
    _, printed = run("--assume", "gpu=GTX 1080 Ti", "--assume", "driver=450.80.02", "-v")
    assert "Of the builds that were rejected, the 12 newest." in printed
