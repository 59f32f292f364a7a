"""`fwaudit plan`: described machines, exit codes, wishes, and the forms of its answer."""

import json

import pytest
from plans import planned, run, words

USAGE = 2


# gpu, driver, python, more -> torch, tensorflow; "no": impossible
MACHINES = [
    ("GTX 980 Ti", "535.129.03", "3.11", {}, "2.14.1 cu126", "2.16.2 cu123"),
    ("GTX 1650", "545.23.06", "3.12", {}, "2.14.1 cu126", "2.21.0 cu125"),
    ("RTX 2080 Ti", "520.61.05", "3.11", {}, "2.7.1 cu118", "2.14.1 cu118"),
    ("RTX 3060 Laptop GPU", "560.94", "3.12", {"os": "windows"}, "2.14.1 cu126", "no"),
    ("RTX 3060 Laptop GPU", "560.94", "3.12", {"os": "wsl2"}, "2.14.1 cu126", "2.21.0 cu125"),
    ("NVIDIA A100-SXM4-80GB", "418.40", "3.10", {}, "no", "no"),
    ("B200", "570.124.06", "3.12", {}, "2.11.0 cu128", "no"),
    ("B300", "570.124.06", "3.12", {}, "no", "no"),
    ("DGX Spark", "580.95.05", "3.12", {}, "2.15.0 cu132", "no"),
    ("GH200", "550.90.07", "3.11", {}, "2.14.1 cu126", "no"),
    ("Jetson AGX Orin", "540.4.0", "3.10", {}, "no", "no"),
    ("Tesla P100", "595.45.04", "3.12", {}, "no", "no"),
    ("Tesla V100", "580.65.06", "3.15", {}, "no", "no"),
    ("L4", "535.54.03", "3.13", {"os": "debian 12"}, "2.14.1 cu126", "2.21.0 cu125"),
    ("T4", "535.54.03", "3.12", {"os": "centos 7"}, "2.6.0 cu124", "2.20.0 cu125"),
    ("RTX 4090", "580.65.06", "3.12", {"os": "alpine"}, "no", "no"),
    ("RTX 6000", "550.54.14", "3.12", {}, "2.14.1 cu126", "2.21.0 cu125"),
    ("Titan X", "535.54.03", "3.11", {}, "2.14.1 cu126", "2.16.2 cu123"),
    ("GTX 860M", "470.199.02", "3.11", {}, "no", "no"),
]


@pytest.mark.parametrize("row", MACHINES, ids=lambda row: f"{row[0]} {row[1]} {row[2]}")
def test_described_machines(row):
    gpu, driver, python, more, *expected = row
    for framework, answer in zip(("pytorch", "tensorflow"), expected, strict=True):
        plan = planned("--framework", framework, gpu=gpu, driver=driver, python=python, **more)
        got = f"{plan['choices'][0]['version']} {plan['choices'][0]['build']}" if plan["possible"] else "no"
        assert got == answer
        assert plan["possible"] or plan["blocked_by"]


@pytest.mark.parametrize(
    ("assumed", "answer"),
    [
        ({"gpu": "MI300X"}, "torch 2.13.0 rocm7.2"),
        ({"gfx": "gfx1100"}, "torch 2.13.0 rocm7.2"),
        ({"gpu": "Arc B580", "os": "windows"}, "torch 2.15.0 xpu"),
        ({"gpu": "B580"}, "torch 2.15.0 xpu"),
        ({"gpu": "GTX 285", "driver": "none"}, "no"),
        ({"gpu": "Apple M3"}, "torch 2.15.0 mps"),
        ({"os": "macos"}, "torch 2.15.0 mps"),
        ({"os": "macos", "arch": "x86_64"}, "torch 2.2.2 cpu"),
        ({"os": "macos", "arch": "x86_64", "gpu": "Radeon Pro 5500M"}, "torch 2.2.2 cpu"),
        ({"gpu": "TPU v5e"}, "torch 2.15.0 tpu"),
        ({"gpu": "none"}, "torch 2.15.0 cpu"),
        ({"gpu": "none", "python": "3.13t"}, "torch 2.11.0 cpu"),
    ],
)
def test_other_machines(assumed, answer):
    assert [*words(planned(**assumed)), "no"][0] == answer


def test_what_is_not_stated_is_assumed_aloud():
    (said,) = planned(gpu="T4", driver="550.54.14")["assumed"]
    for word in ("Linux", "x86_64", "glibc 2.35", "Python 3.12", "AVX2", "ample disk", "empty environment"):
        assert word in said


