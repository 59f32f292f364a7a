"""Credentials that have no telling name: in the addresses of services, in netrc files and on command lines."""

from __future__ import annotations

import re

from auditor.redaction.pattern import Pattern, fixed, group
from auditor.redaction.secrets import HIDDEN

_HEX = "[0-9a-f]"
# the path is the secret: incoming webhooks of Slack, Discord and Microsoft Teams
_WEBHOOK = (
    r"(https?:/{1,2}(?:hooks\.slack\.com/(?:services|workflows)|(?:\w{1,10}\.)?discord(?:app)?\.com/api/webhooks|"
    r"[\w-]{1,63}\.webhook\.office\.com/webhookb2)/)[^\s\"'<>]{1,512}"
)
_CHANNEL = r"(https?://[\w.:-]{1,253}/t/)(?=[\w-]{0,128}\d)[\w-]{8,128}(?=/)"  # conda's token in the path of a channel
_TELEGRAM = r"\b\d{8,10}:AA[\w-]{30,40}(?![\w-])"
# Weights & Biases keys are plain hexadecimal, as commits are: only beside their name
_WANDB = rf"(wandb[^\n]{{0,120}}?[\s:=\"'(]){_HEX}{{40}}(?!{_HEX})"
_NETRC = r"(\b(?:login|user)\s{1,8})\S{1,256}(\s{1,8}(?:password|account)\s{1,8})\S{1,1024}"
_TYPED = (
    r"((?:\bsshpass\s{1,4}-p\s{0,4}|\bredis-cli\b[^\n]{0,120}?\s-a\s{1,4}|\brequirepass\s{1,4}|"
    r"\bmysql(?:dump|admin|sh)?\b[^\n]{0,120}?\s-p(?=[^\s-])|\bdocker\s{1,4}login\b[^\n]{0,120}?\s-p\s{1,4}|"
    r"\b(?:curl|wget|http)\b[^\n]{0,256}?\s(?:-u|-U|--user|--proxy-user)(?:\s{1,4}|=)[^\s:\"']{1,128}:))[^\s\"']{1,1024}"
)
_ELEMENT = (
    r"(<((?:\w{1,20}[_:.-]){0,3}(?:password|passwd|passphrase|secret|token|apikey|api_key|privatekey|private_key))>)"
    r"[^<]{1,4096}(?=</\2>)"
)
_CRYPT = r"\$(?:1|5|6|y|2[aby]|argon2(?:id?|d)?)\$[^\s:\"']{20,512}"  # crypt(5)
_SSH2 = r"---- BEGIN SSH2 [A-Z ]{1,40}KEY ----(?:[^-]|-(?!---)){0,65536}(?:---- END [A-Z0-9 ]{1,60}----)?"
_PUTTY = (
    r"Private-Lines: \d{1,4}\s{1,2}(?:[A-Za-z0-9+/=]{1,80}\s{0,2}){1,200}(?:Private-MAC: [0-9a-f]{1,128})?"
)
_KNOWN_HOST = (
    r"\|1\|[A-Za-z0-9+/=]{20,40}\|[A-Za-z0-9+/=]{20,40}"  # sshd(8): the name is hashed, yet can be tried out
)

