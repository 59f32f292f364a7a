"""What sentences name: "I have an RTX 5080", "installed pytorch 1.3 with conda". One name of a kind, or none.

A text that names two cards or two releases tells which of them is meant only to a person.
"""

from __future__ import annotations

import re

from auditor.readers import intents
from auditor.readers.cards import cards_in
from auditor.readers.lines import Line
from auditor.readers.notes import Notes
from auditor.readers.phrases import system

_CARD = re.compile(
    r"\b(?:(?:nvidia )?(?:geforce )?[rg]tx ?(?:a?\d{3,4})(?: ?ti\b)?(?: ?super\b)?|tesla [kmpvt]\d{1,3}\w?|quadro \w{1,8}(?: \d{4})?"
    r"|(?:nvidia )?(?:a100|a10g?|a30|a40|h100|h200|h800|b200|b300|gb200|v100|p100|t4|l4|l40s?)\b|(?:intel )?arc (?:pro )?[ab]\d{2,3}\b|radeon (?:rx )?\w{2,8}(?: ?xtx?\b)?|rx ?\d{4}(?: ?xtx?\b)?|gfx\d{3,4}\b)",
    re.IGNORECASE,
)
_RELEASES = {
    "torch.version": re.compile(r"\b(?:pytorch|torch)(?: version)?(?:==| is | |: ?|-)v?(\d\.\d{1,2}(?:\.\d)?(?:\+\w{2,9})?)(?!\w|\.\d)", re.IGNORECASE),
    "tensorflow.version": re.compile(
        r"\b(?:tensorflow(?:-gpu)?|tf)(?: version)?(?:==| |: ?)v?(\d\.(?:0\.\d|[1-9]\d?(?:\.\d)?))(?!\w|\.\d)", re.IGNORECASE
    ),
    "jax.version": re.compile(r"\bjax(?: version)?(?:==| |: ?)v?(0\.\d{1,2}\.\d{1,2})(?!\w|\.\d)", re.IGNORECASE),
}  # fmt: skip
# "torch 2.6.0 from the cu124 index", "the cu121 build of torch 2.3.1": which build that release is of
_INDEX = re.compile(
    r"\b(?:py)?torch (?:v?\d[\w.]{1,12} )?(?:(?:came |was |is )?(?:installed )?(?:from|off|using|with|via) (?:the |its |pytorch's )?(cu\d{2,3}|cpu|rocm[\d.]{1,5}) (?:index|wheels?|channel|repo\w*|url|builds?)\b)"
    r"|\b(cu\d{2,3}) (?:build|wheel|version)s? (?:of|for) (?:py)?torch\b",
    re.IGNORECASE,
)
_DRIVER = re.compile(
    r"\bdrivers?(?: version)?(?: is|:)? v?(\d{3}\.\d{2,3}(?:\.\d{2})?)(?!\w|\.\d)", re.IGNORECASE
)
# "the 470 driver", "driver 390": a branch, which decides where every driver of it is too old
_BRANCH = re.compile(
    r"(?:\bdrivers?(?: version| branch| series)?(?: is|:)? ?(?=[3-6]\d\d(?!\w|\.\w|\s?[MG]i?B))|\b(?=[3-6]\d\d(?: series| branch)?(?:\.x{1,2})? drivers?\b))([3-6]\d\d)",
    re.IGNORECASE,
)
# the answer to "which driver?", which says no more than the number
_NUMBER_ALONE = re.compile(
    r"^\s{0,40}(?:(?:reply|answer|it is|it's|that is|output|version|says?|prints?|shows?)\b[^\d\n]{0,12})?([3-6]\d\d\.\d{2,3}(?:\.\d{2})?)\s{0,40}[.,;!]{0,3}\s{0,40}$",
    re.IGNORECASE,
)
_OF_DRIVER = re.compile(
    r"\b(?:nvidia|gpu|graphics|cuda|which|what|your|my|the) drivers?\b|\bdriver version\b|--query-gpu=driver_version",
    re.IGNORECASE,
)
_MOVED = re.compile(
    r"\b(?:from|up(?:graded|dated|grading)|down(?:graded|grading)|old|newer|or (?:later|above)|>=?|to)\b",
    re.IGNORECASE,
)
_SYSTEM = re.compile(
    r"(?<![0-9a-z])(?:windows (?:7|8|10|11|server)|win(?:10|11)(?![0-9a-z])|wsl ?2?|ubuntu ?\d\d\.?\d\d|debian \d\d|centos ?\d|mac ?os(?: \w{3,9})?)(?![0-9a-z])",
    re.IGNORECASE,
)
# a line of code or of a log speaks of what it does, not of what is here
_NOT_PROSE = re.compile(
    r"^\s*(?:File \"|at |>>>|import |from \w+ import|def |#include|\|\s|\d{4}-\d\d-\d\d|pip3? install|conda install)|https?://|requirement|No matching distribution|\bERROR: "
)

