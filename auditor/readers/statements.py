"""Lines as people and issue templates write them: "GPU: RTX 5090", "driver 550.54", "- **Python Version:** 3.12"."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

from auditor.readers.cards import GFX, cards_in, cards_named, vendor_of
from auditor.readers.lines import Line
from auditor.readers.machine_words import arch, glibc, python_arch
from auditor.readers.notes import Notes
from auditor.readers.package_names import package_name
from auditor.readers.phrases import (
    canonical,
    glibc_of,
    is_nothing,
    kernel,
    pieces,
    python,
    system,
    version_in,
    whole_version,
)
from auditor.readers.wishes import command, pinned, wanted

Handler = Callable[[Notes, Line, str], None]

_KEY_VALUE = re.compile(
    r"^[\s\-*•+>#|`\[\]🤗]{0,32}([A-Za-z][\w .()/&+?'`*\-]{0,70}?)[`*]{0,3}\s{0,40}(?:[:=|]|->)[`*]{0,3}\s*(.*?)\s*\|?\s*$"
)
# a table of two columns, as detectron2 prints its environment
_COLUMNS = re.compile(r"^\s{0,4}([A-Za-z][\w .,]{1,30}?)\s{3,40}(\S.*?)\s*$")
_SPACED = re.compile(r"^[\s\-*•]{0,8}([A-Za-z][\w .-]{1,40}?)\s+(?:version\s+)?[vV]?(\d[\w.+]{0,50})\s*$")
_DROPPED = re.compile(
    r"\b(?:version|versions|the|my|your|installed|system|current|info|information|used|if applicable|library|package|host|detected|reported|actual|output)\b"
)


def read(lines: list[Line]) -> Notes:
    """Return what short statements say; a line whose key is not in the table stays unread."""
    notes = Notes()
    for line in lines:
        if not _named(notes, line, line.text) and not _statement(notes, line, line.text):
            for piece in pieces(line.text):
                _named(notes, line, piece) or _statement(notes, line, piece)
    return notes


def _named(notes: Notes, line: Line, text: str) -> bool:
    """Read a card or a system that is named without saying what it is: "RTX 3090", "Windows 11"."""
    cards = cards_named(text)
    for card in cards:
        notes.card(line, **card)
    if not cards and len(text) < 80 and _SYSTEM_NAMED.fullmatch(text):
        _os(notes, line, text.strip())
        return True
    return bool(cards)


_SYSTEM_NAMED = re.compile(
    r"\s{0,40}(?:[-*•+]\s{1,8})?(?:windows (?:7|8|10|11|server \d{4})(?: (?:pro|home|enterprise|education))?(?: \d\dh\d)?|win ?1[01]"
    r"|wsl ?[12](?:[ ,(]+ubuntu[ -]?\d\d\.\d\d\)?)?"
    r"|(?:ubuntu|debian|centos|fedora|rhel|rocky linux|almalinux|mac ?os|linux mint|opensuse)[ -]\d{1,2}(?:\.\d{1,2}){0,2}(?: lts)?(?: server)?"
    r"(?:[ ,(]+(?:x86_64|amd64|aarch64|arm64|wsl ?2?)\)?)?)\s*[.,;]?\s*",
    re.IGNORECASE,
)


def _statement(notes: Notes, line: Line, text: str, depth: int = 0) -> bool:
    found = _KEY_VALUE.match(text) or _SPACED.match(text) or _COLUMNS.match(text)
    if not found:
        return False
    value = found[2].strip("`* ")
    if (handler := _handler(found[1])) is not None:
        handler(notes, line, value)
        return True
    if name := package_name(found[1]):
        return _package(notes, line, name, value)
    # a label before the statement itself: "environment: Python: 3.12"
    return depth == 0 and ":" in value and _statement(notes, line, value, 1)


def asks(key: str) -> bool:
    """Return whether a statement with this key is understood."""
    return _handler(key) is not None or bool(package_name(key))


def _handler(words: str) -> Handler | None:
    key = re.sub(r"^gpu[\d ]*$", "gpu", canonical(words))
    return TABLE.get(key) or TABLE.get(canonical(_DROPPED.sub(" ", key)))


def _gpu(notes: Notes, line: Line, value: str) -> None:
    value = re.sub(r"^cuda:\d+\s+", "", value).partition(" : cudaMalloc")[0]
    for card in cards_in(value):
        notes.card(line, **card)


def _driver(notes: Notes, line: Line, value: str) -> None:
    if found := re.search(r"(?<![\d.])(\d{3}\.\d{1,3}(?:\.\d{1,3})?)(?![\d])", value):
        notes.tell("nvidia.driver_version", found[1], line)


def _os(notes: Notes, line: Line, value: str) -> None:
    value = value.strip("\"'")
    told = system(value)
    for key, answer in told.items():
        notes.tell(key, answer, line)
    if "os.platform" in told and ("os.id" in told or told["os.platform"] != "linux"):
        notes.tell("os.pretty_name", value[:80], line)
    if release := kernel(value):
        notes.tell("os.kernel", release, line)
    if (found := re.search(r"glibc[- ]?(2\.\d{1,2})", value)) and (glibc := glibc_of(found[1])):
        notes.tell("os.glibc_version", glibc, line)


def _macos(notes: Notes, line: Line, value: str) -> None:
    """Read a number that stands under the system's own name."""
    _os(notes, line, f"macOS {value}" if value[:1].isdigit() else value)


