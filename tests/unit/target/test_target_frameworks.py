"""Build facts are read from the frameworks' own files."""

from __future__ import annotations

from pathlib import Path

import pytest
from made_environments import Environment, audit

TORCH = "from typing import Optional\n__version__ = '{version}'\ndebug = False\ncuda: Optional[str] = {cuda!r}\ngit_version = 'abc'\nhip: Optional[str] = {hip!r}\n"


def torch(version: str, cuda: str | None = None, hip: str | None = None) -> dict[str, str]:
    return {
        "torch/__init__.py": "raise ImportError\n",
        "torch/version.py": TORCH.format(version=version, cuda=cuda, hip=hip),
    }


def test_a_cuda_build_of_torch(environment: Environment, tmp_path: Path) -> None:
    environment.write(
        {**torch("2.6.0+cu124", "12.4"), "torch/lib/libtorch_python.so": b"\0\0sm_80 sm_90 compute_90\0"}
    )
    environment.install("torch", "2.6.0", 'nvidia-cudnn-cu12==9.1.0.70; platform_system == "Linux"')
    facts = environment.audit(tmp_path)
    assert facts["python.frameworks"].value == ["pytorch"]
    assert facts["torch.version"].value == "2.6.0+cu124"
    assert facts["torch.cuda_build"].value == "12.4"
    assert facts["torch.hip_build"].state == "absent"
    assert facts["torch.cudnn_build"].value == "9.1.0.70"
    assert facts["torch.arch_list"].value == ["sm_80", "sm_90", "compute_90"]
    assert facts["torch.build"].value == "cu124"
    assert facts["torch.location"].value == str(environment.site / "torch")


@pytest.mark.parametrize(
    ("version", "cuda", "hip", "build"),
    [
        ("2.6.0+cpu", None, None, "cpu"),
        ("2.6.0", "12.4", None, "cu124"),
        ("2.6.0+rocm6.2", None, "6.2.41133", "rocm6.2"),
        ("2.6.0a0+git123", None, "6.2.41133", "rocm6.2"),
        ("2.2.2", None, None, "cpu"),
    ],
)
def test_the_kind_of_build(
    environment: Environment, tmp_path: Path, version: str, cuda: str | None, hip: str | None, build: str
) -> None:
    environment.write(torch(version, cuda, hip))
    assert environment.audit(tmp_path)["torch.build"].value == build


def test_a_cuda_build_whose_architectures_are_not_found_is_unknown(
    environment: Environment, tmp_path: Path
) -> None:
    environment.write(torch("2.6.0+cu124", "12.4"))
    facts = environment.audit(tmp_path)
    assert facts["torch.arch_list"].state == "unknown"
    assert facts["torch.cudnn_build"].state == "unknown"


def test_a_version_file_that_cannot_be_read_is_no_answer(environment: Environment, tmp_path: Path) -> None:
    environment.write({"torch/__init__.py": "", "torch/version.py": "cuda = ("})
    environment.install("torch", "2.6.0")
    facts = environment.audit(tmp_path)
    assert facts["torch.version"].value == "2.6.0"
    assert facts["torch.cuda_build"].state == "unknown"
    assert facts["torch.build"].state == "unknown"


def test_metadata_without_the_package_is_unknown_not_absent(environment: Environment, tmp_path: Path) -> None:
    environment.install("torch", "2.6.0")
    facts = environment.audit(tmp_path)
    assert facts["python.frameworks"].value == []
    assert facts["torch.version"].value == "2.6.0"
    assert facts["torch.cuda_build"].state == "unknown"


def test_an_editable_torch_is_found_in_its_sources(environment: Environment, tmp_path: Path) -> None:
    source = tmp_path / "pytorch"
    for name, content in torch("2.9.0a0+git1", "13.0").items():
        (source / name).parent.mkdir(parents=True, exist_ok=True)
        (source / name).write_text(content)
    environment.install(
        "torch",
        "2.9.0a0+git1",
        **{"direct_url.json": f'{{"url": "file://{source}", "dir_info": {{"editable": true}}}}'},
    )
    facts = environment.audit(tmp_path)
    assert facts["torch.location"].value == str(source / "torch")
    assert facts["torch.cuda_build"].value == "13.0"


