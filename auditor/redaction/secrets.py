"""Tokens, keys and passwords: by prefix, by the name before them, by their place in a URL, by their look."""

from __future__ import annotations

import math
import re
from itertools import pairwise

from auditor.redaction.pattern import Pattern, fixed, group

HIDDEN = "<secret>"

# the issuers' documented prefixes (GitHub, Hugging Face, OpenAI, Anthropic, AWS, Slack, GitLab, PyPI,
# npm, Google, NVIDIA NGC, Groq, xAI, Replicate, SendGrid, DigitalOcean, Databricks, Weights & Biases)
_PREFIXED = (
    r"(?<![A-Za-z0-9])(?:"
    r"gh[pousr]_[A-Za-z0-9]{16,255}|github_pat_[A-Za-z0-9_]{16,255}|hf_[A-Za-z0-9]{16,64}|api_org_[A-Za-z0-9]{16,64}|"
    r"sk-(?:proj-|ant-|or-|svcacct-|live-|test-)?(?=[A-Za-z_-]{0,64}\d)[A-Za-z0-9_-]{16,255}|"
    r"(?:AKIA|ASIA|AROA|AIDA|AGPA)[A-Z0-9]{12,32}|xox[abeoprs]-[A-Za-z0-9-]{8,255}|xapp-[A-Za-z0-9-]{8,255}|"
    r"gl(?:pat|dt|rt|cbt|ptt|soat|ft)-[A-Za-z0-9_.-]{8,255}|pypi-[A-Za-z0-9_-]{16,512}|npm_[A-Za-z0-9]{16,64}|"
    r"AIza[A-Za-z0-9_-]{20,64}|ya29\.[A-Za-z0-9_-]{16,512}|nvapi-[A-Za-z0-9_-]{16,128}|gsk_[A-Za-z0-9]{16,128}|"
    r"xai-[A-Za-z0-9]{16,128}|r8_[A-Za-z0-9]{16,64}|SG\.[A-Za-z0-9_-]{10,64}\.[A-Za-z0-9_-]{10,64}|"
    r"dop_v1_[a-f0-9]{16,64}|hv[sbr]\.[A-Za-z0-9_-]{20,512}|GOCSPX-[A-Za-z0-9_-]{20,64}|dckr_(?:pat|oat)_[A-Za-z0-9_-]{16,64}|"
    r"AGE-SECRET-KEY-1[0-9A-Z]{20,80}|tskey-[a-z]{2,12}-[A-Za-z0-9-]{4,128}|gAAAAA[A-Za-z0-9_-]{16,4096}={0,2}|dapi[a-f0-9]{32}|wandb_v1_[A-Za-z0-9_]{16,128}|(?:sk|pk|rk)_(?:live|test)_[A-Za-z0-9]{8,128}|"
    r"(?<!-)eyJ[A-Za-z0-9_-]{8,4096}\.[A-Za-z0-9_-]{4,8192}(?:\.[A-Za-z0-9_-]{0,2048})?"
    r")(?![A-Za-z0-9])"
)
_PREFIX_HINTS = (
    "ghp_", "gho_", "ghu_", "ghs_", "ghr_", "github_pat_", "hf_", "api_org_", "sk-", "akia", "asia", "aroa", "aida", "agpa",
    "xox", "xapp-", "glpat-", "gldt-", "glrt-", "glcbt-", "glptt-", "glsoat-", "glft-", "pypi-", "npm_", "aiza", "ya29.",
    "nvapi-", "gsk_", "xai-", "r8_", "sg.", "dop_v1_", "dapi", "wandb_v1_", "hvs.", "hvb.", "hvr.", "gocspx-", "dckr_",
    "age-secret", "tskey-", "gaaaaa", "_live_", "_test_", "eyj",
)  # fmt: skip

