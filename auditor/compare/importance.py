"""Which facts matter when two machines differ: by what can break a framework, not by what merely moves."""

from __future__ import annotations

import re
from typing import Literal

Importance = Literal["decisive", "relevant", "minor", "noise"]
ORDER: tuple[Importance, ...] = ("decisive", "relevant", "minor", "noise")

# the first prefix that fits decides; a fact that no line names is relevant where a finding rests on it, else minor
_RANKS: tuple[tuple[Importance, str], ...] = (
    ("noise", r"request\.|target\.chosen_because|os\.uptime_s|audit\.|smoke\.environment|smoke\.results|smoke\.\w+\.import_s"),
    ("noise", r"(memory|disk)\.\w*(available|free|places)\w*|memory\.(shm|swap)_free_kib|memory\.hugepages_free"),
    ("noise", r"gpu\[i\]\.(temperature|power_draw|clock_(sm|memory)_mhz|utilization|memory_(used|free)|uuid|processes|pci_bus_id)\w*"),
    ("noise", r"(target|python)\.(python|prefix|executable|base_prefix|include|sys_path)|\w+\.location|smoke\.\w+\.stderr"),
    ("decisive", r"nvidia\.(driver_version|cuda_driver_version|gpu_count|kernel_module_version|libcuda_version|modules|nvml_state)"),
    ("decisive", r"(amd|gaudi|intel)\.(driver_version|rocm_version|gpu_count|gfx_targets|device_count|xpu_runtime)|tpu\.chips"),
    ("decisive", r"(torch|tensorflow|jax)\.(version|build|cuda_build|hip_build|xpu_build|arch_list|jaxlib_version|cudnn_build)"),
    ("decisive", r"gpu\[i\]\.(name|compute_capability|gfx_target|memory_total_mib|recovery_action|mig_mode|compute_mode)"),
    ("decisive", r"env\.(masks|visible_gpus|harmful)|accelerators\.vendors|smoke\.\w+\.(import|devices|message)"),
    ("decisive", r"python\.(version|free_threaded|implementation|unmet_requirements|duplicates|local_shadows)|target\.usable"),
    ("relevant", r"loader\.|cuda\.|env\.|python\.|container\.|cgroup\.|gpu\[i\]\.|nvidia\.|amd\.|os\.|limits\.|ib\.|cpu\.|numa\."),
    ("relevant", r"memory\.|tpu\.|compilers\.|orchestrator\."),
)  # fmt: skip


def importance(key: str) -> Importance:
    """Return how much a difference in a fact matters."""
    general = re.sub(r"\[\d+\]", "[i]", key)
    return next((rank for rank, pattern in _RANKS if re.match(pattern, general)), "minor")
