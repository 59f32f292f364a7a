"""What a framework sees and what it has mapped; run inside `_child.py`, Python >= 3.8."""

import re

# role -> beginnings of file names
ROLES = (
    ("cudnn", ("libcudnn",)),
    ("nccl", ("libnccl.", "libnccl-")),
    ("rccl", ("librccl.",)),
    ("cublas", ("libcublas",)),
    ("cuda-runtime", ("libcudart",)),
    ("cuda-driver", ("libcuda.",)),
    ("hip", ("libamdhip64",)),
    ("miopen", ("libMIOpen",)),
    ("rocblas", ("librocblas", "libhipblas")),
    ("mkl", ("libmkl_",)),
    ("openblas", ("libopenblas", "libscipy_openblas")),
    ("blis", ("libblis",)),
    ("blas", ("libblas", "libcblas", "libnvpl_blas", "libarmpl")),
    ("onednn", ("libdnnl",)),
    ("openmp", ("libgomp", "libiomp5", "libomp")),
    ("level-zero", ("libze_loader",)),
    ("tpu", ("libtpu",)),
    ("torch", ("libtorch.", "libtorch_cpu", "libtorch_cuda", "libtorch_hip", "libtorch_xpu")),
    ("tensorflow", ("libtensorflow_framework", "libtensorflow_cc", "_pywrap_tensorflow_internal")),
    ("jax", ("libjax_common", "xla_extension", "xla_cuda_plugin", "xla_rocm_plugin")),
)


def pytorch_devices(torch, job):
    """Return torch's names: cpu, cuda:0 (ROCm's too), mps:0, xpu:0; each CUDA device gets its limit."""
    found = ["cpu"]
    if torch.cuda.is_available():
        for i in range(torch.cuda.device_count()):
            found.append("cuda:%d" % i)
            total = torch.cuda.get_device_properties(i).total_memory
            torch.cuda.set_per_process_memory_fraction(min(1.0, job["device_limit_mib"] * 2.0**20 / total), i)
    mps = getattr(torch.backends, "mps", None)
    if mps is not None and mps.is_available():
        found.append("mps:0")
    xpu = getattr(torch, "xpu", None)
    if xpu is not None and xpu.is_available():
        found += ["xpu:%d" % i for i in range(xpu.device_count())]
    return found


def tensorflow_devices(tf, job):
    """Return TensorFlow's names: CPU:0, GPU:0, TPU:0; GPUs grow their memory up to the limit."""
    for gpu in tf.config.list_physical_devices("GPU"):
        # growth comes from TF_FORCE_GPU_ALLOW_GROWTH: set_memory_growth and a limit exclude each other
        limit = tf.config.LogicalDeviceConfiguration(memory_limit=job["device_limit_mib"])
        tf.config.set_logical_device_configuration(gpu, [limit])
    if job["tpu"]:
        resolver = tf.distribute.cluster_resolver.TPUClusterResolver(tpu="local")
        tf.tpu.experimental.initialize_tpu_system(resolver)
    kinds = ("CPU", "GPU", "XPU", "TPU")
    names = [device.name.split("device:", 1)[1] for device in tf.config.list_logical_devices()]
    return [name for name in names if name.split(":")[0] in kinds]


def jax_devices(jax, job):
    """Return JAX's names: cpu:0, gpu:0, tpu:0. The host's CPU comes first."""
    found = list(jax.devices("cpu")[:1])
    found += [device for device in jax.local_devices() if device.platform != "cpu"]
    return ["%s:%d" % (device.platform, device.id) for device in found]


def enter(framework, module, device):
    """Make a device the current one, so that no other gets a context."""
    if framework == "pytorch" and device.startswith(("cuda:", "xpu:")):
        getattr(module, device.split(":")[0]).set_device(device)


def name_of(framework, module, device):
    """Return an accelerator's product name as the framework tells it, or an empty string."""
    kind, _, number = device.partition(":")
    try:
        if framework == "pytorch" and kind in ("cuda", "xpu"):
            return getattr(module, kind).get_device_name(int(number))
        if framework == "tensorflow" and kind == "GPU":
            gpus = module.config.list_physical_devices("GPU")
            return module.config.experimental.get_device_details(gpus[int(number)]).get("device_name", "")
        if framework == "jax" and kind != "cpu":
            return next(d.device_kind for d in module.devices(kind) if d.id == int(number))
    except Exception:  # a name is worth no failure
        pass
    return ""


def mapped(framework, module, ask=False):
    """Return [{role, path, version}] of the libraries mapped into this process; None off Linux.

    With `ask` the libraries themselves are asked for their version where they offer a plain function.
    """
    try:
        with open("/proc/self/maps", errors="replace") as maps:
            paths = sorted({line.split(None, 5)[5].strip() for line in maps if ".so" in line})
    except (OSError, IndexError):
        return None
    found = []
    for path in paths:
        role = role_of(path.rpartition("/")[2])
        if role:
            version = (asked(role, path) if ask else "") or version_in(path)
            if role == framework.replace("pytorch", "torch"):
                version = str(module.__version__)
            found.append({"role": role, "path": path, "version": version})
    return found + (inside_torch(module, paths) if framework == "pytorch" else [])


def role_of(name):
    """Return what a library is for, or an empty string."""
    return next((role for role, starts in ROLES if name.startswith(starts)), "")


def version_in(path):
    """Return the digits after .so. in a file's name."""
    match = re.search(r"\.so\.(\d+(?:\.\d+)*)$", path)
    return match.group(1) if match else ""


def asked(role, path):
    """Return the version that a library tells by itself."""
    import ctypes

    try:
        if role == "cudnn":
            number = ctypes.CDLL(path).cudnnGetVersion()
            # 8907 was 8.9.7; since 9 it is 90100 for 9.1.0 (cudnn_version.h)
            big, small = (10000, 100) if number >= 90000 else (1000, 100)
            return "%d.%d.%d" % (number // big, number % big // small, number % small)
        if role in ("nccl", "rccl"):
            number = ctypes.c_int()
            ctypes.CDLL(path).ncclGetVersion(ctypes.byref(number))
            # since 2.9 it is 22907 for 2.29.7 (nccl.h)
            return "%d.%d.%d" % (number.value // 10000, number.value % 10000 // 100, number.value % 100)
        if role == "openblas":
            return openblas_version(ctypes, ctypes.CDLL(path))
    except (OSError, AttributeError, ValueError):
        pass
    return ""


def openblas_version(ctypes, library):
    """Return OpenBLAS's version; NumPy's and SciPy's builds put their marks around the symbol."""
    for name in (
        "openblas_get_config",
        "scipy_openblas_get_config64_",
        "scipy_openblas_get_config",
        "openblas_get_config64_",
    ):
        function = getattr(library, name, None)
        if function is not None:
            function.restype = ctypes.c_char_p
            return function().decode("ascii", "replace").split()[1]
    return ""


def inside_torch(torch, paths):
    """Return what libtorch holds within itself, by torch's own words."""
    try:
        text = torch.__config__.show()
    except Exception:
        return []
    path = next((p for p in paths if "libtorch_cpu" in p), "")
    marks = (("mkl", r"Math Kernel Library Version ([\d.]+)"), ("onednn", r"(?:MKL-DNN|oneDNN) v([\d.]+)"))
    found = [(role, re.search(pattern, text)) for role, pattern in marks]
    return [{"role": role, "path": path, "version": match.group(1)} for role, match in found if match]
