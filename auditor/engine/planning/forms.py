"""A plan written out for a tool: pip, uv, conda, a requirements file, a pyproject.toml, a Dockerfile."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from auditor.engine.planning.machine import Machine, machine_of
from auditor.engine.planning.rows import rows
from auditor.engine.planning.steps import parts
from auditor.engine.versions import minor
from auditor.model.fact import Facts
from auditor.model.recommendation import Plan

_TOOLS = "setuptools wheel ninja packaging"  # what building without isolation must find
_UV = "uv==0.13.9"  # fixed, so that an image made again is the same
_PLACES = ("dl", "tf")  # of two environments
_AND_CUDA = (2, 14)  # the first TensorFlow with the extra (rules/tables/tensorflow_builds.toml)


def written(plan: Plan, facts: Facts, form: str) -> str:
    """Return a possible plan in a form of `FORMS`, ending with a line break.

    Frameworks that need an environment each come as blocks, each below a comment that names its own.
    """
    machine = machine_of(facts)
    if not plan.apart:
        return FORMS[form](plan, machine)
    blocks = zip(_PLACES, plan.apart, strict=True)
    return "\n".join(_block(number, FORMS[form](one, machine), place, one, form)
                     for number, (place, one) in enumerate(blocks, 1))  # fmt: skip


def _block(number: int, text: str, place: str, plan: Plan, form: str) -> str:
    """Return one of two environments: commands follow each other, of files each goes into its own."""
    what = "environment" if form in ("pip", "uv") else "file"
    head = f"# {what} {number} of 2, for {plan.framework} alone"
    head += "" if what == "environment" else ": keep it apart from the other"
    if number > 1:
        text = text.replace(" .venv\n", f" .venv-{place}\n").replace("name: dl\n", f"name: {place}\n")
        text = text.replace("uv pip install ", f"uv pip install --python .venv-{place} ")
    return f"{head}\n{text}"


def _pip(plan: Plan, machine: Machine) -> str:  # noqa: ARG001
    return "".join(f"{step}\n" for step in plan.steps)


def _requirements(plan: Plan, machine: Machine) -> str:
    """The local version pins the build, so that the extra index cannot be outbid by PyPI."""
    return "".join(f"{line}\n" for line in _required(plan, machine))


def _required(plan: Plan, machine: Machine) -> list[str]:
    later = [f"# afterwards: pip install --no-build-isolation {text}" for text in _built(plan)]
    return [
        *_index_lines(plan),
        *(_pinned(choice, machine) for choice in _wheels(plan)),
        *plan.requirements,
        *later,
    ]


def _wheels(plan: Plan) -> list[dict[str, Any]]:
    return [choice for choice in plan.choices if not choice.get("source")]


def _built(plan: Plan) -> list[str]:
    """Return what has no wheel: built without isolation, so that it sees the framework that is there by then."""
    return [f"{choice['name']}=={choice['version']}" for choice in plan.choices if choice.get("source")]


def _by_index(plan: Plan, machine: Machine) -> list[tuple[str, list[str]]]:
    """Return for each index what comes from it, PyPI ("") last: it keeps what is there already."""
    found = [
        (index, [f"{_name(c, machine)}=={c['version']}" for c in _wheels(plan) if c["index"] == index])
        for index in _indexes(plan)
    ]
    rest = [f"{_name(c, machine)}=={c['version']}" for c in _wheels(plan) if not c["index"]]
    rest += plan.requirements
    if found and rest:  # the builds again, so that nothing of the rest replaces them
        rest += [_pinned(choice, machine) for choice in _wheels(plan) if choice["index"]]
    return [*found, ("", rest)] if rest else found


def _index_lines(plan: Plan) -> list[str]:
    return [f"--extra-index-url {index}" for index in _indexes(plan)]


def _indexes(plan: Plan) -> list[str]:
    return list(dict.fromkeys(choice["index"] for choice in plan.choices if choice["index"]))


def _pinned(choice: Mapping[str, Any], machine: Machine) -> str:
    local = f"+{choice['build']}" if choice["index"] and not choice["version"].endswith("*") else ""
    return f"{_name(choice, machine)}=={choice['version']}{local}"


def _name(choice: Mapping[str, Any], machine: Machine) -> str:
    """Return a distribution with the extra by which it brings its accelerator's libraries along."""
    name, build = str(choice["name"]), str(choice["build"])
    if name == "jax" and build != "cpu":
        return f"jax[{'tpu' if build == 'tpu' else build.replace('cu', 'cuda')}]"
    if (
        name == "tensorflow"
        and build.startswith("cu")
        and minor(choice["version"]) >= _AND_CUDA
        and not parts(choice["version"], machine)
    ):
        return "tensorflow[and-cuda]"
    return "torch-xla[tpu]" if name == "torch-xla" else name


def _uv(plan: Plan, machine: Machine) -> str:
    """As commands of uv; --index-url leaves no other index, as with pip."""
    made = f"uv venv --python {machine.python_asked} .venv"
    lines = [made]
    for index, wanted in _by_index(plan, machine):
        words = " ".join(f'"{text}"' if machine.os == "windows" else f"'{text}'" for text in wanted)
        lines.append(f"uv pip install {words}" + (f" --index-url {index}" if index else ""))
    if built := _built(plan):
        lines += [f"uv pip install {_TOOLS}", f"uv pip install --no-build-isolation {' '.join(built)}"]
    return "".join(f"{line}\n" for line in lines)


