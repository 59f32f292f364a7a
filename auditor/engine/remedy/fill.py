"""Turns a card's remedy into commands for this environment."""

from __future__ import annotations

import re

import msgspec

from auditor.engine.remedy.environment import Environment
from auditor.engine.subjects import is_jetson
from auditor.engine.template import Words, fill
from auditor.knowledge.card import RemedySpec, RuleCard
from auditor.model.finding import Remedy

_TORCH = ("{torch_install}", "{torch_newest}", "{torch_again}")
# a word that names a build -> the framework
_BUILDS = {**dict.fromkeys(_TORCH, "torch"), "{tensorflow_install}": "tensorflow", "{jax_install}": "jax"}
_INSTALLS = ("{pip_install}", "{install}", "{conda_install}", *_BUILDS)
# what a Mac has not
_NOT_ON_MACS = re.compile(
    r"^(?:sudo )?(?:nvidia-smi|ldconfig|lsmod|lspci|modprobe|rmmod|dkms|akmods|dmesg|free|apt|dpkg|dnf|rocminfo|ibstat"
    r"|mokutil|update-initramfs|systemctl|scontrol)\b|^printf .*/etc/modprobe"
)
# what is of the kernel, which in WSL is Microsoft's, with the driver of Windows
_NOT_IN_WSL = re.compile(
    r"^sudo (?:modprobe|rmmod|dkms|akmods|mokutil|update-initramfs|systemctl|apt install linux-headers)\b"
    r"|^printf .*/etc/modprobe"
)
_HOSTS = {
    "container": " (on the host, not in the container)",
    "wsl": " (in WSL the kernel and the driver are those of Windows)",
}
_REMOVES = ("{pip_uninstall}", "{torch_uninstall}", "{uninstall}")


def remedy_of(card: RuleCard, variant: str, words: Words) -> Remedy | None:
    """Return the card's remedy (or the named variant of it), filled in."""
    spec = _spec(card, variant, words.environment)
    if spec is None:
        return None
    spec = _with_driver_first(spec, words)
    if not _installs(spec) and not _renews(spec, words.environment):
        words = words.with_value("python", words.environment.interpreter)
    commands = _for_shell(_commands(spec, words), words)
    check = _for_shell((fill(spec.check, words),), words)
    if words.environment.is_windows:
        from auditor.engine.remedy.windows import beside

        told = beside((*commands, *check), words.environment.interpreter)
        commands, check = told[: len(told) - len(check)], told[len(told) - len(check) :]
    return Remedy(
        summary=fill(spec.summary, words) + _but(spec, words) + _whose(spec, words) + _where(spec, words),
        commands=commands,
        who=spec.who,
        reboot=spec.reboot,
        affects_others=spec.affects_others,
        meanwhile=fill(spec.meanwhile, words),
        check=" & ".join(line for line in check if not line.startswith("#")),
    )


def _spec(card: RuleCard, variant: str, environment: Environment) -> RemedySpec | None:
    """Return the named variant, or the card's remedy; in a place of its own the one written for it."""
    from auditor.engine.remedy.places import places

    stem = variant if variant in card.variants else ""
    for place in places(environment.facts):
        general = not stem or stem.startswith("told")
        for name in (f"{stem}_{place}", place if general else ""):
            if name in card.variants:
                return card.variants[name]
    return card.variants.get(stem, card.remedy)


def _whose(spec: RemedySpec, words: Words) -> str:
    """Return on which machine an administrator's commands are typed, where that is not the audited one."""
    from auditor.engine.remedy.places import places

    if spec.who != "administrator":
        return ""
    return _HOSTS.get(next(iter(places(words.environment.facts)), ""), "")


def _where(spec: RemedySpec, words: Words) -> str:
    """Return that the commands make a new environment, and why."""
    if not _renews(spec, words.environment) or _lacking(spec, words):
        return ""
    base = words.environment.facts.value("python.kind") == "conda-base"
    return f"; in a new environment, since this one is {'conda' if base else 'the system'}'s own"


