"""JAX, jaxlib and the CUDA plugins, which must be of one release."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from auditor.engine.look import Look
from auditor.engine.subjects import distributions
from auditor.engine.verdict import Verdict, fail, not_applicable, passed, unknown
from auditor.engine.versions import parse, release, version_lt
from auditor.knowledge.tables import table
from auditor.model.specifiers import normal

Options = Mapping[str, Any]

_PLUGIN = re.compile(r"jax-cuda(\d+)-plugin")


def jax_jaxlib_mismatch(look: Look, _: Options) -> Verdict:
    """Hold jaxlib against jax: not newer than jax, not older than jax's own minimum."""
    jax, jaxlib = look.value("jax.version"), look.value("jax.jaxlib_version")
    if jax is None:
        return not_applicable("JAX is not installed")
    if jaxlib is None:
        return fail("jax", jax=jax, jaxlib="none", why="jaxlib is not installed", extra=_extra(look))
    if release(jaxlib) > release(jax):
        return fail(
            "jax", jax=jax, jaxlib=jaxlib, why="jaxlib must not be newer than jax", extra=_extra(look)
        )
    rows = look.maybe("python.unmet_requirements") or []
    # where a jaxlib is there whose metadata nobody can read, its release is no reason
    unmet = [row for row in rows if _is_about_jaxlib(row) and row.get("installed")]
    if unmet:
        why = f"jax asks for {unmet[0]['requirement']}"
        return fail("jax", jax=jax, jaxlib=jaxlib, why=why, extra=_extra(look))
    return _against_table(look, jax, jaxlib)


def _extra(look: Look) -> str:
    """Return the extra that moves the installed CUDA plugin along with jax; empty where there is none."""
    rows = look.maybe("python.distributions") or []
    found = (_PLUGIN.fullmatch(normal(str(row["name"]))) for row in rows)
    return next((f"[cuda{plugin[1]}]" for plugin in found if plugin), "")


def _is_about_jaxlib(row: Mapping[str, Any]) -> bool:
    return normal(str(row["distribution"])) == "jax" and normal(str(row["requirement"])).startswith("jaxlib")


def _against_table(look: Look, jax: str, jaxlib: str) -> Verdict:
    """Judge by the rows: a release's minimum is never below that of an earlier release."""
    if release(jaxlib) == release(jax):
        return passed("jax")
    source = table("jax_releases")
    look.cite(source)
    rows = sorted(source.all(), key=lambda row: parse(row["jax"]))
    earlier = [row for row in rows if not version_lt(jax, row["jax"])]
    if earlier and version_lt(jaxlib, earlier[-1]["jaxlib_min"]):
        why = f"jax {jax} wants jaxlib {earlier[-1]['jaxlib_min']} or newer"
        return fail("jax", jax=jax, jaxlib=jaxlib, why=why, extra=_extra(look))
    exact = any(row["jax"] == jax for row in rows)
    return (
        passed("jax")
        if exact
        else unknown(f"jax.version: the oldest jaxlib for jax {jax} is not in the table jax_releases")
    )


def jax_plugin_mismatch(look: Look, _: Options) -> Verdict:
    """Hold the CUDA plugins and their pjrt parts against jaxlib: the same release, all of them."""
    jaxlib = look.value("jax.jaxlib_version")
    if jaxlib is None:
        return not_applicable("jaxlib is not installed")
    parts = {
        name: version
        for name, version in distributions(look).items()
        if name.startswith(("jax-cuda", "jax-rocm")) and name.endswith(("-plugin", "-pjrt"))
    }
    if not parts:
        return not_applicable("no accelerator plugin of JAX is installed")
    wrong = [
        f"{name} {version}" for name, version in parts.items() if release(version)[:3] != release(jaxlib)[:3]
    ]
    if not wrong:
        return passed("jax")
    names = " ".join(f"'{name}=={release_text(jaxlib)}'" for name in parts)
    return fail("jax", wrong=", ".join(wrong), jaxlib=jaxlib, pins=names)


def release_text(version: str) -> str:
    """Return the release alone: "0.4.30" for "0.4.30+cuda12.cudnn91"."""
    return ".".join(str(part) for part in release(version))