def _machine(notes: Notes, line: Line, value: str) -> None:
    told = system(value)
    if told.get("os.platform") == "darwin" and re.search(r"\bintel\b|\bi[3579]\b", value, re.IGNORECASE):
        told["os.arch"] = "x86_64"
    for key, answer in told.items():
        notes.tell(key, answer, line)
    if found := re.search(r"\bjetson(?: (?:agx|orin|xavier|nano|nx|tx[12]|thor))*", value, re.IGNORECASE):
        notes.tell("system.product", found.group(), line)
    for card in cards_in(value) if vendor_of(value) == "nvidia" else []:
        notes.card(line, **card)


def _kernel(notes: Notes, line: Line, value: str) -> None:
    if found := re.match(r"(?:Linux )?(\d+\.\d+[\w.+-]{0,80})", value):
        notes.tell("os.kernel", found[1], line)


def _python(notes: Notes, line: Line, value: str) -> None:
    if version := python(value):
        notes.tell("python.version", version, line)
        if "conda" in value.lower():
            notes.tell("python.installer", "conda", line)


def _toolkit(notes: Notes, line: Line, value: str) -> None:
    if (found := re.match(r"v?(\d{1,2}\.\d{1,2})(?:\.\d+)*\b", value)) or (
        found := re.search(r"\b(?:cuda|release)[ _-]?v?(\d{1,2}\.\d{1,2})\b", value, re.IGNORECASE)
    ):
        notes.toolkit(line, found[1])


def _nvcc(notes: Notes, line: Line, value: str) -> None:
    if found := re.search(r"(?<![\w.])V?(\d{1,2}\.\d)(?:\.\d+)?\b", value):
        notes.tell("cuda.nvcc_version", found[1], line)


def _driver_cuda(notes: Notes, line: Line, value: str) -> None:
    if found := re.match(r"(\d{1,2}\.\d{1,2})\b", value):
        notes.tell("nvidia.cuda_driver_version", found[1], line)
    else:
        _driver(notes, line, value)


def _cudnn(notes: Notes, line: Line, value: str) -> None:
    version = version_in(value)
    if version and int(version.split(".")[0]) in _CUDNN_MAJORS:
        notes.tell("loader.cudnn_version", version, line)
    elif re.fullmatch(r"v?\d{1,2}", value):
        notes.tell("loader.cudnn_version", value.lstrip("v"), line)


def _cuda_cudnn(notes: Notes, line: Line, value: str) -> None:
    """Read "10.1/8.0.2.39", "nvidia-cudnn-cu11==8.6.0.163, cudatoolkit=11.8.0"; two pairs say nothing sure."""
    if value.count("/") > 1 and not re.search(r"cu(?:da|dnn)", value, re.IGNORECASE):
        return
    parts = re.split(r"\s*[/,;&]\s*", value, maxsplit=1)
    first = "cudnn" in parts[0].lower() and len(parts) > 1
    cuda, cudnn = (parts[1], parts[0]) if first else (parts[0], parts[1] if len(parts) > 1 else "")
    if found := _NUMBER.search(cuda.replace("_", " ")):
        notes.toolkit(line, ".".join(found[1].split(".")[:2]))
    if (found := _NUMBER.search(cudnn.replace("_", " "))) and int(found[1].split(".")[0]) in _CUDNN_MAJORS:
        notes.tell("loader.cudnn_version", found[1], line)


