"""What may not leave the machine, and what stands in its place: pure functions."""

from auditor.redaction.identity import Identity
from auditor.redaction.learned import identity_of
from auditor.redaction.redactor import Redactor
from auditor.redaction.report import redact_part, redact_report
from auditor.redaction.snapshot import redact_snapshot

__all__ = ["Identity", "Redactor", "identity_of", "redact_part", "redact_report", "redact_snapshot"]
