"""Commands by whoever owns the packages they name: conda and pip each undo and replace their own alone.

Pixi keeps its environments by a manifest, so that a change goes through it. Facts about conda's way of writing
versions: docs.conda.io, "Package match specifications", and pixi.sh, `pixi add` (both read 2026-11-23).
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterable, Iterator, Mapping

from auditor.engine.remedy.environment import Environment
from auditor.model.specifiers import normal

_PIXI = re.compile(r"^(.*)/\.pixi/envs/[^/]+/?$")
_MICROMAMBA = re.compile(r"/\.?(?:micromamba|mamba)/(?:envs/|$)")
_NAME = re.compile(r"[A-Za-z0-9][\w.-]*")
_TAKES_VALUE = ("--index-url", "--extra-index-url", "--find-links", "-f", "-i", "--python")
# what has no sense for conda, which weighs everything together
_PIP_ALONE = ("-y", "--no-deps", "--force-reinstall", "--upgrade", "-U", "--pre")
# torch's line names a build of the wheels; conda's packages are called otherwise
_CONDA_NAMES = {"torch": "pytorch"}


def by_owner(lines: tuple[str, ...], environment: Environment) -> tuple[str, ...]:
    """Return commands in which each package is handled by what installed it; lines of another kind stay."""
    if not environment.is_conda:
        return lines
    owners = _owners(environment)
    found = [part for line in lines for part in _line(line, environment, owners)]
    return tuple(_torch_removed_first(found, environment, owners))


def _owners(environment: Environment) -> dict[str, str]:
    rows = environment.facts.value("python.distributions") or []
    return {normal(str(row["name"])): str(row.get("installer") or "") for row in rows}


def _line(line: str, environment: Environment, owners: Mapping[str, str]) -> Iterator[str]:
    command, mark, remark = line.partition("  # ")
    for start in (f"{environment.python} -m pip ", "conda install ", "conda remove "):
        if command.startswith(start):
            done = _owned(command, start, environment, owners)
            yield from (f"{part}{mark}{remark}" for part in done)
            return
    yield line


def _owned(command: str, start: str, environment: Environment, owners: Mapping[str, str]) -> Iterable[str]:
    """Return the command of the owner of what it names, or two where a removal names packages of both."""
    verb, wanted, options = _parsed(command, start)
    by_conda = [one for one in wanted if owners.get(_name(one)) == "conda"]
    by_pip = [one for one in wanted if owners.get(_name(one)) == "pip"]
    if not wanted or verb not in ("install", "uninstall"):
        return (command,)
    if "-m pip " not in start:
        if len(by_pip) == len(wanted) and "-c" not in options:
            return (_pip(environment, verb, wanted, []),)
        return (_renamed(command, environment),)
    if verb == "uninstall" and by_conda:
        rest = [one for one in wanted if one not in by_conda]
        removed = [_conda(environment, "uninstall", by_conda)]
        return [*removed, _pip(environment, verb, rest, [])] if rest else removed
    plain = all(option in _PIP_ALONE or "/whl/" in option or option in _TAKES_VALUE for option in options)
    if len(by_conda) == len(wanted) and plain and not any(_is_of_wheels(one) for one in wanted):
        return (_conda(environment, "install", wanted),)
    return (_pip(environment, verb, wanted, options),) if _project(environment) else (command,)


def _parsed(command: str, start: str) -> tuple[str, list[str], list[str]]:
    """Return the verb, the packages and the options of a command; options with their values."""
    words = shlex.split(command.replace("\\", "\\\\"))
    words = words[words.index("pip") + 1 :] if "-m pip " in start else words[1:]
    verb = {"remove": "uninstall"}.get(words[0], words[0])
    wanted: list[str] = []
    options: list[str] = []
    takes_value = False
    for word in words[1:]:
        takes_next = word in (*_TAKES_VALUE, "-p", "-n", "-c")
        (options if takes_value or word.startswith("-") else wanted).append(word)
        takes_value = takes_next
    return verb, wanted, options


def _is_of_wheels(requirement: str) -> bool:
    """Whether pip alone understands it: torch's builds, extras, files and folders."""
    return _name(requirement) == "torch" or bool(re.search(r"[\[/@]|^\.", requirement))


def _name(requirement: str) -> str:
    found = _NAME.match(requirement)
    return normal(found[0]) if found else ""


def _conda(environment: Environment, verb: str, wanted: Iterable[str]) -> str:
    named = " ".join(shlex.quote(_as_conda(one)) for one in wanted)
    conda = {"install": "install", "uninstall": "remove"}[verb]
    return _renamed(f"conda {conda}{environment.conda_place} {named}", environment)


def _as_conda(requirement: str) -> str:
    """Return a requirement as conda writes it: `==1.2.*` is `=1.2` there."""
    name = _NAME.match(requirement)
    asked = requirement[name.end() :] if name else requirement
    asked = re.sub(r"==([\w.]+)\.\*", r"=\1", asked)
    return (_CONDA_NAMES.get(_name(requirement), name[0]) if name else "") + asked


def _renamed(command: str, environment: Environment) -> str:
    """Return conda's command as pixi or micromamba writes it where one of those made the environment."""
    prefix = str(environment.facts.value("python.prefix") or "").replace("\\", "/")
    project = _project(environment)
    if project:
        verb, wanted, _ = _parsed(command, "conda")
        pixi = "add" if verb == "install" else "remove"
        return (
            f"cd {environment.quoted(project)} && pixi {pixi} {' '.join(shlex.quote(one) for one in wanted)}"
        )
    return command.replace("conda ", "micromamba ", 1) if _MICROMAMBA.search(prefix) else command


def _project(environment: Environment) -> str:
    """Return the folder of the pixi project that the environment belongs to; empty elsewhere."""
    found = _PIXI.match(str(environment.facts.value("python.prefix") or "").replace("\\", "/"))
    return found[1] if found else ""


def _pip(environment: Environment, verb: str, wanted: Iterable[str], options: list[str]) -> str:
    named = " ".join(shlex.quote(one) for one in wanted)
    project = _project(environment)
    if not project:
        more = "".join(f" {option}" for option in options if option != "-y")
        return f"{environment.python} -m pip {verb}{' -y' if verb == 'uninstall' else ''}{more} {named}"
    if verb == "install" and not [option for option in options if option not in ("--upgrade", "-U")]:
        return f"cd {environment.quoted(project)} && pixi add --pypi {named}"
    # what a manifest cannot say; there is no pip in pixi's environments, and uv writes into them from outside
    more = "".join(f" {option}" for option in options if option != "-y")
    return f"pixi exec uv pip {verb} --python {environment.python}{more} {named}"


def _torch_removed_first(
    lines: list[str], environment: Environment, owners: Mapping[str, str]
) -> Iterator[str]:
    """Yield the lines; where a wheel of torch would come over conda's torch, that one is removed before."""
    removed = owners.get("torch") != "conda"
    for line in lines:
        is_torch = bool(re.search(r"\bpip install\b.* '?torch\b(?![\w-])", line))
        if not removed and is_torch:
            yield str(environment.word("torch_uninstall"))
        removed = removed or is_torch or bool(re.search(r"\b(?:remove|uninstall)\b.* (?:py)?torch\b", line))
        yield line
