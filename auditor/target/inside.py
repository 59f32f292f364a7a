"""Describes the interpreter that runs it. Standard library only, Python 3.8 and newer.

Run as `python -I -B inside.py ANSWER`: the interpreter and every folder on its path. With `paths`
after ANSWER, and without -I: only the path that a user's program gets. With folders after ANSWER:
only those folders. The answer is JSON in the file ANSWER, since a noisy sitecustomize spoils
stdout; "-" stands for stdout, where no file can be written. No framework is imported.
"""

import sys

if sys.version_info < (3, 8):
    sys.stderr.write("Python %d.%d.%d, older than 3.8\n" % tuple(sys.version_info[:3]))
    sys.exit(79)

import os

PROTOCOL = 1
MARK = "fwaudit-answer:"
HEAD_LIMIT = 256 << 10  # bytes of a METADATA file in which its header must end
MODULES_LIMIT = 4000  # module names reported of one folder
VERSION_FILES = dict.fromkeys(("torch", "torchvision", "torchaudio", "jax", "jaxlib"), "version.py")
VERSION_FILES["tensorflow"] = os.path.join("python", "platform", "build_info.py")

STDLIB = os.path.dirname(os.__file__)
SAFE_PATH = bool(getattr(sys.flags, "safe_path", False))
# without -I the first entry is this file's own folder, which no user's program has
SEARCH_PATH = [str(entry) for entry in (sys.path if sys.flags.isolated or SAFE_PATH else sys.path[1:])]


def read_text(path, limit=64 << 10):
    """Return the beginning of a file as stripped text, or None where it cannot be read."""
    try:
        with open(path, "rb") as stream:
            return stream.read(limit).decode("utf-8", "replace").strip()
    except OSError:
        return None


# ---- the interpreter


def interpreter():
    """Return what this interpreter is."""
    info = sys.version_info
    stage = {"alpha": "a", "beta": "b", "candidate": "rc"}.get(info.releaselevel)
    prefix, base = sys.prefix, sys.base_prefix
    machine = os.uname().machine if hasattr(os, "uname") else os.environ.get("PROCESSOR_ARCHITECTURE", "")
    return {
        "version": "%d.%d.%d" % info[:3] + (stage + str(info.serial) if stage else ""),
        "implementation": sys.implementation.name,
        "free_threaded": "t" in getattr(sys, "abiflags", "") or "free-threading" in sys.version,
        "bits": 64 if sys.maxsize > 2**32 else 32,
        "platform": sys.platform,
        "multiarch": getattr(sys.implementation, "_multiarch", ""),
        "machine": machine,
        "libc": libc(),
        "executable": sys.executable or "",
        "prefix": prefix,
        "base_prefix": base,
        "stdlib": STDLIB,
        "include": include_folder(base),
        "pyvenv": pyvenv(prefix),
        "externally_managed": prefix == base and os.path.exists(os.path.join(STDLIB, "EXTERNALLY-MANAGED")),
        "conda": conda(prefix),
        "sys_path": SEARCH_PATH,
    }


def libc():
    """Return the C library as `glibc 2.36`, or "" where it does not say."""
    try:
        return os.confstr("CS_GNU_LIBC_VERSION") or ""
    except (AttributeError, ValueError, OSError):
        return ""


def include_folder(base):
    """Return the folder that holds Python.h, or ""."""
    name = "python%d.%d%s" % (sys.version_info[0], sys.version_info[1], getattr(sys, "abiflags", ""))
    for folder in (
        os.path.join(base, "include", name),
        os.path.join(base, "include"),
        "/usr/include/" + name,
    ):
        if os.path.exists(os.path.join(folder, "Python.h")):
            return folder
    return ""


def pyvenv(prefix):
    """Return pyvenv.cfg as names to values, or None outside a virtual environment."""
    text = read_text(os.path.join(prefix, "pyvenv.cfg"))
    if text is None:
        return None
    pairs = (line.partition("=") for line in text.splitlines() if "=" in line)
    return {name.strip().lower(): value.strip() for name, _, value in pairs}


