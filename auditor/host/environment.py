"""Which environment variables are ever read: an allow-list, so that no secret can be."""

from __future__ import annotations

import re
from collections.abc import Mapping

PREFIXES = (
    "CUDA", "CUDNN", "CUBLAS", "NVIDIA_", "NCCL_", "NVTE_", "NVSHMEM_", "UCX_", "FI_", "OMPI_MCA_", "RDMAV_",
    "HIP_", "HSA_", "ROCR_", "ROCM_", "GPU_", "AMD_", "MIOPEN_", "RCCL_", "HCC_", "ZE_", "ONEAPI_", "SYCL_", "IPEX_",
    "TF_", "XLA_", "TORCH", "PYTORCH_", "JAX_", "PJRT_", "TPU_", "LIBTPU_", "KERAS_", "TRITON_", "INDUCTOR_",
    "OMP_", "MKL_", "KMP_", "OPENBLAS_", "BLIS_", "GOTO_", "VECLIB_", "NUMEXPR_", "GOMP_", "ONEDNN_", "DNNL_",
    "ORT_", "TFLITE_", "LIGHTNING_", "ACCELERATE_", "DS_", "DEEPSPEED_",
    "PYTHON", "CONDA_", "MAMBA_", "UV_", "VIRTUAL_ENV", "PYENV_", "PIP_",
    "SLURM_", "SLURMD_", "KUBERNETES_", "APPTAINER_", "SINGULARITY_", "PBS_", "LSB_",
)  # fmt: skip
NAMES = (
    "PATH", "LD_LIBRARY_PATH", "LD_PRELOAD", "LIBRARY_PATH", "CPATH", "HOME", "USER", "LOGNAME", "TMPDIR", "SHELL",
    "CC", "CXX", "CUDACXX", "LANG", "LC_ALL", "TERM", "XDG_CACHE_HOME", "HF_HOME", "HF_HUB_OFFLINE",
    "TRANSFORMERS_CACHE", "CLOUDSDK_CONFIG", "container", "WSL_DISTRO_NAME", "WSL_INTEROP", "WORLD_SIZE", "RANK", "LOCAL_RANK",
    "MASTER_ADDR", "MASTER_PORT", "DISPLAY", "MODULEPATH", "LOADEDMODULES", "COLAB_GPU", "KAGGLE_KERNEL_RUN_TYPE",
    "MALLOC_CONF", "MALLOC_ARENA_MAX", "NSIGHT_CUDA_DEBUGGER", "GLIBC_TUNABLES", "TOKENIZERS_PARALLELISM", "NO_COLOR", "FORCE_COLOR",
)  # fmt: skip

# names that an allowed prefix would let through and that carry credentials
_SECRET = re.compile(
    r"TOKEN|SECRET|PASSW|CREDENTIAL|API_?KEY|ACCESS_?KEY|PRIVATE|_AUTH|INDEX_URL|EXTRA_INDEX|FIND_LINKS|PROXY|"
    r"TRUSTED_HOST|KEYRING|CERT",
    re.IGNORECASE,
)


# Terraform's: they share TensorFlow's prefix and may hold anything
_FOREIGN = ("TF_VAR_", "TF_CLI_", "TF_TOKEN_", "TF_HTTP_", "TF_REATTACH_")


def is_allowed(name: str) -> bool:
    """Return whether a variable may be read."""
    return (
        (name in NAMES or name.startswith(PREFIXES))
        and not name.startswith(_FOREIGN)
        and not _SECRET.search(name)
    )


def allowed(environ: Mapping[str, str]) -> dict[str, str]:
    """Return the allowed part of an environment, sorted by name."""
    return {name: environ[name] for name in sorted(environ) if is_allowed(name)}
