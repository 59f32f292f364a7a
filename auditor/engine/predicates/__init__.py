"""The named predicates that a card's `check` may use: an explicit table, one small module a family.

A predicate takes a view of the facts and the card's `options`, and answers with a verdict or several.
A fact that it needs and that is unknown raises `Undecided`, which makes the rule unknown.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from auditor.engine.look import Look
from auditor.engine.predicates import (
    building,
    driver,
    environments,
    gpu_builds,
    health,
    jax_family,
    loaded_libraries,
    machine,
    masks,
    messages,
    python_libraries,
    seen,
    tensorflow_family,
    torch_family,
    vendors,
    wanted,
    wheels,
)
from auditor.engine.verdict import Verdict

Predicate = Callable[[Look, Mapping[str, Any]], Verdict | list[Verdict]]

PREDICATES: Mapping[str, Predicate] = {
    "bitsandbytes_windows": messages.bitsandbytes_windows,
    "c_compiler_missing": building.c_compiler_missing,
    "coinstall_conflict": environments.coinstall_conflict,
    "compat_shadowing": loaded_libraries.compat_shadowing,
    "container_no_gpu": machine.container_no_gpu,
    "cpu_lacks_instructions": wheels.cpu_lacks_instructions,
    "cpu_only_build": vendors.cpu_only_build,
    "cpu_quota_ignored": machine.cpu_quota_ignored,
    "cuda_unavailable": seen.cuda_unavailable,
    "cudnn_mismatch": loaded_libraries.cudnn_mismatch,
    "different_interpreter": messages.different_interpreter,
    "disk_full": machine.disk_full,
    "distribution_pair": python_libraries.distribution_pair,
    "driver_below_runtime": driver.driver_below_runtime,
    "driver_library_mismatch": driver.driver_library_mismatch,
    "driver_not_installed": driver.driver_not_installed,
    "driver_not_loaded": driver.driver_not_loaded,
    "duplicate_installs": environments.duplicate_installs,
    "ended_packages": python_libraries.ended_packages,
    "extension_abi": building.extension_abi,
    "extension_missing_arch": building.extension_missing_arch,
    "forward_compatibility": machine.forward_compatibility,
    "framework_import": seen.framework_import,
    "framework_not_installed": seen.framework_not_installed,
    "glibc_too_old": wheels.glibc_too_old,
    "gpu_against_build": gpu_builds.gpu_against_build,
    "gpu_count_differs": machine.gpu_count_differs,
    "jax_cpu_only": vendors.jax_cpu_only,
    "jax_jaxlib_mismatch": jax_family.jax_jaxlib_mismatch,
    "jax_plugin_mismatch": jax_family.jax_plugin_mismatch,
    "jetson_wrong_wheel": vendors.jetson_wrong_wheel,
    "keras3_incompat": python_libraries.keras3_incompat,
    "ld_library_path_shadowing": environments.ld_library_path_shadowing,
    "local_shadows": environments.local_shadows,
    "macos_intel_dropped": wanted.macos_intel_dropped,
    "masked_devices": masks.masked_devices,
    "memory_held_elsewhere": messages.memory_held_elsewhere,
    "mixed_pip_conda": environments.mixed_pip_conda,
    "mkl_too_new": loaded_libraries.mkl_too_new,
    "no_gpu_or_driver": driver.no_gpu_or_driver,
    "numpy2_abi": python_libraries.numpy2_abi,
    "numpy_names_gone": messages.numpy_names_gone,
    "nvcc_differs": building.nvcc_differs,
    "nvidia_wheel_conflict": environments.nvidia_wheel_conflict,
    "nvlink_down": health.nvlink_down,
    "onnxruntime_cuda": loaded_libraries.onnxruntime_cuda,
    "pcie_link_degraded": health.pcie_link_degraded,
    "pin_unavailable": wanted.pin_unavailable,
    "pkg_resources_missing": python_libraries.pkg_resources_missing,
    "platform_unsupported": wanted.platform_unsupported,
    "protobuf_incompat": python_libraries.protobuf_incompat,
    "ptx_needs_newer_driver": driver.ptx_needs_newer_driver,
    "python_headers_missing": building.python_headers_missing,
    "python_unsupported": wheels.python_unsupported,
    "rocm_gfx_unsupported": vendors.rocm_gfx_unsupported,
    "rocm_permission": machine.rocm_permission,
    "rocm_wsl": messages.rocm_wsl,
    "row_remap_pending": health.row_remap_pending,
    "tensorflow_cuda_libraries": loaded_libraries.tensorflow_cuda_libraries,
    "tf_addon_mismatch": tensorflow_family.tf_addon_mismatch,
    "tf_mixed_packages": tensorflow_family.tf_mixed_packages,
    "tf_windows_native": vendors.tf_windows_native,
    "torch_companions": torch_family.torch_companions,
    "torchtext_ended": torch_family.torchtext_ended,
    "user_site_shadowing": environments.user_site_shadowing,
    "wrong_vendor_build": vendors.wrong_vendor_build,
    "xid_errors": health.xid_errors,
}