def _pyproject(plan: Plan, machine: Machine) -> str:
    """An explicit index serves the packages that name it and no other, and survives `uv sync`."""
    texts = [
        *(f"{_name(choice, machine)}=={choice['version']}" for choice in plan.choices),
        *plan.requirements,
    ]
    wanted = "".join(f'  "{text}",\n' for text in texts)
    low, high = _python(machine), _next(_python(machine))
    note = f"# uv sync --python {machine.python_asked}\n" if machine.free_threaded else ""
    text = f'{note}[project]\nname = "project"\nversion = "0"\nrequires-python = ">={low},<{high}"\ndependencies = [\n{wanted}]\n'
    named = {index: f"pytorch-{index.rsplit('/', 1)[1].replace('.', '-')}" for index in _indexes(plan)}
    for index, name in named.items():
        text += f'\n[[tool.uv.index]]\nname = "{name}"\nurl = "{index}"\nexplicit = true\n'
    sources = [choice for choice in plan.choices if choice["index"]]
    if sources:
        text += "\n[tool.uv.sources]\n"
        text += "".join(f'{c["name"]} = [{{ index = "{named[c["index"]]}" }}]\n' for c in sources)
    if any(choice.get("source") for choice in plan.choices):
        alone = ", ".join(f'"{choice["name"]}"' for choice in plan.choices if choice.get("source"))
        text += f"\n[tool.uv]\nno-build-isolation-package = [{alone}]\n"
    return text


def _conda(plan: Plan, machine: Machine) -> str:
    """Python from conda-forge, the builds by pip inside: conda's own builds are not in the tables."""
    lines = [f"      {'' if line.startswith('#') else '- '}{line}\n" for line in _required(plan, machine)]
    head = "name: dl\nchannels:\n  - conda-forge\ndependencies:\n"
    python = "python-freethreading" if machine.free_threaded else "python"
    return f"{head}  - {python}={_python(machine)}\n  - pip\n  - pip:\n{''.join(lines)}"


def _dockerfile(plan: Plan, machine: Machine) -> str:
    """The wheels bring the libraries, so a plain Python image serves; the driver comes from the host."""
    lines = _unlike_here(machine)
    lines += _image(machine)
    if machine.free_threaded:  # the image holds the ordinary Python alone
        asked = machine.python_asked
        lines.append(f"RUN pip install --no-cache-dir {_UV} && uv venv --seed --python {asked} /venv")
        lines.append('ENV PATH="/venv/bin:$PATH"')
    for index, wanted in _by_index(plan, machine):
        words = " ".join(f'"{text}"' for text in wanted)
        lines.append(f"RUN pip install --no-cache-dir {words}" + (f" --index-url {index}" if index else ""))
    if built := _built(plan):
        lines.append(
            f"# building {', '.join(built)} takes a compiler, and CUDA's toolkit for the GPU: see the image's packages"
        )
        lines.append(
            f"RUN pip install --no-cache-dir {_TOOLS} && pip install --no-cache-dir --no-build-isolation {' '.join(built)}"
        )
    if machine.family in _DEVICES:
        lines.append(f"# {_DEVICES[machine.family]}")
    return "".join(f"{line}\n" for line in lines)


def _image(machine: Machine) -> list[str]:
    """Return the line with the image to begin from; of one that is no longer rebuilt that is said."""
    python = _python(machine)
    row = next((row for row in rows("python_images") if row["python"] == python), None)
    if row is None:
        return [f"# whether there is an image for Python {python} is not known", f"FROM python:{python}-slim"]
    ended = f"# Python {python} ended in {row['ended']}: its image is no longer rebuilt"
    return [*([ended] if row["ended"] else []), f"FROM {row['image']}"]


def _unlike_here(machine: Machine) -> list[str]:
    """Say where a container cannot be what the plan is for: images are Linux."""
    if machine.os == "darwin":
        gpu = ", and no container reaches Apple's GPU" if machine.family == "mps" else ""
        return [f"# an image is Linux, so it holds the builds for Linux{gpu}: the plan is for macOS itself"]
    if machine.os == "windows":
        return ["# an image is Linux: under Windows it runs through WSL2; the plan is for Windows itself"]
    return []


def _python(machine: Machine) -> str:
    return ".".join(machine.python.split(".")[:2])


def _next(version: str) -> str:
    major, small = version.split(".")
    return f"{major}.{int(small) + 1}"


# how a container comes to the accelerator
_DEVICES: Mapping[str, str] = {
    "cuda": "docker run --gpus all ... needs the NVIDIA Container Toolkit on the host",
    "rocm": "docker run --device /dev/kfd --device /dev/dri --group-add video ... reaches the AMD GPUs",
    "xpu": "docker run --device /dev/dri ... reaches the Intel GPUs",
    "tpu": "docker run --privileged --net host ... reaches the TPU",
}

FORMS: Mapping[str, Callable[[Plan, Machine], str]] = {
    "pip": _pip,
    "uv": _uv,
    "conda": _conda,
    "requirements": _requirements,
    "pyproject": _pyproject,
    "dockerfile": _dockerfile,
}
