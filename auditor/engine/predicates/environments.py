"""What stands in whose way: duplicates, folders that shadow, wheels over one another."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterable, Mapping
from typing import Any

from auditor.engine.look import Look
from auditor.engine.subjects import distributions, framework_of, has_vendor
from auditor.engine.verdict import Verdict, fail, not_applicable, passed
from auditor.engine.versions import NoVersion, parse, version_ge
from auditor.knowledge.tables import table
from auditor.model.specifiers import normal

Options = Mapping[str, Any]

# distributions whose second copy changes what a framework is
CORE = frozenset(
    {
        "torch", "torchvision", "torchaudio", "tensorflow", "tensorflow-cpu", "keras", "jax", "jaxlib", "numpy",
        "protobuf", "triton", "transformers", "onnxruntime", "onnxruntime-gpu", "ml-dtypes",
    }
)  # fmt: skip
# what conda calls otherwise than PyPI
_CONDA_NAMES = {"pytorch": "torch", "pytorch-gpu": "torch", "pytorch-cpu": "torch"}
_SUFFIX = re.compile(r"(nvidia-[a-z0-9-]+?)-cu(\d+)")
# a public release: that of another index is not named by its version alone
_DIST_INFO = re.compile(r"([A-Za-z0-9][\w.]{0,80})-(\d[\w.]{0,40})\.dist-info")
_JAX_PLUGIN = re.compile(r"jax-cuda(\d+)-plugin")
# cu12 and cu13 wheels of these install into the same nvidia/<lib>/ folder; of the others only cu11 and cu12 do
_SHARED = ("nvidia-cudnn", "nvidia-nccl", "nvidia-nvshmem", "nvidia-cusparselt")


def nvidia_wheel_conflict(look: Look, _: Options) -> Verdict:
    """Find nvidia-* wheels of two CUDA majors that install over one another."""
    found: dict[str, dict[str, str]] = {}
    installed = distributions(look)
    for name, version in installed.items():
        if parsed := _SUFFIX.fullmatch(name):
            found.setdefault(parsed[1], {})[parsed[2]] = version
    if not found:
        return not_applicable("no nvidia-* wheel is installed")
    clashes = {lib: majors for lib, majors in found.items() if len(majors) > 1 and _overlap(lib, majors)}
    if not clashes:
        return _linker_too_old(look, installed) or passed()
    names = [
        f"{lib}-cu{major} {version}"
        for lib, majors in clashes.items()
        for major, version in sorted(majors.items())
    ]
    matters = has_vendor(look, "nvidia") if look.facts["accelerators.vendors"].is_known else True
    used = _used_majors(look, installed)
    kept = [
        name.split() for name in names if name.split()[0].endswith(tuple(f"-cu{major}" for major in used))
    ]
    removed = [name.split()[0] for name in names if name.split() not in kept]
    told = _builds_are_known(look, installed)
    single = told and len(used) == 1 and len(kept) == len(clashes)
    return fail(
        names=", ".join(names),
        removed=" ".join(removed if single else [name.split()[0] for name in names]),
        kept=" ".join(f"'{name}=={version}'" for name, version in kept),
        severity=None if matters else "warning",
        variant="kept" if single else "unused" if told and not used else "",
    )


def _linker_too_old(look: Look, installed: Mapping[str, str]) -> Verdict | None:
    """Find an nvJitLink wheel of an older CUDA minor than the cuSPARSE wheel that calls it by that minor's names."""
    linker, sparse = (installed.get(f"nvidia-{name}-cu12") for name in ("nvjitlink", "cusparse"))
    if not linker or not sparse:
        return None
    source = table("nvidia_wheels")
    cuda = next((row["cuda"] for row in source.all() if version_ge(sparse, row["from"])), "")
    if not cuda or version_ge(linker, cuda):
        return None
    look.cite(source)
    return fail(
        names=f"nvidia-nvjitlink-cu12 {linker}, nvidia-cusparse-cu12 {sparse} of CUDA {cuda}",
        linker=f"'nvidia-nvjitlink-cu12=={cuda}.*'",
        variant="linker",
    )


def _used_majors(look: Look, installed: Mapping[str, str]) -> set[str]:
    """Return the CUDA majors that the frameworks here are built for."""
    builds = [str(look.maybe(f"{module}.cuda_build") or "") for module in ("torch", "tensorflow")]
    plugins = [found[1] for name in installed if (found := _JAX_PLUGIN.fullmatch(name))]
    return {build.split(".")[0] for build in builds if build} | set(plugins)


