"""The machine around the interpreter, for people who cannot install anything; goes into fwaudit-collect.py.

Standard library only, Python 3.8 and newer. What it prints is a recording (auditor/host/recording.py,
`Snapshot`) of the questions that the probes ask most, redacted, between two marks.
"""

from auditor.target.inside import (
    SEARCH_PATH,
    STDLIB,
    folder,
    interpreter,
    only_standard_library,
    os,
    paths,
    sys,
)

BEGIN = "-----BEGIN FWAUDIT COLLECT 1-----"
END = "-----END FWAUDIT COLLECT 1-----"
FILE_LIMIT = 128 << 10  # bytes of one file
COMMAND_DEADLINE = 10  # seconds

# the generator puts the program's own lists here: auditor/host/environment.py, auditor/redaction/
PREFIXES, NAMES, FOREIGN, TELLING, SECRET, RULES, NAMED = (), (), (), (), "", (), ()

FILES = (
    "/etc/os-release",
    "/proc/sys/kernel/osrelease",
    "/proc/version",
    "/proc/cpuinfo",
    "/proc/meminfo",
    "/proc/uptime",
    "/proc/modules",
    "/proc/1/cgroup",
    "/proc/self/cgroup",
    "/proc/self/limits",
    "/proc/driver/nvidia/version",
    "/proc/driver/nvidia/gpus/*/information",
    "/sys/module/nvidia/version",
    "/sys/module/amdgpu/version",
    "/sys/devices/system/cpu/online",
    "/sys/devices/system/cpu/possible",
    "/sys/devices/system/cpu/cpu0/cpufreq/scaling_governor",
    "/sys/devices/system/node/online",
    "/sys/devices/system/node/node*/cpulist",
    "/sys/fs/cgroup/cpu.max",
    "/sys/fs/cgroup/memory.max",
    "/sys/fs/cgroup/cpuset.cpus.effective",
    "/sys/fs/cgroup/pids.max",
    "/sys/fs/cgroup/cpu/cpu.cfs_quota_us",
    "/sys/fs/cgroup/cpu/cpu.cfs_period_us",
    "/sys/fs/cgroup/memory/memory.limit_in_bytes",
    "/sys/kernel/mm/transparent_hugepage/enabled",
    "/sys/class/dmi/id/sys_vendor",
    "/sys/class/dmi/id/product_name",
    "/sys/class/kfd/kfd/topology/nodes/*/properties",
    "/sys/class/kfd/kfd/topology/nodes/*/gpu_id",
    "/sys/class/infiniband/*/ports/*/state",
    "/sys/class/infiniband/*/ports/*/rate",
    "/opt/rocm*/.info/version",
    "/usr/local/cuda*/version.json",
    "/usr/local/cuda*/version.txt",
    "/opt/cuda*/version.json",
    "/opt/nvidia/hpc_sdk/*/*/cuda/*/version.json",
)
STATS = (
    "/.dockerenv",
    "/run/.containerenv",
    "/dev/kfd",
    "/dev/nvidia[0-9]*",
    "/dev/nvidiactl",
    "/dev/nvidia-uvm",
    "/dev/dri/render*",
    "/dev/accel*",
    "/sys/module/nvidia",
    "/sys/module/nvidia_uvm",
    "/sys/module/nvidia_peermem",
    "/sys/module/nouveau",
    "/sys/module/amdgpu",
    "/proc/driver/nvidia",
    "/usr/local/cuda*/nvvm",
    "/opt/cuda*/nvvm",
)
LINKS = ("/usr/local/cuda", "/etc/alternatives/cuda")
# what probes look up on PATH (auditor/probes/compilers.py, cuda.py, components.py)
PROGRAMS = ("gcc", "g++", "clang", "ninja", "cmake", "nvcc", "tensorflow_model_server")
COMMANDS = (
    ["nvidia-smi", "-q", "-x"],
    ["lscpu"],
    ["nvcc", "--version"],
    ["gcc", "-dumpfullversion", "-dumpversion"],
    ["g++", "-dumpfullversion", "-dumpversion"],
    ["clang", "--version"],
    ["ninja", "--version"],
    ["cmake", "--version"],
)
PCI = "/sys/bus/pci/devices"
PCI_CLASSES = ("0x03", "0x12", "0x0680")  # displays, processing accelerators, bridges of NVSwitch's kind
REPEATED = ("processor", "physical id", "core id", "siblings", "cpu cores")


def failure(error):
    """Return a refusal as a recording keeps it."""
    return {"type": "failure", "errno": error.errno or 5, "message": error.strerror or str(error)}


