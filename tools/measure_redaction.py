"""Measures the redaction: how many secrets of each kind it hides, and how many clean texts it leaves alone.

    python tools/measure_redaction.py [--seed N] [--each N]

Secrets are drawn at random in their issuers' formats and put into the surroundings in which they are met; those of the
tests (tests/unit/leaks.py, canaries.py) count too. Clean texts are those of the tests, the example reports, the pages in
docs/ and the recorded machine. Prints the table of docs/privacy.md, then what was missed and what was changed.
"""

from __future__ import annotations

import argparse
import json
import random
import re
import string
import sys
from collections import defaultdict
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

TOP = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(TOP), str(TOP / "tests" / "unit")]

import canaries  # noqa: E402
import leaks  # noqa: E402

from auditor.redaction import Identity, Redactor  # noqa: E402

IDENTITY = Identity(
    hosts=canaries.HOSTS, users=canaries.USERS, home=canaries.HOME, machine_id=canaries.MACHINE_ID
)
BASE62, HEX, DIGITS = string.ascii_letters + string.digits, "0123456789abcdef", string.digits
Draw = Callable[[random.Random], str]


def of(letters: str, size: int, before: str = "") -> Draw:
    return lambda rng: before + "".join(rng.choice(letters) for _ in range(size))


def joined(sign: str, *parts: Draw) -> Draw:
    return lambda rng: sign.join(part(rng) for part in parts)


def name(rng: random.Random) -> str:
    """A person's name as accounts are called, no word of a dictionary."""
    return "".join(
        rng.choice(pair) for pair in ("bdfghjklmnprstvw", "aeiou") * rng.randint(2, 4)
    ) + rng.choice("snrt")


def v4(rng: random.Random) -> str:
    return ".".join(str(rng.randint(*ends)) for ends in ((33, 126), (0, 255), (0, 255), (1, 254)))


def v6(rng: random.Random) -> str:
    return "2001:db8:" + ":".join(f"{rng.randint(4096, 65535):x}" for _ in range(6))


def byte(rng: random.Random) -> str:
    return f"{rng.randint(0, 255):02x}"


TYPED = (
    "{}",
    "token is {} now",
    "KEY={}",
    '"key": "{}"',
    "--key {}",
    "https://x.example/?k=1&token={}",
    "log: {}, retry",
)
NAMED = ("{name}={}", "export {name}='{}'", '"{name}": "{}"', "{name}: {}", "--{option} {}", "--{option}={}")
SOLID = ("{}", "at {}", "got {} from", "x={}", '"{}"', "({})")
FOLDERS = (
    "{}/x.py",
    "File '{}/a/b.py', line 3",
    "PATH={}/bin:/usr/bin",
    '"{}/x"',
    "-I{}/include",
    "cannot open {}/x: denied",
)