_NAME = (
    r"(?:password|passwd|passphrase|passcode|secret|token|api[_-]?key|apikey|access[_-]?key(?:[_-]?id)?|(?:account|storage|shared|master|service|subscription|deploy)[_-]?key|"
    r"private[_-]?key(?:[_-]?id)?|secret[_-]?key|signing[_-]?key|encryption[_-]?key|credentials?|auth(?:orization|[_-]?key)?|"
    r"(?:db|smtp|user|root|admin|default|mail|ftp|http|proxy|redis|pg|mysql|ssh|login|vpn|ldap|sudo|svc|service|basic)[_-]?pass|"
    r"cookie|session[_-]?(?:id|key)|license[_-]?key|signature|ngc[_-]key|pgpass|pwd)"
)
_NAME_HINTS = (
    "pass", "secret", "token", "key", "credential", "auth", "cookie", "session", "signature",
    "pwd",
)  # fmt: skip
_VALUE = r"(\"(?:[^\"\\\n]|\\.){1,4096}\"|'[^'\n]{1,4096}'|[^\s\"'&;,<>]{1,4096})"
_ASSIGNED = rf"((?<![A-Za-z0-9])(?<!/etc/)(?:[A-Za-z0-9]{{1,40}}[_.-]){{0,6}}[A-Za-z0-9]{{0,20}}?{_NAME}[\"']?\s{{0,4}}(?:=(?!=)|:|=>)\s{{0,4}}){_VALUE}"
_CAMEL = rf"((?:[a-z]{{1,20}})(?:Password|Secret|Token|ApiKey|AccessKey|PrivateKey|AccountKey)[\"']?\s{{0,4}}[=:]\s{{0,4}}){_VALUE}"
_OPTION = rf"((?<![\w-])--?(?:[a-z0-9]{{1,20}}[_-]){{0,4}}{_NAME}\s{{1,4}})(?!-){_VALUE}"
_SCHEME = r"\b((?:Bearer|Basic|Digest|ApiKey|Token)[ \t]{1,4})(?=[^\s\"',;]{0,512}[\d=])([A-Za-z0-9._~+/=-]{8,4096})"
_QUERY = (
    r"([?&;](?:[\w-]{0,32}(?:token|key|secret|password|passwd|pwd|sig|signature|auth|credential|code|session)|X-Amz-[A-Za-z-]{1,40}|"
    r"sv|se|sp|sr|spr|st)=)[^&\s\"'<>#;]{1,4096}"
)
_USERINFO = r"\b([A-Za-z][A-Za-z0-9+.-]{1,20}://)([^\s/@\"'<>]{1,1024}|<credentials>)@([A-Za-z0-9.-]{0,253})"
_USERINFO_PATH = r"\b([A-Za-z][A-Za-z0-9+.-]{1,20}:/)([^\s/@:\"'<>]{1,256}:[^\s/@\"'<>]{1,256})@([A-Za-z0-9.-]{0,253})"  # "//" joined, as in a path
_PUBLIC = ("github.com", "gitlab.com", "bitbucket.org", "huggingface.co")  # tell nothing of who or where
# TensorFlow's cluster: hosts, and whatever else a launcher put there
_TF_CONFIG = r"(\bTF_CONFIG[\"']?\s{0,4}[=:]\s{0,4})(?:\"(?:[^\"\\\n]|\\.){0,4096}\"|'[^'\n]{0,4096}'|\{[^\n]{0,4096}\})"
_PEM = r"-----BEGIN [A-Z0-9 ]{0,40}(?:PRIVATE KEY|CERTIFICATE)(?: BLOCK)?-----(?:[^-]|-(?!----)){0,65536}(?:-----END [A-Z0-9 ]{1,60}-----)?"
_SSH_KEY = r"\b((?:ssh-(?:rsa|dss|ed25519)|ecdsa-sha2-nistp\d{3}|sk-ssh-ed25519@openssh\.com)\s{1,4})[A-Za-z0-9+/=]{16,8192}(?:[ \t]{1,4}[\w.+@-]{1,128}(?=\s|$|[\"']))?"
_FINGERPRINT = r"\bSHA256:[A-Za-z0-9+/]{43}=?|\bMD5:(?:[0-9a-f]{2}:){15}[0-9a-f]{2}"
_EMAIL = r"(?<![\w.%+-])[A-Za-z0-9][\w.%+-]{0,63}@(?:[A-Za-z0-9-]{1,63}\.){1,8}[A-Za-z]{2,24}(?![\w-])"
_BLOB = r"(?<![A-Za-z0-9_/+=.-])(?<!usb:)(?<!pci:)[A-Za-z0-9_+=-]{24,4096}(?![A-Za-z0-9_])"

_EMPTY = r"<[a-z ]{1,20}>|\*{2,}|\.{3}|\$\{?[A-Z_]{2,40}\}?|none|null|unset|true|false|yes|no"
_SETTING = (
    _EMPTY
    + r"|on|off|0|1|auto|basic|bearer|token|default|set|str|int|bytes|optional|\d{1,5}|</?s>|\[[A-Z]{2,8}\]"
)
_HARMLESS = re.compile(rf"[\"']?(?:{_SETTING})[\"']?[).\]}}]?", re.IGNORECASE)
_HARMLESS_PASSWORD = re.compile(rf"[\"']?(?:{_EMPTY})[\"']?", re.IGNORECASE)
_ENTROPY_LEAST = 3.8  # bits per character; random base62 of 32 characters has 4.4, identifiers 3.0 to 4.2
_SHORTEST = 8  # characters of a secret behind a colon or in spaced code, where prose stands too
_RUN_LEAST = 20  # characters without a separator
_TURNS_LEAST = 0.4  # share of neighbours of another class: random 0.62, CamelCase up to 0.38
_NUMBERS_LEAST = 3  # runs of digits; names of functions have one or two