def conda(prefix):
    """Return {base, packages: [[name, version, build]]} by the names in conda-meta, or None."""
    try:
        names = sorted(os.listdir(os.path.join(prefix, "conda-meta")))
    except OSError:
        return None
    packages = [name[:-5].rsplit("-", 2) for name in names if name.endswith(".json")]
    packages = [parts for parts in packages if len(parts) == 3]
    is_base = os.path.isdir(os.path.join(prefix, "condabin")) or any(p[0] == "conda" for p in packages)
    return {"base": is_base, "packages": packages}


def paths():
    """Return the search path of a user's program, and what shaped it."""
    site = sys.modules.get("site")
    enabled = bool(getattr(site, "ENABLE_USER_SITE", False))
    return {
        "sys_path": SEARCH_PATH,
        "user_site": str(site.getusersitepackages()) if enabled else "",
        "cwd": os.getcwd(),
        "safe_path": SAFE_PATH,
    }


# ---- distributions


def folder(path):
    """Return what one folder of the path holds: distributions, broken ones, modules, frameworks."""
    found = {"path": path, "error": "", "distributions": [], "broken": [], "modules": [], "libraries": []}
    found["builds"], found["real"] = {}, os.path.realpath(path)
    try:
        with os.scandir(path) as entries:
            names = {entry.name: is_dir(entry) for entry in sorted(entries, key=lambda entry: entry.name)}
    except (FileNotFoundError, NotADirectoryError):
        return found  # a zip, or an entry of the path that is not there: common and harmless
    except OSError as error:
        found["error"] = error.strerror or str(error)
        return found
    if path.endswith(".egg") and "EGG-INFO" in names:
        add(found, path, "EGG-INFO", "PKG-INFO")
    for name in names:
        if name.endswith(".dist-info"):
            add(found, path, name, "METADATA")
        elif name.endswith(".egg-info"):
            add(found, path, name, "PKG-INFO")
    found["modules"] = modules(names)
    found["builds"] = builds(path, names, found["distributions"])
    found["libraries"] = libraries(path, found["distributions"])
    return found


def is_dir(entry):
    """Return whether an entry is a folder; a link that leads nowhere, or in a circle, is none."""
    return entry.is_dir(follow_symlinks=False) or (entry.is_symlink() and os.path.isdir(entry.path))


def add(found, path, name, metadata):
    """Read one distribution into `found`, among the broken where it cannot be read."""
    where = os.path.join(path, name)
    try:
        if name.startswith("~"):
            raise ValueError("left behind by an interrupted uninstall")
        row = distribution(path, where, metadata)
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        missing = isinstance(error, (FileNotFoundError, NotADirectoryError))
        found["broken"].append({"path": where, "reason": "no %s in it" % metadata if missing else reason})
        return
    found["distributions"].append(row)


def distribution(path, where, metadata):
    """Return {name, version, location, info, installer, requires, source} of one installed distribution.

    `source` is the folder of an editable install; other URLs may hold a password and stay here.
    """
    try:
        fields = header(os.path.join(where, metadata))
    except NotADirectoryError:  # distutils left a single file
        fields = header(where)
    name, version = dict(fields[::-1]).get("name"), dict(fields[::-1]).get("version")
    if not name or not version:
        raise ValueError("%s is empty or gives no %s" % (metadata, "version" if name else "name"))
    requires = [value for key, value in fields if key == "requires-dist"]
    if metadata == "PKG-INFO" and not requires:
        requires = egg_requires(read_text(os.path.join(where, "requires.txt")) or "")
    return {
        "name": name,
        "version": version,
        "location": path,
        "info": os.path.basename(where),
        "installer": read_text(os.path.join(where, "INSTALLER"), 100) or "",
        "requires": requires,
        "source": editable(read_text(os.path.join(where, "direct_url.json"))),
    }


