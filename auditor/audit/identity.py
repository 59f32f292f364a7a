"""Who this machine and user are, so that redaction can hide it."""

from __future__ import annotations

import os

from auditor.host.protocol import CallFailed, Host, NotRecorded


def host_names(host: Host) -> tuple[str, ...]:
    """Return the machine's names, long and short, or none where it is not ours to ask."""
    try:
        name = str(host.call("hostname", _host_name))
    except (OSError, NotRecorded, CallFailed):
        return ()
    short = name.split(".", 1)[0]
    return (name,) if short == name else (name, short)


def user_names(host: Host) -> tuple[str, ...]:
    """Return the user's login names."""
    names: list[str] = []
    try:
        names.append(str(host.call("user name", _login_name)))
    except (OSError, NotRecorded, CallFailed):
        pass
    for variable in ("USER", "LOGNAME"):
        try:
            names.append(host.env(variable) or "")
        except NotRecorded:
            pass
    return tuple(dict.fromkeys(name for name in names if name))


def home_folder(host: Host) -> str:
    """Return the user's home folder, or "" where it is unknown."""
    try:
        return host.env("HOME") or str(host.call("home folder", lambda: os.path.expanduser("~")))
    except (OSError, NotRecorded, CallFailed):
        return ""


def machine_key(host: Host) -> str:
    """Return /etc/machine-id, or "" where it cannot be read: then a key is made for the run."""
    try:
        return host.read("/etc/machine-id").strip()
    except (OSError, NotRecorded):
        return ""


def environment_prefixes(host: Host) -> tuple[tuple[str, str], ...]:
    """Return (folder, variable) of the active environments, so that commands stay pasteable."""
    found = []
    for variable in ("VIRTUAL_ENV", "CONDA_PREFIX"):
        try:
            folder = host.env(variable)
        except NotRecorded:
            continue
        if folder and folder.startswith("/"):
            found.append((folder.rstrip("/"), f"${variable}"))
    return tuple(found)


def _host_name() -> str:
    if hasattr(os, "uname"):
        return os.uname().nodename
    import socket

    return socket.gethostname()


def _login_name() -> str:
    """Return the user's name as the password database has it; what the variables say is asked apart."""
    try:
        import pwd

        return pwd.getpwuid(os.getuid()).pw_name
    except (ImportError, KeyError):
        import getpass

        return getpass.getuser()