@pytest.mark.parametrize(
    ("args", "says"),
    [
        (["--assume", "gpu=GTX 1808"], 'did you mean "GTX 1080"'),
        (["--assume", "gpu=RTX 4900"], 'did you mean "RTX 4090"'),
        (["--assume", "os=linx"], "'linux'"),
        (["--assume", "disk.places=1"], "no list of objects"),
        (["--assume", "amd.gpus=true"], "no list of objects"),
        (["--assume", "intel.gpus=[1]"], "no list of objects"),
        (["--assume", "components=torchvision"], "no list of objects"),
        (
            ["--assume", 'disk.places=[{"rle": "home"}]'],
            "disk.places[0]: unknown field 'rle'; the nearest is 'role'",
        ),
        (
            ["--assume", 'disk.places=[{"role": "home", "free_kib": "abc"}]'],
            "disk.places[0].free_kib: 'abc' is no number",
        ),
        (
            ["--assume", 'disk.places=[{"role": "hme"}]'],
            "disk.places[0].role: unknown role 'hme'; the nearest is 'home'",
        ),
        (["--assume", 'disk.places=[{"role": "home", "free_kib": -5}]'], "free_kib: -5 is no size"),
        (["--assume", 'disk.places=[{"role": 7}]'], "disk.places[0].role: 7 is no text"),
        (["--assume", 'disk.places=[{"read_only": "yes"}]'], "'yes' is no truth value"),
        (
            ["--assume", 'nvidia.gpus=[{"name": "T4", "compute_capability": "abc"}]'],
            "is no compute capability, such as 8.9",
        ),
        (["--assume", 'gpu[0].remapped_rows={"pendng": 1}'], "the nearest is 'pending'"),
        (["--assume", "gpu[0].compute_capability=8"], "is no compute capability, such as 8.9"),
        (["--assume", "gpu[0].gfx_target=gfx"], "is no instruction set, such as gfx1100"),
        (["--assume", "gpu[0].vendor=nvidai"], "the nearest is 'nvidia'"),
        (["--assume", "accelerators.vendors=nvidea"], "the nearest is 'nvidia'"),
        (["--assume", "os.libc=mussl"], "the nearest is 'musl'"),
        (["--assume", "python.implementation=pipi"], "there are CPython, PyPy"),
        (["--goal", "research=1e308", "--goal", "web=1e308"], "at most 1e+06"),
        (["--with", "tensorflow", "--framework", "pytorch"], "--framework both"),
        (["--with", "tf-keras", "--framework", "pytorch"], "tf-keras belongs to tensorflow"),
        (["--pin", "torch=2.13.0", "--framework", "tensorflow"], "torch 2.13.0 belongs to pytorch"),
        (["--with", "jax", "--with", "torch"], "plan each by itself"),
        (["--assume", "arch=x86-64"], "'x86_64'"),
        (["--assume", "driver=new"], "no version"),
        (
            ["--assume", "gpu=T4", "--assume", "driver=12.4"],
            "no NVIDIA driver is called 12.4; is it a CUDA version?",
        ),
        (["--assume", "gpu=0x T4"], "a number of cards is 1 or more"),
        (["--assume", "gpu=-1 x H100"], "a number of cards is 1 or more"),
        (["--assume", "python=3"], "State the minor version too, such as 3.12"),
        (["--assume", "gpu=Apple M2", "--assume", "os=linux"], "macOS"),
        (["--assume", "gpu=GH200", "--assume", "arch=x86_64"], "Arm"),
        (["--assume", "gpu=none", "--assume", "gpu=T4"], "contradicts"),
        (["--assume", "gpu=Apple M2", "--assume", "arch=x86_64"], "an Apple GPU comes with an Arm processor"),
        (["--assume", "os=macos", "--assume", "driver=550.54"], "no NVIDIA driver"),
        (["--assume", "os=windows", "--assume", "glibc=2.35"], "glibc is the C library of Linux"),
        (["--assume", "os=alpine", "--assume", "glibc=2.17"], "stated to be musl and glibc"),
        (["--assume", "glibc=2.17", "--assume", "os=ubuntu 24.04"], "stated to be 2.17 and 2.39"),
        (
            ["--assume", "driver=none", "--assume", "nvidia.driver_version=580.1"],
            "stated to be none and 580.1",
        ),
        (
            ["--assume", "gpu=RTX 4090", "--assume", "gpu[0].compute_capability=7.0"],
            "stated to be 7.0 and 8.9",
        ),
        (["--assume", "gpu=T4", "--pin", "torch=2.16"], "releases 2.15.0"),
        (["--assume", "gpu=T4", "--pin", "trch=2.1"], "'torch'"),
        (
            ["--pin", "torch=2.13.0", "--pin", "torch=2.12.0"],
            "2.13.0 and --pin torch 2.12.0 contradict each other",
        ),
        (["--assume", "gpu=T4", "--with", "a b"], "requirement"),
        (["--assume", "gpu=T4", "--goal", "reserch"], "research"),
        (["--assume", "gpu=T4", "--goal", "research=-1"], "above zero"),
        (
            ["--assume", "gpu=T4", "--goal", "cpu-only", "--goal", "single-gpu"],
            "single-gpu needs a GPU and cpu-only does without",
        ),
        (
            ["--assume", "gpu=T4", "--goal", "tpu", "--goal", "cpu-only"],
            "tpu needs a TPU and cpu-only does without",
        ),
        (["--snapshot", "a.json", "--python", "b"], "give one"),
    ],
)
def test_what_cannot_be_is_a_usage_error(args, says):
    code, printed = run(*args)
    assert code == USAGE
    assert says in printed


