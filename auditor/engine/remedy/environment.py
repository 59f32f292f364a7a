"""How commands must look to fit this environment: its interpreter, its installer, its system.

Nothing is ever installed into a system Python or conda's base: there a new environment comes first.
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Callable, Mapping
from functools import cached_property

from auditor.engine.remedy.shell_paths import at_home, is_anothers, is_hidden, is_in_home, quoted
from auditor.model.fact import Facts

NEW_ENVIRONMENT = "~/venvs/dl"
# without a variable, since cmd and PowerShell write one each in their own way
WINDOWS_ENVIRONMENT = r"C:\venvs\dl"
# the one place that names the index of torch's own wheels
PYTORCH_INDEX = "https://download.pytorch.org/whl/"
# for which most packages have wheels
_PYTHON_OF_TODAY = "3.12"
_PIPX = re.compile(r"[/\\]pipx[/\\]venvs[/\\]([\w.-]+)")
_POETRY = re.compile(r"[/\\]pypoetry[/\\](?:Cache[/\\])?virtualenvs[/\\]", re.IGNORECASE)
_CONDA_NAME = re.compile(r"[/\\]envs[/\\]([\w.-]+)[/\\]?$")
_UV_KNOWS = ("install", "uninstall", "list", "show", "freeze", "check", "tree")
_PROTECTED = ("system", "conda-base")
# those whose files are the container's own and may be written
_BOXES = ("docker", "podman", "kubernetes", "containerd")


class Environment:
    """The audited environment, as far as commands are concerned."""

    def __init__(self, facts: Facts) -> None:
        self.facts = facts
        self._words: dict[str, str | None] = {}

    @cached_property
    def interpreter(self) -> str:
        """The audited interpreter, quoted for a shell; one that cannot be used gives way to the usual one."""
        path = self.facts.value("python.executable") or self.facts.value("target.python")
        if not path or self.facts.value("target.usable") is False:
            return self._untold()
        return self._untold() if self.is_windows and is_hidden(str(path)) else self.quoted(str(path))

    def _untold(self) -> str:
        """Return how the environment's Python is called where nobody told its path."""
        if self.facts.value("target.usable") is False:
            return "py" if self.is_windows else "python3"
        if self.conda_name:
            return f"conda run -n {self.conda_name} python"
        if self.is_conda and (prefix := self.facts.value("python.prefix")):
            return self.quoted(str(prefix) + (r"\python" if self.is_windows else "/bin/python"))
        if self.is_uv:
            return "uv run --no-sync python"
        return "py" if self.is_windows else "python3"

    @cached_property
    def is_told(self) -> bool:
        """Whether the environment lies on another machine, whose paths are known as somebody told them."""
        return any(is_anothers(self.facts[key]) for key in ("python.prefix", "python.executable"))

    @cached_property
    def conda_name(self) -> str:
        """The name of a conda environment of which the path is another's; empty where the path itself serves."""
        prefix = str(self.facts.value("python.prefix") or "")
        found = _CONDA_NAME.search(prefix)
        hidden = is_hidden(prefix) or (self.is_told and is_in_home(prefix))
        return found[1] if self.is_conda and hidden and found else ""

    @cached_property
    def conda_place(self) -> str:
        """The option that tells conda which environment; empty where nothing tells it."""
        prefix = self.facts.value("python.prefix")
        if self.conda_name:
            return f" -n {self.conda_name}"
        return f" -p {self.quoted(str(prefix))}" if prefix else ""

    def uv(self, verb: str) -> str:
        """Return uv's command for what pip calls `verb`; what uv does not know, pip itself does, lent by uv."""
        known = bool(self.facts.value("python.executable") or self.facts.value("target.python"))
        where = f" --python {self.python}" if known else ""
        if verb in _UV_KNOWS:
            return f"uv pip {verb}{where}"
        return f"uv run --no-project --with pip{where} python -m pip {verb}"

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
        """Whether nothing may be installed here; a container's Python is there for its one program."""
        if self.facts.value("python.externally_managed"):
            return True
        boxed = self.facts.value("container.runtime") in _BOXES
        return self.facts.value("python.kind") in _PROTECTED and not boxed

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

    def quoted(self, path: str) -> str:
        """Return a path as this system's shell takes it."""
        if self.is_windows:
            return f'"{path}"' if " " in path else path
        return quoted(at_home(path) if self.is_told or is_hidden(path) else path)

    def word(self, name: str) -> str | None:
        """Return what a placeholder without a dot stands for, or None."""
        if name not in self._words:
            make = _WORDS.get(name)
            self._words[name] = None if make is None else make(self)
        return self._words[name]