# what was, is wanted, or is so elsewhere
_ELSEWHERE = re.compile(
    r"\b(?:previous(?:ly)?|before|tried|trying|wanted|earlier|used to|instead|requires?|required|supports?|supported|minimum|at least"
    r"|works? (?:fine |well |ok )?(?:on|with|for)|another|other (?:machine|computer|card|gpu)s?|recommend\w*|should|would|compatible|e\.g)\b|\(you have ",
    re.IGNORECASE,
)
# of these the sentence alone is about another time; the others may go on in the next one
_ONCE = re.compile(r"\b(?:previous(?:ly)?|before|earlier|used to)\b", re.IGNORECASE)
_SENTENCE_ENDS = re.compile(r"(?<=[a-z)][.!?]) {1,3}(?=\w)")


# what was tried on the speaker's own machine is of here all the same
_OWN = re.compile(r"\b(?:on|with|in|under|inside) (?:my|our)\b", re.IGNORECASE)


def _is_of_here(text: str) -> bool:
    words = {word.lower() for word in _ELSEWHERE.findall(text)}
    return not words or (words <= {"tried", "trying"} and bool(_OWN.search(text)))


def read(lines: list[Line], known: Notes) -> Notes:
    """Return the card, the releases, the driver and the system of sentences, where nothing else told them."""
    notes = Notes()
    sentences = [line for line in lines if not _NOT_PROSE.search(line.text)]
    prose = [part for line in sentences for part in _here_and_now(line)]
    intents.read(notes, sentences, cards=bool(known.cards))
    if not known.cards:
        _card(notes, prose)
        _maker(notes, prose)
    _board(notes, prose, lines)
    if not known.packages:
        _pins(notes, prose)
    for key, pattern in _RELEASES.items():
        if not (key in known.facts and known.facts[key].is_known) and not _listed(known, key):
            _only(notes, prose, pattern, key)
    _index(notes, prose, known)
    if "nvidia.driver_version" not in known.facts:
        _only(notes, prose, _DRIVER, "nvidia.driver_version")
        _number_alone(notes, lines)
        _only(notes, [line for line in prose if not _MOVED.search(line.text)], _BRANCH, "log.driver_branch")
    if "os.platform" not in known.facts:
        _platform(notes, prose)
    _typed(notes, lines, known)
    _from_index(notes, lines, known)
    notes.understood.clear()  # one word of a sentence is not the sentence
    return notes


def _here_and_now(line: Line) -> list[Line]:
    """Return the line where it speaks of this machine, or those sentences of it that do not tell of an earlier time."""
    if _is_of_here(line.text):
        return [line]
    parts = _SENTENCE_ENDS.split(line.text)
    left = [part for part in parts if not _ONCE.search(part)]
    if len(left) == len(parts) or not all(_is_of_here(part) for part in left):
        return []
    return [line._replace(text=part) for part in left]


# what somebody typed is what they have, where the installer did not refuse it
_INSTALLS = re.compile(r"\b(?:pip3?|uv pip|conda|mamba|micromamba) install\b")
_REFUSED = re.compile(
    r"No matching distribution|Could not find a version|PackagesNotFound|ResolutionImpossible|UnsatisfiableError"
)
_TYPED = {
    "torch.version": re.compile(r"(?<![\w-])(?:py)?torch={1,3}(\d\.\d{1,2}\.\d(?:\+\w{2,9})?)(?!\w|\.\d)"),
    "torch.cuda_build": re.compile(r"(?<![\w-])(?:cudatoolkit|pytorch-cuda)={1,2}(\d{1,2}\.\d)(?![\d])"),
    "torch.build": re.compile(r"download\.pytorch\.org/whl/(?:nightly/)?(cu\d{2,3}|cpu|rocm[\d.]{1,5}|xpu)\b"),
    "tensorflow.version": re.compile(r"(?<![\w-])tensorflow(?:-gpu)?={1,2}(\d\.\d{1,2}\.\d)(?!\w|\.\d)"),
}  # fmt: skip


