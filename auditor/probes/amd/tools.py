"""rocm-smi, amd-smi and rocminfo, where they are installed."""

from __future__ import annotations

from auditor.host.formats import rocm_smi
from auditor.host.formats.readings import Device
from auditor.host.formats.rocm_smi import Report
from auditor.host.protocol import Answer, Host, NotRecorded
from auditor.model.fact import Evidence, command

DEADLINE = 10.0
# begins as the argument lists of common monitoring agents do, so that their recordings answer it
_ROCM_SMI = [
    "rocm-smi", "-o", "-t", "-u", "-i", "-P", "-M", "-v", "--showdriverversion", "--showproductname", "--showuniqueid",
    "--showbus", "--showmeminfo", "vram", "--showtoponuma", "--json",
]  # fmt: skip
_ASKED = ("rocm-smi", _ROCM_SMI), ("amd-smi", ["amd-smi"])


def ask(host: Host) -> tuple[Report | None, tuple[Evidence, ...], str, str]:
    """Return the first tool's report, its evidence, why there is none, and how the tools fared.

    They fared ok, or as the gravest of hang, failed, unknown (not recorded) and missing.
    """
    reasons = []
    states: list[str] = []
    for key, argv in _ASKED:
        try:
            answer = host.run(key, list(argv), DEADLINE)
            report = rocm_smi.parse(answer.stdout)
        except NotRecorded as error:
            reasons.append(str(error))
            states.append("unknown")
        except FileNotFoundError:
            states.append("missing")
            reasons.append(f"there is no {key} on PATH")
        except OSError as error:
            states.append("failed")
            reasons.append(f"{key} could not be started: {error.strerror}")
        except ValueError as error:
            states.append("hang" if answer.timed_out else "failed")
            reasons.append(_failed(key, answer, str(error)))
        else:
            if key == "amd-smi":
                _metrics(host, report)
            return report, (command(answer.line),), "", "ok"
    gravest = next(state for state in ("hang", "failed", "unknown", "missing") if state in states)
    return None, (), "; ".join(reasons), gravest


def _failed(key: str, answer: Answer, why: str) -> str:
    return f"{key} gave no answer in {DEADLINE:.0f} s" if answer.timed_out else f"{key}: {why}"


def _metrics(host: Host, report: Report) -> None:
    """Add what `amd-smi metric` shows of the same devices."""
    try:
        rows = rocm_smi.parse(host.run("amd-smi metric", ["amd-smi", "metric"], DEADLINE).stdout).devices
    except (NotRecorded, OSError, ValueError):
        return
    if len(rows) == len(report.devices):
        for device, row in zip(report.devices, rows, strict=True):
            device.values.update({field: value for field, value in row.values.items() if value is not None})


def agents(host: Host) -> list[Device]:
    """Return the GPU agents of rocminfo, none where it does not answer."""
    try:
        return rocm_smi.parse_rocminfo(host.run("rocminfo", ["rocminfo"], DEADLINE).stdout)
    except (NotRecorded, OSError):
        return []