def _for_shell(lines: tuple[str, ...], words: Words) -> tuple[str, ...]:
    """Return the commands as this system's shell and this environment's installer take them."""
    environment = words.environment
    if environment.is_conda:
        from auditor.engine.remedy.owners import by_owner

        lines = by_owner(lines, environment)
    fitting = (_by_installer(line, environment) for line in lines)
    if environment.is_windows:
        from auditor.engine.remedy.windows import for_windows

        fitting = (part for line in fitting for part in for_windows(line).splitlines())
    elif environment.facts.value("os.platform") == "darwin":
        fitting = ("" if _NOT_ON_MACS.search(line) else line for line in fitting)
    elif str(environment.facts.value("os.platform")).startswith("wsl"):
        fitting = ("" if _NOT_IN_WSL.search(line) else line for line in fitting)
    return tuple(line for line in fitting if line)


def _by_installer(line: str, environment: Environment) -> str:
    """Return a line that calls pip as whoever manages the environment calls it."""
    pip = f"{environment.python} -m pip "
    if pip not in line:
        return line
    if environment.is_uv:
        line = line.replace(f"{pip}cache purge", "uv cache clean")
        return re.sub(re.escape(pip) + r"(\w+)", lambda found: environment.uv(found[1]), line)
    return line.replace(pip, f"{environment.runner} ") if environment.runner else line


def _installs(spec: RemedySpec) -> bool:
    """Return whether something is installed: what comes after it is for the environment that took it."""
    return any(word in line for line in spec.commands for word in _INSTALLS)


def _renews(spec: RemedySpec, environment: Environment) -> bool:
    """Return whether a new environment is made in place of one that nothing may go into or be taken from."""
    if not environment.is_protected or _installs(spec):
        return environment.is_protected
    from auditor.engine.remedy.renewal import frameworks

    removes = any(word in line for line in spec.commands for word in _REMOVES)
    return removes and bool(frameworks(environment, ()))


def _but(spec: RemedySpec, words: Words) -> str:
    """Return why there is no line that installs the build: what must be told or mended first."""
    name = _lacking(spec, words)
    if not name:
        return ""
    if _is_gpu_untold(words):
        return "; which one fits is told by the GPU and its driver, so ask for them first"
    if is_jetson(words.look):
        return "; a Jetson takes NVIDIA's wheel for its JetPack, not one of PyTorch's index"
    from auditor.engine.planning.line import driver_first

    return (
        driver_first(words.look.facts, name) or f"; no published build of {name} fits this machine as it is"
    )


def _lacking(spec: RemedySpec, words: Words) -> str:
    """Return the framework of which a line would install a build, where none is to be named."""
    asked = [word for word in _BUILDS if any(word in line for line in spec.commands)]
    return next((_BUILDS[word] for word in asked if not words.get(word.strip("{}"))), "")


def _with_driver_first(spec: RemedySpec, words: Words) -> RemedySpec:
    """Return the remedy, or the driver's where every build for this GPU waits for a newer one."""
    from auditor.engine.planning.line import driver_first

    name = _lacking(spec, words)
    if not name or _is_gpu_untold(words) or is_jetson(words.look):
        return spec
    if not (first := driver_first(words.look.facts, name)):
        return spec
    return msgspec.structs.replace(
        spec,
        summary=spec.summary + first,
        commands=("{driver_install}",),
        who="administrator",
        reboot=True,
        affects_others=True,
        meanwhile=spec.meanwhile or "the CPU works",
    )


def _is_gpu_untold(words: Words) -> bool:
    """Return whether nothing tells which GPU there is, or that there is none: a maker alone is not enough."""
    facts = words.look.facts
    return facts["accelerators.vendors"].value != [] and not facts.instances("gpu")


def _commands(spec: RemedySpec, words: Words) -> tuple[str, ...]:
    """Fill the commands in; into a protected interpreter nothing goes and nothing is removed from it."""
    environment = words.environment
    if _lacking(spec, words):
        return ("nvidia-smi",) if _is_gpu_untold(words) else ()
    templates = [
        line
        for line in spec.commands
        if not (environment.is_protected and any(word in line for word in _REMOVES))
    ]
    filled = tuple(part for line in templates for part in fill(line, words).splitlines())
    if not _renews(spec, environment):
        return (*(environment.preface if _installs(spec) else ()), *filled)
    from auditor.engine.remedy.renewal import frameworks

    return (*environment.preface, *frameworks(environment, filled), *filled)
