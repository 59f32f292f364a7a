"""Tracebacks and logs: what they tell beside the error itself: the Python, the system, cards, variables."""

from __future__ import annotations

import itertools
import re
from typing import Any

from auditor.readers.cards import vendor_of
from auditor.readers.lines import Line
from auditor.readers.notes import Notes

_FILE = re.compile(r"""File ["'](.{1,400}?)["'], line \d+""")
_IMPORTS = re.compile(r"\s*(?:import|from)\s+(\w{1,60})")
_SITE = re.compile(r"[/\\]python(\d\.\d{1,2})[/\\](?:site|dist)-packages\b", re.IGNORECASE)
_WINDOWS_PYTHON = re.compile(r"[/\\]Python(\d)(\d{1,2})[/\\]Lib\b", re.IGNORECASE)
_TAG = re.compile(r"\bcp(\d)(\d{1,2})[-_ ](?:cp\d|abi3|linux|win|macosx|manylinux)|cpython-(\d)(\d{1,2})m?-")
_WHEEL_ARCH = re.compile(r"\b(?:manylinux\w*|linux|macosx_\d+_\d+|win)_(x86_64|aarch64|arm64|amd64)\b")
_WINDOWS = re.compile(r"\b[A-Za-z]:\\(?:Users|Program|ProgramData|Windows|\w+\\)", re.IGNORECASE)
_LINUX = re.compile(r"""(?:^|[\s"'(=:])(?:/home/|/usr/(?:local/)?lib/|/opt/|/root/|/workspace/)""")
_MACOS = re.compile(r"""(?:^|[\s"'(=])/(?:Users|opt/homebrew|Library)/""")
_PROGRAM = re.compile(
    r"Python (\d\.\d{1,2}\.\d{1,2})\b.{0,80}(?:\[(?:GCC|MSC|Clang)| on (?:linux|win32|darwin))"
)
_UV_PYTHON = re.compile(r"^Using C?Python (\d\.\d{1,2}\.\d{1,2})\b")
_UV_MAC = re.compile(
    r"(?:platform tag \(e\.g\., |You.re on macOS \()`macosx_(\d{1,2})_\d{1,2}_(x86_64|arm64)`"
)
_INCOMPATIBLE = re.compile(
    r"^(.{3,80}?) with CUDA capability sm_(\d{1,2})(\d)\w? is not compatible with the current PyTorch"
)
_PROPERTIES = re.compile(r"_CudaDeviceProperties\(name='(.{3,60}?)', major=(\d{1,2}), minor=(\d)")
_CAPABILITIES = re.compile(r"install supports CUDA capabilities ((?:(?:sm|compute)_\d+\w?[ ,]*){1,40})")
_OF_CAPABILITY = re.compile(r"\bFound GPU\d{1,2} (.{3,60}?) which is of cuda capability (\d{1,2}\.\d)")
_RANGE = re.compile(
    r"(?:cuda capability supported by this version of PyTorch is|^)\s{0,8}\((\d{1,2})\.(\d)\) - \((\d{1,2})\.(\d)\)"
)
_FOUND_VERSION = re.compile(r"too old \(found version (\d{4,5})\)")
_TF_DEVICE = re.compile(
    r"name: (.{3,60}?),? pci bus id: ([0-9a-fA-F:.]{7,16}),? compute capability: (\d{1,2}\.\d)"
)
_TF_OLD = re.compile(r"name: (.{3,60}?) (?:major: (\d{1,2}) minor: (\d)|computeCapability: (\d{1,2}\.\d))")
_PADDLE = re.compile(
    r"device: \d{1,2}, (?:GPU Compute|CUDA) Capability: (\d{1,2})\.?(\d), Driver API Version: (\d{1,2}\.\d)"
)
_VARIABLE = re.compile(
    r"^\W{0,6}(?:export |set |setenv |\$env:|ENV )?((?:CUDA|NVIDIA|HIP|ROCR|HSA|NCCL|TF|XLA|JAX|TORCH|PYTORCH|OMP|MKL|TRITON|KMP|TPU)_[A-Z][A-Z0-9_]{1,50}|LD_LIBRARY_PATH|LD_PRELOAD|PYTHONPATH|PYTHONNOUSERSITE)\s?=\s?[\"']?([^\"'\s]{0,1000})[\"']?"
)
_IN_CODE = re.compile(r"""\bos\.environ\[["']([A-Z][A-Z0-9_]{3,50})["']\]\s?=\s?["']([^"'{}\s]{0,200})["']""")
_LD_PATH = re.compile(r"LD_LIBRARY_PATH: (\S{1,2000})")
_LDD = re.compile(r"^\W{0,4}ldd \(.{3,60}?\) (2\.\d{1,2})\s*$")
_GCC = re.compile(
    r"^\W{0,4}(?:x86_64-linux-gnu-)?gcc(?:-\d{1,2})? \(.{3,80}?\) (\d{1,2}\.\d{1,2}\.\d{1,2})\b"
)
_KERNEL = re.compile(r"\bLinux \S{1,60} (\d+\.\d+[\w.+-]{1,60}) #")
_MACHINE = re.compile(
    r"\b(i686|x86_64|aarch64|armv7l|ppc64le) GNU/Linux\b|\bDarwin(?: Kernel)?(?: [\w.-]{1,40}){0,2} (arm64|x86_64)\b"
)
# what torch.__config__.show() prints of its build
_TORCH_CONFIG = re.compile(r"\bBuild settings: .{0,300}?\bCUDA_VERSION=(\d{1,2}\.\d)\b")
_ASKED = re.compile(
    r"(?:\btorch\.)?\bcuda\.is_available\(\)\)*(?:[^\x00-\x7f]{0,8}\W{0,6}(?:returns?|is|prints?|gives|says|->|=>|:|=|#)?\W{0,6}\b(True|False|true|false)\b)?"
)
_PRINTED = re.compile(r"(?:Out\[\d{1,3}\]: )?(?:True|False|false)")
_TF_LISTED = re.compile(r"PhysicalDevice\(name='/physical_device:(\w{3,7}):(\d{1,2})'")
_TF_NONE = re.compile(
    r"list_physical_devices\(['\"]GPU['\"]\)\)*(?:\W{0,12}(?:returns?|is|prints?|gives|output|->|=>|:|#)?\W{0,6})?\[\s?\]"
    r"|\bNum GPUs(?: Available)?:?\s{0,3}0\b|\bGPU is NOT AVAILABLE\b"
)
_LOCAL = re.compile(r"/\.local/lib/python\d\.\d{1,2}/site-packages/(\w{1,60})")
_ENVIRONMENT = re.compile(
    r"/(?:envs/[\w.-]{1,60}|\.?venv[\w.-]{0,40}|virtualenvs/[\w.-]{1,60}|env)/(?:lib/python\d\.\d{1,2}/|bin/python[\d.]{0,4}\b)"
)
_DOCKER = re.compile(
    r"\b(?:docker|podman|nerdctl) (?:run|exec|compose|start)\b|\broot@[0-9a-f]{12}:|/\.dockerenv\b"
)
_NGC = re.compile(r"\bnvcr\.io/nvidia/(?:pytorch|tensorflow|jax|paddlepaddle|mxnet):(\d{2}\.\d{2})\b")
# modules whose name a file of the user's own must not bear
_HEARTS = ("torch", "tensorflow", "jax", "jaxlib", "numpy", "keras", "torchvision", "transformers")
_LIBRARY_FOLDERS = (
    "site-packages",
    "dist-packages",
    "lib/python",
    "lib\\python",
    "\\lib\\",
    "/lib/",
    "<frozen",
    "bazel-bin",
    "conda-bld",
    "/src/",
    "/pkgs/",
)