def test_a_card_newer_than_the_tables_can_be_stated():
    stated = ["--assume", "gpu=RTX 6090", "--assume", "gpu[0].compute_capability=12.0"]
    assert planned(*stated)["possible"]


def test_a_pin_fixes_release_and_build():
    plan = planned("--pin", "torch=2.13.0+cu126", gpu="RTX 4090", driver="580.95.05")
    assert words(plan) == ["torch 2.13.0 cu126"]
    assert not planned("--pin", "torch=2.15.0", gpu="GTX 1080 Ti", driver="580.95.05")["possible"]


def test_goals_bring_their_companions_in_the_right_version():
    plan = planned("--goal", "vision", "--pin", "torch=2.9", gpu="V100", driver="535.54.03")
    assert words(plan) == ["torch 2.9.1 cu128", "torchvision 0.24.1 cu128"]
    assert "torchvision==0.24.1" in " ".join(plan["steps"])


# --keep, goal -> framework first, words of the reasons, of the steps
KEPT = [
    (["keras-code"], "production", "tensorflow", ["keep:keras-code", "calls of tf.* included"], ["keras==3.15.1"]),
    (["keras-code"], "research", "pytorch", ["KERAS_BACKEND=torch"], ["keras==3.15.1"]),
    (["transformers-code"], "production", "pytorch", ["TensorFlow is left out", "staying with transformers<5"], ["transformers"]),
    (["tensorflow-code"], "research", "tensorflow", ["PyTorch is left out"], []),
    (["onnx-target"], "research", "pytorch", ["onnxscript"], ["onnx==", "onnxscript=="]),
    (["onnx-target", "tensorflow-code"], "web", "tensorflow", ["tf2onnx"], ["tf2onnx==1.17.0"]),
    (["litert-target", "pytorch-code"], "mobile", "pytorch", ["torch below 2.15"], ["litert-torch==0.10.0", "torch==2.14.1"]),
    (["keras2-code"], "teaching", "tensorflow", ["TF_USE_LEGACY_KERAS=1"], ["tf-keras==2.21.0"]),
    (["jax-code"], "research", "jax", ["PyTorch is left out", "TensorFlow is left out"], ["jax=="]),
]  # fmt: skip


@pytest.mark.parametrize("row", KEPT, ids=lambda row: " ".join([*row[0], row[1]]))
def test_what_must_not_change_enters_recommendation_and_plan(row):
    kept, goal, framework, says, steps = row
    plan = planned("--goal", goal, *(word for name in kept for word in ("--keep", name)), gpu="none")
    assert plan["framework"] == framework
    for text in says:
        assert text in " ".join(plan["because"])
    for text in steps:
        assert text in " ".join(plan["steps"])


@pytest.mark.parametrize(
    ("args", "says"),
    [
        (["--keep", "keras-cod"], 'did you mean "keras-code"'),
        (["--keep", "pytorch-code", "--keep", "tensorflow-code"], "no one framework can keep all of it"),
        (["--keep", "pytorch-code", "--framework", "tensorflow"], "TensorFlow does not run code written in PyTorch"),
        (["--keep", "executorch-target", "--pin", "tensorflow=2.21"], "--keep litert-target"),
    ],
)  # fmt: skip
def test_what_cannot_be_kept_is_a_usage_error(args, says):
    code, printed = run("--assume", "gpu=none", *args)
    assert code == USAGE
    assert says in printed


