"""What a child's environment holds beyond the user's own: caches in the run's folder, hubs offline."""

from __future__ import annotations

import os
import shutil
from collections.abc import Mapping

# variable -> folder below the run's temporary folder; what a workload writes must land there
CACHES = {
    "XDG_CACHE_HOME": "cache",
    "HF_HOME": "cache/huggingface",
    "TORCH_HOME": "cache/torch",
    "TORCH_EXTENSIONS_DIR": "cache/torch_extensions",
    "TORCHINDUCTOR_CACHE_DIR": "cache/inductor",
    "TRITON_CACHE_DIR": "cache/triton",
    "CUDA_CACHE_PATH": "cache/cuda",
    "TFHUB_CACHE_DIR": "cache/tfhub",
    "NUMBA_CACHE_DIR": "cache/numba",
    "MPLCONFIGDIR": "cache/matplotlib",
    "KERAS_HOME": "cache/keras",
    "npm_config_cache": "cache/npm",  # npm logs every call there
    "TMPDIR": "tmp",
}

# redirected only where the user set them: setting them alone would turn a cache on
CACHES_IF_SET = {"JAX_COMPILATION_CACHE_DIR": "cache/jax", "PYTHONPYCACHEPREFIX": "cache/pycache"}

SETTINGS = {
    "PYTHONDONTWRITEBYTECODE": "1",
    "HF_HUB_OFFLINE": "1",
    "HF_HUB_DISABLE_TELEMETRY": "1",
    "HF_DATASETS_OFFLINE": "1",
    "TRANSFORMERS_OFFLINE": "1",
    "WANDB_MODE": "offline",
    "NO_UPDATE_NOTIFIER": "1",
    # ONNX Runtime reports to its makers unless told not to: 1.32 by the first, others by the second
    # (docs/Privacy.md of microsoft/onnxruntime; its pull request 29843)
    "ORT_DISABLE_TELEMETRY": "1",
    "ORT_TELEMETRY_DISABLED": "1",
    "DO_NOT_TRACK": "1",
    "TF_FORCE_GPU_ALLOW_GROWTH": "true",
    "XLA_PYTHON_CLIENT_PREALLOCATE": "false",
    "XLA_PYTHON_CLIENT_MEM_FRACTION": "0.10",
}


def prepare(tmpdir: str, environ: Mapping[str, str]) -> dict[str, str]:
    """Make the folders of a run and return the variables to set; the user's keras.json is copied.

    Raises:
        OSError: the folder cannot be written to.

    """
    places = {**CACHES, **{name: place for name, place in CACHES_IF_SET.items() if environ.get(name)}}
    folders = {name: os.path.join(tmpdir, place) for name, place in places.items()}
    for path in folders.values():
        os.makedirs(path, exist_ok=True)
    _copy_keras_config(environ, folders["KERAS_HOME"])
    return {**folders, **SETTINGS}


def _copy_keras_config(environ: Mapping[str, str], into: str) -> None:
    """Copy keras.json from KERAS_HOME, else ~/.keras: it says which backend the user's Keras takes."""
    home = environ.get("KERAS_HOME") or os.path.join(os.path.expanduser("~"), ".keras")
    try:
        shutil.copyfile(os.path.join(home, "keras.json"), os.path.join(into, "keras.json"))
    except OSError:
        return