_NUMBER = re.compile(r"(?<!\d)(\d{1,2}(?:\.\d{1,3}){1,3})")
_CUDNN_MAJORS = range(3, 10)  # a higher number in its place is CUDA's


def _torch(notes: Notes, line: Line, value: str) -> None:
    version = whole_version(value.split(" ")[0].strip(",;"))
    if version:
        notes.tell("torch.version", version, line)
        build = re.search(r"\((?:cuda ?)(\d{1,2}\.\d)\)", value, re.IGNORECASE)
        if build and "+" not in version:
            notes.tell("torch.cuda_build", build[1], line)
        if seen := re.search(r"\((true|false|cuda|na)\)", value, re.IGNORECASE):
            _available(notes, line, seen[1])
    elif value.lower().startswith("not installed"):
        notes.take(line)


def _torch_cuda(notes: Notes, line: Line, value: str) -> None:
    if found := re.match(r"(?:cu(?:da)? ?)?(\d{1,2}\.\d{1,2})(?:\.\d+)?\b", value, re.IGNORECASE):
        notes.tell("torch.cuda_build", found[1], line)
    elif is_nothing(value):
        notes.none("torch.cuda_build", "torch.version.cuda is None", line)


def _tensorflow(notes: Notes, line: Line, value: str) -> None:
    word = (
        re.sub(r"^(?:v\d[\w.-]* |tf[ -]?(?=v?\d)|tensorflow[ =]{1,3})", "", value, flags=re.IGNORECASE)
        .split(" ")[0]
        .strip(",;")
    )
    if version := whole_version(word):
        notes.tell("tensorflow.version", version, line)


def _available(notes: Notes, line: Line, value: str) -> None:
    if found := re.match(r"(true|yes|cuda)\b|(false|no|n/?a)\b", value, re.IGNORECASE):
        notes.tell("smoke.pytorch.devices", ["cpu", "cuda:0"] if found[1] else ["cpu"], line)


def _rocm(notes: Notes, line: Line, value: str) -> None:
    if version := version_in(value):
        notes.tell("amd.rocm_version", version, line)


def _gfx(notes: Notes, line: Line, value: str) -> None:
    if found := GFX.search(value):
        notes.card(line, vendor="amd", gfx_target=found.group().lower())


def _capability(notes: Notes, line: Line, value: str) -> None:
    if found := re.fullmatch(r"\(?(?:sm_?)?(\d{1,2})(?:\.|, ?)?(\d)[af]?\)?", value):
        notes.card(line, compute_capability=f"{found[1]}.{found[2]}")


def _compute_mode(notes: Notes, line: Line, value: str) -> None:
    if found := re.search(r"exclusive[ _-]?(process|thread)|(prohibited)|(default)", value, re.IGNORECASE):
        mode = f"Exclusive_{found[1].capitalize()}" if found[1] else (found[2] or found[3]).capitalize()
        notes.card(line, compute_mode=mode)


def _module(notes: Notes, line: Line, value: str) -> None:
    if found := re.search(r"(?<![\d.])(\d{3}\.[\d.]+\d)", value):
        notes.tell("nvidia.kernel_module_version", found[1], line)


def _cpu(notes: Notes, line: Line, value: str) -> None:
    if re.search(r"intel|amd|xeon|ryzen|epyc|core|celeron|pentium|apple|arm|cortex", value, re.IGNORECASE):
        notes.tell("cpu.model_name", value[:100], line)


def _flag(name: str) -> Handler:
    def told(notes: Notes, line: Line, value: str) -> None:
        if re.match(r"false|no\b|none|missing|0", value, re.IGNORECASE):
            notes.tell("cpu.flags", [], line)

    told.__name__ = f"_{name}"
    return told


def _tool(notes: Notes, line: Line, value: str) -> None:
    """Read how nvidia-smi fared, or the versions that it shows."""
    if re.search(r"not found|missing|not recognized|no such", value, re.IGNORECASE):
        notes.tell("nvidia.tool_state", "missing", line)
    elif re.search(r"(?:does|did|do)(?: not|n.t) work|fail|error|couldn.t", value, re.IGNORECASE):
        notes.tell("nvidia.tool_state", "failed", line)
        notes.tell("nvidia.tool_error", value[:200], line)
    else:
        _driver(notes, line, value)


