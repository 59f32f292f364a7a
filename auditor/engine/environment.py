"""How commands must look to fit this environment: its interpreter, its installer, its system.

Nothing is ever installed into a system Python or conda's base: there a new environment comes first.
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Callable, Mapping
from functools import cached_property

from auditor.model.fact import Facts

NEW_ENVIRONMENT = "~/venvs/dl"
WINDOWS_ENVIRONMENT = r"%USERPROFILE%\venvs\dl"
# the one place that names the index of torch's own wheels
PYTORCH_INDEX = "https://download.pytorch.org/whl/"
# for which most packages have wheels
_PYTHON_OF_TODAY = "3.12"
_PIPX = re.compile(r"[/\\]pipx[/\\]venvs[/\\]([\w.-]+)")
_POETRY = re.compile(r"[/\\]pypoetry[/\\](?:Cache[/\\])?virtualenvs[/\\]", re.IGNORECASE)
_PROTECTED = ("system", "conda-base")


class Environment:
    """The audited environment, as far as commands are concerned."""

    def __init__(self, facts: Facts) -> None:
        self.facts = facts

    @cached_property
    def interpreter(self) -> str:
        """The audited interpreter, quoted for a shell; one that cannot be used gives way to the usual one."""
        path = self.facts.value("python.executable") or self.facts.value("target.python")
        if not path or self.facts.value("target.usable") is False:
            return "py" if self.is_windows else "python3"
        if self.is_windows:
            return f'"{path}"' if " " in path else str(path)
        return shlex.quote(path)

    @cached_property
    def is_windows(self) -> bool:
        """Whether commands are for the shell of Windows."""
        return bool(self.facts.value("os.platform") == "windows")

    @cached_property
    def new_environment(self) -> str:
        """Where a new environment would be made."""
        return WINDOWS_ENVIRONMENT if self.is_windows else NEW_ENVIRONMENT

    @cached_property
    def is_protected(self) -> bool:
        """Whether nothing may be installed here."""
        return self.facts.value("python.kind") in _PROTECTED or bool(
            self.facts.value("python.externally_managed")
        )

    @cached_property
    def python(self) -> str:
        """The interpreter that commands should use: a new environment's where this one is protected."""
        if not self.is_protected:
            return self.interpreter
        return self.new_environment + (r"\Scripts\python" if self.is_windows else "/bin/python")

    @cached_property
    def is_uv(self) -> bool:
        """Whether uv manages this environment, so that there may be no pip in it."""
        return not self.is_protected and self.facts.value("python.installer") == "uv"

    @cached_property
    def is_conda(self) -> bool:
        """Whether conda manages this environment."""
        return not self.is_protected and self.facts.value("python.installer") == "conda"

    @cached_property
    def runner(self) -> str:
        """How pipx or Poetry, where one of them made this environment, runs pip in it; empty for others."""
        place = str(self.facts.value("python.prefix") or self.facts.value("python.executable") or "")
        if found := _PIPX.search(place):
            return f"pipx runpip {found[1]}"
        return "poetry run python -m pip" if _POETRY.search(place) else ""

    @cached_property
    def preface(self) -> tuple[str, ...]:
        """What must come before the first installing command."""
        if self.is_protected:
            return (f"{self.interpreter} -m venv {self.new_environment}",)
        brings_pip = self.is_uv or self.is_conda or self.runner
        if not brings_pip and self.facts["python.pip_version"].state == "absent":
            return (f"{self.python} -m ensurepip --upgrade",)
        return ()

    def word(self, name: str) -> str | None:
        """Return what a placeholder without a dot stands for, or None."""
        make = _WORDS.get(name)
        return None if make is None else make(self)


def torch_index(build: str) -> str:
    """Return the option that takes packages from the index of a build of torch; empty where PyPI serves."""
    return f" --index-url {PYTORCH_INDEX}{build}" if build else ""


def _pip(environment: Environment, verb: str) -> str:
    if environment.is_uv:
        return f"uv pip {verb} --python {environment.python}"
    pip = environment.runner or f"{environment.python} -m pip"
    return f"{pip} {verb}" + (" -y" if verb == "uninstall" else "")


def _conda_or_pip(environment: Environment, verb: str, conda: str) -> str:
    prefix = environment.facts.value("python.prefix")
    if environment.is_conda:
        return f"conda {conda} -p {_quoted(environment, str(prefix))}" if prefix else f"conda {conda}"
    return _pip(environment, verb)


def _quoted(environment: Environment, path: str) -> str:
    if environment.is_windows:
        return f'"{path}"' if " " in path else path
    return shlex.quote(path)


