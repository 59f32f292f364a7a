"""What was seen by running it: imports, workloads, devices."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, NamedTuple

from auditor.engine.look import Look
from auditor.engine.subjects import has_vendor
from auditor.engine.verdict import Verdict, fail, not_applicable, passed, unknown
from auditor.model.cut import head
from auditor.model.specifiers import normal

Options = Mapping[str, Any]

_FRAMEWORKS = ("pytorch", "tensorflow", "jax")
_MODULE = {"pytorch": "torch", "tensorflow": "tensorflow", "jax": "jax"}
# how each framework is asked for its devices
_DEVICES = {
    "pytorch": "import torch; print(torch.cuda.is_available())",
    "tensorflow": "import tensorflow; print(tensorflow.config.list_physical_devices())",
    "jax": "import jax; print(jax.devices())",
}
_MESSAGE_LIMIT = 300  # characters
_MACHINERY = ("importlib._bootstrap", "smoke/workloads/_child.py", "(most recent call")
_VERSION = {"pytorch": "torch.version", "tensorflow": "tensorflow.version", "jax": "jax.version"}


def framework_import(look: Look, options: Options) -> list[Verdict] | Verdict:
    """Report each framework whose import ended as `how` says: crash, hang or failed."""
    tried = [
        framework for framework in _FRAMEWORKS if look.facts[f"smoke.{framework}.import"].state != "absent"
    ]
    verdicts = [_imported(look, framework, options["how"]) for framework in tried]
    kept = [verdict for verdict in verdicts if verdict.outcome in ("fail", "pass")]
    if kept:
        return kept
    because = [why for verdict in verdicts for why in verdict.because]
    return unknown(*because) if because else not_applicable("no framework was imported")


def _imported(look: Look, framework: str, how: str) -> Verdict:
    fact = look.fact(f"smoke.{framework}.import")
    if fact.state == "unknown":
        installed = look.facts[_VERSION[framework]]
        if installed.state == "absent":
            return not_applicable("it is not installed", framework)
        return unknown(f"smoke.{framework}.import: {fact.reason}", subject=framework)
    if fact.value == "missing":
        return not_applicable("it is not installed", framework)
    if fact.value != how:
        return passed(framework)
    said = _last_words(str(look.maybe(f"smoke.{framework}.message", "")))
    ways = _ways(look, framework, how)
    requirement = _blamed(look, _MODULE[framework], said) if how == "failed" else ""
    return fail(
        framework,
        variant="requirement" if requirement else "",
        requirement=requirement,
        framework=framework,
        module=_MODULE[framework],
        said=f": {said}" if said else "",
        plan_lines=ways.plan_lines,
        plan_check=ways.plan_check,
        blocked=ways.blocked,
    )


def _blamed(look: Look, module: str, said: str) -> str:
    """Return what the framework asks for, is not met, and is named by its exception: `from 'typing_extensions'`."""
    for row in look.maybe("python.unmet_requirements") or []:
        asked = re.match(r"[A-Za-z0-9][\w.-]{0,80}", str(row["requirement"]))
        if row.get("provided_by") or normal(str(row["distribution"])) != module or not asked:
            continue
        if re.search(rf"'{re.escape(normal(asked[0]).replace('-', '_'))}(?:\.[\w.]{{1,80}})?'", said):
            return str(row["requirement"])
    return ""


class _Ways(NamedTuple):
    """The planner's words for a card's texts."""

    plan_lines: str
    plan_check: str
    blocked: str


def _ways(look: Look, framework: str, how: str) -> _Ways:
    """Return the planner's commands: after a crash in a new environment, else over what is installed."""
    from auditor.engine.planning.mend import install_again, install_elsewhere

    way = (install_elsewhere if how == "crash" else install_again)(look.facts, framework)
    blocked = f" (no published build fits this machine as it is: {way.blocked})" if way.blocked else ""
    return _Ways("\n".join(way.commands), way.check, blocked)


def _last_words(message: str) -> str:
    """Return the lines of a message that tell something, as far as they fit: not the import's machinery."""
    lines = [" ".join(line.split()) for line in message.splitlines()]
    told = [line for line in lines if line and not any(noise in line for noise in _MACHINERY)]
    kept = ""
    for line in told:
        if kept and len(kept) + len(line) > _MESSAGE_LIMIT:
            break
        kept = f"{kept}; {line}" if kept else head(line, _MESSAGE_LIMIT)
    return kept


def cuda_unavailable(look: Look, _: Options) -> list[Verdict] | Verdict:
    """Find frameworks that import well and see no CUDA device although a GPU is here."""
    if not has_vendor(look, "nvidia"):
        return not_applicable("no NVIDIA GPU")
    built = [framework for framework in _FRAMEWORKS if _is_cuda_build(look, framework)]
    if not built and all(
        look.facts[f"{name}.version"].state == "unknown" for name in ("torch", "tensorflow", "jax")
    ):
        return unknown("torch.version: which framework sees no GPU is not told")
    if not built and (untold := [key for key in _BUILDS if _is_open(look, key)]):
        return unknown(f"{untold[0]}: {look.facts[untold[0]].reason}")
    if not built:
        return not_applicable("no framework built for CUDA")
    return [_sees_cuda(look, framework) for framework in built]


_BUILDS = ("torch.cuda_build", "tensorflow.cuda_build")


def _is_open(look: Look, key: str) -> bool:
    """Return whether a framework is here and nothing tells for which CUDA it was built."""
    version = f"{key.partition('.')[0]}.version"
    return look.facts[version].is_known and look.facts[key].state == "unknown"


def _is_cuda_build(look: Look, framework: str) -> bool:
    if framework == "jax":
        return bool(look.maybe("jax.plugins"))
    prefix = "torch" if framework == "pytorch" else framework
    return look.maybe(f"{prefix}.cuda_build") is not None


def _sees_cuda(look: Look, framework: str) -> Verdict:
    devices = look.fact(f"smoke.{framework}.devices")
    if devices.state == "unknown":
        return unknown(f"smoke.{framework}.devices: {devices.reason}", subject=framework)
    if look.maybe(f"smoke.{framework}.import") not in (None, "ok"):
        return not_applicable("its import failed", framework)
    if _busy(look, framework) or any(_is_gpu(str(device)) for device in devices.value or []):
        return passed(framework)
    return fail(framework, framework=framework, ask=_DEVICES[framework])


def _is_gpu(device: str) -> bool:
    return any(word in device.lower() for word in ("cuda", "gpu"))


def _busy(look: Look, framework: str) -> bool:
    """Return whether we hid the GPUs ourselves, since others use them."""
    rows = look.maybe("smoke.results") or []
    return any(
        row["framework"] == framework and row["status"] == "skip" and _is_gpu(str(row["device"]))
        for row in rows
    )


def framework_not_installed(look: Look, _: Options) -> Verdict:
    """Note a usable environment without any framework."""
    if not look.value("target.usable"):
        return not_applicable("the interpreter cannot be used")
    if look.value("python.frameworks"):
        return passed()
    from auditor.engine.planning.mend import install

    way = install(look.facts, "pytorch")
    return fail(
        variant="blocked" if way.blocked else "",
        plan_lines="\n".join(way.commands),
        plan_check=way.check,
        blocked=way.blocked,
    )
