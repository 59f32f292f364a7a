"""Whether the clock is synchronised, by the kernel's own word: no daemon is asked."""

from __future__ import annotations

from typing import Any

from auditor.host.protocol import Host
from auditor.model.fact import Fact, Facts, call, file, known
from auditor.probes.base import Collected, Probe, ask

_SOURCE = "/sys/devices/system/clocksource/clocksource0/current_clocksource"
_UNSYNCHRONISED = 0x40  # STA_UNSYNC, adjtimex(2)


def collect(host: Host, facts: Facts) -> Collected:  # noqa: ARG001
    """Return node.clock_synchronised, node.clock_error_ms and node.clocksource."""
    source = ask(lambda: host.read(_SOURCE).strip() or None, file(_SOURCE))
    state = ask(lambda: host.call("adjtimex", _adjtimex), call("adjtimex"))
    if not state.is_known:
        return {"node.clock_synchronised": state, "node.clock_error_ms": state, "node.clocksource": source}
    where = call(
        "adjtimex", f"status {state.value['status']:#x}, estimated error {state.value['error_us']} us"
    )
    found: dict[str, Fact] = {
        "node.clock_synchronised": known(not state.value["status"] & _UNSYNCHRONISED, where),
        "node.clock_error_ms": known(state.value["error_us"] / 1000, where),
        "node.clocksource": source,
    }
    return found


def _adjtimex() -> dict[str, Any]:
    """Ask with no mode set, which changes nothing and needs no privilege.

    The C structure begins modes (int), offset, freq, maxerror, esterror (long), status (int).
    """
    import ctypes

    buffer = (ctypes.c_long * 64)()
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.adjtimex(ctypes.byref(buffer)) < 0:
        number = ctypes.get_errno()
        raise OSError(number, "adjtimex failed")
    return {"error_us": int(buffer[4]), "status": int(buffer[5]) & 0xFFFFFFFF}


PROBE = Probe(
    name="node/clock",
    provides=("node.clock_synchronised", "node.clock_error_ms", "node.clocksource"),
    platforms=("linux",),
    collect=collect,
    cost=0.005,
    deadline=1.0,
)
