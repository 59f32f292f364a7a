"""A chosen build as commands for this environment."""

from __future__ import annotations

import shlex
from collections.abc import Sequence

import msgspec

from auditor.engine.planning.candidate import Candidate
from auditor.engine.planning.machine import Machine, numbers_of
from auditor.engine.planning.other_builds import wants_older_cudnn
from auditor.engine.planning.rows import rows
from auditor.engine.remedy.environment import NEW_ENVIRONMENT, WINDOWS_ENVIRONMENT, Environment
from auditor.engine.versions import minor, release
from auditor.model.fact import Facts

_LIBTPU = "https://storage.googleapis.com/libtpu-tf-releases/index.html"
# the newest Python for which most companions have wheels too
_COMMON_PYTHON = "3.13"
_CHECKS = {
    "torch": 'import torch; x = torch.ones(2, device="{device}"); print(torch.__version__, (x + x).device)',
    "tensorflow": 'import tensorflow as tf; print(tf.__version__, tf.config.list_physical_devices("{device}"))',
    "jax": "import jax; print(jax.__version__, jax.devices())",
}
# what puts torch on a TPU: an import, and the device as that one calls it (torch_tpu/_loader.py; docs of torch_xla)
_TPU = {"torch-tpu": ("torch_tpu", '"tpu"'), "torch-xla": ("torch_xla", "torch_xla.device()")}
_DEVICES = {
    "torch": {"cuda": "cuda", "rocm": "cuda", "xpu": "xpu", "mps": "mps", "cpu": "cpu"},
    "tensorflow": {"cuda": "GPU", "cpu": "CPU", "tpu": "TPU"},
    "jax": {},
}


def steps(
    build: Candidate,
    machine: Machine,
    facts: Facts,
    company: Sequence[str] = (),
    later: Sequence[str] = (),
    built: Sequence[str] = (),
) -> tuple[str, ...]:
    """Return the commands that install a build with its company and check it, a new environment first where due.

    `later` are packages that the build's index does not hold: a command of their own leaves the build in place.
    `built` have no wheel: without isolation they are built against the framework that was just installed.
    """
    preface, python, install = _environment(machine, facts)
    wanted = [*requirements(build, machine), *company]
    more = options(build)
    if not preface and _has_release(build, facts):
        # pip takes another build of the same release for the one that is asked for
        wanted[0], more = (f"{wanted[0]}+{build.build}", more) if more else (wanted[0], ["--force-reinstall"])
    line = " ".join([install, *(quoted(requirement, machine) for requirement in wanted), *more])
    # the build again, so that pip refuses what would replace it
    kept = [*later, itself(build)]
    second = [" ".join([install, *(quoted(text, machine) for text in kept)])] if later else []
    alone = " ".join(quoted(text, machine) for text in built)
    third = (
        [f"{install} setuptools wheel ninja packaging", f"{install} {alone} --no-build-isolation"]
        if built
        else []
    )
    found = (*preface, line, *second, *third, f"{python} -c {quoted(_check(build), machine)}")
    if machine.os != "windows":
        return found
    from auditor.engine.remedy.windows import beside

    return beside(found, python)


def itself(build: Candidate) -> str:
    """Return the requirement that the installed build alone satisfies."""
    return f"{build.name}=={build.version}" + (f"+{build.build}" if build.index else "")


def _has_release(build: Candidate, facts: Facts) -> bool:
    """Whether this release of torch is installed already, in some build."""
    installed = numbers_of(facts.value("torch.version"))
    return build.name == "torch" and bool(installed) and release(installed) == release(build.version)


def new_environment(build: Candidate, machine: Machine) -> tuple[str, ...]:
    """Return the command that makes an environment with a Python for which the build has wheels."""
    python = min(build.python_max, _COMMON_PYTHON, key=minor)
    place = WINDOWS_ENVIRONMENT if machine.os == "windows" else NEW_ENVIRONMENT
    return (f"uv venv --python {python} {place}",)