# kind -> (how one is drawn, the surroundings in which it is met)
KINDS: dict[str, tuple[Draw, tuple[str, ...]]] = {
    "GitHub tokens": (lambda r: of(BASE62, 36, r.choice(["ghp_", "gho_", "ghs_", "ghu_"]))(r), TYPED),
    "GitHub fine-grained": (joined("_", of(BASE62, 22, "github_pat_"), of(BASE62, 59)), TYPED),
    "Hugging Face tokens": (of(BASE62, 34, "hf_"), TYPED),
    "W&B keys": (of(HEX, 40), ("WANDB_API_KEY={}", "wandb login {}", "wandb.login(key='{}')", "machine api.wandb.ai login user password {}")),
    "AWS key ids": (of(string.ascii_uppercase + DIGITS, 16, "AKIA"), TYPED),
    "AWS secrets": (of(BASE62 + "/+", 40), tuple(t.replace("{name}", "AWS_SECRET_ACCESS_KEY").replace("{option}", "secret-key") for t in NAMED)),
    "Azure keys": (of(BASE62 + "/+", 86), ("AccountKey={}==;EndpointSuffix=x", "AZURE_STORAGE_KEY={}==", "SharedAccessKey={}==")),
    "GCP keys": (of(BASE62 + "-_", 33, "AIzaSy"), TYPED),
    "OpenAI, Anthropic": (lambda r: of(BASE62, 40, r.choice(["sk-", "sk-proj-", "sk-ant-api03-"]))(r), TYPED),
    "JWT": (joined(".", of(BASE62, 20, "eyJhbGciOi"), of(BASE62 + "-_", 60, "eyJ"), of(BASE62 + "-_", 43)), TYPED),
    "passwords by name": (of(BASE62 + "!%*", 12, "p"), tuple(t.replace("{name}", "DB_PASSWORD").replace("{option}", "password") for t in NAMED)),
    "credentials in URLs": (joined(":", name, of(BASE62, 10)), ("https://{}@pypi.corp.example/simple", "--index-url https://{}@x.example/s", "postgresql://{}@db/x", "git+https://{}@git.corp.example/r.git")),
    "SSH private keys": (of(BASE62 + "/+", 300), ("-----BEGIN OPENSSH PRIVATE KEY-----\n{}\n-----END OPENSSH PRIVATE KEY-----", "-----BEGIN RSA PRIVATE KEY-----\nProc-Type: 4,ENCRYPTED\n\n{}\n-----END RSA PRIVATE KEY-----")),
    "SSH public keys": (of(BASE62 + "/+", 68, "AAAAC3NzaC1lZDI1NTE5"), ("ssh-ed25519 {} x", "ssh-rsa {}== y@z", "command=\"x\" ssh-ed25519 {}")),
    "no known format": (of(BASE62, 36), SOLID),
    "IPv4": (v4, ("inet {}/24", "connect to {} failed", "http://{}:8080/x", "MASTER_ADDR={}", "[0]eth0:{}<0>", "Host {} is down", "from {} port 22")),
    "IPv6": (v6, ("inet6 {}/64", "connect to {}", "http://[{}]:80/", "peer {}")),
    "MAC with colons": (joined(":", *[byte] * 6), SOLID),
    "MAC with dashes": (joined("-", *[byte] * 6), SOLID),
    "UUIDs": (lambda r: "-".join(of(HEX, n)(r) for n in (8, 4, 4, 4, 12)), ("UUID={}", "(UUID: GPU-{})", "<uuid>GPU-{}</uuid>", "/x/{}/y", "MIG-{}")),
    "serial numbers": (of(DIGITS, 13, "1"), ("Serial Number: {}", "<serial>{}</serial>", '"serial": "{}"', "ID_SERIAL_SHORT=S{}", "S/N: {}")),
    "e-mail addresses": (lambda r: f"{name(r)}.{name(r)}@{name(r)}.example", SOLID),
    "Kerberos principals": (lambda r: f"{name(r)}@{name(r).upper()}.EXAMPLE", ("Default principal: {}", "host/{}", "for {} at")),
    "people's homes": (lambda r: f"/home/{name(r)}", FOLDERS),
    "Windows homes": (lambda r: rf"C:\Users\{name(r).title()}", (r"{}\AppData", r'"{}\x y"', r"in {}\venv\python.exe")),
    "UNC shares": (lambda r: rf"\\{name(r)}{r.randint(1, 99)}", (r"{}\data\x", r"cannot open {}\share\y")),
    "cloud ids": (of(HEX, 15, "0"), ("instance i-{}a", "vpc-{}b in use", "fs-{}c.efs.us-east-1.amazonaws.com")),
    "buckets": (lambda r: f"{name(r)}-{name(r)}", ("s3://{}/x", "gs://{}/y", "https://{}.s3.us-east-1.amazonaws.com/z")),
    "hosts of a site": (lambda r: f"{name(r)}{r.randint(1, 99)}", ("MASTER_ADDR={}", "ssh bob@{}", "{}:/export /data nfs4 rw 0 0", "tcp://{}:29500", "bob@{}:~$ ls", "SLURM_NODELIST={}")),
    "this machine's names": (lambda r: r.choice(["deepbox", "alice", "DEEPBOX", "alice.smith"]), ("on {} now", "[{}:123] signal", "x/{}/y", "{}: command not found")),
}  # fmt: skip


