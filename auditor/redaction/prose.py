r"""What people and system tools say outright: passwords in sentences, telephone numbers, `ls -l`, `id`, sshd's log, `DOMAIN\user`."""

from __future__ import annotations

import re

from auditor.redaction.names import is_telling
from auditor.redaction.pattern import Pattern, fixed, group
from auditor.redaction.people import NOBODY
from auditor.redaction.secrets import HIDDEN

_SAID = (
    r"(\b(?:password|passphrase|passcode|passwd)\s{1,3}(?:is|was|=>)\s{1,3})"
    r"(?:\"[^\"\n]{3,128}\"|'[^'\n]{3,128}'|(?=[^\s]{0,64}[\d!@#$%^&*?])[^\s\"'<]{4,128})"
)
# a word that ends the sentence and says nothing of the password
_SAID_WORD = (
    r"(\b(?:password|passphrase|passcode|passwd) (?:is|was) )"
    r"(?!(?:not|no|none|null|now|wrong|bad|good|right|empty|blank|unset|set|secret|weak|strong|safe|short|long|old|new|gone|lost|sent|read|kept|ok|okay|fine|here|there|"
    r"below|above|mine|yours|theirs|case|plain|same|different|optional|on|off|in|out|it|this|that|what|which|up|stale|unique|public|private|shown|known|unknown|given|taken|hidden|"
    r"random|simple|complex|common|real|true|false|fake|dummy|longer|shorter|stronger|weaker|identical|never|always|also|only|still|then|first|yours|"
    r"written|wrongly|needed|[a-z]{2,20}(?:ed|ing|ect|ible|able|ory|ent|ant|ary|id))\b)"
    r"[A-Za-z]{4,64}(?=[.!]?[ \t]{0,4}(?:\n|$)|[.,;] | (?:and|but) )"
)
_PGPASS = r"((?<![\w.:/-])[\w.*-]{1,253}:(?:\d{4,5}|\*):[\w*-]{1,63}:)[\w*.-]{1,63}:[^\s:]{3,256}(?=[\s:]|$)"  # libpq: host:port:database:user:password
_LICENSE = r"(\blicen[cs]e[ _-]key(?:\s{0,3}[:=]\s{0,3}|\s{1,3}))[A-Z0-9]{3,8}(?:-[A-Z0-9]{3,8}){2,8}\b"
_PHONE = (
    r"(\b(?:phone|telephone|tel|fax|mobile|cell)(?:\.|\b)\s{0,3}[:=]?\s{0,3})\+?[\d(][\d() .\u2011/-]{6,24}\d"
)
_ACCOUNT_NAME = r"(\bAccountName=)[\w-]{3,24}"
_IQN = r"\biqn\.\d{4}-\d{2}\.[\w.-]{1,128}(?::[\w.:-]{1,128})?"
_BARE_MAC = r"(\b(?:mac(?:[ _-]?addr(?:ess)?)?|hwaddr|ether)[\s:=\"']{1,4})[0-9A-Fa-f]{12}\b"
_DOMAIN_USER = (
    rf"((?:/user:|\b(?:user(?:name)?|account|logged in as|runas|owner|login)[\s:=\"']{{1,4}})[A-Z][A-Z0-9-]{{0,14}}\\{{1,2}})"
    rf"{NOBODY}[A-Za-z][\w.-]{{1,31}}"
)
# not what the repr of a line or a pattern shows, such as a backslash with n, t or d
_DOMAIN_NAME = rf"(?<![\w\\:./-])((?!HK)[A-Z][A-Z0-9-]{{1,14}}\\)(?=[ac-eg-mo-qswyz]){NOBODY}[a-z][\w-]{{3,31}}(?![\w\\.+*(\[])"
_AUTHOR = r"(\b(?:Author|Maintainer)(?:-email)?: {1,4})[^<>\n:]{2,80}(?=\s<)"
_SSHD = (
    rf"(\b(?:Accepted|Failed) [\w/-]{{4,24}} for (?:invalid user )?){NOBODY}[A-Za-z][\w.-]{{1,31}}(?= from )"
)
_SESSION = rf"(\bsession (?:opened|closed) for user ){NOBODY}[A-Za-z][\w.-]{{1,31}}"
_SUDO = rf"(\bsudo(?:\[\d+\])?:\s{{1,8}}){NOBODY}[A-Za-z][\w.-]{{1,31}}(?= : )"
_ID = rf"(\b(?:uid|gid|groups|,)=?\d{{3,10}}\(){NOBODY}[A-Za-z][\w.-]{{1,31}}(?=\))"
_ID_MORE = rf"((?<=,)\d{{4,10}}\(){NOBODY}[A-Za-z][\w.-]{{1,31}}(?=\))"
_LISTED = r"((?<![\w-])[-dlcbps](?:[r-][w-][xsStT-]){3}[.+@]?\s{1,4}\d{1,5}\s{1,4})([A-Za-z][\w.-]{1,31})(\s{1,8})([A-Za-z][\w.-]{1,31})(?=\s{1,12}\d)"
_CHOWN = rf"(\bchown\s(?:-[A-Za-z]{{1,4}}\s)?){NOBODY}[a-z][\w.-]{{1,31}}(?::[a-z][\w.-]{{1,31}})?(?=\s)"
_PASSWD = rf"(?<![\w.:/-]){NOBODY}[a-z_][\w.-]{{1,31}}(?P<middle>:[^:\s]{{0,4}}:[1-9]\d{{3,9}}:\d{{1,10}}:)[^:\n]{{0,128}}(?=:/)"
_GIT = r"((?:git\+)?ssh://(?:git|hg)@|(?<![\w.@/-])git@)(?!(?:github\.com|gitlab\.com|bitbucket\.org|huggingface\.co|hf\.co|ssh\.dev\.azure\.com)\b)[\w.-]{3,253}(?=[:/])"

