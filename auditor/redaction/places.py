"""Hosts and people of a site, told by what stands around them: variables, prompts, mounts, shares, principals."""

from __future__ import annotations

import re
from collections import Counter

from auditor.redaction import logs, policy
from auditor.redaction.names import is_telling
from auditor.redaction.pattern import Pattern, fixed, group

_OWN = ("TF_CONFIG", "DISPLAY", "TPU_NAME", "SLURM_COMMENT")  # hidden elsewhere, or nobody's name as text
_VARIABLES = "|".join(sorted(policy.VARIABLES - set(_OWN)))
_SLURM = "NodeName|NodeHostName|NodeAddr|NodeList|BatchHost|ReqNodeList|AllocNode:Sid|UserId|GroupId|Account"  # scontrol(1)
_SET = rf"((?<![\w-])(?:{_VARIABLES}|{_SLURM})[\"']?\s{{0,3}}(?:=|:\s)\s{{0,3}}[\"']?)([^\s\"';&|]{{2,4096}})"
_OPTION = (
    r"((?<![\w-])(?:(?:--)?trusted-host(?:\s{0,3}=\s{0,3}|\s{1,3})|--(?:rdzv[_-]endpoint|master[_-]addr|main[_-]process[_-]ip|nodelist|coordinator[_-]address|hostname)[= ]\s{0,3})[\"']?)"
    r"([^\s\"';&|,]{2,512})"
)
_PROMPT = r"(?<![\w.@/:-])([A-Za-z_][\w.-]{0,31})@([A-Za-z][\w.-]{0,62})(?=:[~/]|:?[ ][~/\w.-]{1,64}\][#$])"
_REACHED = r"(\b(?:ssh|scp|sftp|sshfs|mosh|ssh-copy-id)\s(?:-(?:[bcDEeFIiJLlmOopQRSWw]\s{1,3}[^\s-]\S{0,127}|[\w=/.~-]{1,64})\s(?:\d{1,5}\s)?){0,8})([\w.-]{1,64}@)?([A-Za-z][\w.-]{0,253})(?=[\s:,;)`'\"]|$)"
_PRINCIPAL = r"(?<![\w/.-])(?:host|HTTP|nfs|krbtgt|ldap|cifs|postgres|kadmin)/[\w.-]{1,253}@[\w.-]{1,253}"
_PERSON = (
    r"(\b(?:Author|Committer|Commit|Maintainer|Packager|From|To|Cc|Reviewed-by|Signed-off-by|Co-authored-by|Acked-by|Tested-by)[:=]\s{0,12})"
    r"[^<>\n:]{1,80}(?=\s<)"
)
_ENCODED_MAIL = r"[A-Za-z0-9][\w.+-]{0,63}%40(?:[\w-]{1,63}\.){1,8}[A-Za-z]{2,24}"
_SERVED = (
    r"(?<![\w./@:,=-])([A-Za-z0-9][\w.:@,-]{0,253}|\[[0-9A-Fa-f:]{2,40}\])(?=:/\S{0,512}\s(?:on\s)?/\S{0,512}\s(?:type\s)?"
    r"(?:nfs|lustre|ceph|glusterfs|beegfs|fuse\.sshfs))"
)
_SHARE = r"(?<![\w:/])(//)[\w.-]{1,253}(?=/\S{0,512}\s(?:on\s)?/\S{0,512}\s(?:type\s)?(?:cifs|smb))"
_SHARE_OPTIONS = r"((?:cifs|smb3)\s[^\n]{0,512})"
_SHARE_OPTION = re.compile(
    r"((?:^|[(,])(?:user|username|domain|workgroup|pass|password|ip|addr)=)[^,)\s]{1,256}"
)
_UNC = r"(?<![\w\\:.)\]}+*?>])(\\{2,16})(?!(?:wsl\.localhost|wsl\$|localhost)\\)([A-Za-z0-9][\w.-]{2,62})(?=\\{1,8}[\w$ .-]{2,64})"


