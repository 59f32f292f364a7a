"""Driver of one framework's workloads, run by the audited interpreter: `python _child.py job.json`.

Standard library and the framework only, Python >= 3.8. Each event is one JSON line, written as it
happens, so that whoever reads the file knows what was under way when the process died.
"""

import os
import sys

if sys.path and sys.path[0] == os.path.dirname(os.path.abspath(__file__)):
    del sys.path[0]  # the workloads' folder: nothing in it may hide a module

import faulthandler
import gc
import json
import math
import time
import traceback

REASON_LIMIT = 2000
# after these the process can use the device no more: whatever follows would fail with the same words
POISON = ("CUDA error", "CUDA_ERROR", "HIP error", "device-side assert", "cudaErrorLaunchFailure")


def harden():
    """Leave no core file, say where a crash happened, and where a hang does when asked (SIGUSR1)."""
    faulthandler.enable()
    try:
        import resource
        import signal

        resource.setrlimit(resource.RLIMIT_CORE, (0, resource.getrlimit(resource.RLIMIT_CORE)[1]))
        faulthandler.register(signal.SIGUSR1)
    except (ImportError, AttributeError, ValueError, OSError):
        pass


class Log:
    """The file of events."""

    def __init__(self, path):
        self.fd = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)

    def __call__(self, event, **fields):
        line = json.dumps(plain(dict(fields, event=event)), sort_keys=True)
        os.write(self.fd, line.encode("ascii") + b"\n")


def plain(value):
    """Return a JSON value; NaN and infinities become their names."""
    if isinstance(value, dict):
        return {plain(str(key)): plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain(item) for item in value]
    if isinstance(value, float):
        return value if math.isfinite(value) else str(value)
    if value is None or isinstance(value, (int, bool)):
        return value
    # a lone surrogate, as os.fsdecode makes of odd bytes, is no JSON that every reader takes
    return str(value).encode("utf-8", "backslashreplace").decode()


def whole_words(text):
    """Return a text, cut between words: half a secret would not be recognised by redaction."""
    if len(text) <= REASON_LIMIT:
        return text
    return text[:REASON_LIMIT].rpartition(" ")[0] + "..."


def words(error):
    """Return "Type: message", cut."""
    try:
        said = str(error)
    except BaseException as second:  # what a framework raises may be as broken as the rest of it
        said = "what it says cannot be told (its __str__ raises %s)" % type(second).__name__
    return whole_words(("%s: %s" % (type(error).__name__, said)).rstrip(": "))


def last_frames(error, count=4):
    """Return the end of a traceback."""
    lines = traceback.format_exception(type(error), error, error.__traceback__)
    text = "".join(lines[-count:])
    if len(text) <= REASON_LIMIT:
        return text
    start = text.find("\n", len(text) - REASON_LIMIT)
    return text[start + 1 :] if start >= 0 else whole_words(text)


def bring(name, log):
    """Import the framework, or say why not and end."""
    log("start", python=sys.version.split()[0])
    start = time.perf_counter()
    try:
        module = __import__(name)
    except BaseException as error:  # SystemExit too: an import must not end the process
        missing = isinstance(error, ModuleNotFoundError) and error.name == name
        log("import-failed", missing=missing, message=words(error), trace=last_frames(error))
        sys.exit(1)
    seconds = round(time.perf_counter() - start, 3)
    log("imported", seconds=seconds, version=str(getattr(module, "__version__", "")))
    return module


def conclude(error):
    """Return (status, reason) of what a workload raised: Wrong, Skip, Crashed and Hung are its own words."""
    name, text = type(error).__name__, words(error)
    if name == "Wrong":
        return "fail", "wrong %s" % error
    if name == "Skip":
        return "skip", str(error)
    if name in ("Crashed", "Hung"):
        return {"Crashed": "crash", "Hung": "timeout"}[name], str(error)
    if name == "TimeoutExpired":
        return "timeout", "a process of its own did not end: %s" % text
    if isinstance(error, MemoryError) or "out of memory" in text.lower() or name == "ResourceExhaustedError":
        return "fail", "out of memory: %s" % text
    return "fail", text


