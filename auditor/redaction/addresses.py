"""IP and MAC addresses, told from version numbers by what stands before them."""

from __future__ import annotations

import re

from auditor.redaction.pattern import Pattern, compiled, fixed

_HEX = "[0-9A-Fa-f]"
_QUAD = r"(?<![\w.+~^-])(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})(?![\w+~-]|\.\w)"
_GLUED_QUAD = r"(?<![0-9.])((?:ip-|ip_)\d{1,3}(?:[-_]\d{1,3}){3})(?![\w])"
_MAC = rf"(?<![\w:.-]){_HEX}{{2}}(?:(?::{_HEX}{{2}}){{5,19}}|(?:-{_HEX}{{2}}){{5}})(?![\w:-])"
_GUID = rf"(?<![\w:.-])(?:{_HEX}{{4}}:){{3}}{_HEX}{{4}}(?![\w:.-])|(?<=guid)([\s:=\"'a-z_]{{1,12}})0x{_HEX}{{16}}\b"
_V6 = rf"(?<![\w:.])(?:{_HEX}{{0,4}}:){{2,8}}(?:{_HEX}{{1,4}}|(?:\d{{1,3}}\.){{3}}\d{{1,3}})?(?![\w:])"

# a host that only a site's own name server knows: one word, or below a domain that is nobody's on the internet
# (RFC 6762 appendix G; .internal is reserved by ICANN)
_INTERNAL = (
    r"\b((?:https?|ftps?|tcp|udp|grpcs?|ssh|ldaps?|rediss?|nfs|rsync|etcd|c10d)://)"
    r"((?:[a-z0-9-]{1,63}\.){0,8}(?:internal|intranet|private|corp|home|lan|local|localdomain)|[a-z][a-z0-9-]{0,62})"
    r"(?=[:/?#\s\"',;)]|$)"
)
_BEFORE = 48  # characters of context that decide
_END = r"[\s:=('\"\[]*$"
_ADDRESS_WORD = (
    r"(?:\b(?:inet6?|ip|ipv[46]|addr(?:ess)?|host(?:name)?|peer|server|client|gateway|nameserver|dns|bind|node|route|"
    r"(?:connect(?:ed|ing|ion)?|listen(?:ing)?)(?: (?:to|on|from|at|with))?|ssh|ping|tcp|udp|rdzv|endpoint|master|"
    r"remote|src|dst|broadcast)|127\.0\.0\.1,|no_proxy=\S{0,40}|_addr(?:ess)?|_host|_ip|ipaddr|://|[^\s=@]@)"
    + _END
)
_VERSION_WORD = (
    r"(?:version|\bver|\bv|release|rev(?:ision)?|[=<>~!]=|\.so|build|driver|firmware|\bfw|cuda|cudnn|nccl|tensorrt|trt|"
    r"cublas|cufft|curand|cusolver|cusparse|cufile|nvjitlink|nvrtc|npp|magma|mkl|rocm|hip|nvidia[\w-]*|lib\w+|"
    r"\bcu\d+)"
)
_VERSION_BEFORE = _VERSION_WORD + r"[\w.\[\]-]*[\s:=('\"@\]]*$"
_PACKAGE = r"[A-Za-z][\w.]*-[\w.-]*[A-Za-z][\w.-]*[\s=@\"',]+$"
_PORT = r":\d{2,5}\b|/\d{1,2}\b|<\d{1,5}>"
_LARGEST_VERSION = 33  # no library's four-part version begins higher
_LARGEST_MINOR = 15  # 10.x.y.z are versions of cuRAND and TensorRT up to here, and private addresses


def patterns() -> list[Pattern]:
    """Return the patterns of addresses."""
    return [
        Pattern("mac", _MAC, fixed("<mac>"), (":", "-")),
        Pattern("mac", _GUID, _guid, (":", "guid"), ignore_case=True, apart=True),
        Pattern("ip", _V6, _v6, (":",), apart=True),
        Pattern("ip", _QUAD, _v4, (".",)),
        Pattern("host", _INTERNAL, _internal, ("://",), ignore_case=True, apart=True),
        Pattern("ip", _GLUED_QUAD, fixed("<ip>"), ("ip-", "ip_")),
    ]


def _internal(match: re.Match[str]) -> str:
    return match.group() if match[2].lower() in ("localhost", "host") else f"{match[1]}<host>"


def _guid(match: re.Match[str]) -> str:
    if match.group(1) is not None:
        return f"{match.group(1)}<mac>"
    vendor = match.group().split(":")[0].lower()
    return match.group() if vendor in ("10de", "1002", "8086", "0000") else "<mac>"  # PCI ids


def _v4(match: re.Match[str]) -> str:
    parts = match.groups()
    if any((len(part) > 1 and part[0] == "0") or int(part) > 255 for part in parts) or _harmless(parts):
        return match.group()
    return "<ip>" if _is_address(match, int(parts[0]), int(parts[1])) else match.group()


def _harmless(parts: tuple[str, ...]) -> bool:
    """Return whether it is a loopback, wildcard, mask or the clouds' metadata server: the same everywhere."""
    return parts[0] in ("127", "255") or parts in (("0", "0", "0", "0"), ("169", "254", "169", "254"))


def _is_address(match: re.Match[str], first: int, second: int) -> bool:
    """Decide by a port or prefix behind, then by the words before, then by the first numbers."""
    before = match.string[max(0, match.start() - _BEFORE) : match.start()].rpartition("\n")[2]
    large = first >= _LARGEST_VERSION or (first == 10 and second > _LARGEST_MINOR)
    if before.endswith("/") and not before.endswith("//"):
        return large  # a folder's name: what lies inside must not change it
    if compiled(_PORT, ignore_case=False).match(match.string, match.end()):
        return True
    if compiled(_ADDRESS_WORD, ignore_case=True).search(before):
        return True
    if compiled(_VERSION_BEFORE, ignore_case=True).search(before):
        return False
    if large:
        return True
    if first == 0 or compiled(_VERSION_WORD, ignore_case=True).search(before):
        return False
    worded = any(character.isalpha() for character in before)
    return first == 10 or (worded and not compiled(_PACKAGE, ignore_case=False).search(before))


def _v6(match: re.Match[str]) -> str:
    text = match.group()
    return "<ip>" if is_v6(text) else text


def is_v6(text: str) -> bool:
    """Return whether this is an IPv6 address that tells something: no time, no C++ name, not ::1."""
    if text.count("::") > 1 or ":::" in text:
        return False
    groups = [part for part in text.split(":") if part]
    size = len(groups) + (1 if groups and "." in groups[-1] else 0)
    if "::" not in text:
        return size == 8 and not text.startswith(":") and not text.endswith(":")
    head = groups[0].lower() if groups and not text.startswith("::") else ""
    return 2 <= size <= 7 and (size >= 3 or (len(head) == 4 and head[0] in "23f") or "." in groups[-1])