def read(lines: list[Line]) -> Notes:
    """Return what paths, tags and well-known log lines tell."""
    notes = Notes()
    _user_site(notes, lines)
    _shadows(notes, lines)
    for index, line in enumerate(lines):
        if len(line.text) > 6:
            _available(notes, lines, index)
            _tensorflow_devices(notes, lines, index)
            _paths(notes, line)
            _cards(notes, line)
            _variables(notes, line)
            if _NO_LIBCUDA.search(line.text):
                notes.tell("nvidia.libcuda_paths", [], line)
    return notes


# the loader's words, or a person's, that it has no libcuda under the name that was asked for
_NO_LIBCUDA = re.compile(
    r"libcuda\.so(?:\.1)?[`'\"]?:? (?:cannot open shared object|(?:can ?not|can't|could not|couldn't) be (?:found|loaded|opened)|(?:is )?not found)"
    r"|(?:cannot|can't|can not|could not|couldn't|unable to|does not|doesn't) (?:find|load|open|locate) (?:the )?[`'\"]?libcuda\.so"
)


def _user_site(notes: Notes, lines: list[Line]) -> None:
    """Tell packages that come from ~/.local beside others of an environment of its own."""
    if not any(_ENVIRONMENT.search(line.text) for line in lines):
        return
    rows: dict[str, tuple[dict[str, Any], Line]] = {}
    for line in lines:
        if (found := _LOCAL.search(line.text)) and not _VARIABLE.search(line.text):
            rows.setdefault(
                found[1],
                (
                    {
                        "name": found[1],
                        "version": "(version not told)",
                        "shadows": {"version": "(if there is one)"},
                    },
                    line,
                ),
            )
    if rows:
        notes.tell(
            "python.user_site_packages", [row for row, _ in rows.values()], next(iter(rows.values()))[1]
        )


