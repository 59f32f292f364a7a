"""Whether the NVIDIA module was built for the kernel that runs."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from auditor.engine.look import Look
from auditor.engine.verdict import Verdict, fail, not_applicable, passed

Options = Mapping[str, Any]


def module_not_built(look: Look, _: Options) -> Verdict:
    """Hold the kernels for which a text shows the module built against the one that runs.

    DKMS calls a module "added" whose source alone is there.
    """
    rows = look.value("log.driver_builds")
    if not rows:
        return not_applicable("no list of built modules is told")
    built = [row["kernel"] for row in rows if row["state"] == "installed"]
    if look.maybe("nvidia.tool_state") == "ok" or "nvidia" in (look.maybe("nvidia.modules") or []):
        return passed()
    if not built:
        return fail(confidence="likely", built="no kernel", kernel=look.maybe("os.kernel", ""))
    kernel = look.value("os.kernel")
    return passed() if kernel in built else fail(built=", ".join(built), kernel=kernel)