_ACCOUNT = r"(\baccount(?:[ _-]?(?:id|number))?[\"']?\s{0,4}[:=]?\s{0,4}[\"']?)\d{12}\b"
_ECR = (
    r"\b(?!763104351884)\d{12}(?=\.dkr\.ecr[.-])"  # AWS's own account of deep learning images is everybody's
)
_PUBLIC_PROJECTS = "deeplearning-platform-release|google-containers|cloud-builders|k8s-|kaniko-project|distroless|tpu-pytorch"
_REGISTRY = rf"(\b(?:\w{{2,12}}\.)?gcr\.io/|\b[\w-]{{2,40}}-docker\.pkg\.dev/)(?!(?:{_PUBLIC_PROJECTS}))[a-z][a-z0-9-]{{4,29}}(?=/)"
_PROJECT_OPTION = (
    r"((?:\b(?:gcloud|bq|wandb|aim|comet|clearml-\w{1,12}|neptune|sky|torchrun|accelerate|python[\d.]{0,6})\s[^\n]{0,256}?--(?:wandb[_-])?(?:project(?:[_-]name)?|entity)[= ]|\b(?:GOOGLE_CLOUD|GCP|GCLOUD|CLOUDSDK_CORE|VERTEXAI)_PROJECT(?:_ID)?"
    r"[\"']?\s{0,4}[=:]\s{0,4}[\"']?))[a-z][a-z0-9-]{4,29}"
)
_PUBLIC_BUCKETS = "tensorflow|pytorch|ossci|download\\.tensorflow|jax-releases|libtpu|pytorch-xla-releases|tpu-pytorch|cloud-tpu|kaggle|pypa"
_BUCKET_HOST = r"(?<=://)(?!pytorch\.|download\.)[a-z0-9][a-z0-9.-]{2,62}(?=\.s3[.-][\w.-]{0,64}amazonaws\.com|\.storage\.googleapis\.com)"
_BUCKET_PATH = rf"((?:storage\.(?:googleapis|cloud\.google)\.com|s3[\w.-]{{0,32}}\.amazonaws\.com)/)(?!(?:{_PUBLIC_BUCKETS}))[a-z0-9][a-z0-9._-]{{2,62}}"
_AZURE_HOST = r"(?<=//)(?:[^\s/@\"']{1,63}@)?[a-z0-9-]{3,63}(?=\.(?:blob|dfs|file|queue|table)\.core\.windows\.net|\.azurecr\.io)"


def patterns() -> list[Pattern]:
    """Return the patterns of credentials and tenants, by the service that they are for."""
    return [
        Pattern("token", _WEBHOOK, group(rf"\1{HIDDEN}"), ("hooks.slack", "webhook")),
        Pattern("token", _CHANNEL, group(rf"\1{HIDDEN}"), ("/t/",)),
        Pattern("token", _TELEGRAM, fixed(HIDDEN), (":aa",)),
        Pattern("token", _WANDB, group(rf"\1{HIDDEN}"), ("wandb",), ignore_case=True),
        Pattern("token", _NETRC, _netrc, ("password", "account")),
        Pattern("token", _TYPED, _typed, ("sshpass", "redis-cli", "requirepass", "mysql", "docker", "curl", "wget", "http")),
        Pattern("token", _ELEMENT, group(rf"\1{HIDDEN}"), ("password>", "passwd>", "passphrase>", "secret>", "token>", "key>"), ignore_case=True),
        Pattern("token", _CRYPT, fixed(HIDDEN), ("$1$", "$5$", "$6$", "$y$", "$2", "$argon2")),
        Pattern("key", _SSH2, fixed("<key>"), ("---- begin ssh2",)),
        Pattern("key", _PUTTY, fixed("<key>"), ("private-lines",)),
        Pattern("ssh", _KNOWN_HOST, fixed("<host>"), ("|1|",)),
        Pattern("cloud", _ACCOUNT, group(r"\1<account>"), ("account",), ignore_case=True),
        Pattern("cloud", _ECR, fixed("<account>"), (".dkr.ecr",)),
        Pattern("cloud", _REGISTRY, group(r"\1<project>"), ("gcr.io/", ".pkg.dev/")),
        Pattern("cloud", _PROJECT_OPTION, group(r"\1<project>"), ("project", "entity")),
        Pattern("cloud", _BUCKET_HOST, fixed("<bucket>"), (".s3", ".storage.googleapis")),
        Pattern("cloud", _BUCKET_PATH, group(r"\1<bucket>"), ("amazonaws.com/", "storage.googleapis.com/", "storage.cloud.google.com/")),
        Pattern("cloud", _AZURE_HOST, fixed("<account>"), (".core.windows.net", ".azurecr.io")),
    ]  # fmt: skip


def _netrc(match: re.Match[str]) -> str:
    return f"{match.group(1)}<user>{match.group(2)}{HIDDEN}"


def _typed(match: re.Match[str]) -> str:
    """Hide what is typed behind an option, unless it is a variable's name."""
    value = match.group()[len(match.group(1)) :]
    return match.group() if value.startswith(("$", "<")) else f"{match.group(1)}{HIDDEN}"
