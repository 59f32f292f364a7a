"""Distributions by the names that people write: "Flash Attention", "NumPy version"."""

from __future__ import annotations

from auditor.readers.phrases import canonical

# distributions that a report may name on a line of its own, by what people write
PACKAGES = (
    "torchvision", "torchaudio", "torchtext", "torchdata", "torch-xla", "torchao", "triton", "pytorch-triton", "xformers", "flash-attn",
    "flashinfer-python", "bitsandbytes", "deepspeed", "transformers", "accelerate", "diffusers", "datasets", "tokenizers",
    "huggingface-hub", "safetensors", "peft", "trl", "vllm", "sglang", "numpy", "scipy", "pandas", "protobuf", "keras", "tf-keras",
    "tensorflow-text", "tensorflow-io", "tensorflow-addons", "tensorflow-hub", "tensorflow-probability", "tensorflow-gpu",
    "tensorflow-cpu", "tensorboard", "tensorrt", "jax", "jaxlib", "flax", "optax", "onnx", "onnxruntime", "onnxruntime-gpu",
    "setuptools", "pytorch-lightning", "lightning", "nvidia-cudnn-cu11", "nvidia-cudnn-cu12", "nvidia-nccl-cu12", "paddlepaddle-gpu",
    "paddlepaddle", "ctranslate2", "cupy-cuda12x", "cupy-cuda11x", "mkl", "libtpu", "jax-cuda12-plugin", "jax-cuda12-pjrt",
    "jax-cuda13-plugin", "jax-cuda13-pjrt", "timm", "mmcv", "detectron2", "h5py", "nvidia-cublas-cu12", "spacy", "thinc",
)  # fmt: skip
_BY_NAME = {name.replace("-", " "): name for name in PACKAGES} | {
    "flash attention": "flash-attn", "flash attn 2": "flash-attn", "flashinfer": "flashinfer-python", "lightning": "lightning", "safetensors": "safetensors",
}  # fmt: skip


def package_name(key: str) -> str:
    """Return the distribution that a key names, or an empty text."""
    words = canonical(key)
    if words in _BY_NAME:  # "onnxruntime-gpu" is a distribution, not onnxruntime on a GPU
        return _BY_NAME[words]
    for suffix in (
        " cpu gpu tpu",
        " gpu",
        " version",
    ):  # as Hugging Face asks: "Flax version (CPU?/GPU?/TPU?)"
        words = words.removesuffix(suffix)
    return _BY_NAME.get(words) or _BY_NAME.get(words.replace("python ", ""), "")