def _builds_are_known(look: Look, installed: Mapping[str, str]) -> bool:
    """Return whether it is known of each framework here for which CUDA it is built, or that it is not."""
    modules = [module for module in ("torch", "tensorflow") if module in installed]
    return all(look.facts[f"{module}.cuda_build"].state != "unknown" for module in modules)


def _overlap(lib: str, majors: Mapping[str, str]) -> bool:
    return lib in _SHARED or len([major for major in majors if int(major) <= 12]) > 1


# what a wrong version of a package leads to, beside an import that fails
_LEADS_TO = {
    "torch": ("torch_companion_mismatch", "torch_xla_mismatch", "torchtext_eol", "extension_abi_mismatch", "numpy2_abi",
              "gpu_too_new_for_build", "gpu_too_old_for_build", "extension_missing_arch", "cpu_only_build", "driver_too_old"),
    "torchvision": ("torch_companion_mismatch",),
    "torchaudio": ("torch_companion_mismatch",),
    "tensorflow": ("tf_addon_mismatch", "protobuf_incompat", "keras3_incompat", "numpy2_abi", "numpy_too_new_api"),
    "tensorflow-cpu": ("tf_addon_mismatch", "protobuf_incompat", "keras3_incompat", "numpy2_abi", "numpy_too_new_api"),
    "keras": ("keras3_incompat",),
    "jax": ("jax_jaxlib_mismatch", "jax_plugin_mismatch"),
    "jaxlib": ("jax_jaxlib_mismatch", "jax_plugin_mismatch", "numpy2_abi"),
    "numpy": ("numpy2_abi", "numpy_too_new_api"),
    "protobuf": ("protobuf_incompat",),
}  # fmt: skip
_BREAKS = ("framework_import_failed", "framework_import_crash", "smoke_failed")
_CONFLICTS = ("dependency_conflict", "coinstall_conflict")


def _led_to(name: str, harms: bool) -> tuple[str, ...]:
    """Return what a second copy of a package explains; one that does no harm explains nothing."""
    return (*_BREAKS, *_CONFLICTS, *_LEADS_TO.get(normal(name), ())) if harms else ()


def duplicate_installs(look: Look, _: Options) -> list[Verdict] | Verdict:
    """Find distributions that stand twice on the path with different versions or in different places."""
    found = [
        fail(
            framework_of(normal(row["name"])),
            explains=_led_to(row["name"], _harms(row)),
            variant=str(row.get("hides") or ""),
            name=row["name"],
            what=_what(look, row),
            first=shlex.quote(row["copies"][0]["location"]),
            said=_said(row),
            severity=None if _harms(row) else "note",
        )
        for row in look.value("python.duplicates") or []
    ]
    return found or passed()


def _harms(row: Mapping[str, Any]) -> bool:
    """Return whether a second copy changes what a framework is."""
    return normal(row["name"]) in CORE and len({copy["version"] for copy in row["copies"]}) > 1


_SAID = {
    "pythonpath": "what PYTHONPATH brings is imported, {first}, in place of {rest}",
    "folder": "files without metadata are imported, {first}, in place of {rest}",
    "files": "the files are {first}, the metadata {rest}; the files are imported",
}


def _said(row: Mapping[str, Any]) -> str:
    """Return which copies there are, and which of them counts."""
    first, *more = [f"{copy['version']} in {copy['location']}" for copy in row["copies"]]
    usual = f"{row['name']} stands twice on the path: {{first}}, {{rest}}; the first one counts"
    template = _SAID.get(str(row.get("hides")), "")
    said = f"of {row['name']} {template}" if template else usual
    return said.format(first=first, rest=", ".join(more))


def _what(look: Look, row: Mapping[str, Any]) -> str:
    """Return what to install: of torch the build that the plan chooses, else the newest of the copies."""
    from auditor.engine.planning.line import torch_line

    line = torch_line(look.facts) if normal(row["name"]) == "torch" else ""
    return line or row["name"] + _newest(copy["version"] for copy in row["copies"])


def _newest(versions: Iterable[str]) -> str:
    """Return "==1.13.1", without a build, for the newest of some releases; empty where one of them is none."""
    try:
        return f"=={max(parse(version) for version in versions).public}"
    except NoVersion:
        return ""


def broken_metadata(look: Look, _: Options) -> list[Verdict] | Verdict:
    """Find metadata that cannot be read; what may be removed differs from what must not."""
    found = [
        fail(
            row["path"],
            path=row["path"],
            reason=row["reason"],
            quoted=shlex.quote(row["path"]),
            package=normal(re.split(r"-\d", row["path"].rpartition("/")[2])[0]),
            release=_release(row["path"]),
            variant=_breakage(row),
        )
        for row in look.value("python.broken_metadata") or []
    ]
    return found or passed()