_IN_HOME = r"(?<![\w.~-])/(?:home|Users)/([A-Za-z][\w.-]{2,31})/"
_MOST_NAMES = 12


def names_in(text: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return the users and hosts that a pasted text tells of by prompts and home folders, the commonest first.

    They stand elsewhere in it too (`/scratch/jana`, `[gpubox:123]`), where nothing tells that they are names.
    """
    prompts = re.findall(_PROMPT, text) if "@" in text else []
    users = Counter([user for user, _ in prompts if user != "git"] + re.findall(_IN_HOME, text))
    hosts = Counter([host for user, host in prompts if user != "git"] + logs.hosts_in(text))
    return _commonest(users), _commonest(hosts)


def _commonest(found: Counter[str]) -> tuple[str, ...]:
    return tuple(name for name, _ in found.most_common(_MOST_NAMES) if is_telling(name) and len(name) > 2)


def patterns() -> list[Pattern]:
    """Return the patterns of hosts and people in their surroundings."""
    return [
        *logs.patterns(),
        Pattern("name", _SET, _set, ("user", "logname", "host", "_addr", "node", "account", "_name=", "jobname", "cluster", "group")),
        Pattern("host", _OPTION, _set, ("--rdzv", "--master", "--main", "--nodelist", "--coordinator", "--hostname", "trusted-host")),
        Pattern("name", _PROMPT, _prompt, ("@",)),
        Pattern("host", _REACHED, _reached, ("ssh", "scp", "sftp", "mosh")),
        Pattern("name", _PRINCIPAL, fixed("<principal>"), ("@",)),
        Pattern("name", _PERSON, _person, ("<",)),
        Pattern("email", _ENCODED_MAIL, fixed("<email>"), ("%40",)),
        Pattern("host", _SERVED, fixed("<host>"), (" nfs", " lustre", " ceph", " glusterfs", " beegfs", "sshfs")),
        Pattern("host", _SHARE, group(r"\1<host>"), ("cifs", "smb")),
        Pattern("name", _SHARE_OPTIONS, _share_options, ("cifs", "smb3")),
        Pattern("host", _UNC, group(r"\1<host>"), ("\\\\",)),
    ]  # fmt: skip


def _person(match: re.Match[str]) -> str:
    """Hide the name that stands before an address, whether that was hidden before or not."""
    behind = match.string[match.end() : match.end() + 90]
    return (
        f"{match.group(1)}<name>"
        if behind.startswith(" <<email>>") or "@" in behind.partition(">")[0]
        else match.group()
    )


def _set(match: re.Match[str]) -> str:
    """Hide a value unless it names nobody: root, localhost, a number, another variable, something hidden before."""
    value = match.group(2)
    bare = re.split(r"[:,(\[\])]", value, maxsplit=1)[0]
    if (
        value.startswith(("$", "<", "%", "("))
        or not (is_telling(bare) or "[" in value)
        or not bare.strip("0123456789.")
    ):
        return match.group()
    return f"{match.group(1)}<hidden>"


def _prompt(match: re.Match[str]) -> str:
    user, host = match.groups()
    shown = (
        f"{'<user>' if is_telling(user) and user != 'git' else user}@{'<host>' if is_telling(host) else host}"
    )
    return match.group() if user == "git" else shown


def _reached(match: re.Match[str]) -> str:
    before, user, host = match.groups()
    if not is_telling(host) or (
        user is None and "." not in host and "-" not in host and not any(c.isdigit() for c in host)
    ):
        return match.group()  # prose: "ssh works"
    if user == "git@" or host in ("key", "keys"):
        return match.group()
    return f"{before}{'<user>@' if user else ''}<host>"


def _share_options(match: re.Match[str]) -> str:
    return _SHARE_OPTION.sub(r"\1<hidden>", match.group())