def expanded(pattern, folders):
    """Return the paths of a pattern; the folders in which a star was looked for are noted in `folders`."""
    import fnmatch

    found = [""]
    for part in pattern.strip("/").split("/"):
        if "*" not in part and "[" not in part:
            found = [place + "/" + part for place in found]
            continue
        matched = []
        for place in found:
            try:
                names = sorted(name for name in os.listdir(place) if fnmatch.fnmatch(name, part))
            except OSError as error:
                folders.setdefault(place, failure(error))
                continue
            kept = folders.setdefault(place, [])
            kept.extend(name for name in names if name not in kept)
            matched += [place + "/" + name for name in names]
        found = matched
    return found


def read(path):
    """Return a file's text, or the refusal."""
    try:
        with open(path, "rb") as stream:
            text = stream.read(FILE_LIMIT).decode("utf-8", "replace")
    except OSError as error:
        return failure(error)
    return shorter_cpuinfo(text) if path == "/proc/cpuinfo" else text


def shorter_cpuinfo(text):
    """Return /proc/cpuinfo with all lines of the first processor and the topology of the others."""
    blocks = text.split("\n\n")
    rest = [
        "\n".join(line for line in block.splitlines() if line.startswith(REPEATED)) for block in blocks[1:]
    ]
    return "\n\n".join(blocks[:1] + [block for block in rest if block]) + "\n"


def stat(path):
    """Return the parts of a file's stat that probes use, or the refusal."""
    try:
        info = os.stat(path)
    except OSError as error:
        return failure(error)
    return {
        "type": "stat",
        "mode": info.st_mode,
        "uid": info.st_uid,
        "gid": info.st_gid,
        "rdev": info.st_rdev,
        "readable": os.access(path, os.R_OK),
        "writable": os.access(path, os.W_OK),
    }


def programs(stats):
    """Note where PROGRAMS stand on PATH, and in which of its folders before that they do not."""
    places = [entry.rstrip("/") for entry in os.environ.get("PATH", "").split(":") if entry.startswith("/")]
    for name in PROGRAMS:
        for path in (place + "/" + name for place in dict.fromkeys(places)):
            found = stats[path] = stat(path)
            if found["type"] == "stat":
                break
            found.pop("message")  # many, and the number says it


def link(path):
    """Return a link's target, or the refusal."""
    try:
        return os.readlink(path)
    except OSError as error:
        return failure(error)


def run(argv):
    """Return what a command says within its deadline, or the refusal."""
    import subprocess

    environment = dict(os.environ, LC_ALL="C", LANG="C")
    try:
        done = subprocess.run(
            argv,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=COMMAND_DEADLINE,
            env=environment,
            check=False,
        )
    except subprocess.TimeoutExpired:
        return {"argv": argv, "timed_out": True, "rc": None}
    except OSError as error:
        return failure(error)
    out, err = (text[: 1 << 20].decode("utf-8", "replace") for text in (done.stdout, done.stderr))
    return {"argv": argv, "stdout": out, "stderr": err, "rc": done.returncode}


def pci(files, folders):
    """Note the display controllers and accelerators of the PCI bus."""
    try:
        names = sorted(os.listdir(PCI))
    except OSError as error:
        folders[PCI] = failure(error)
        return
    folders[PCI] = [name for name in names if str(read(PCI + "/" + name + "/class")).startswith(PCI_CLASSES)]
    wanted = (
        "uevent",
        "class",
        "vendor",
        "device",
        "subsystem_device",
        "numa_node",
        "current_link_width",
        "max_link_width",
    )
    for name in folders[PCI]:
        files.update({path: read(path) for path in (PCI + "/" + name + "/" + part for part in wanted)})


def target():
    """Return the interpreter that runs this, in the shape of auditor/target/answer.py `Target`."""
    places = [
        path
        for path in dict.fromkeys(SEARCH_PATH)
        if path != STDLIB and os.path.basename(path) != "lib-dynload"
    ]
    folders = [folder(path) for path in places]
    for found in folders:
        found["modules"] = []  # only to find shadows, and long
        for row in found["distributions"]:
            row["requires"] = [line for line in row["requires"] if "extra" not in line]
    return {"usable": True, "python": interpreter(), "folders": folders, "paths": paths()}


