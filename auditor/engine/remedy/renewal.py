"""What a new environment needs before a fix goes into it: the frameworks of the one that nothing may go into."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator, Sequence

from auditor.engine.remedy.environment import Environment, torch_index
from auditor.model.specifiers import normal

# of each framework the distributions that bring it; a later one is the more exact
_FRAMEWORKS = (("torch",), ("tensorflow", "tensorflow-cpu", "tensorflow-intel"), ("jax",))
_BUILD = re.compile(r"cpu|cu\d{2,3}|rocm[\d.]+|xpu")
# a release that an index holds: no nightly, no build of NVIDIA's images
_RELEASED = re.compile(r"\d+(?:\.\d+)*(?:\.post\d+|rc\d+)?")


def frameworks(environment: Environment, lines: Sequence[str]) -> tuple[str, ...]:
    """Return the commands that bring the frameworks which are here into the new environment.

    Those that `lines` install by themselves are left to them; of a release that no index holds nothing is said.
    """
    return tuple(_needed(environment, " ".join(line for line in lines if " install " in line)))


def _needed(environment: Environment, named: str) -> Iterator[str]:
    rows = environment.facts.value("python.distributions") or []
    told = {names[0]: str(environment.facts.value(f"{names[0]}.version") or "") for names in _FRAMEWORKS}
    installed = {name: version for name, version in told.items() if version}
    installed |= {normal(str(row["name"])): str(row.get("version") or "") for row in rows}
    for names in _FRAMEWORKS:
        listed = (name for name in reversed(names) if name in installed)
        name = next(listed, "")
        release, _, build = installed.get(name, "").partition("+")
        if not _RELEASED.fullmatch(release) or any(_stands(one, named) for one in names):
            continue
        if name == "torch":
            build = build or str(environment.facts.value("torch.build") or "")
            yield f"{environment.word('pip_install')} {name}=={release}{_index(build)}"
        else:
            yield f"{environment.word('pip_install')} {shlex.quote(f'{name}=={release}')}"


def _stands(name: str, line: str) -> bool:
    return bool(re.search(rf"(?<![\w./-]){name}(?![\w-])", line))


def _index(build: str) -> str:
    return torch_index(build) if _BUILD.fullmatch(build) else ""