def secret_of(drawn: str) -> str:
    """Return the part of what was drawn that must be gone: folders and issuers' prefixes may stay."""
    for parent in ("/home/", "C:\\Users\\", "\\\\"):
        if drawn.startswith(parent):
            return drawn[len(parent) :]
    return drawn.partition("@")[0] if "@" in drawn and ":" not in drawn else drawn


def drawn_texts(rng: random.Random, each: int) -> Iterator[tuple[str, str, str]]:
    """Yield (kind, text, secret), `each` of a kind."""
    for kind, (draw, around) in KINDS.items():
        for number in range(each):
            secret = draw(rng)
            yield kind, around[number % len(around)].replace("{}", secret), secret_of(secret)


def given_texts() -> Iterator[tuple[str, str, str]]:
    """Yield the texts of the tests, those known to be missed among them."""
    yield from (("written by hand", text, secret) for _, text, secret in leaks.ALL)
    yield from (("written by hand", text, secret) for text, secret in canaries.ALL)


def strings(value: Any) -> Iterator[str]:
    """Yield every text inside a JSON value."""
    if isinstance(value, str):
        yield value
    for inner in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        yield from strings(inner)


def clean_texts() -> Iterator[tuple[str, str]]:
    """Yield (source, line) of texts that hold nothing to hide, or were redacted before.

    The rules' examples with an address or a home in them are left out: there something is to hide.
    """
    yield from (("what looks like a secret", text) for text in (*leaks.KEPT, *canaries.KEPT))
    for path in sorted((TOP / "reports" / "examples").glob("*.json")):
        yield from (
            ("reports", line) for text in strings(json.loads(path.read_text())) for line in text.splitlines()
        )
    recorded = json.loads((TOP / "tests" / "machines" / "debian12-vm-cpu.json").read_text())
    yield from (("a recorded machine", line) for text in strings(recorded) for line in text.splitlines())
    for path in sorted((TOP / "rules").rglob("*.toml")):
        if path.parts[-3:-1] != ("rules", "profiles"):
            lines = path.read_text().splitlines()
            yield from (
                ("the rules' texts", line)
                for line in lines
                if not re.search(r"/home/|\d+\.\d+\.\d+\.\d+<", line)
            )


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--each", type=int, default=300)
    options = parser.parse_args()
    rng = random.Random(options.seed)
    tally: dict[str, list[int]] = defaultdict(lambda: [0, 0])
    missed, changed = [], []
    for kind, text, secret in (*drawn_texts(rng, options.each), *given_texts()):
        gone = secret not in Redactor(IDENTITY).text(text)
        tally[kind][0] += gone
        tally[kind][1] += 1
        missed += [] if gone else [f"{kind}: {text}"]
    print("| secret | hidden |\n|---|---|")
    for kind, (hidden, every) in tally.items():
        print(f"| {kind} | {hidden} of {every} ({hidden / every:.1%}) |")
    left: dict[str, list[int]] = defaultdict(lambda: [0, 0])
    redactor = Redactor(Identity(machine_id=canaries.MACHINE_ID))
    for source, line in dict.fromkeys(clean_texts()):
        same = redactor.text(line) == line
        left[source][0] += same
        left[source][1] += 1
        changed += [] if same else [f"{source}: {line} -> {redactor.text(line)}"]
    print("\n| clean lines | left as they are |\n|---|---|")
    for source, (same, every) in left.items():
        print(f"| {source} | {same} of {every} ({same / every:.2%}) |")
    print("\nmissed:", *missed, "\nchanged:", *changed, sep="\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
