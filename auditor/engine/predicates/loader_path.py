"""What LD_LIBRARY_PATH puts before the libraries of the wheels."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from auditor.engine.look import Look
from auditor.engine.subjects import imports
from auditor.engine.verdict import Verdict, fail, not_applicable, passed
from auditor.engine.versions import NoVersion, version_lt

Options = Mapping[str, Any]
Library = Mapping[str, Any]

# libraries that belong to one build of a framework; its own find them by RUNPATH, after LD_LIBRARY_PATH
_OWN = {"torch": ("libc10", "libtorch"), "tensorflow": ("libtensorflow_framework", "libtensorflow_cc")}


def ld_library_path_shadowing(look: Look, _: Options) -> Verdict:
    """Find libraries on LD_LIBRARY_PATH that come before those of wheels: older ones, or another framework's build."""
    entries = [entry.rstrip("/") for entry in look.value("loader.ld_library_path") or []]
    if not entries:
        return not_applicable("LD_LIBRARY_PATH is not set")
    if symbol := look.maybe("log.undefined_symbol"):
        said = f"found first: a library without {symbol}; the wheels bring newer ones"
        return fail(said=said, folders=", ".join(entries), severity="error")
    if look.maybe("log.path_blamed") and any(_is_of_cuda(entry) for entry in entries):
        folders = ", ".join(filter(_is_of_cuda, entries))
        return fail(
            said="found first: another cuDNN; the wheels bring what fits", folders=folders, severity="error"
        )
    wheels = {row["soname"]: row for row in look.value("python.nvidia_libraries") or []}
    rows = [row for row in look.value("loader.libraries") or [] if _folder(row) in entries]
    for module in _OWN:
        if foreign := list(_foreign(look, rows, module)):
            return _shadowed(look, foreign, f"{module} brings its own", module)
    if shadows := list(_older_ones(rows, wheels)):
        return _shadowed(look, shadows, "the wheels bring newer ones")
    return passed() if wheels else not_applicable("no library came with a wheel")


def _is_of_cuda(folder: str) -> bool:
    return any(word in folder.lower() for word in ("cuda", "cudnn"))


def _folder(row: Library) -> str:
    return str(row["path"]).rpartition("/")[0]


def _foreign(look: Look, rows: list[Library], module: str) -> Iterator[Library]:
    """Yield a framework's libraries that lie elsewhere than the framework which is imported."""
    location = look.maybe(f"{module}.location")
    for row in rows if location else ():
        if str(row["soname"]).startswith(_OWN[module]) and not str(row["path"]).startswith(f"{location}/"):
            yield row


def _older_ones(rows: list[Library], wheels: Mapping[str, Library]) -> Iterator[Library]:
    for row in rows:
        wheel = wheels.get(row["soname"])
        if wheel and row["path"] != wheel["path"] and _older(row.get("version"), wheel.get("version")):
            yield row


def _older(version: Any, wheel: Any) -> bool:
    """Return whether a library is older than the wheel's; unknown versions prove nothing."""
    try:
        return bool(version and wheel) and version_lt(version, wheel)
    except NoVersion:
        return False


def _shadowed(look: Look, shadows: list[Library], rest: str, module: str = "") -> Verdict:
    broken = any(
        imports(look, framework) in ("failed", "crash") for framework in ("pytorch", "tensorflow", "jax")
    )
    names = ", ".join(f"{row['path']} ({row.get('version') or 'version unknown'})" for row in shadows[:4])
    return fail(
        said=f"found first: {names}; {rest}",
        folders=", ".join(dict.fromkeys(map(_folder, shadows))),
        module=module,
        severity="error" if broken else None,
        variant="framework" if module else "",
    )
