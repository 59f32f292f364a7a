"""Lists of packages: pip list and freeze, conda list, uv, the end of a pip install, collect_env's own lists."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator

from auditor.model.specifiers import normal
from auditor.readers.cards import cards_named
from auditor.readers.lines import Line
from auditor.readers.notes import Notes
from auditor.readers.phrases import build_of

_NAME = r"[A-Za-z0-9][\w.-]{0,60}"
_VERSION = r"\d[\w.!+-]{0,50}"
_ENV_PIP = re.compile(
    rf"^\W{{0,4}}(?:[a-z][\w ]{{0,30}}: )?\[pip\d?\]\s+({_NAME})(?:==|\s+\(?)({_VERSION})\)?\s*$"
)
_ENV_CONDA = re.compile(rf"^\W{{0,4}}\[conda\]\s+({_NAME})\s+({_VERSION})(?:\s+(\S+))?(?:\s+(\S+))?\s*$")
_FREEZE = re.compile(
    rf"^[-*\s]{{0,6}}({_NAME})(?:\[[\w,-]{{1,60}}\])?==({_VERSION})\s*(?:[;#\\].{{0,200}})?$"
)
# a requirement for other systems too says what would be installed there, not what is
_CONDITIONAL = re.compile(
    r";\s{0,9}[^#]{0,200}\b(?:sys_platform|platform_(?:machine|system)|os_name|extra)\b", re.IGNORECASE
)
_OLD = re.compile(rf"^\s*({_NAME}) \((?!0x)({_VERSION})\)\s*$")
# conda's list begins with _libgcc_mutex
_ROW = re.compile(rf"^\s*(_{{0,2}}{_NAME})\s{{1,60}}({_VERSION})(?:\s{{1,60}}(\S.{{0,200}}))?$")
_CONDA_ROW = re.compile(
    rf"^\s*(_{{0,2}}{_NAME})\s{{1,60}}({_VERSION})\s{{1,60}}(\S+)(?:\s{{1,60}}(\S+))?\s*$"
)
_PIP_HEAD = re.compile(r"^\s*\|?\s*package\s+\|?\s*version\b|\b(?:pip\d? list|poetry show)\b", re.IGNORECASE)
_CONDA_HEAD = re.compile(
    r"^\s*#\s*name\s+version\s+build|\bconda list\b|^# packages in environment", re.IGNORECASE
)
_PREFIX = re.compile(r"^\s{0,16}# packages in environment at (.{1,300}?):?$")
_INSTALLED = re.compile(r"Successfully installed (.+)$")
_INSTALLED_ITEM = re.compile(rf"({_NAME}?)-({_VERSION})(?:\s|$)")
# a wheel that somebody says is installed; one that pip refuses is not
_WHEEL = re.compile(
    rf"^\W{{0,6}}(?:installed |installing |the |my )?(?:wheel|installed|installing)(?: wheel| file)?\s?:?\s.{{0,80}}?({_NAME}?)-({_VERSION}?)(?:-\d\w{{0,9}})?-(?:cp|py)\d[\w.]{{0,20}}-\w{{2,20}}-\w{{2,60}}(?:\.\w{{2,60}})?\.whl(?:\s*\([^()]{{1,40}}\))?\s*$",
    re.IGNORECASE,
)
_SATISFIED = re.compile(
    rf"Requirement already satisfied: ({_NAME})[^(]{{0,200}}.{{0,200}}\(({_VERSION})\)\s*$"
)
_CONDA_SPEC = re.compile(
    r"\b(pytorch|torchvision|torchaudio|jaxlib|tensorflow|faiss)(?:\s+(?:win|linux|osx)-\w{2,8})?[\s-]+(\d+(?:\.\d+){1,3})-((?:py|cpu|cuda|gpu)[\w.]{0,40})"
)
# one row of conda's list, quoted alone: its build tells what it is
_CONDA_ALONE = re.compile(
    rf"^\W{{0,4}}(?:[A-Za-z][\w ]{{1,30}}:\s)?(pytorch|torchvision|torchaudio|jaxlib|tensorflow)\s+({_VERSION})\s+((?:py\d[\w.]{{0,9}}_)?(?:cpu|cuda|gpu)[\w.]{{0,40}})(?=\s|$)"
)
# a line of `conda list --explicit`, which package_files reads
_ADDRESS = re.compile(r"^\s*\w{3,5}://\S{3,600}\.(?:conda|tar\.bz2)(?:#\S{0,80})?\s*$")
# numpy=2.0.1=py310h_0, with a dash before it in an environment's file
_CONDA_EXPORT = re.compile(
    rf"^\s*(?:- )?({_NAME})=({_VERSION})=((?:[\w.]{{1,60}}_)?(?:\d{{1,5}}|conda_forge|pypi_0|main|cpython|pypy)|(?:py\d|cuda|cpu|gpu|h[0-9a-f]{{5}})[\w.]{{0,60}}|<pip>)\s*$"
)
_REMOVED = re.compile(
    rf"Successfully uninstalled ({_NAME}?)-\d|\bpip\d? uninstall((?: +(?:-\w|{_NAME})){{1,20}})"
)
# what uv alone says or is asked: its heading over a list, and its commands behind a prompt
_UV_HERE = re.compile(
    r"^\s*(?:Using (?:C?Python|PyPy) (?P<version>\d\.\d{1,2}(?:\.\d{1,2})?\w{0,4}) environment at:? (?P<prefix>\S{1,200})"
    r"|(?:[^$#>%]{0,60}[$#>%] {1,3})?uv (?:pip (?:list|freeze|tree|check|show|install|sync|uninstall)|add|sync|tree|run|lock)\b"
    r"(?![^\n]{0,80}\b(?:is|was|works?|fails?|does)\b))"
)
_UV_DONE = re.compile(r"^\s*(?:Installed|Audited) \d+ packages? in ")
_UV_ADDED = re.compile(rf"^\s*\+ ({_NAME})==({_VERSION})\s*$")
_UV_REMOVED = re.compile(rf"^\s*[-~] {_NAME}==")
_SHOWN = re.compile(
    r"^\s*(?:(?:uv )?pip\d? show(?: [\w.-]{1,40})?\s?:?\s)?\s*(Name|Version): (\w[\w.+!-]{0,60})\s*$"
)
_RULE = re.compile(r"^[\s|+=-]{3,}$")
_CONDA_NAMES = {"pytorch": "torch", "tensorflow-base": "tensorflow"}
# what people state of their machine in the same two words as a list names a package
_STATED = re.compile(
    r"\s{0,40}(?:(?:nvidia|gpu|cuda)[- ]?)?(?:drivers?|cuda|cudnn|nvcc|gpus?|os|kernel|linux|windows|win|ubuntu|debian|centos|fedora|rhel|rocky"
    r"|macos|wsl|python3?|g?libc|rocm|tf|gcc|g\+\+)\s+(?!.*[a-z0-9]+_\d+\b)",
    re.IGNORECASE,
)
# a row of lsmod: its size, and how many use it
_KERNEL_MODULE = re.compile(r"^\s*\w{2,40}\s+\d{4,9}\s+-?\d{1,3}(?:\s+[\w,]{2,300})?\s*$")
_PIP_CHANNELS = ("pypi", "<pip>", "pypi_0")


def read(lines: list[Line]) -> Notes:
    """Return the distributions that lists name, with who installed them where the list tells."""
    notes = Notes()
    lines = [row for line in lines for row in _unfolded(line)]
    removed = _UV_REMOVED if any(_UV_DONE.match(line.text) for line in lines) else None
    for line in lines:
        if not (removed and removed.match(line.text)):
            _single(notes, line)
    _shown(notes, lines)
    _added(notes, lines)
    _uv(notes, lines)
    for head, rows in _tables(lines):
        _table(notes, head, rows)
    return notes


# a list of packages that was printed as a Python list: "conda list: ['pytorch  2.1.0  cpu_py310_0', ...]"
_FOLDED = re.compile(
    r"^[^\['\"]{0,60}\b(?:pip|conda|mamba|freeze|packages?|plan|installed|environment|env|dependencies)\b[^\['\"]{0,40}\[(?=['\"])"
)


def _unfolded(line: Line) -> list[Line]:
    """Return the rows of a list of packages that stands in one line as Python prints it, else the line."""
    if "['" not in line.text or not (head := _FOLDED.match(line.text)):
        return [line]
    rows = re.findall(r"'([^']{1,200})'", line.text[head.end() - 1 :])[:200]
    return [Line(line.number, text) for text in (head.group().rstrip("["), *rows)]


def _single(notes: Notes, line: Line) -> None:
    """Read a line that tells by itself that it names an installed distribution."""
    text = line.text
    if ";" in text and _CONDITIONAL.search(text):
        return
    if found := _ENV_PIP.match(text) or _FREEZE.match(text) or _OLD.match(text):
        notes.package(line, found[1], found[2].rstrip("."), "pip")
    elif found := _ENV_CONDA.match(text):
        conda_row(notes, line, *found.groups())
    elif found := _CONDA_EXPORT.match(text):
        conda_row(notes, line, found[1], found[2], found[3], None)
    elif found := _PREFIX.match(text):
        notes.tell("python.prefix", found[1], line)
    elif found := _INSTALLED.search(text):
        for name, version in _INSTALLED_ITEM.findall(found[1]):
            notes.package(line, name, version, "pip")
    elif found := _REMOVED.search(text):
        names = (found[1] or found[2]).split()
        notes.removed += [(normal(name), line.number) for name in names if not name.startswith("-")]
    elif found := _CONDA_ALONE.match(text):
        conda_row(notes, line, found[1], found[2], found[3], "")
    elif (found := _WHEEL.search(text)) or (found := _SATISFIED.search(text)):
        notes.package(line, found[1], found[2], "pip")
    elif "-" in text and not _ADDRESS.match(text):
        # of an update, only what it ends with is installed
        for name, version, build in _CONDA_SPEC.findall(text.rpartition("-->")[2]):
            conda_row(notes, line, name, version, build, "")


def _shown(notes: Notes, lines: list[Line]) -> None:
    """Read `pip show`: a name, and its version on the next line."""
    for above, below in itertools.pairwise(lines):
        name, version = _SHOWN.match(above.text), _SHOWN.match(below.text)
        if name and version and (name[1], version[1]) == ("Name", "Version") and version[2][0].isdigit():
            notes.take(above)
            notes.package(below, name[2], version[2], "pip")


def _added(notes: Notes, lines: list[Line]) -> None:
    """Read what uv says that it installed; what it took away begins with a minus sign."""
    if any(_UV_DONE.match(line.text) for line in lines):
        for line in lines:
            if found := _UV_ADDED.match(line.text):
                notes.package(line, found[1], found[2], "uv")


def _uv(notes: Notes, lines: list[Line]) -> None:
    """Read that uv manages the environment, whose packages pip may be unable to change, and where it lies."""
    for line in lines:
        if not (found := _UV_HERE.match(line.text)):
            continue
        notes.tell("python.installer", "uv", line)
        if found["version"]:
            notes.tell("python.version", found["version"], line)
            python = r"\Scripts\python.exe" if "\\" in found["prefix"] else "/bin/python"
            here = (
                "./" if python[0] == "/" and not found["prefix"].startswith(("/", "~", "./", "../")) else ""
            )
            notes.tell("python.prefix", found["prefix"], line)
            notes.tell("python.executable", here + found["prefix"].rstrip("/\\") + python, line)
            if python[0] == "\\":
                notes.tell("os.platform", "windows", line)


def conda_row(
    notes: Notes, line: Line, name: str, version: str, build: str | None, channel: str | None
) -> None:
    """Keep a row of conda's: by its channel or build the installer, by its build the accelerator it is made for."""
    if name.startswith("_"):  # _libgcc_mutex and its like install nothing
        notes.take(line)
        return
    by_pip = channel in _PIP_CHANNELS or build in _PIP_CHANNELS
    name = name if by_pip else _CONDA_NAMES.get(name.lower(), name)
    made_for = "" if by_pip else build_of(build or "")
    notes.package(
        line, name, version.rstrip("."), "pip" if by_pip else "conda", build="" if by_pip else build or ""
    )
    if name.lower() == "python" and not by_pip:
        notes.tell("python.version", version, line)
        notes.tell("python.installer", "conda", line)
    if name.lower() == "torch" and made_for:
        _torch_build(notes, line, made_for)
    if name.lower() in ("cpuonly",) or (name.lower() == "pytorch-mutex" and "cpu" in f"{version} {build}"):
        _torch_build(notes, line, "cpu")