def _conda_install(environment: Environment) -> str:
    """Conda's command for what is conda's own story, unless another installer is known to manage this."""
    installer = environment.facts["python.installer"]
    if environment.is_protected or installer.value in ("pip", "uv"):
        return _pip(environment, "install")
    return _conda_or_pip(environment, "install", "install") if installer.is_known else "conda install"


def _torch_install(environment: Environment) -> str:
    from auditor.engine.planning.line import torch_line

    return torch_line(environment.facts)


def _torch_uninstall(environment: Environment) -> str:
    """Remove torch and what is paired with it by the installer that put it there: pip cannot undo conda's packages."""
    rows = environment.facts.value("python.distributions") or []
    owned = {str(row.get("name")) for row in rows if row.get("installer") == "conda"}
    installer = environment.facts.value("python.installer")
    if environment.is_protected or installer not in (None, "conda") or "torch" not in owned:
        return _pip(environment, "uninstall") + " torch torchvision torchaudio"
    paired = [name for name in ("torchvision", "torchaudio") if name in owned]
    remove = _conda_or_pip(environment, "uninstall", "remove") if environment.is_conda else "conda remove"
    return " ".join([remove, "pytorch", *paired])


def _torch_again(environment: Environment) -> str:
    from auditor.engine.planning.line import torch_again

    return torch_again(environment.facts)


def _torch_for_driver(environment: Environment) -> str | None:
    """The torch that the driver runs, where torch said so of the driver; nothing where no wheel does."""
    from auditor.engine.planning.line import torch_for_driver

    told = environment.facts["log.driver_cuda_number"].is_known
    return (torch_for_driver(environment.facts) or None) if told else None


def _torch_newest(environment: Environment) -> str:
    from auditor.engine.planning.line import torch_line

    return torch_line(environment.facts, keep=False)


def _pip_check(environment: Environment) -> str:
    """The check of all requirements, where pip may be absent."""
    if environment.is_uv:
        return f"uv pip check --python {environment.python}"
    return f"{environment.runner or environment.python + ' -m pip'} check"


def _unmet(environment: Environment) -> str:
    """Every requirement that is not met, for one command: the installer then weighs all of them together."""
    every = environment.facts.value("python.unmet_requirements") or []
    rows = [row for row in every if not row.get("provided_by")]  # to install it would overwrite the stand-in
    return " ".join(dict.fromkeys(shlex.quote(str(row["requirement"])) for row in rows))


def _driver_install(environment: Environment) -> str:
    """The distribution's own way to the driver; elsewhere NVIDIA's page."""
    return _DRIVER_COMMANDS.get(str(environment.facts.value("os.id")), "# see https://www.nvidia.com/drivers")


_DRIVER_COMMANDS: Mapping[str, str] = {
    "ubuntu": "sudo ubuntu-drivers install",
    "linuxmint": "sudo ubuntu-drivers install",
    "pop": "sudo apt install system76-driver-nvidia",
    "debian": "sudo apt install nvidia-driver",
    "fedora": "sudo dnf install akmod-nvidia",
    "rhel": "sudo dnf install nvidia-open",
    "rocky": "sudo dnf install nvidia-open",
    "almalinux": "sudo dnf install nvidia-open",
    "arch": "sudo pacman -S nvidia-open",
    "opensuse-leap": "sudo zypper install nvidia-open-driver-G06-signed-kmp-meta",
    "opensuse-tumbleweed": "sudo zypper install nvidia-open-driver-G06-signed-kmp-meta",
}


def _python_minor(environment: Environment) -> str:
    """The audited Python without its patch, for an environment made anew; where it is not told, one of today."""
    version = str(environment.facts.value("python.version") or _PYTHON_OF_TODAY)
    return ".".join(version.split(".")[:2])


def _tensorflow_minor(environment: Environment) -> str | None:
    """TensorFlow's release without its patch, as its companions are numbered; nothing where it is not told."""
    version = str(environment.facts.value("tensorflow.version") or "")
    return ".".join(version.split(".")[:2]) if version[:1].isdigit() else None


_WORDS: Mapping[str, Callable[[Environment], str | None]] = {
    "python": lambda environment: environment.python,
    "pip_install": lambda environment: _pip(environment, "install"),
    "pip_uninstall": lambda environment: _pip(environment, "uninstall"),
    "install": lambda environment: _conda_or_pip(environment, "install", "install"),
    "conda_install": _conda_install,
    "uninstall": lambda environment: _conda_or_pip(environment, "uninstall", "remove"),
    "torch_install": _torch_install,
    "torch_uninstall": _torch_uninstall,
    "torch_newest": _torch_newest,
    "torch_for_driver": _torch_for_driver,
    "torch_again": _torch_again,
    "tensorflow_minor": _tensorflow_minor,
    "python_minor": _python_minor,
    "driver_install": _driver_install,
    "pip_check": _pip_check,
    "unmet_requirements": _unmet,
}
