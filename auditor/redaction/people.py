"""People and machines by the words and folders around them, where a name itself tells nothing."""

from __future__ import annotations

from auditor.redaction.pattern import Pattern, fixed, group
from auditor.redaction.words import GENERIC

_LABEL = r"[A-Za-z0-9-]{1,63}"
_NUMBERED = r"(?<![\w@/.~$-])(?=[A-Za-z-]{0,30}\d)[A-Za-z][A-Za-z0-9-]{1,62}"  # gpu07, gpu-node-9
# domains of one site (RFC 6762 appendix G), and those that universities and states have
_SITE = (
    rf"{_NUMBERED}(?:\.{_LABEL}){{0,6}}\.(?:corp|lan|intranet|internal|localdomain|local)(?![\w(-]|\.\w|/\w)"
)
_CAMPUS = rf"{_NUMBERED}(?:\.{_LABEL}){{1,6}}\.(?:edu|gov|mil|ac\.[a-z]{{2}}|edu\.[a-z]{{2}})(?![\w-]|\.\w)"
_LOGIN_FROM = r"(\bLast (?:failed )?login:[^\n]{0,80}?\sfrom\s)(?!<)[^\s]{2,253}"
_WHO = r"((?<![\w.-])(?:--)?(?:[Uu]ser(?:[Nn]ame|_name)?|[Oo]wner|[Ll]ogin)"
_WORDS = "none|null|true|false|unknown|any|all|current|name|yes|no|str|int|system|service|mail|login|default"
NOBODY = rf"(?!(?i:{'|'.join(sorted(GENERIC))}|{_WORDS})(?![\w.-]))"
_NAME = r"[\"']?)" + NOBODY + r"[A-Za-z][\w.-]{2,31}"
_USER_SET = _WHO + r"\s?=\s?" + _NAME + r"(?=[\"',;|)\]}\s]|$)"
_USER_IS = _WHO + r": {1,12}" + _NAME + r"(?=[\"']?(?:[,;|)\]}\n\r]|\s*$|\s+\w{1,32}=))"
_SPOOL = r"((?<![\w.~-])/var/(?:spool/)?mail/)(?!root\b)[A-Za-z_][\w.-]{1,31}(?![\w(])"
_NUMBER = (
    r"((?<![A-Za-z0-9])(?:S/N|SN)[\"']?\s{0,4}[:=# ]\s{0,4})(?=[A-Z-]{0,8}\d{3})[A-Z0-9-]{6,40}(?![\w.])"
)
_INSTANCE = r"((?:zones|locations)/[\w-]{1,40}/instances/)[a-z][a-z0-9-]{1,62}"
_AZURE = r"(/(?:resourceGroups|virtualMachines|virtualMachineScaleSets)/)[\w.()-]{1,90}"
_DOTTED = (
    r"(?<![\w.+-])(?=[0-9a-fA-F.]{0,13}[a-fA-F])[0-9a-fA-F]{4}\.[0-9a-fA-F]{4}\.[0-9a-fA-F]{4}(?![\w.+-])"
)


def patterns() -> list[Pattern]:
    """Return the patterns; each needs more than a single word, but for a site's hosts."""
    return [
        Pattern("host", _LOGIN_FROM, group(r"\1<host>"), ("login:",)),
        Pattern("host", _SITE, fixed("<host>"), (".corp", ".lan", ".intranet", ".internal", ".local")),
        Pattern("host", _CAMPUS, fixed("<host>"), (".edu", ".gov", ".mil", ".ac.")),
        Pattern("user", _USER_SET, group(r"\1<user>"), ("user=", "user =", "username", "user_name", "owner", "login"), apart=True),
        Pattern("user", _USER_IS, group(r"\1<user>"), ("user:", "username:", "user_name:", "owner:", "login:"), apart=True),
        Pattern("user", _SPOOL, group(r"\1<user>"), ("mail/",), apart=True),
        Pattern("serial", _NUMBER, group(r"\1<serial>"), ("s/n", "sn:", "sn ", "sn=", "sn#"), apart=True),
        Pattern("cloud", _INSTANCE, group(r"\1<id>"), ("/instances/",), apart=True),
        Pattern("cloud", _AZURE, group(r"\1<id>"), ("/resourcegroups/", "/virtualmachine"), ignore_case=True, apart=True),
        Pattern("mac", _DOTTED, fixed("<mac>"), ("mac", "arp", "dynamic", "vlan", "ether", "hardware")),
    ]  # fmt: skip