def torch_index(build: str) -> str:
    """Return the option that takes packages from the index of a build of torch; empty where PyPI serves."""
    return f" --index-url {PYTORCH_INDEX}{build}" if build else ""


def _pip(environment: Environment, verb: str) -> str:
    if environment.is_uv:
        return environment.uv(verb)
    pip = environment.runner or f"{environment.python} -m pip"
    return f"{pip} {verb}" + (" -y" if verb == "uninstall" else "")


def _conda_or_pip(environment: Environment, verb: str, conda: str) -> str:
    if environment.is_conda:
        return f"conda {conda}{environment.conda_place}"
    return _pip(environment, verb)


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
        return _pip(environment, "uninstall") + _torch_and_paired(environment)
    paired = [name for name in ("torchvision", "torchaudio") if name in owned]
    remove = _conda_or_pip(environment, "uninstall", "remove") if environment.is_conda else "conda remove"
    return " ".join([remove, "pytorch", *paired])


def _torch_and_paired(environment: Environment) -> str:
    """Return what goes with torch: what is installed; where no list tells, all, with a word on what comes back."""
    fact = environment.facts["python.distributions"]
    held = {str(row.get("name")) for row in fact.value or []}
    if held & {"torchvision", "torchaudio"} or (
        fact.is_known and not environment.facts.value("python.distributions_partial")
    ):
        return " " + " ".join(["torch", *(name for name in ("torchvision", "torchaudio") if name in held)])
    said = "# torchvision and torchaudio belong to one torch: name in the next line, too, those that you use"
    return f" torch torchvision torchaudio\n{said}"


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


def _other_install(framework: str) -> Callable[[Environment], str]:
    def word(environment: Environment) -> str:
        from auditor.engine.planning.line import other_line

        return other_line(environment.facts, framework)

    return word


def _pip_check(environment: Environment) -> str:
    """The check of all requirements, where pip may be absent."""
    if environment.is_uv:
        return environment.uv("check")
    return f"{environment.runner or environment.python + ' -m pip'} check"


def _unmet(environment: Environment) -> str | None:
    """Every requirement that is not met, for one command that weighs all together; nothing where none is told."""
    every = environment.facts.value("python.unmet_requirements") or []
    rows = [row for row in every if not row.get("provided_by")]  # to install it would overwrite the stand-in
    return " ".join(dict.fromkeys(shlex.quote(str(row["requirement"])) for row in rows)) or None


def _of_system(name: str) -> Callable[[Environment], str]:
    """Return a word about the machine itself: `system_words` is read when one is asked for."""

    def word(environment: Environment) -> str:
        from auditor.engine.remedy import system_words

        return str(getattr(system_words, name)(environment.facts))

    return word


def _python_minor(environment: Environment) -> str:
    """The audited Python without its patch, for an environment made anew; where it is not told, one of today."""
    version = str(environment.facts.value("python.version") or _PYTHON_OF_TODAY)
    return ".".join(version.split(".")[:2])


def _of_packages(name: str) -> Callable[[Environment], str]:
    """Return a word about the system's packages: `system_packages` is read when one is asked for."""

    def word(environment: Environment) -> str:
        from auditor.engine.remedy import system_packages

        return str(getattr(system_packages, name)(environment.facts, environment.interpreter))

    return word


def _numpy_here(environment: Environment) -> str | None:
    """NumPy of the installed release, so that laying it over itself changes no release; nothing where it is not told."""
    rows = environment.facts.value("python.distributions") or []
    version = next((row.get("version") for row in rows if row.get("name") == "numpy"), None)
    return f"numpy=={version}" if version else None


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
    "tensorflow_install": _other_install("tensorflow"),
    "jax_install": _other_install("jax"),
    "tensorflow_minor": _tensorflow_minor,
    "python_minor": _python_minor,
    **{
        name: _of_system(name)
        for name in (
            "driver_install",
            "kernel_headers",
            "module_rebuild",
            "mok_key",
            "restart",
            "memory",
            "processes",
            "gpu_memory",
        )
    },
    **{
        name: _of_packages(name)
        for name in ("compiler", "python_headers", "container_toolkit", "iommu_passthrough")
    },
    "numpy_here": _numpy_here,
    "pip_check": _pip_check,
    "unmet_requirements": _unmet,
}