def _breakage(row: Mapping[str, Any]) -> str:
    if row["reason"].startswith("cannot be compared"):
        return "requirement"
    if row["reason"].startswith("METADATA is empty") and _release(row["path"]):
        return "release"
    return "" if row["path"].endswith((".dist-info", ".egg-info")) else "folder"


def _release(path: str) -> str:
    """Return "name==1.0" of a wheel's folder that tells both; none of a renamed leftover or of a local build."""
    named = _DIST_INFO.fullmatch(path.rpartition("/")[2])
    return f"{normal(named[1])}=={named[2]}" if named else ""


def user_site_shadowing(look: Look, _: Options) -> list[Verdict] | Verdict:
    """Find distributions in the user's own site folder that hide the environment's.

    Over a system Python that is how `pip install --user` works; over an environment it spoils it.
    """
    own_environment = look.maybe("python.kind") != "system"
    found = [
        fail(
            framework_of(normal(row["name"])),
            explains=("duplicate_install_shadowing", *_led_to(row["name"], normal(row["name"]) in CORE)),
            name=row["name"],
            version=row["version"],
            shadows=_shadowed(row["shadows"]),
            **_harm(row, own_environment),
        )
        for row in look.value("python.user_site_packages") or []
        if row.get("shadows")
    ]
    return found or passed()


def _harm(row: Mapping[str, Any], own_environment: bool) -> Mapping[str, Any]:
    """Return how grave a copy in the user's folder is: one of unknown version may be all that there is."""
    told = str(row["version"])[:1].isdigit()
    grave = told and normal(row["name"]) in CORE and own_environment
    return (
        {} if grave else {"severity": "warning"} if told else {"severity": "warning", "confidence": "likely"}
    )


def local_shadows(look: Look, _: Options) -> list[Verdict] | Verdict:
    """Find files in the working directory that are imported in place of a package.

    A project's own source folder may do so, unless it is a framework's: its compiled parts are not there.
    """
    found = [
        fail(
            row["module"],
            module=row["module"],
            path=row["path"],
            severity=None if normal(row["module"]) in CORE else "warning",
        )
        for row in look.value("python.local_shadows") or []
        if not row.get("project") or normal(row["module"]) in CORE
    ]
    return found or passed()


def _shadowed(shadows: Any) -> str:
    return str(shadows.get("version")) if isinstance(shadows, Mapping) else str(shadows)


def mixed_pip_conda(look: Look, _: Options) -> list[Verdict] | Verdict:
    """Find a distribution that both conda and pip installed, by their own records.

    One version in both is one installation: pip lists what conda installed, and what conda-forge rebuilt as .postN.
    """
    rows = look.value("python.distributions") or []
    installers: dict[str, dict[str, str]] = {}
    for row in rows:
        installers.setdefault(normal(row["name"]), {})[str(row.get("installer") or "")] = str(row["version"])
    for name, version, *_build in look.maybe("python.conda_packages") or []:
        installers.setdefault(_CONDA_NAMES.get(name, normal(name)), {})["conda"] = str(version)
    if not any("conda" in by for by in installers.values()):
        return not_applicable("conda installed nothing here")
    found = [
        fail(
            name,
            name=name,
            versions=", ".join(f"{version} by {by}" for by, version in sorted(ways.items()) if by),
        )
        for name, ways in installers.items()
        if "conda" in ways
        and {"pip", "uv"} & set(ways)
        and name in CORE
        and len({version.partition(".post")[0] for version in ways.values()}) > 1
    ]
    return found or passed()


def coinstall_conflict(look: Look, _: Options) -> list[Verdict] | Verdict:
    """Find a framework whose requirement another framework's presence keeps from being met."""
    frameworks = {"torch", "tensorflow", "tensorflow-cpu", "jax", "jaxlib"} & set(distributions(look))
    if len(frameworks) < 2:
        return not_applicable("at most one framework is installed")
    shared = (
        "numpy",
        "protobuf",
        "ml-dtypes",
        "nvidia-",
        "typing-extensions",
        "setuptools",
        "triton",
        "keras",
        "h5py",
    )
    found = [
        fail(
            normal(row["distribution"]),
            distribution=row["distribution"],
            requirement=row["requirement"],
            installed=row.get("installed") or "nothing",
            others=", ".join(sorted(frameworks - {normal(row["distribution"])})),
        )
        for row in look.value("python.unmet_requirements") or []
        if normal(row["distribution"]) in frameworks and normal(row["requirement"]).startswith(shared)
    ]
    return found or passed()
