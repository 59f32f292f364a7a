"""UUIDs, serial numbers and what clouds and containers call a machine."""

from __future__ import annotations

import re

from auditor.redaction.identity import Identity
from auditor.redaction.pattern import Pattern, Replace, fixed, group

_HEX = "[0-9A-Fa-f]"
_REST = "-0000-0000-0000-000000000000"  # behind a digest: already hidden, yet still shaped like a UUID
_NAMED = rf"(?<![A-Za-z0-9])((?:MIG-GPU|GPU|MIG)-)({_HEX}{{8}})((?:-{_HEX}{{1,12}}){{0,4}})(?![\w-])"
_UUID = rf"(?={_HEX}{{8}}[-_])(?:(?<![A-Za-z0-9])(?<!wmi[:/])|(?<=pod))({_HEX}{{8}})([-_]{_HEX}{{4}}[-_]{_HEX}{{4}}[-_]{_HEX}{{4}}[-_]{_HEX}{{12}})(?!{_HEX})"
# what every machine has: the EFI specification's global variables and its image security database
_COMMON = ("8be4df61-93ca-11d2-aa0d-00e098032b8c", "d719b2cb-3d3a-4596-a3bc-dad00e67656f")
_WORD = r"(?:serial(?:[ _-]?(?:number|num|no|short))?|s/n|service[ _-]?tag|asset[ _-]?tag|(?:board|chassis|system|product)[ _-]serial)"
_SERIAL = rf"(?<![A-Za-z])(?!(?<=<)serial>(?:\W|$))({_WORD}[\"'>]{{0,2}}\s{{0,48}}[:=>]\s{{0,8}}[\"']?)(?=[\w-]{{0,20}}\d)([\w-]{{4,40}})"
_XML_SERIAL = r"(<((?:\w{1,20}_)?(?:serial|serial_number))>)(?!N/A|0{4,}<)[^<]{3,64}(?=</\2>)"  # our stand-in looks like the tag
_PROCESS = r"(<process_name>|<cmdline>)([^<]{1,4096})(?=<)"
_AWS_ID = r"\b(i|fs|fsap|ami|vpc|subnet|sg|eni|vol|snap|r|eipalloc|rtb|igw)-(?=[0-9a-f]{0,16}\d)(?:[0-9a-f]{17}|[0-9a-f]{8})\b"
_ARN = r"\barn:aws[\w-]{0,10}:[\w-]{1,30}:[\w-]{0,20}:\d{0,12}:[\w/:.*-]{1,256}"
_OCID = r"\bocid1\.[a-z]{2,30}\.oc\d{1,2}\.[a-z0-9-]{0,30}\.[a-z0-9]{20,80}"
_PROJECT = (  # as Google Cloud names its resources
    r"(?<=projects/)[a-z0-9][a-z0-9-]{2,62}(?=/(?:zones|regions|locations|global|secrets|topics|subscriptions|datasets|repositories|"
    r"instances|serviceAccounts|buckets|logs|models|endpoints|databases|services|images)\b)"
)
_BUCKET = r"\b(s3[an]?|gs|az|abfss?|wasbs?|gcs)(://)[^\s/'\"<>]{1,128}"
_DISK = r"((?:by-(?:uuid|partuuid|id|diskseq)/)(?!(?:[a-z]{2,6}-)?id-[0-9a-f]{8}\b)(?:(?:nvme|ata|scsi|usb|virtio|md|dm|wwn|lvm)-)?)([^\s/'\",;)]{4,256})"
_WORLD_WIDE = rf"\b(eui\.|naa\.|wwn-0x|nvme\.)({_HEX}{{16,64}}\b[\w-]{{0,256}})"
_INTERFACE = rf"\b((?:en|wl|ww|sl)x)({_HEX}{{12}})\b"  # systemd.net-naming-scheme(7): the MAC is the name
_DOTTED_MAC = rf"(\b(?:mac|hwaddr|ether)\b[^\n]{{0,16}}?){_HEX}{{4}}\.{_HEX}{{4}}\.{_HEX}{{4}}\b"
_MACHINE = rf"(\bmachine[-_ ]?id\W{{1,4}}){_HEX}{{32}}\b"
_CONTAINER = rf"\b((?:docker|containerd|crio|libpod|cri-containerd|kubepods|pod|overlay2|containers)[-/_:]{{1,3}})({_HEX}{{12,64}})(?!{_HEX})"