def in_new_environment(build: Candidate, machine: Machine) -> str:
    """Return the two commands by which a build comes into a new environment with a Python of its own."""
    (made,) = new_environment(build, machine)
    machine = msgspec.structs.replace(machine, python=made.split()[3])
    place = made.rsplit(" ", 1)[1]
    wanted = " ".join(quoted(requirement, machine) for requirement in requirements(build, machine))
    return f"{made} && uv pip install --python {place} {wanted} {' '.join(options(build))}".rstrip()


def _environment(machine: Machine, facts: Facts) -> tuple[tuple[str, ...], str, str]:
    """Return what comes first, the interpreter, and the beginning of an installing command."""
    environment = Environment(facts)
    if machine.os == "windows" and not facts["python.kind"].is_known:
        python = rf"{WINDOWS_ENVIRONMENT}\Scripts\python"
        return (
            (f"py -{machine.python_asked} -m venv {WINDOWS_ENVIRONMENT}",),
            python,
            f"{python} -m pip install",
        )
    if not facts["python.kind"].is_known:
        # nothing says that this interpreter may be installed into, so a new environment is safe
        python = f"{NEW_ENVIRONMENT}/bin/python"
        return (f"{environment.interpreter} -m venv {NEW_ENVIRONMENT}",), python, f"{python} -m pip install"
    return environment.preface, environment.python, str(environment.word("pip_install"))


def requirements(build: Candidate, machine: Machine) -> Sequence[str]:
    """Return what pip must be asked for: the build, its plugin, and pins that keep it working here."""
    if build.name == "jax":
        extra = {"cpu": "", "tpu": "[tpu]"}.get(build.build, f"[{build.build.replace('cu', 'cuda')}]")
        found = [f"jax{extra}=={build.version}"]
    elif (
        build.name == "tensorflow"
        and build.family == "cuda"
        and _has_and_cuda(build)
        and not parts(build.version, machine)
    ):
        found = [f"tensorflow[and-cuda]=={build.version}"]
    else:
        found = [f"{build.name}=={build.version}"]
    found += [f"{name}=={version}" for name, version in build.extra]
    return [*found, *limits(build, machine)]


def limits(build: Candidate, machine: Machine) -> tuple[str, ...]:
    """Return the pins on other packages without which the build would not work here."""
    cudnn = ("nvidia-cudnn-cu12<9.11",) if wants_older_cudnn(machine, build) else ()
    numpy = ("numpy<2",) if build.name == "torch" and minor(build.version) < (2, 3) else ()
    named = parts(build.version, machine) if build.name == "tensorflow" and build.family == "cuda" else ()
    return (*cudnn, *numpy, *named)


def parts(version: str, machine: Machine) -> tuple[str, ...]:
    """Return TensorFlow's CUDA libraries by name, where its extra that names them cannot be installed."""
    found = (row for row in rows("tensorflow_builds", "parts") if row["tensorflow"] == version)
    return next((tuple(row["parts"]) for row in found if minor(machine.python) >= minor(row["python"])), ())


def _has_and_cuda(build: Candidate) -> bool:
    return minor(build.version) >= minor(rows("tensorflow_builds", "and_cuda")[0]["first"])


def brings_no_cuda(build: Candidate) -> bool:
    """Whether the CUDA libraries must come from elsewhere (TensorFlow before its extra and-cuda)."""
    return build.name == "tensorflow" and build.family == "cuda" and not _has_and_cuda(build)


def options(build: Candidate) -> list[str]:
    """Return the options that lead pip to the build, unquoted."""
    if build.name == "tensorflow-tpu":
        return ["-f", _LIBTPU]
    return ["--index-url", build.index] if build.index else []


def _check(build: Candidate) -> str:
    name = "tensorflow" if build.name.startswith("tensorflow") else build.name
    for extra, (module, device) in _TPU.items():
        if name == "torch" and any(one.partition("[")[0] == extra for one, _ in build.extra):
            return f"import torch, {module}; x = torch.ones(2, device={device}); print(torch.__version__, (x + x).device)"
    return _CHECKS[name].format(device=_DEVICES[name].get(build.family, ""))


def quoted(text: str, machine: Machine) -> str:
    """Return a word of a command as the machine's shell wants it."""
    if machine.os == "windows":
        return '"' + text.replace('"', "'") + '"' if set(text) & set("<>[] ();") else text
    return shlex.quote(text)