def _available(notes: Notes, lines: list[Line], index: int) -> None:
    """Tell what a program or a person answered to torch.cuda.is_available(), on the line or the next."""
    line = lines[index]
    asked = _ASKED.search(line.text)
    if not asked:
        return
    below = lines[index + 1] if index + 1 < len(lines) else line
    answer = asked[1] or (below.words.rpartition("]: ")[2] if _PRINTED.fullmatch(below.words) else "")
    if answer:
        notes.tell(
            "smoke.pytorch.devices", ["cpu", "cuda:0"] if answer in ("True", "true") else ["cpu"], line
        )
        notes.take(*([] if asked[1] else [below]))


def _tensorflow_devices(notes: Notes, lines: list[Line], index: int) -> None:
    """Tell which devices TensorFlow listed, on one line or on several below one another."""
    line = lines[index]
    if _TF_LISTED.search(line.text):
        block = itertools.takewhile(lambda row: _TF_LISTED.search(row.text), lines[index : index + 64])
        listed = [pair for row in block for pair in _TF_LISTED.findall(row.text)]
        notes.tell("smoke.tensorflow.devices", [f"{kind.lower()}:{index}" for kind, index in listed], line)
    elif _TF_NONE.search(line.text):
        notes.tell("smoke.tensorflow.devices", ["cpu"], line)


def _paths(notes: Notes, line: Line) -> None:
    text = line.text
    if _FILE.search(text):
        notes.take(line)
    if found := _SITE.search(text):
        notes.tell("python.version", found[1], line)
    elif found := _WINDOWS_PYTHON.search(text):
        notes.tell("python.version", f"{found[1]}.{found[2]}", line)
    elif found := _PROGRAM.search(text):
        notes.tell("python.version", found[1], line)
    elif found := _TAG.search(text):
        notes.tell("python.version", f"{found[1] or found[3]}.{found[2] or found[4]}", line)
    elif found := _UV_PYTHON.match(text):
        notes.tell("python.version", found[1], line)
    if found := _UV_MAC.search(text):
        notes.tell("os.platform", "darwin", line)
        notes.tell("os.version_id", found[1], line)
        notes.tell("os.arch", found[2], line)
        notes.tell("python.arch", found[2], line)
    if found := _WHEEL_ARCH.search(text):
        notes.tell("os.arch", "x86_64" if found[1] == "amd64" else found[1], line)
    for pattern, platform in ((_WINDOWS, "windows"), (_MACOS, "darwin"), (_LINUX, "linux")):
        if pattern.search(text):
            notes.tell("os.platform", platform, line)
            break
    if "/usr/lib/wsl/" in text:
        notes.tell("os.platform", "wsl2", line)
    if found := _KERNEL.search(text):
        notes.tell("os.kernel", found[1], line)
    if found := _MACHINE.search(text):
        notes.tell("os.arch", found[1] or found[2], line)
    if found := _TORCH_CONFIG.search(text):
        notes.tell("torch.cuda_build", found[1], line)
    if found := _LDD.match(text):
        notes.tell("os.glibc_version", found[1], line)
    elif found := _GCC.match(text):
        notes.tell("compilers.gcc", found[1], line)
    if found := _NGC.search(text):
        notes.tell("container.ngc_release", found[1], line)
    if _DOCKER.search(text):
        notes.tell("container.runtime", "docker", line)