def test_two_frameworks_keep_what_one_cannot():
    plan = planned("--keep", "pytorch-code", "--keep", "tensorflow-code", "--framework", "both", gpu="none")
    assert plan["possible"]


def test_a_project_states_what_must_not_change(tmp_path, monkeypatch):
    (tmp_path / "fwaudit.toml").write_text('keep = ["tensorflow-code"]\n')
    monkeypatch.chdir(tmp_path)
    assert planned("--goal", "research", gpu="none")["framework"] == "tensorflow"


def test_both_frameworks_share_cuda_12():
    plan = planned("--framework", "both", gpu="RTX 4090", driver="580.95.05")
    assert words(plan) == ["torch 2.14.1 cu126", "tensorflow 2.21.0 cu125"]
    assert "gives up torch 2.15.0 cu132" in " ".join(plan["because"])


def test_both_frameworks_in_two_environments_where_tensorflow_pins_its_cuda():
    plan = planned("--framework", "both", gpu="GTX 980", driver="535.54.03", python="3.11")
    assert words(plan) == ["torch 2.14.1 cu126", "tensorflow 2.16.2 cu123"]
    assert "venvs/tf" in " ".join(plan["steps"])


@pytest.mark.parametrize(
    ("wish", "machine", "why"),
    [
        (["--pin", "torch=2.9.1"], {}, "torch 2.9.1 cu128 pins NCCL 2.27.5, and tensorflow 2.21.0 cu125 takes 2.27.7"),
        ([], {"glibc": "2.17"}, "torch 2.6.0 cu124 pins libraries of CUDA 12.4, and tensorflow 2.20.0 cu125 takes 12.5"),
        (["--pin", "torch=2.8.0", "--pin", "tensorflow=2.20.0"], {}, ""),
    ],
)  # fmt: skip
def test_both_need_two_environments_where_torch_pins_older_libraries_than_tensorflow_takes(
    wish, machine, why
):
    plan = planned("--framework", "both", *wish, gpu="T4", driver="550.54.14", **machine)
    assert plan["possible"]
    assert bool(plan.get("apart")) == bool(why)
    assert any(why in said for said in plan["because"])


def test_an_old_release_that_no_plan_begins_with_is_told_with_what_is_known_of_it():
    code, said = run("--assume", "gpu=T4", "--pin", "tensorflow=1.15")
    assert code == 2
    for expected in (
        "a plan begins with 2.10.1, and 1.15 is older",
        "CUDA 10.0 and cuDNN 7.4",
        "Python 3.5 to 3.7",
    ):
        assert expected in " ".join(said.split())


@pytest.mark.parametrize(
    ("package", "machine", "why"),
    [
        (
            "flash-attn",
            {"gpu": "T4", "driver": "580.95.05"},
            "wants compute capability 8.0, T4 (7.5) has less",
        ),
        ("flash-attn", {"gpu": "none"}, "is for NVIDIA and AMD GPUs alone"),
        ("xformers", {"gpu": "MI300X"}, "is for NVIDIA GPUs alone"),
        ("tensorrt", {"gpu": "MI300X"}, "tensorrt is for NVIDIA GPUs alone, and torch 2.13.0 rocm7.2 is not"),
        ("vllm>=0.28", {"gpu": "V100", "driver": "580.95.05"}, "is built for CUDA 13"),
        ("xformers", {"gpu": "Apple M3"}, "has no wheel for macos-arm64"),
        ("vllm", {"gpu": "MI300X"}, "is built for CUDA 13"),
    ],
)
def test_a_package_that_the_cards_do_not_serve_is_told_with_what_fits_without(package, machine, why):
    plan = planned("--framework", "pytorch", "--with", package, **machine)
    assert not plan["possible"]
    assert why in plan["blocked_by"][0]
    assert any(said.startswith(f"without {package}: torch") for said in plan["alternatives"])
    assert not any("last release with kernels" in said for said in plan["alternatives"])
    assert "no published build of pytorch" not in " ".join(plan["blocked_by"])


@pytest.mark.parametrize(
    ("package", "machine", "where"),
    [
        ("vllm", "MI300X", "vLLM's own wheels bring their own torch"),
        ("vllm", "Apple M3", "vLLM-Metal"),
        ("xformers", "RX 7900 XTX", "xformers' experimental wheels for ROCm"),
    ],
)
def test_who_else_publishes_a_package_is_told_instead_of_what_is_known_of_other_cards(
    package, machine, where
):
    plan = planned("--framework", "pytorch", "--with", package, gpu=machine)
    said = " ".join(plan["alternatives"])
    assert where in said
    assert "AMD's own wheels" not in said


