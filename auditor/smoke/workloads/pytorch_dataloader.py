"""PyTorch: worker processes hand batches over in shared memory, in order and whole."""

ID = "pytorch-dataloader"
FRAMEWORK = "pytorch"
SYSTEM = "pytorch"
CLAIM = "loads batches in worker processes, through shared memory"
LEVEL = "standard"
NEEDS = ()
COST_S = 2
DEVICES = "cpu"

# In a process of its own, as in a user's script: workers are forked, and a process that has computed
# with threads, as this one may have, cannot be forked safely.
CODE = """
import json
import torch
def main():
    rows = torch.arange(64.0).reshape(-1, 1).repeat(1, 4096)
    data = torch.utils.data.TensorDataset(rows)
    seen = [batch for (batch,) in torch.utils.data.DataLoader(data, batch_size=16, num_workers=2)]
    shared = all(batch.is_shared() for batch in seen)
    got = torch.cat(seen)
    print(json.dumps({"shared": shared, "first": got[:, 0].tolist(), "whole": bool((got == rows).all())}))
if __name__ == "__main__":
    main()
"""


# A socket's path has 104 characters at least (unix(7): 108, macOS 104); multiprocessing appends
# "/pymp-12345678/listener-12345678" to the temporary folder's, and a worker that cannot bind hangs.
FOLDER_LIMIT = 104 - 33


class Wrong(Exception):
    pass


class Skip(Exception):
    pass


def run(device):
    import json
    import os
    import subprocess
    import sys
    import tempfile

    if len(tempfile.gettempdir()) > FOLDER_LIMIT:
        raise Skip(
            "workers hand batches over by sockets, for which the temporary folder's path is too long here "
            "(%d characters); set TMPDIR to a shorter one" % len(tempfile.gettempdir())
        )
    with tempfile.TemporaryDirectory() as folder:
        script = os.path.join(folder, "load.py")  # a file: where workers are not forked they import it
        with open(script, "w") as stream:
            stream.write(CODE)
        done = subprocess.run(
            [sys.executable, script], env=dict(os.environ, CUDA_VISIBLE_DEVICES=""),
            stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=100, check=False,
        )  # fmt: skip
    if done.returncode:
        raise RuntimeError("its process ended with %d: %s" % (done.returncode, done.stderr.strip()[-800:]))
    told = json.loads(done.stdout.splitlines()[-1])
    if not told["shared"]:
        raise Wrong("placement: the batches did not come through shared memory")
    if told["first"] != [float(n) for n in range(64)] or not told["whole"]:
        raise Wrong("numbers: the batches hold %r" % told["first"])
    return {"placed_on": "cpu", "workers": 2, "batches": 4}


if __name__ == "__main__":
    import sys

    print(run(sys.argv[1] if len(sys.argv) > 1 else "cpu"))