_GROUPS = (
    "video",
    "render",
    "wheel",
    "sudo",
    "users",
    "staff",
    "disk",
    "kvm",
    "docker",
    "adm",
    "daemon",
    "tty",
    "dialout",
    "nogroup",
    "sgx",
    "vglusers",
)


def patterns(user: str) -> list[Pattern]:
    """Return the patterns; each needs words around what it hides. `user` stands for an account, as a recording needs it."""
    return [
        Pattern("token", _SAID_WORD, group(rf"\1{HIDDEN}"), ("password ", "passphrase ", "passcode ", "passwd "), ignore_case=True),
        Pattern("token", _SAID, group(rf"\1{HIDDEN}"), ("password ", "passphrase ", "passcode ", "passwd "), ignore_case=True),
        Pattern("token", _PGPASS, group(rf"\1<user>:{HIDDEN}"), (":5432:", ":5433:", ":6432:", ":*:")),
        Pattern("token", _LICENSE, group(rf"\1{HIDDEN}"), ("license", "licence"), ignore_case=True),
        Pattern("phone", _PHONE, group(r"\1<phone>"), ("phone", "tel:", "tel.", "tel ", "fax", "mobile", "cell:"), ignore_case=True),
        Pattern("cloud", _ACCOUNT_NAME, group(r"\1<account>"), ("accountname=",)),
        Pattern("host", _IQN, fixed("<iqn>"), ("iqn.",)),
        Pattern("mac", _BARE_MAC, group(r"\1<mac>"), ("mac ", "mac:", "mac=", "macaddr", "mac_", "hwaddr", "ether "), ignore_case=True),
        Pattern("user", _DOMAIN_USER, group(r"\1<user>"), ("\\",), ignore_case=True),
        Pattern("user", _DOMAIN_NAME, group(r"\1<user>"), ("\\",)),
        Pattern("name", _AUTHOR, group(r"\1<name>"), ("-email:", "author:", "maintainer:")),
        Pattern("user", _SSHD, group(r"\1<user>"), ("accepted ", "failed password", "failed publickey", "failed keyboard")),
        Pattern("user", _SESSION, group(r"\1<user>"), ("session opened", "session closed")),
        Pattern("user", _SUDO, group(r"\1<user>"), ("sudo: ", "sudo[")),
        Pattern("user", _ID, group(r"\1<user>"), ("uid=", "gid=", "groups=")),
        Pattern("user", _ID_MORE, group(r"\1<group>"), ("groups=",)),
        Pattern("user", _LISTED, _listed, ("rw-", "rwx", "r-x", "r--", "--x")),
        Pattern("user", _CHOWN, group(r"\1<user>"), ("chown",)),
        Pattern("user", _PASSWD, group(rf"{user}\g<middle>"), ("/bash", "/bin/sh", "/zsh", "/nologin", "/false", "/fish", "csh")),
        Pattern("host", _GIT, group(r"\1<host>"), ("git@", "ssh://hg@")),
    ]  # fmt: skip


def _listed(match: re.Match[str]) -> str:
    """Hide owner and group of a line of `ls -l` unless every system has them."""
    before, owner, gap, group_ = match.groups()
    shown = [
        "<user>" if is_telling(owner) else owner,
        "<group>" if is_telling(group_) and group_ not in _GROUPS else group_,
    ]
    return f"{before}{shown[0]}{gap}{shown[1]}"