@pytest.mark.parametrize(
    ("build_info", "cuda", "cudnn", "archs"),
    [
        (
            "import collections\nbuild_info = collections.OrderedDict([('cuda_version', '12.5.1'), ('cudnn_version', '9'), "
            "('cuda_compute_capabilities', ['sm_60', 'compute_90']), ('is_cuda_build', True)])\n",
            "12.5.1", "9", ["sm_60", "compute_90"],
        ),
        ("build_info = {'cuda_version': '64_112', 'cudnn_version': '64_8', 'is_cuda_build': True}\n", "11.2", "8", None),
        ("is_cuda_build = True\ncuda_version_number = '10.1'\ncudnn_version_number = '7'\n", "10.1", "7", None),
    ],
)  # fmt: skip
def test_tensorflow_build_info(
    environment: Environment, tmp_path: Path, build_info: str, cuda: str, cudnn: str, archs: list[str] | None
) -> None:
    environment.write({"tensorflow/__init__.py": "", "tensorflow/python/platform/build_info.py": build_info})
    environment.install("tensorflow", "2.21.0")
    facts = environment.audit(tmp_path)
    assert facts["tensorflow.cuda_build"].value == cuda
    assert facts["tensorflow.cudnn_build"].value == cudnn
    assert facts["tensorflow.arch_list"].value == archs
    assert facts["tensorflow.distribution"].value == "tensorflow"


def test_a_tensorflow_that_does_not_tell_its_cuda_is_unknown(
    environment: Environment, tmp_path: Path
) -> None:
    environment.write({"tensorflow/__init__.py": ""})
    environment.install("tensorflow_cpu", "2.22.0")
    facts = environment.audit(tmp_path)
    assert facts["tensorflow.distribution"].value == "tensorflow-cpu"
    assert facts["tensorflow.cuda_build"].state == "unknown"


def test_jax_with_its_plugins(environment: Environment, tmp_path: Path) -> None:
    environment.write({"jax/__init__.py": "", "jax/version.py": "_version = '0.4.38'\n"})
    for name in ("jax", "jaxlib", "jax-cuda12-plugin", "jax-cuda12-pjrt"):
        environment.install(name, "0.4.38")
    facts = environment.audit(tmp_path)
    assert facts["python.frameworks"].value == ["jax"]
    assert facts["jax.version"].value == facts["jax.jaxlib_version"].value == "0.4.38"
    assert [row["name"] for row in facts["jax.plugins"].value] == ["jax-cuda12-pjrt", "jax-cuda12-plugin"]


def test_libraries_of_nvidia_wheels_stand_with_each_wheel_that_claims_them(
    environment: Environment, tmp_path: Path
) -> None:
    record = "nvidia/cudnn/lib/libcudnn.so.9,sha256=x,1\nnvidia/cudnn/include/cudnn.h,,\n"
    environment.install("nvidia_cudnn_cu12", "9.10.2.21", RECORD=record)
    environment.install(
        "nvidia-cudnn-cu13", "9.20.0.48", RECORD=record + "nvidia/cudnn/lib/libcudnn_ops.so.9,,\n"
    )
    environment.write({"nvidia/cudnn/lib/libcudnn.so.9": ""})
    rows = environment.audit(tmp_path)["python.nvidia_libraries"].value
    assert [(r["soname"], r["distribution"], r.get("missing", False)) for r in rows] == [
        ("libcudnn.so.9", "nvidia-cudnn-cu12", False),
        ("libcudnn.so.9", "nvidia-cudnn-cu13", False),
        ("libcudnn_ops.so.9", "nvidia-cudnn-cu13", True),
    ]


def test_a_companion_tells_the_build_that_its_metadata_hides(
    environment: Environment, tmp_path: Path
) -> None:
    environment.write(
        {"torchvision/__init__.py": "", "torchvision/version.py": "__version__ = '0.28.0+cu130'\n"}
    )
    environment.install("torchvision", "0.28.0")
    assert environment.audit(tmp_path)["python.distributions"].value[0]["build"] == "cu130"


def test_the_real_torch_and_tensorflow_here(tmp_path: Path) -> None:
    import importlib.metadata
    import sys

    for name in ("torch", "tensorflow-cpu"):
        try:
            importlib.metadata.version(name)
        except importlib.metadata.PackageNotFoundError:
            pytest.skip(f"{name} is not installed beside the tests")
    facts = audit(Path(sys.executable), tmp_path)
    assert facts["torch.version"].value == importlib.metadata.version("torch")
    assert facts["torch.build"].value == "cpu"
    assert facts["tensorflow.version"].value == importlib.metadata.version("tensorflow-cpu")
    assert facts["tensorflow.cuda_build"].state == "absent"
    assert facts["python.broken_metadata"].value == []