_APART = (
    _XML_SERIAL,
    _SERIAL,
    _PROCESS,
    _DISK,
    _DOTTED_MAC,
    _ARN,
    _PROJECT,
    _BUCKET,
)  # never in a single word


def patterns(identity: Identity, *, whole: bool) -> list[Pattern]:
    """Return the patterns; `whole` keeps the shape of UUIDs so that a recording stays replayable."""
    found = [
        Pattern("serial", _XML_SERIAL, group(r"\1<serial>"), ("serial>", "serial_number>")),
        Pattern("serial", _SERIAL, group(r"\1<serial>"), ("serial", "s/n", "tag"), ignore_case=True),
        Pattern("command line", _PROCESS, _process, ("<process_name>", "<cmdline>")),
        Pattern("uuid", _NAMED, _named(identity, whole=whole), ("gpu-", "mig-")),
        Pattern("uuid", _UUID, _uuid(identity, whole=whole), ("-",)),
        Pattern(
            "serial", _DISK, _numbered(identity, "id-"), ("by-uuid/", "by-partuuid/", "by-id/", "by-diskseq/")
        ),
        Pattern("serial", _WORLD_WIDE, _numbered(identity, "id-"), ("eui.", "naa.", "wwn-", "nvme.")),
        Pattern("mac", _INTERFACE, _numbered(identity, "mac"), ("enx", "wlx", "wwx", "slx")),
        Pattern("mac", _DOTTED_MAC, group(r"\1<mac>"), ("mac", "hwaddr", "ether"), ignore_case=True),
        Pattern("uuid", _MACHINE, group(r"\1<id>"), ("machine",), ignore_case=True),
        *_machine_id(identity),
        Pattern("cloud", _AWS_ID, group(r"\1-<id>"), ("-",)),
        Pattern("cloud", _OCID, fixed("<ocid>"), ("ocid1.",)),
        Pattern("cloud", _ARN, fixed("<arn>"), ("arn:aws",)),
        Pattern("cloud", _PROJECT, fixed("<project>"), ("projects/",)),
        Pattern("cloud", _BUCKET, group(r"\1\2<bucket>"), ("://",)),
        Pattern(
            "container", _CONTAINER, _container(identity), ("docker", "contain", "cri", "pod", "overlay2")
        ),
    ]
    return [pattern._replace(apart=pattern.source in _APART) for pattern in found]


def _machine_id(identity: Identity) -> list[Pattern]:
    """Return the pattern of this machine's own id, wherever it stands."""
    own = identity.machine_id.lower()
    return (
        [Pattern("uuid", re.escape(own), _digested(identity), (own,), ignore_case=True)]
        if len(own) > 15
        else []
    )


def _numbered(identity: Identity, word: str) -> Replace:
    """Return a stand-in that tells one disk or card from another, so that a recording's paths stay apart."""
    return lambda match: f"{match.group(1)}{word}{identity.digest(match.group(2))}"


def _digested(identity: Identity) -> Replace:
    return lambda match: f"id-{identity.digest(match.group())}"


def _named(identity: Identity, *, whole: bool) -> Replace:
    def replace(match: re.Match[str]) -> str:
        prefix, first, rest = match.groups()
        if rest == _REST:  # hidden before
            return match.group() if whole else f"{prefix}id-{first}"
        # only the first eight digits count, because CUDA_VISIBLE_DEVICES may hold just those
        digest = identity.digest(first)
        return f"{prefix}{digest}{_REST}" if whole else f"{prefix}id-{digest}"  # which is hidden once only

    return replace


def _uuid(identity: Identity, *, whole: bool) -> Replace:
    def replace(match: re.Match[str]) -> str:
        first, rest = match.groups()
        if match.group().lower() in _COMMON:
            return match.group()
        if rest == _REST:
            return match.group() if whole or int(first, 16) == 0 else f"uuid-{first}"
        digest = identity.digest(first)
        return f"{digest}{_REST}" if whole else f"uuid-{digest}"

    return replace


def _container(identity: Identity) -> Replace:
    return lambda match: f"{match.group(1)}{identity.digest(match.group(2))}"


def _process(match: re.Match[str]) -> str:
    return match.group(1) + program(match.group(2))


def program(command_line: str) -> str:
    """Return only the program's name of a command line: arguments hold anything."""
    words = command_line.split()
    if not words or command_line.startswith("["):
        return command_line
    return words[0].replace("\\", "/").rstrip("/").rpartition("/")[2] or "<command>"