def _tool_inside(notes: Notes, line: Line, value: str) -> None:
    _tool(notes, line, value)
    notes.tell("container.runtime", "docker", line)


def _secure_boot(notes: Notes, line: Line, value: str) -> None:
    if found := re.match(r"(on|enabled|true|yes)\b|(off|disabled|false|no)\b", value, re.IGNORECASE):
        notes.tell("system.secure_boot", bool(found[1]), line)


def _user_site(notes: Notes, line: Line, value: str) -> None:
    """Read "h5py==3.1.0", a distribution that comes from the user's own site folder."""
    if found := re.match(r"([\w.-]{2,40})(?:==| )(\d[\w.]{0,20})", value):
        row = {"name": found[1].lower(), "version": found[2], "shadows": {"version": "(version not told)"}}
        notes.tell("python.user_site_packages", [row], line)


def _container(notes: Notes, line: Line, value: str) -> None:
    notes.tell("container.runtime", "podman" if "podman" in value.lower() else "docker", line)


def _environment(notes: Notes, line: Line, value: str) -> None:
    if re.search(r"\bdocker\b|\bcontainer\b|\bpodman\b", value, re.IGNORECASE):
        _container(notes, line, value)
    else:
        _os(notes, line, value)


def _tag(notes: Notes, line: Line, value: str) -> None:
    if found := re.search(r"\bcp(\d)(\d{1,2})\b", value):
        notes.tell("python.version", f"{found[1]}.{found[2]}", line)
    _os(notes, line, value)
    arch(notes, line, value)


def _variable(name: str) -> Handler:
    def told(notes: Notes, line: Line, value: str) -> None:
        # what stands in brackets or behind a comma is a remark
        word = re.sub(r"\s*\(.{0,80}\)\s*$", "", value).strip("\"'")
        if listed := re.fullmatch(r"\[([\d, ]*)\]", word):  # as a trainer's log prints what it will use
            word = listed[1].replace(" ", "")
        if " " not in word:
            notes.variable(line, name, "" if word.lower() in ("(empty)", "empty") else word)

    return told


def _package(notes: Notes, line: Line, name: str, value: str) -> bool:
    version = whole_version(value.split(" ")[0].strip(",;")) if value else ""
    if not version:
        return False
    notes.package(line, name, version)
    return True


_VARIABLES = (
    "CUDA_VISIBLE_DEVICES", "NVIDIA_VISIBLE_DEVICES", "HIP_VISIBLE_DEVICES", "ROCR_VISIBLE_DEVICES", "LD_LIBRARY_PATH", "LD_PRELOAD",
    "HSA_OVERRIDE_GFX_VERSION", "NCCL_P2P_DISABLE", "CUDA_LAUNCH_BLOCKING", "XLA_FLAGS", "TF_USE_LEGACY_KERAS", "PYTHONPATH",
    "CUDA_DEVICE_ORDER", "TORCH_CUDA_ARCH_LIST", "CUDA_HOME", "CUDA_PATH",
)  # fmt: skip