def _typed(notes: Notes, lines: list[Line], known: Notes) -> None:
    """Tell what a command installed, where one command of its kind stands in the text."""
    if any(_REFUSED.search(line.text) for line in lines):
        return
    commands = [line for line in lines if _INSTALLS.search(line.text)]
    for key, pattern in _TYPED.items():
        if key not in known.facts and not _listed(known, key):
            _only(notes, commands, pattern, key)


# the line of a requirements file that names PyTorch's index: its builds come before PyPI's of the same release
_INDEX_OPTION = re.compile(
    r"^\W{0,4}(?:requirements(?:\.txt)?\W{1,4})?(?:--(?:extra-)?index-url|--find-links|-i|-f)[ =]\s?\S{0,40}download\.pytorch\.org/whl/(cpu|cu\d{2,3})\b"
)


def _from_index(notes: Notes, lines: list[Line], known: Notes) -> None:
    """Tell the build of a torch that a requirements file pins without naming its build, by the file's one index."""
    rows = [(row, seen) for row, seen in known.packages if row["name"] == "torch"]
    pinned = rows and all("==" in seen.excerpt and "+" not in row["version"] for row, seen in rows)
    named = [(line, found[1]) for line in lines if (found := _INDEX_OPTION.match(line.text))]
    if not pinned or "torch.build" in known.facts or len({build for _, build in named}) != 1:
        return
    line, build = named[0]
    notes.tell("torch.build", build, line)
    if build == "cpu":
        notes.none("torch.cuda_build", "PyTorch's index for the CPU holds no build for CUDA", line)


def _number_alone(notes: Notes, lines: list[Line]) -> None:
    """Tell the driver by a line that is a number of its shape, where the text speaks of the driver."""
    alone = {found[1]: line for line in lines if (found := _NUMBER_ALONE.match(line.text))}
    if len(alone) == 1 and any(_OF_DRIVER.search(line.text) for line in lines):
        for version, line in alone.items():
            notes.tell("nvidia.driver_version", version, line)


def _index(notes: Notes, prose: list[Line], known: Notes) -> None:
    """Tell the build of a torch that a sentence says came from one index of its makers."""
    told = [(line, found[1] or found[2]) for line in prose for found in _INDEX.finditer(line.text)]
    if "torch.build" not in known.facts and len({build.lower() for _, build in told}) == 1:
        notes.tell("torch.build", told[0][1].lower(), told[0][0])


def _listed(known: Notes, key: str) -> bool:
    name = key.partition(".")[0]
    return any(row["name"].startswith(name) for row, _ in known.packages)


def _card(notes: Notes, prose: list[Line]) -> None:
    named = [(line, found.group()) for line in prose for found in _CARD.finditer(line.text)]
    cards = [(line, card) for line, words in named for card in cards_in(words)[:1]]
    if cards and len({_plain(card) for _, card in cards}) == 1:
        line, card = cards[0]
        notes.counted = False
        notes.card(line, **card)