def _shadows(notes: Notes, lines: list[Line]) -> None:
    """Tell a file of the user's own that stands in the place of a framework.

    A module of a package may well bear such a name: the line before the frame tells what was imported.
    """
    for before, line in zip([None, *lines], lines, strict=False):
        found = _FILE.search(line.text)
        imported = _IMPORTS.match(before.text) if before is not None else None
        if found and (imported is None or imported[1] in _HEARTS):
            _shadow(notes, line, found[1])


def _shadow(notes: Notes, line: Line, path: str) -> None:
    plain = path.replace("\\", "/")
    name = plain.rpartition("/")[2]
    module = name.removesuffix(".py")
    hides = module in _HEARTS and name.endswith(".py") and "/" in plain and "in <module>" in line.text
    if hides and not any(part in path for part in _LIBRARY_FOLDERS):
        parent = plain.rpartition("/")[0].rpartition("/")[2]
        if parent not in _HEARTS:
            notes.tell("python.local_shadows", [{"module": module, "path": path, "hides": module}], line)


def _cards(notes: Notes, line: Line) -> None:
    text = line.text
    if found := _INCOMPATIBLE.match(text.strip()):
        name = found[1].rpartition("UserWarning: ")[2].strip()
        notes.card(line, vendor="nvidia", name=name, compute_capability=f"{found[2]}.{found[3]}")
    if found := _PROPERTIES.search(text):
        notes.card(line, vendor="nvidia", name=found[1], compute_capability=f"{found[2]}.{found[3]}")
    if found := _CAPABILITIES.search(text):
        notes.tell("torch.arch_list", [word.strip(",.") for word in found[1].split()], line)
    if found := _OF_CAPABILITY.search(text):
        notes.card(line, vendor="nvidia", name=found[1], compute_capability=found[2])
    if found := _RANGE.search(text):
        ends = range(int(found[1] + found[2]), int(found[3] + found[4]) + 1)
        notes.tell(
            "torch.arch_list", [f"sm_{number}" for number in ends], line
        )  # all between: two ends alone lack those
    if found := _FOUND_VERSION.search(text):
        number = int(found[1])
        notes.tell("nvidia.cuda_driver_version", f"{number // 1000}.{number % 1000 // 10}", line)
        notes.tell("accelerators.vendors", ["nvidia"], line)
    if found := _PADDLE.search(text):
        notes.card(line, vendor="nvidia", compute_capability=f"{found[1]}.{found[2]}")
        notes.tell("nvidia.cuda_driver_version", found[3], line)
    if (found := _TF_DEVICE.search(text)) and vendor_of(found[1]):
        notes.card(line, vendor=vendor_of(found[1]), name=found[1], compute_capability=found[3])
    elif (found := _TF_OLD.search(text)) and vendor_of(found[1]):
        notes.card(
            line,
            vendor=vendor_of(found[1]),
            name=found[1],
            compute_capability=found[4] or f"{found[2]}.{found[3]}",
        )


def _variables(notes: Notes, line: Line) -> None:
    found = _VARIABLE.match(line.text)
    if found and "VISIBLE" in found[1] and "$" in found[2]:
        return  # a script's own variable, whose value nobody told
    if found:
        notes.variable(line, found[1], found[2].strip("[]") if "VISIBLE" in found[1] else found[2])
    elif found := _IN_CODE.search(line.text):
        notes.variable(line, found[1], found[2])
    elif found := _LD_PATH.search(line.text):
        notes.variable(line, "LD_LIBRARY_PATH", found[1])
