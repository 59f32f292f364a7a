"""Builds the redactor of this run and applies it."""

from __future__ import annotations

from auditor.audit.identity import environment_prefixes, home_folder, host_names, machine_key, user_names
from auditor.host.protocol import Host
from auditor.model.report import Report
from auditor.redaction import Identity, Redactor, redact_report


def redactor_for(host: Host, site_key: bytes = b"") -> Redactor:
    """Return a redactor that knows the names of this machine and its user; `site_key` makes its hashes."""
    identity = Identity(
        hosts=host_names(host),
        users=user_names(host),
        home=home_folder(host),
        prefixes=environment_prefixes(host),
        machine_id=machine_key(host),
        site_key=site_key,
    )
    return Redactor(identity)


def redacted(report: Report, host: Host, site_key: bytes = b"") -> Report:
    """Return the report as it may be made public."""
    return redact_report(report, redactor_for(host, site_key))