# somebody's card of which only the maker is told
_AMD = re.compile(
    r"\b(?:(?:have|has|got|using|use|with|on|my|own)(?: an?)? amd\b(?! ?(?:ryzen|epyc|cpu|processor|threadripper|64))|amd (?:gpu|card|graphics|radeon|linux)\b)",
    re.IGNORECASE,
)
_JETSON = re.compile(
    r"\b(?:my|a|an|the|nvidia|on|for) (jetson(?: (?:agx|orin|xavier|nano|nx|tx[12]|thor)){1,3})\b",
    re.IGNORECASE,
)
# the system of these boards alone, whatever else the sentence says was tried or is supported
_JETPACK = re.compile(r"\b(?:jetpack|l4t) ?(?:version ?)?r?\d|\bjp ?[456]\d?\b", re.IGNORECASE)
_INTEL_MAC = re.compile(
    r"\bintel(?:[- ](?:based|chips?|cpu|i[3579]))? (?:i?macs?|macbooks?|mac ?mini|mac ?os)\b|\bmac ?(?:os|book(?: (?:pro|air))?)?\b.{0,12}\bintel\b",
    re.IGNORECASE,
)
_PIN = re.compile(
    r"(?<![\w./-])([A-Za-z][\w-]{1,40})==(\d{1,4}(?:\.\d{1,6}){1,3}(?:\+\w{2,9})?)(?![\w*]|\.\d)"
)
_APPLE_CHIP = re.compile(
    r"\b(?:apple|mac\w*(?: (?:air|pro|mini|studio))?)[ ,(]{1,3}m[1-5]\b|\bm[1-5] (?:pro|max|ultra|mac\w*)\b",
    re.IGNORECASE,
)
_INTEL_PYTHON = re.compile(
    r"\b(?:x86_64|x86-64|intel|rosetta) (?:version of )?(?:python|interpreter|conda|miniconda|anaconda)\b"
    r"(?! (?:wheel|package|build|binary|binaries|image|release|code|doc)s?\b)"
    r"|\b(?:python|interpreter|conda|miniconda|anaconda)\b(?: \w{1,12}){0,3} (?:x86_64|x86-64|rosetta)\b",
    re.IGNORECASE,
)
_IN_WSL = re.compile(
    r"\b(?:on|in|under|inside|using|via|through|with) (?:an? |my |the )?(?:windows )?wsl ?2?\b", re.IGNORECASE
)


def _maker(notes: Notes, prose: list[Line]) -> None:
    """Tell that the card is AMD's where somebody says no more of it, and names no other maker's card."""
    said = [line for line in prose if _AMD.search(line.text)]
    others = any(found for line in prose for found in _CARD.finditer(line.text))
    if said and not others and not notes.cards:
        notes.counted = False
        notes.card(said[0], vendor="amd")


def _board(notes: Notes, prose: list[Line], lines: list[Line]) -> None:
    """Tell which board or Mac somebody says to have, and that Linux is that of WSL."""
    boards = [(line, found[1]) for line in prose if (found := _JETSON.search(line.text))]
    boards = boards or [(line, "Jetson") for line in lines if _JETPACK.search(line.text)]
    for line, board in boards:
        notes.tell("system.product", board, line)
        notes.tell("accelerators.vendors", ["nvidia"], line)
    silicon = next((line for line in prose if _APPLE_CHIP.search(line.text)), None)
    translated = next((line for line in prose if _INTEL_PYTHON.search(line.text)), None)
    if silicon and translated:
        notes.tell("os.platform", "darwin", silicon)
        notes.tell("os.arch", "arm64", silicon)
        notes.tell("python.arch", "x86_64", translated)
    for line in prose:
        if _INTEL_MAC.search(line.text):
            notes.tell("os.platform", "darwin", line)
            notes.tell("os.arch", "x86_64", line)
        if _IN_WSL.search(line.text):
            notes.tell("os.platform", "wsl2", line)


def _pins(notes: Notes, prose: list[Line]) -> None:
    """Tell the packages of a sentence that pins several, "onnxruntime==1.2.3 and onnxruntime-gpu==1.2.3"."""
    told = [(line, found[1].lower(), found[2]) for line in prose for found in _several(line)]
    for name in dict.fromkeys(name for _, name, _ in told):
        line, version = next((line, version) for line, other, version in told if other == name)
        if all(other != name or version == same for _, other, same in told):
            notes.package(line, name, version)


def _several(line: Line) -> list[re.Match[str]]:
    found = list(_PIN.finditer(line.text))
    return found if len({pin[1].lower() for pin in found}) > 1 else []


def _plain(card: dict[str, object]) -> str:
    words = re.sub(r"nvidia|geforce|[^a-z0-9]", "", str(card.get("name", "")).lower())
    return words or str(card.get("gfx_target"))


def _only(notes: Notes, prose: list[Line], pattern: re.Pattern[str], key: str) -> None:
    told = [(line, found[1]) for line in prose for found in pattern.finditer(line.text)]
    versions = sorted({version for _, version in told}, key=len)
    if told and all(versions[-1].startswith(version) for version in versions):
        notes.tell(key, versions[-1], next(line for line, version in told if version == versions[-1]))


def _platform(notes: Notes, prose: list[Line]) -> None:
    told = [(line, system(found.group())) for line in prose for found in _SYSTEM.finditer(line.text)]
    if told and len({facts.get("os.platform") for _, facts in told}) == 1:
        line, facts = told[0]
        for key, value in facts.items():
            notes.tell(key, value, line)
