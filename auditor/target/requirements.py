"""Whether what an installed distribution requires is there, as the target's Python sees it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from functools import cached_property

import msgspec

from auditor.model.specifiers import normal, satisfied
from auditor.target.answer import Distribution, Interpreter
from auditor.target.markers import holds

# distributions that bring the same packages: pip does not count one for the other, `import` does
STAND_INS = {
    "tensorflow": ("tensorflow-cpu", "tensorflow-gpu", "tensorflow-intel", "tensorflow-macos", "tensorflow-rocm", "tf-nightly"),
    "onnxruntime": ("onnxruntime-gpu", "onnxruntime-openvino", "onnxruntime-rocm"),
    "opencv-python": ("opencv-python-headless", "opencv-contrib-python"),
}  # fmt: skip
_SYSTEMS = {"linux": "Linux", "darwin": "Darwin", "win32": "Windows"}


class Unmet(msgspec.Struct, frozen=True):
    """A requirement that does not hold; `provided_by` brings the same packages, in a release that was asked for."""

    distribution: str
    requirement: str
    installed: str | None
    provided_by: str = ""


class Requirement:
    """One line of Requires-Dist, taken apart without packaging: most lines never need it."""

    def __init__(self, line: str) -> None:
        self.line = line
        wanted, _, marker = line.partition(";")
        self.marker = marker.strip()
        match = _pattern().match(wanted)
        self.name, extras, self.specifier = match.groups() if match else ("", "", "")
        self.extras = tuple(normal(extra) for extra in (extras or "").split(",") if extra.strip())

    @cached_property
    def key(self) -> str:
        """The normalised name; "" where the line is not understood."""
        return normal(self.name)


def environment(python: Interpreter) -> dict[str, str]:
    """Return the environment of PEP 508 markers of the audited interpreter, not of ours."""
    name = {"cpython": "CPython", "pypy": "PyPy"}.get(python.implementation, python.implementation)
    return {
        "implementation_name": python.implementation,
        "implementation_version": python.version,
        "os_name": "nt" if python.platform == "win32" else "posix",
        "platform_machine": python.machine,
        "platform_release": "",
        "platform_system": _SYSTEMS.get(python.platform, python.platform.capitalize()),
        "platform_version": "",
        "python_full_version": python.version,
        "platform_python_implementation": name,
        "python_version": ".".join(python.version.split(".")[:2]),
        "sys_platform": python.platform,
    }


def unmet(
    distributions: Iterable[Distribution], python: Interpreter
) -> tuple[list[Unmet], list[tuple[str, str]]]:
    """Return the requirements that do not hold, and (distribution, line) pairs that cannot be read.

    An extra's requirements count where another distribution asks for that extra.
    """
    installed = {normal(d.name): d for d in reversed(list(distributions))}
    where = environment(python)
    parsed = {key: [Requirement(line) for line in d.requires] for key, d in installed.items()}
    missing: list[Unmet] = []
    unread: list[tuple[str, str]] = []
    done: set[tuple[str, str]] = set()
    left = [(key, "") for key in sorted(installed)]
    while left:
        key, extra = left.pop(0)
        if (key, extra) in done:
            continue
        done.add((key, extra))
        for wanted in parsed[key]:
            if not _asked(wanted, extra, where):
                continue
            there = installed.get(wanted.key)
            left += [(wanted.key, more) for more in wanted.extras if there]
            holds = _holds(wanted, there, where)
            if holds is None:
                unread.append((installed[key].name, wanted.line))
            elif not holds:
                missing.append(_row(installed[key], wanted, there, installed))
    return missing, unread


def _asked(wanted: Requirement, extra: str, where: Mapping[str, str]) -> bool:
    """Return whether a line counts: without an extra all that need none, with one only those that need it."""
    text = wanted.marker
    if "extra" not in text:
        return not extra and (not text or holds(text, where, "") is not False)  # an unreadable one is told
    if not extra and " or " not in text:
        return False
    with_extra = holds(text, where, extra)
    if with_extra is None:
        return not extra
    return with_extra and not (extra and holds(text, where, ""))


def _holds(wanted: Requirement, there: Distribution | None, where: Mapping[str, str]) -> bool | None:
    """Return whether a requirement is met, None where the line or the version cannot be read."""
    if not wanted.key or (wanted.marker and holds(wanted.marker, where, "") is None):
        return None
    if there is None:
        return False
    if not wanted.specifier or wanted.specifier.startswith("@"):
        return True
    try:
        return satisfied(there.version, wanted.specifier)
    except ValueError:
        return None


def _row(
    by: Distribution, wanted: Requirement, there: Distribution | None, installed: Mapping[str, Distribution]
) -> Unmet:
    return Unmet(
        normal(by.name),
        wanted.line.partition(";")[0].strip(),
        there.version if there else None,
        "" if there else _stand_in(wanted, installed),
    )


def _stand_in(wanted: Requirement, installed: Mapping[str, Distribution]) -> str:
    """Return a distribution with the same packages whose release is one that the requirement takes; or ""."""
    for name in STAND_INS.get(wanted.key, ()):
        if name in installed and _fits(installed[name].version, wanted.specifier):
            return name
    return ""


def _fits(version: str, specifier: str) -> bool:
    try:
        return not specifier or satisfied(version, specifier)
    except ValueError:
        return False


def _pattern() -> re.Pattern[str]:
    # name, [extras], then specifiers (in old metadata within parentheses) or "@ URL"
    return re.compile(r"\s*([A-Za-z0-9][A-Za-z0-9._-]*)\s*(?:\[([^\]]*)\])?\s*\(?([^()]*?)\)?\s*$")