def calls():
    """Return the answers of the system's calls, by the probes' own keys."""
    found = {"cpu_count": os.cpu_count(), "working directory": os.getcwd()}
    found["target " + (sys.executable or "python")] = target()
    found["target choice"] = {
        "python": sys.executable or "python",
        "because": "it ran fwaudit-collect.py",
        "usable": True,
    }
    if hasattr(os, "uname"):
        name = os.uname()
        found["uname"] = [name.sysname, name.release, name.version, name.machine]
    if hasattr(os, "sched_getaffinity"):
        found["sched_getaffinity"] = sorted(os.sched_getaffinity(0))
    if hasattr(os, "confstr") and "CS_GNU_LIBC_VERSION" in os.confstr_names:
        found["confstr:CS_GNU_LIBC_VERSION"] = os.confstr("CS_GNU_LIBC_VERSION")
    if os.path.isdir("/dev/shm"):
        info = os.statvfs("/dev/shm")
        found["statvfs:/dev/shm"] = [
            info.f_blocks * info.f_frsize // 1024,
            info.f_bavail * info.f_frsize // 1024,
        ]
    return found


def allowed(name):
    """Return whether a variable may be told: on the allow-list, and no credential by its name."""
    import re

    listed = name in NAMES or name.startswith(PREFIXES)
    return listed and not name.startswith(FOREIGN) and not re.search(SECRET, name, re.IGNORECASE)


def collect():
    """Return the recording, not yet redacted."""
    files, folders, stats = {}, {}, {}
    for pattern in FILES:
        files.update({path: read(path) for path in expanded(pattern, folders)})
    for pattern in STATS:
        stats.update({path: stat(path) for path in expanded(pattern, folders)})
    pci(files, folders)
    programs(stats)
    return {
        "snapshot_version": 1,
        "tool": "fwaudit-collect",
        "files": files,
        "folders": folders,
        "stats": stats,
        "links": {path: link(path) for path in LINKS},
        "commands": {" ".join(argv): run(argv) for argv in COMMANDS},
        "calls": calls(),
        "environment": {name: os.environ[name] for name in sorted(os.environ) if allowed(name)},
    }


# ---- redaction