def header(path):
    """Return the (lower-case name, value) pairs of a metadata file up to its first blank line."""
    data = b""
    with open(path, "rb") as stream:
        while b"\n\n" not in data and len(data) < HEAD_LIMIT:
            chunk = stream.read(8192)
            if not chunk:
                break
            data = (data + chunk).replace(b"\r\n", b"\n")
    fields = []
    for line in data.partition(b"\n\n")[0].decode("utf-8", "replace").split("\n"):
        if line[:1] in (" ", "\t"):
            if fields:
                fields[-1] = (fields[-1][0], fields[-1][1] + " " + line.strip())
            continue
        name, colon, value = line.partition(":")
        if colon:
            fields.append((name.lower(), value.strip()))
    return fields


def editable(text):
    """Return the source folder of an editable install by its direct_url.json (PEP 610), else ""."""
    if not text or "editable" not in text:
        return ""
    import json
    from urllib.parse import unquote

    try:
        told = json.loads(text)
        source = unquote(told["url"].partition("file://")[2]).rstrip("/")
        return source if told["dir_info"]["editable"] else ""
    except (ValueError, KeyError, TypeError, AttributeError):
        return ""


def egg_requires(text):
    """Return requires.txt as lines like those of Requires-Dist."""
    rows, condition = [], ""
    for line in text.splitlines():
        line = line.strip()
        if line.startswith("["):
            extra, _, marker = line.strip("[]").partition(":")
            parts = ["(%s)" % marker] if marker else []
            condition = " and ".join(parts + (["extra == '%s'" % extra] if extra else []))
        elif line:
            rows.append("%s ; %s" % (line, condition) if condition else line)
    return rows


def modules(names):
    """Return the names that `import` would find among the files and folders of a folder."""
    found = []
    for name, is_folder in names.items():
        stem, dot, suffix = name.partition(".")
        is_module = not dot if is_folder else suffix == "py" or suffix.endswith(("so", "pyd"))
        if stem.isidentifier() and is_module:
            found.append(stem)
    return found[:MODULES_LIMIT]


def libraries(path, distributions):
    """Return [file, distribution, version, present] for the shared libraries that nvidia-* wheels brought.

    RECORD tells, since wheels of two CUDA versions write into the same folders.
    """
    found = []
    for row in distributions:
        if not row["name"].lower().startswith("nvidia"):
            continue
        text = read_text(os.path.join(path, row["info"], "RECORD"), 4 << 20) or ""
        for line in text.splitlines():
            name = line.split(",", 1)[0].strip('"')
            last = name.rpartition("/")[2]
            if ".so" in last or last.endswith(".dll"):
                place = os.path.normpath(os.path.join(path, name))
                found.append([place, row["name"], row["version"], os.path.exists(place)])
    return found


# ---- the frameworks' own files


def builds(path, names, distributions):
    """Return the build facts of the frameworks in a folder, or in the sources of an editable install there."""
    places = {name: os.path.join(path, name) for name in VERSION_FILES if name in names}
    for row in distributions:
        name, source = row["name"], row["source"]
        if source and name in VERSION_FILES and name not in places:
            inner = os.path.join(source, "src", name)
            places[name] = inner if os.path.isdir(inner) else os.path.join(source, name)
    return {name: build(name, place) for name, place in places.items()}


def build(name, path):
    """Return what a framework's own files tell; `complete` is False where it is no importable package."""
    said = constants(os.path.join(path, VERSION_FILES[name]))
    complete = os.path.exists(os.path.join(path, "__init__.py"))
    files, found = torch_library(os.path.join(path, "lib"), said) if name == "torch" else ([], None)
    return {"location": path, "complete": complete, "said": said, "files": files, "architectures": found}