def patterns() -> list[Pattern]:
    """Return the patterns of credentials, the certain ones first."""
    found = [
        Pattern("key", _PEM, fixed("<key>"), ("-----begin",)),
        Pattern("ssh", _SSH_KEY, group(r"\1<key>"), ("ssh-", "ecdsa-")),
        Pattern("ssh", _FINGERPRINT, fixed("<fingerprint>"), ("sha256:", "md5:")),
        Pattern("credentials", _USERINFO, _userinfo, ("://",)),
        Pattern("credentials", _USERINFO_PATH, _userinfo, (":/",)),
        Pattern("token", _TF_CONFIG, group(rf"\1{HIDDEN}"), ("tf_config",)),
        Pattern("token", _QUERY, group(rf"\1{HIDDEN}"), ("=",), ignore_case=True),
        Pattern(
            "token", _SCHEME, _scheme, ("bearer", "basic", "digest", "apikey", "token"), ignore_case=True
        ),
        Pattern("token", _PREFIXED, fixed(HIDDEN), _PREFIX_HINTS),
        Pattern("token", _ASSIGNED, _assigned, _NAME_HINTS, ignore_case=True),
        Pattern("token", _CAMEL, _assigned, _NAME_HINTS),
        Pattern("token", _OPTION, _assigned, _NAME_HINTS, ignore_case=True),
        Pattern("email", _EMAIL, _email, ("@",)),
    ]
    return [pattern if pattern.source == _PREFIXED else pattern._replace(apart=True) for pattern in found]


def last() -> list[Pattern]:
    """Return the pattern by look, tried when everything that has a name is gone."""
    return [Pattern("token", _BLOB, _blob)]


def _userinfo(match: re.Match[str]) -> str:
    """Hide name and password, and the host that they are for unless it is everybody's."""
    scheme, info, host = match.groups()
    if info in ("git", "hg", "<credentials>"):
        return match.group()
    known = not host or host.lower().removeprefix("www.") in _PUBLIC
    return f"{scheme}<credentials>@{host if known else '<host>'}"


def _scheme(match: re.Match[str]) -> str:
    return f"{match.group(1)}{HIDDEN}"


def _assigned(match: re.Match[str]) -> str:
    """Hide an assigned value, save settings, prose (`token: unexpected`) and PWD, which is a folder."""
    name, value = match.groups()
    bare = value.strip("\"'")
    password = "pass" in name.lower()
    if HIDDEN in value or (_HARMLESS_PASSWORD if password else _HARMLESS).fullmatch(value):
        return match.group()
    if bare.startswith(("/", "~")) and "pwd" in name.lower():
        return match.group()
    spaced = ":" in name or name[-1].isspace()
    if spaced and not password and not _looks_made_up(bare):
        return match.group()
    quote = value[0] if value[0] in "\"'" else ""
    return f"{name}{quote}{HIDDEN}{quote}"


def _looks_made_up(value: str) -> bool:
    if len(value) < _SHORTEST or "(" in value:
        return False
    return any(character.isdigit() for character in value) or (
        len(value) >= 2 * _SHORTEST and "." not in value
    )


def _email(match: re.Match[str]) -> str:
    return match.group() if match.group().lower().startswith(("git@", "hg@")) else "<email>"


def _blob(match: re.Match[str]) -> str:
    return HIDDEN if is_random(match.group()) else match.group()


def is_random(text: str) -> bool:
    """Return whether a word holds a run that looks drawn at random: digits, both cases, many turns.

    Plain hexadecimal (commits, digests) and mangled C++ names are what support needs: not random.
    """
    if text.startswith(("_Z", "__Z")):
        return False
    run = max(re.split("[_+=-]", text), key=len)
    if (
        len(run) < _RUN_LEAST
        or run in (run.upper(), run.lower())
        or len(re.findall("[0-9]+", run)) < _NUMBERS_LEAST
    ):
        return False
    turns = sum(_kind(a) != _kind(b) for a, b in pairwise(run))
    return turns / (len(run) - 1) >= _TURNS_LEAST and entropy(run) >= _ENTROPY_LEAST


def entropy(text: str) -> float:
    """Return Shannon's entropy in bits per character."""
    size = len(text)
    return -sum(n / size * math.log2(n / size) for n in (text.count(c) for c in set(text)))


def _kind(character: str) -> int:
    return 0 if character.isdigit() else 1 if character.islower() else 2