def _torch_build(notes: Notes, line: Line, made_for: str) -> None:
    if made_for == "cpu":
        notes.none("torch.cuda_build", "conda's build is one for the CPU", line)
        notes.tell("torch.build", "cpu", line)
    else:
        notes.tell("torch.cuda_build", made_for, line)
        notes.tell("torch.build", "cu" + made_for.replace(".", ""), line)


def _tables(lines: list[Line]) -> Iterator[tuple[str, list[Line]]]:
    """Yield runs of rows under a header ("pip", "conda"), or three and more rows without one ("")."""
    head = ""
    rows: list[Line] = []
    for line in [*lines, Line(0, "")]:
        if _CONDA_HEAD.search(line.text) or _PIP_HEAD.search(line.text):
            if rows:
                yield head, rows
            head, rows = ("conda" if _CONDA_HEAD.search(line.text) else "pip"), []
        elif (_RULE.match(line.text) and line.text) or line.text.startswith("#"):
            continue
        elif _ROW.match(line.text) and not _KERNEL_MODULE.match(line.text):
            if head == "conda" or not (_STATED.match(line.text) or cards_named(line.text)):
                rows.append(line)
        elif rows:
            yield head, rows
            head, rows = "", []
        elif line.text:
            head = ""


def _table(notes: Notes, head: str, rows: list[Line]) -> None:
    if not head and len(rows) < 3:
        return
    conda = [found for row in rows if (found := _CONDA_ROW.match(row.text)) and _is_build(found[3])]
    as_conda = head == "conda" or (not head and len(conda) == len(rows))
    for row in rows:
        if as_conda and (found := _CONDA_ROW.match(row.text)):
            conda_row(notes, row, *found.groups())
        elif not as_conda and (found := _ROW.match(row.text)) and (head or not found[3]):
            notes.package(row, found[1], found[2], "pip" if head else "")


def _is_build(text: str) -> bool:
    return bool(
        re.fullmatch(r"(?:\w+_\d+|py[\w.]*|<pip>|conda_forge|h[0-9a-f]{5,}_?\d*|\w*mkl\w*|\d{1,2})", text)
    )