class Redactor:
    """Hides the user, the machine, and what looks like a credential; the same value always alike."""

    def __init__(self):
        import re
        import socket

        self.re = re
        home = os.path.expanduser("~")
        user = os.path.basename(home) if home.count("/") > 1 else ""
        host = socket.gethostname()
        names = [(home, "/home/user")] if home.count("/") > 1 else []
        names += [(name, stand_in) for name, stand_in in self.words(user, host) if len(name) > 2]
        self.names = names
        self.salt = os.urandom(8)
        self.patterns = [(re.compile(pattern), stand_in) for pattern, stand_in in self.rules()]

    @staticmethod
    def words(user, host):
        """Return the names that tell who and where, with what stands in their place."""
        people = {user, os.environ.get("USER", ""), os.environ.get("LOGNAME", "")} - {"root", "user", "home"}
        places = {host, host.partition(".")[0]} - {"localhost"}
        domain = host.partition(".")[2]
        places |= {domain} if "." in domain else set()
        return [(name, "user") for name in sorted(people)] + [
            (name, "host") for name in sorted(places, key=len, reverse=True)
        ]

    def rules(self):
        """Return patterns of what must not be told; a function makes the same stand-in for the same value."""
        uuid = r"(?<!wmi[:/])[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}"
        quad = r"\d{1,3}(?:\.\d{1,3}){3}"
        first = [(r"(?<=://)[^/\s@:]+(?::[^/\s@]*)?@[A-Za-z0-9.-]*", "<credentials>@<host>")]
        first += list(RULES)
        first += [(uuid, self.uuid), (r"(?<=GPU-)[0-9a-fA-F]{8}(?![0-9a-fA-F-])", self.short)]
        first += [(source, self.somebody) for source in NAMED]
        first += [
            (r"(?<![\w.:])(?:fe80|f[cd][0-9a-f]{2}|2[0-9a-f]{3}):[0-9A-Fa-f:]{2,39}(?![\w:])", "<ip>"),
            (r"(?<![\w.+-])(?:192\.168|172\.(?:1[6-9]|2\d|3[01]))(?:\.\d{1,3}){2}(?![\w.])", "<ip>"),
            (r"(?<![\w.+-])(?!127\.|0\.0)" + quad + r"(?=:\d{2,5}\b|/\d{1,2}\b|<\d)", "<ip>"),
            # what follows a plain "from" may be a version: those begin lower
            (r"(?<=from )(?=3[3-9]|[4-9]\d|[12]\d\d)(?!127\.)" + quad, "<ip>"),
            (
                r"(addr=|inet |nameserver |peer |src |via |remote=\('|forwarded-for: |_CLIENT=|::ffff:|127\.0\.0\.1,)"
                r"(?!127\.|0\.0)" + quad,
                r"\1<ip>",
            ),
            (r"(?<![\w.])(?!git@)[\w.+-]+@[\w-]+\.[\w.-]+", "<email>"),
            (r"(?<![0-9A-Fa-f:])(?:[0-9A-Fa-f]{2}:){5}[0-9A-Fa-f]{2}(?![0-9A-Fa-f:])", "<mac>"),
            (
                r"(?i)(guid[\s:=\"'a-z_]{1,12})(?:0x)?(?:[0-9a-f]{16}|(?:[0-9a-f]{4}:){3}[0-9a-f]{4})\b",
                r"\1<mac>",
            ),
            (r"(<(?:serial|board_serial|gpu_serial)>)[^<]*(?=</)", r"\1<serial>"),
        ]
        return first

    def digest(self, text, width):
        """Return hexadecimal digits that stand for a text."""
        import hashlib

        return hashlib.sha256(self.salt + text.lower().encode()).hexdigest()[:width]

    def somebody(self, match):
        """Return a stand-in for a name, the same for the same; accounts that every system has tell nobody."""
        name = match.groupdict().get("who") or match.group(2)
        known = ("user", "root", "shared", "public", "default", "linuxbrew", "lost+found", "users", "groups")
        if name.lower() in known or name.startswith(("id-", "<", "$")):
            return match.group()
        return match.group(1) + "id-" + self.digest(name, 6)

    def short(self, match):
        """Return the beginning of a UUID as `uuid` gives it, so that a mask still names its card."""
        return self.digest(match.group(), 8)

    def uuid(self, match):
        """Return another UUID in the place of one."""
        rest = self.digest(match.group(), 24)
        parts = (self.digest(match.group()[:8], 8), rest[:4], rest[4:8], rest[8:12], rest[12:])
        return "-".join(parts)

    def text(self, text):
        """Return a text with all of it hidden."""
        for name, stand_in in self.names:
            if name.lower() in text.lower():
                # behind the "\n" of a repr, too
                whole = r"(?:(?<![A-Za-z0-9])|(?<=\\[nrt]))" + self.re.escape(name) + r"(?![A-Za-z0-9])"
                text = self.re.sub(whole, stand_in, text, flags=self.re.IGNORECASE)
        for pattern, stand_in in self.patterns:
            text = pattern.sub(stand_in, text)
        return text

    def value(self, value):
        """Return any JSON value with its texts and keys hidden."""
        if isinstance(value, str):
            return self.text(value)
        if isinstance(value, dict):
            return {self.text(key): self.value(item) for key, item in value.items()}
        return [self.value(item) for item in value] if isinstance(value, (list, tuple)) else value

    def environment(self, variables):
        """Return the variables with addresses hidden too: elsewhere four numbers may be a version."""
        hidden = {
            name: "<hidden>" if name in TELLING else self.text(value) for name, value in variables.items()
        }
        address = r"(?<![\w.])(?:\d{1,3}\.){3}\d{1,3}(?![\w.])"
        return {name: self.re.sub(address, "<ip>", value) for name, value in hidden.items()}


USAGE = """usage: python3 fwaudit-collect.py > block.txt

Prints what fwaudit would look at here, redacted, for people who cannot install anything. Run it with
the Python whose environment is in question; it takes no arguments, needs nothing but Python 3.8 or
newer, changes nothing and opens no connection. Read what it prints, then paste it;
`fwaudit diagnose block.txt` reads it.
"""


def asked(arguments):
    """Return the exit code of a call with arguments, of which there are none but --help; None to go on."""
    if not arguments:
        return None
    if {"-h", "--help"} & set(arguments):
        return written(USAGE)
    sys.stderr.write("fwaudit-collect: no such argument: %s; it takes none but --help\n" % arguments[0])
    return 2


def main():
    """Print the block and return the exit code."""
    only_standard_library()
    code = asked(sys.argv[1:])
    if code is not None:
        return code
    import json

    collected, redactor = collect(), Redactor()
    variables = redactor.environment(collected.pop("environment"))
    hidden = redactor.value(collected)
    hidden.update({"environment": variables, "redaction": {"enabled": True}})
    return written(
        "Paste all of this, with its first and last line. Names, homes, UUIDs and secrets are hidden.\n\n"
        + "\n".join([BEGIN, json.dumps(hidden, indent=1, sort_keys=True), END, ""])
    )


def written(text):
    """Print a text; return the exit code, 3 where it cannot be written, which is told on stderr."""
    try:
        sys.stdout.write(text)
        sys.stdout.flush()
    except OSError as error:
        sys.stderr.write("fwaudit-collect: stdout: %s\n" % (error.strerror or error))
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)  # or the interpreter's last flush complains too
        return 3
    return 0


if __name__ == "__main__":
    sys.exit(main())