def _table() -> Mapping[str, Handler]:
    rows: list[tuple[Handler, tuple[str, ...]]] = [
        (_gpu, ("gpu", "gpus", "graphics card", "video card", "gpu model", "gpu models", "device name", "gpu name", "gpu type", "gpu hardware",
                "graphics", "accelerator", "gpu model and memory", "gpu s", "gpu device", "gpu 0", "gpu 1", "nvidia gpu", "cuda device",
                "gpu card", "card", "name", "video controller", "amd gpu", "pytorch using gpu", "vga", "hardware", "gpu info", "device",
                "nvidia gpu models", "gpu models and configuration", "cuda devices", "gpu used", "graphic card", "product name")),
        (_driver, ("driver", "nvidia driver", "gpu driver", "nvidia gpu driver", "driver nvidia", "nvidia drivers", "drivers", "graphics driver",
                   "nvidia smi driver", "installed driver packages", "driver packages", "gpu drivers", "user space driver",
                   "userspace driver", "driver on", "driver on host", "libcuda", "nvidia utils", "cuda driver nvidia")),
        (_driver_cuda, ("cuda driver", "driver cuda", "nvidia smi cuda", "cuda nvidia smi", "max cuda", "driver api")),
        (_os, ("os", "pretty name", "operating", "operating system", "platform", "distribution", "distro", "os platform", "os platform and distribution",
               "linux distribution", "host os", "linux", "windows", "os name", "python platform", "running on", "")),
        (_macos, ("macos", "mac os", "osx", "os x")),
        (_machine, ("machine", "computer", "laptop", "mac", "host", "model", "device model", "chip", "soc", "board", "dev board", "developer kit", "jetson")),
        (_kernel, ("kernel", "linux kernel", "kernel release", "uname r")),
        (python_arch, ("platform machine", "python arch", "python architecture", "python machine", "python platform machine")),
        (arch, ("arch", "architecture", "machine architecture", "cpu architecture")),
        (glibc, ("glibc", "libc", "gnu libc")),
        (_python, ("python", "python3", "embedded python version", "python interpreter")),
        (_toolkit, ("cuda", "cuda toolkit", "toolkit", "cudatoolkit", "cuda runtime", "cuda sdk", "nvidia cuda", "cuda toolkit driver", "local cuda",
                    "cuda toolkits")),
        (_nvcc, ("nvcc", "cuda toolkit nvcc", "nvcc cuda", "nvcc v", "cuda nvcc", "cuda compiler")),
        (_cudnn, ("cudnn", "nvidia cudnn", "libcudnn")),
        (_cuda_cudnn, ("cuda cudnn", "cuda and cudnn")),
        (_torch, ("torch", "pytorch", "torch python", "pytorch gpu", "pytorch version gpu", "torch version", "using gpu pytorch", "torch version gpu",
                 "pytorch version accelerator")),
        (_torch_cuda, ("torch version cuda", "torch cuda", "pytorch cuda", "torch cuda build", "cuda used to build pytorch", "build cuda",
                       "pytorch built with cuda", "pytorch compiled with cuda", "torch compiled cuda", "pytorch build cuda", "cuda torch")),
        (_tensorflow, ("tensorflow", "tf", "tensor flow", "tensorflow gpu", "tensorflow version gpu", "tensorflow version use command below")),
        (_available, ("cuda available", "torch cuda is available", "is cuda available", "torch cuda available", "cuda is available",
                      "pytorch cuda available", "gpu available", "torch cuda is available returns", "pytorch accelerator")),
        (_rocm, ("rocm", "amd rocm")),
        (_gfx, ("gpu isa", "gfx", "gfx target", "gpu arch", "isa", "amd gfx", "gcn arch")),
        (_capability, ("compute capability", "gpu compute capability", "cuda capability", "cuda compute capability", "sm")),
        (_compute_mode, ("compute mode", "gpu compute mode", "compute m")),
        (_secure_boot, ("secure boot", "secureboot", "uefi secure boot", "secure boot state")),
        (_module, ("kernel module", "nvidia kernel module", "loaded module", "module", "modinfo nvidia", "kernel modules nvidia", "sys module nvidia version",
                   "cat sys module nvidia version", "modinfo f version nvidia", "nvidia module")),
        (_cpu, ("cpu", "processor", "cpu model", "cpu type", "cpu name")),
        (_flag("avx"), ("avx", "avx in cpuinfo", "avx support", "cpu avx", "avx supported", "supports avx")),
        (_tool, ("nvidia smi",)),
        (_tool_inside, ("nvidia smi in container", "nvidia smi inside container", "nvidia smi in docker", "nvidia smi inside docker", "nvidia smi inside the container")),
        (wanted, ("wanted", "requirement", "requirements", "requested", "trying to install", "want", "pin", "pinned", "target", "required",
                   "pip install", "uv add", "uv pip install", "conda install", "install", "poetry add")),
        (pinned, ("requirements txt",)),
        (command, ("command", "install command", "command used", "ran", "i ran")),
        (_user_site, ("user site package", "user site packages", "user site")),
        (_container, ("docker command", "docker image", "docker", "container image", "image")),
        (_environment, ("environment", "env", "runs in", "where")),
        (_tag, ("wheel tag", "wheel", "tag", "python tag")),
    ]  # fmt: skip
    table = {key: handler for handler, keys in rows for key in keys if key}
    return table | {name.lower().replace("_", " "): _variable(name) for name in _VARIABLES}


TABLE = _table()