def constants(path):
    """Return the literals that a module assigns and the (name, literal) pairs in it, without running it."""
    import ast

    try:
        tree = ast.parse(read_text(path, 1 << 20) or "")
    except (SyntaxError, ValueError, RecursionError):
        return {}
    found = {}
    for node in ast.walk(tree):
        for name, value in assigned(ast, node):
            if isinstance(value, ast.Constant) and isinstance(value.value, (str, int, float, type(None))):
                found.setdefault(name, value.value)
            elif isinstance(value, (ast.List, ast.Tuple)):
                found.setdefault(
                    name, [str(item.value) for item in value.elts if isinstance(item, ast.Constant)]
                )
    return found


def assigned(ast, node):
    """Return the (name, value node) pairs that an assignment, a dict or a pair in a list makes."""
    if isinstance(node, ast.Assign):
        return [(t.id, node.value) for t in node.targets if isinstance(t, ast.Name)]
    if isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name) and node.value is not None:
        return [(node.target.id, node.value)]
    if isinstance(node, ast.Dict):
        keys = [key.value if isinstance(key, ast.Constant) else None for key in node.keys]
        return [pair for pair in zip(keys, node.values) if isinstance(pair[0], str)]  # noqa: B905
    if isinstance(node, ast.Tuple) and len(node.elts) == 2 and isinstance(node.elts[0], ast.Constant):
        return [(node.elts[0].value, node.elts[1])] if isinstance(node.elts[0].value, str) else []
    return []


def torch_library(lib, said):
    """Return the names in torch/lib, and the GPU architectures compiled in where it is built for any."""
    try:
        files = sorted(os.listdir(lib))
    except OSError:
        return [], None
    mark = b"gfx" if said.get("hip") else b"sm_" if said.get("cuda") else b""
    binary = next((name for name in ("libtorch_python.so", "torch_python.dll") if name in files), "")
    return files, architectures(os.path.join(lib, binary), mark) if mark and binary else None


def architectures(path, mark):
    """Return the longest list of architectures ("sm_80 sm_90 compute_90") in a library, or None.

    The pattern begins with a literal: sixty times faster over tens of megabytes than one that does not.
    """
    import mmap
    import re

    try:
        with open(path, "rb") as stream:
            data = mmap.mmap(stream.fileno(), 0, access=mmap.ACCESS_READ)
        lists = re.findall(mark + b"\\d\\w*(?: (?:sm_|compute_|gfx)\\d\\w*)*(?=\\0)", data)
    except (OSError, ValueError):
        return None
    return max((found.decode("ascii").split() for found in lists), key=len, default=None)


# ---- the answer


def answer(request):
    """Return the answer to `request`, the arguments after ANSWER; a failure of ours is told, not raised."""
    try:
        if request == ["paths"]:
            return {"protocol": PROTOCOL, "paths": paths()}
        if request:
            return {"protocol": PROTOCOL, "folders": [folder(path) for path in request]}
        unique = list(dict.fromkeys(SEARCH_PATH))
        places = [path for path in unique if path != STDLIB and os.path.basename(path) != "lib-dynload"]
        return {"protocol": PROTOCOL, "python": interpreter(), "folders": [folder(path) for path in places]}
    except Exception as error:
        return {"protocol": PROTOCOL, "error": "%s: %s" % (type(error).__name__, error)}


def only_standard_library():
    """Take all else from the path: PYTHONPATH or the working directory may hold a json.py."""
    kept = [p for p in sys.path if p == STDLIB or os.path.basename(str(p)) in ("lib-dynload", "DLLs")]
    sys.path[:] = kept or sys.path


def main(argv):
    """Write the answer and leave at once: what else was loaded here has no further say."""
    only_standard_library()
    import json

    # names of files that are no UTF-8 stand with a question mark: JSON knows no lone surrogates
    data = json.dumps(answer(argv[2:]), ensure_ascii=False).encode("utf-8", "replace")
    if argv[1] == "-":
        os.write(1, ("\n" + MARK).encode() + data + b"\n")
    else:
        with open(argv[1], "wb") as stream:
            stream.write(data)
    os._exit(0)


if __name__ == "__main__":
    main(sys.argv)
