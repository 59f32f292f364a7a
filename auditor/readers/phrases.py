"""Small phrases as people and tools write them: a system, a version, a Python, a build."""

from __future__ import annotations

import re

VERSION = re.compile(
    r"(?<![\w.])[vV]?(\d{1,4}(?:\.\d{1,8}){1,4}(?:[abc]\d{1,3}|rc\d{1,3})?(?:[._-]?(?:dev|post)\d{0,12})?(?:\+[\w.]{1,40})?)(?![\w])"
)
_WHOLE = re.compile(
    r"[vV]?(\d{1,4}(?:\.\d{1,8}){0,4}(?:[-._]?(?:a|b|c|rc|alpha|beta)\d{0,3})?(?:[._-]?(?:dev|post)\d{0,12})?(?:\+[\w.]{1,40})?)"
)
_ARCH = re.compile(r"\b(x86_64|x86-64|amd64|aarch64|arm64|ppc64le|riscv64|64-bit|64 bit)\b", re.IGNORECASE)
_ARCHS = {"x86-64": "x86_64", "amd64": "x86_64", "64-bit": "x86_64", "64 bit": "x86_64"}
_LINUX = (
    ("ubuntu", "ubuntu"), ("debian", "debian"), ("centos", "centos"), ("red hat", "rhel"), ("rhel", "rhel"),
    ("rocky", "rocky"), ("almalinux", "almalinux"), ("fedora", "fedora"), ("arch linux", "arch"), ("manjaro", "manjaro"),
    ("opensuse", "opensuse"), ("suse", "sles"), ("linux mint", "linuxmint"), ("pop!_os", "pop"), ("amazon linux", "amzn"),
    ("oracle linux", "ol"), ("gentoo", "gentoo"), ("nixos", "nixos"), ("alpine", "alpine"), ("kali", "kali"),
)  # fmt: skip
NOTHING = ("", "n/a", "na", "none", "null", "nil", "could not collect", "not installed", "not found", "no", "-", "module not found",
           "no cuda", "not available", "unknown", "not applicable", "no response", "not collected")  # fmt: skip


_JUNK = re.compile(r"[^a-z0-9+]+")


def canonical(key: str) -> str:
    """Return a key in lower case with single blanks for all else than letters, digits and "+"."""
    return _JUNK.sub(" ", key.lower()).strip()


def is_nothing(text: str) -> bool:
    """Return whether a tool or a person wrote that there is no answer."""
    return text.strip().strip("`*_<>[]().").lower() in NOTHING


def version_in(text: str) -> str:
    """Return the first version with a dot in a text, or an empty text."""
    found = VERSION.search(text)
    return found[1].rstrip(".") if found else ""


def whole_version(text: str) -> str:
    """Return a version where the text is one and nothing else, else an empty text."""
    found = _WHOLE.fullmatch(text.strip().strip("`'\""))
    return found[1] if found else ""


def glibc_of(version: str) -> str:
    """Return a version of glibc, or an empty text for one older than any Python here runs on (CentOS 6 has 2.12).

    Python's platform.libc_ver() used to read the oldest glibc that the interpreter's file asks for: 2.2.5, 2.10.
    """
    parts = [int(part) for part in version.split(".")[:2] if part.isdigit()]
    return version if parts >= [2, 12] else ""


def system(text: str) -> dict[str, str]:
    """Return os.* facts of "Ubuntu 22.04.5 LTS (x86_64)", "Windows-10-10.0.22621-SP0", "macOS 14 (arm64)"."""
    low = text.lower()
    found: dict[str, str] = {}
    if re.search(r"\bwsl ?1\b|\b4\.4\.0-\d{5}-microsoft\b", low):  # the kernel that WSL 1 imitates
        found["os.platform"] = "wsl1"
    elif "wsl" in low or "microsoft-standard" in low:
        found["os.platform"] = "wsl2"
    elif re.search(r"\bmac ?os|\bdarwin|\bos ?x\b|\bosx|\bmac\b|\bimac|\bmacbook|\bmacmini", low):
        found["os.platform"] = "darwin"
    elif re.search(r"windows|\bwin ?(?:7|8|10|11|32|64)\b|^nt$|win32|win-64", low):
        found["os.platform"] = "windows"
    elif "linux" in low or any(word in low for word, _ in _LINUX):
        found["os.platform"] = "linux"
    if found.get("os.platform") in ("linux", "wsl2"):
        found |= _distribution(text)
    if arch := architecture(text):
        found["os.arch"] = arch
    if found.get("os.platform") == "darwin" and (
        version := re.search(r"(?:macos|os x)[ -]v?(\d{1,2}(?:\.\d{1,2}){0,2})", low)
    ):
        found["os.version_id"] = version[1]
    return found


def _distribution(text: str) -> dict[str, str]:
    low = text.lower()
    name = next((slug for word, slug in _LINUX if word in low), "")
    if not name:
        return {}
    version = re.search(r"(?<![\d.])(\d{1,2}(?:\.\d{1,2})?)(?!\d)", low[low.find(name[:4]) + 4 :])
    return {"os.id": name, **({"os.version_id": version[1]} if version else {})}


def architecture(text: str) -> str:
    """Return the machine architecture that a text names, as uname would, or an empty text."""
    low = text.lower()
    if "apple silicon" in low or re.search(
        r"\b(?:apple|macbook(?: air| pro)?|mac ?mini|mac studio|imac)[ ,(]{1,3}m\d|\bm[1-5] (?:pro|max|ultra|mac)",
        low,
    ):
        return "arm64"
    found = _ARCH.search(text)
    return _ARCHS.get(found[1].lower(), found[1].lower()) if found else ""


def kernel(text: str) -> str:
    """Return the kernel release in "Linux-5.15.0-58-generic-x86_64-with-glibc2.35", or an empty text."""
    found = re.search(r"\bLinux[- ](\d[\w.+-]{2,80}?)(?:-(?:x86_64|aarch64|ppc64le|arm64)\b|\s|$)", text)
    return found[1] if found else ""


def python(text: str) -> str:
    """Return the Python version of "3.10.13 | packaged by conda-forge | ...", or an empty text."""
    found = re.match(
        r"\s*(?:python|cpython)?\s*:?\s*v?(\d\.\d{1,2}(?:\.\d{1,2})?(?:rc\d|[ab]\d)?)(?![\d])",
        text,
        re.IGNORECASE,
    )
    return found[1] if found else ""


def build_of(text: str) -> str:
    """Return "cpu", "11.3" (CUDA) or an empty text of a conda build string such as py3.9_cuda11.3_cudnn8.2.0_0."""
    low = text.lower()
    if re.search(r"(?:^|[_-])cpu(?:_|$|[-.])", low):
        return "cpu"
    found = re.search(r"cuda[_-]?(\d{1,2}\.\d|\d{2,3})", low)
    if not found:
        return ""
    digits = found[1]
    return digits if "." in digits else f"{digits[:-1]}.{digits[-1]}"


def pieces(text: str) -> list[str]:
    """Return what a line lists: the texts of a Python list, or a few phrases parted by commas."""
    if "['" in text:
        return re.findall(r"'([^']{1,200})'", text)[:40]
    return text.split(", ") if text.count(",") in range(1, 9) and len(text) < 300 else []