def test_a_pin_that_leaves_no_build_for_the_processor_says_so():
    plan = planned("--pin", "torch=2.13.0", "--pin", "torch=cu126", gpu="none")
    assert "leaves only builds for an accelerator, and this machine has none" in plan["blocked_by"][0]


def test_both_is_impossible_where_one_is():
    plan = planned("--framework", "both", gpu="RTX 5090", driver="580.95.05")
    assert not plan["possible"]
    assert any(said.startswith("tensorflow: ") for said in plan["blocked_by"])
    assert any(said.startswith("pytorch alone fits") for said in plan["alternatives"])


# an impossible machine, what its alternatives say, and what they may not
REMEDIES = [
    (["gpu=K80", "gpu=RTX 4090", "driver=470.199.02"], "K80 (3.7) alone", "or newer"),
    (["gpu=none", "glibc=2.12"], "with glibc 2.28 or newer (a newer system)", "changed"),
    (["gpu=none", "os=macos 10.15", "arch=arm64"], "macOS 14.0 or newer", "changed"),
]


@pytest.mark.parametrize("row", REMEDIES, ids=lambda row: " ".join(row[0]))
def test_remedies_name_what_can_be_had(row):
    machine, says, never = row
    texts = [word for text in machine for word in ("--assume", text)]
    code, printed = run("--framework", "pytorch", *texts, "--format", "json")
    assert code == 1
    offered = " ".join(json.loads(printed)["plan"]["alternatives"])
    assert says in offered
    assert never not in offered


def test_the_framework_ranked_first_gives_way_where_it_cannot_use_the_card():
    plan = planned("--goal", "production", gpu="RTX 5090", driver="580.95.05")
    assert plan["framework"] == "pytorch"


def test_a_hard_requirement_of_the_goal_blocks():
    plan = planned("--goal", "tpu", gpu="none")
    assert not plan["possible"]
    assert "no TPU" in plan["blocked_by"][0]
    assert planned("--goal", "tpu", gpu="TPU v5e")["possible"]


def test_a_goal_that_does_without_accelerators_leaves_them_alone():
    plan = planned("--goal", "cpu-only", gpu="H100", driver="580.95.05")
    assert plan["choices"][0]["build"] == "cpu"
    assert any("the goal cpu-only does without accelerators" in said for said in plan["because"])


def test_what_the_team_knows_counts_with_its_own_weight():
    for framework in ("pytorch", "tensorflow"):
        assert planned("--goal", "vision", "--team", framework, gpu="none")["framework"] == framework


def test_the_published_criteria_give_the_comparisons_own_conclusion():
    published = planned("--goal", "cross-platform", "--criteria", "published", gpu="none")
    assert published["framework"] == "tensorflow"


OWN = """
[goals.robots]
title = "Robots"
weights = { debugging = 6, flexibility = 4 }
"""


@pytest.mark.parametrize(
    ("name", "text"),
    [("fwaudit.toml", OWN), ("pyproject.toml", OWN.replace("[goals", "[tool.fwaudit.goals"))],
)
def test_a_project_has_goals_of_its_own(tmp_path, monkeypatch, name, text):
    (tmp_path / name).write_text(text)
    monkeypatch.chdir(tmp_path)
    assert "robots: " in planned("--goal", "robots", gpu="none")["because"][0]


@pytest.mark.parametrize(
    ("text", "says"),
    [
        (OWN.replace("debugging", "debuging"), 'did you mean "debugging"'),
        (OWN.replace("6", "7"), "must sum to 10"),
        (OWN.replace("6", "16").replace("4", "-6"), "must be above zero"),
        (OWN + 'needs = ["gpuu"]', 'did you mean "gpu"'),
        (OWN + 'frameworks = ["pytorchh"]', 'did you mean "pytorch"'),
        (OWN + "frameworks = []", "names none"),
        ('keep = ["keras-cod"]', 'did you mean "keras-code"'),
        ('team = ["pytorh"]', 'did you mean "pytorch"'),
        ("goals = 3", "goals"),
        ("[", "fwaudit.toml"),
    ],
)
def test_a_projects_own_file_is_read_strictly(tmp_path, monkeypatch, text, says):
    (tmp_path / "fwaudit.toml").write_text(text)
    monkeypatch.chdir(tmp_path)
    code, printed = run("--assume", "gpu=none")
    assert code == USAGE
    assert says in printed
