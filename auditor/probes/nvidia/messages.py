"""Xid and SXid messages of the kernel log, as far as this user may read it."""

from __future__ import annotations

import os

from auditor.host.formats import kernel_log
from auditor.host.protocol import CallFailed, Host, NotRecorded
from auditor.model.cut import head
from auditor.model.fact import EXCERPT_LIMIT, Evidence, Fact, call, command, file, known, unknown

_DEVICE = "/dev/kmsg"
_RECORDS_AT_MOST = 100_000
_COMMANDS = (["dmesg"], ["dmesg", "--decode", "--time-format=iso", "--nopager"], ["dmesg", "-a"])
_FILES = ("/var/log/kern.log", "/var/log/messages", "/var/log/syslog")
_DENIED = "the kernel log may be read by root only here (kernel.dmesg_restrict)"


def collect(host: Host, *, look: bool) -> dict[str, Fact]:
    """Return the Xids; without anything of NVIDIA there are none, and no log is read."""
    if not look:
        nothing = known([], Evidence("computed", "nothing of NVIDIA is here"))
        return {"nvidia.xids": nothing, "nvidia.sxids": nothing}
    text, evidence, why = _log(host)
    if text is None:
        return dict.fromkeys(("nvidia.xids", "nvidia.sxids"), unknown(why))
    found = kernel_log.xids(text)
    excerpt = next((line for line in text.splitlines() if "Xid (" in line), "no Xid")
    where = Evidence(evidence.kind, evidence.ref, head(excerpt, EXCERPT_LIMIT))
    return {"nvidia.xids": known(found, where), "nvidia.sxids": known(kernel_log.sxids(text), where)}


def _log(host: Host) -> tuple[str | None, Evidence, str]:
    """Return the log's text and where it comes from, or why there is none."""
    why = ""
    try:
        return "\n".join(host.call("kernel-log", read_device)), call(_DEVICE), ""
    except PermissionError:
        why = _DENIED
    except (NotRecorded, CallFailed, OSError) as error:
        why = str(error)
    told = printed(host, by_command=why != _DENIED)
    return (*told, "") if told else (None, file(_DEVICE), why)


def printed(host: Host, *, by_command: bool = True) -> tuple[str, Evidence] | None:
    """Return the kernel log as a command prints it or a logger keeps it; None where neither tells."""
    for argv in _COMMANDS if by_command else ():
        text = _command(host, argv)
        if text is not None:
            return text, command(" ".join(argv))
    for path in _FILES:
        try:
            return host.read(path), file(path)
        except (NotRecorded, OSError):
            continue
    return None


def _command(host: Host, argv: list[str]) -> str | None:
    try:
        answer = host.run(" ".join(argv), argv, timeout=3.0)
    except (NotRecorded, OSError):
        return None
    return answer.stdout if answer.rc == 0 else None


def read_device() -> list[str]:
    """Return the lines of accelerators' drivers in /dev/kmsg, never waiting for a new one.

    A record reads "6,1234,5678,-;text" (Documentation/ABI/testing/dev-kmsg).
    """
    stream = os.open(_DEVICE, os.O_RDONLY | os.O_NONBLOCK)
    lines = []
    try:
        for _ in range(_RECORDS_AT_MOST):
            try:
                record = os.read(stream, 8192)
            except BlockingIOError:
                break
            except BrokenPipeError:  # the record was overwritten meanwhile: the next one follows
                continue
            if not record:
                break
            lines.append(record.decode("utf-8", "replace").partition(";")[2].partition("\n")[0])
    finally:
        os.close(stream)
    return kernel_log.relevant(lines)