def missing_needs(needs):
    """Return the first module that is not installed, or an empty string."""
    import importlib.util

    for need in needs:
        try:
            if importlib.util.find_spec(need) is None:
                return need
        except (ImportError, ValueError):
            return need
    return ""


def attempt(workload, device, log, name):
    """Run one workload on one device; returns False where the process can go on no more.

    `name` is an accelerator's product name, which stands with what was measured on it.
    """
    lacking = missing_needs(workload["needs"])
    if lacking:
        hint = "; install it with: " + workload["install"] if workload["install"] else ""
        hint = "; " + workload["ended"] if workload["ended"] else hint
        log("skip", id=workload["id"], device=device, reason="%s is not installed%s" % (lacking, hint))
        return True
    log("begin", id=workload["id"], device=device, cost_s=workload["cost_s"])
    kept = dict(os.environ)
    start = time.perf_counter()
    fields = {"status": "pass", "reason": "", "metrics": {}, "trace": ""}
    try:
        namespace = {"__name__": "workload", "__file__": workload["path"]}
        with open(workload["path"], "rb") as stream:
            exec(compile(stream.read(), workload["path"], "exec"), namespace)
        if workload["duration_s"]:
            namespace["DURATION_S"] = workload["duration_s"]
        fields["metrics"] = namespace["run"](device) or {}
        fields["reason"] = fields["metrics"].pop("note", "")
    except BaseException as error:
        fields["status"], fields["reason"] = conclude(error)
        fields["metrics"] = dict(getattr(error, "metrics", {}))
        fields["trace"] = last_frames(error)
        if workload["ended"]:
            fields["reason"] += " (%s)" % workload["ended"]
    finally:
        if dict(os.environ) != kept:  # what one sets, such as Keras's backend, is no other's
            os.environ.clear()
            os.environ.update(kept)
    seconds = round(time.perf_counter() - start, 4)
    placed = fields["metrics"].pop("placed_on", "")
    if name:
        fields["metrics"].setdefault("device_name", name)
    log("end", id=workload["id"], device=device, seconds=seconds, placed_on=placed, **fields)
    return not any(sign in fields["reason"] for sign in POISON)


def wanted(workload, device):
    """Return whether a workload runs on a device."""
    on_cpu = device.lower().startswith("cpu")
    return workload["devices"] == "every" or (workload["devices"] == "cpu") == on_cpu


def main(path):
    """Do the job that a JSON file describes."""
    harden()
    with open(path, encoding="utf-8") as stream:
        job = json.load(stream)
    log = Log(job["results"])
    module = bring(job["module"], log)
    from_here = {"__name__": "devices", "__file__": job["devices_code"]}
    with open(job["devices_code"], "rb") as stream:
        exec(compile(stream.read(), job["devices_code"], "exec"), from_here)
    try:
        found = from_here[job["framework"] + "_devices"](module, job)
    except Exception as error:  # an empty or half-removed package is imported without a word
        message = "it was imported, and its devices cannot be listed: " + words(error)
        log("import-failed", missing=False, message=whole_words(message), trace=last_frames(error))
        sys.exit(1)
    log("devices", devices=found, libraries=from_here["mapped"](job["framework"], module))
    done = {tuple(pair) for pair in job["done"]}
    for device in found:
        from_here["enter"](job["framework"], module, device)
        name = from_here["name_of"](job["framework"], module, device)
        for workload in job["workloads"]:
            if (workload["id"], device) in done or not wanted(workload, device):
                continue
            if not attempt(workload, device, log, name):
                log("again")
                return
    log("libraries", libraries=from_here["mapped"](job["framework"], module, ask=True))
    log("finished")
    # The last collections walk every object of the framework: 0.7 s of TensorFlow's exit, 0.3 s of
    # torch's (measured, 2.21 and 2.13). Handlers, destructors and threads still end as they would.
    gc.freeze()


if __name__ == "__main__":
    main(sys.argv[1])
