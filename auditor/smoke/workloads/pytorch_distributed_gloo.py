"""PyTorch: two real processes reduce, scatter and broadcast by gloo; sums are worked out by hand."""

ID = "pytorch-distributed-gloo"
FRAMEWORK = "pytorch"
SYSTEM = "torch-distributed"
CLAIM = "runs collectives between processes by torch.distributed: all-reduce, reduce-scatter, broadcast"
LEVEL = "standard"
NEEDS = ()
COST_S = 4
DEVICES = "cpu"

WORLD = 2


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

    import torch

    if not torch.distributed.is_available():
        raise Skip("this build of torch has no torch.distributed")
    with tempfile.TemporaryDirectory() as folder:
        # a file instead of a port, the loopback instead of what the host's name resolves to
        env = dict(
            os.environ, GLOO_SOCKET_IFNAME="lo0" if sys.platform == "darwin" else "lo", OMP_NUM_THREADS="1"
        )
        workers = [
            subprocess.Popen(
                [sys.executable, __file__, "--worker", str(rank), os.path.join(folder, "meet")],
                env=env, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
            )
            for rank in range(WORLD)
        ]  # fmt: skip
        try:
            ends = [worker.communicate(timeout=100) for worker in workers]
        finally:
            for worker in workers:
                worker.kill()
                worker.wait()
    for rank, (worker, (out, err)) in enumerate(zip(workers, ends)):
        if worker.returncode:
            raise RuntimeError("process %d ended with %d: %s" % (rank, worker.returncode, err.strip()[-800:]))
        check(rank, json.loads(out.splitlines()[-1]))
    return {"placed_on": "cpu", "processes": WORLD, "backend": "gloo",
            "not_shown": "how gloo's threads unload at exit"}  # fmt: skip


def check(rank, got):
    """Rank r holds (r + 1) [1, 2, 3, 4]: sums are 3 times that."""
    wanted = {
        "all_reduce": [3.0, 6.0, 9.0, 12.0],
        "reduce_scatter": [3.0, 6.0] if rank == 0 else [9.0, 12.0],
        "broadcast": [2.0, 4.0, 6.0, 8.0],
        "all_gather": [1.0, 2.0],
    }
    for name, values in wanted.items():
        if got[name] is not None and got[name] != values:
            raise Wrong("numbers: %s gives %r in process %d, not %r" % (name, got.get(name), rank, values))


def work(rank, meet):
    """One process of the group."""
    import json
    import os

    import torch
    import torch.distributed as dist

    dist.init_process_group("gloo", init_method="file://" + meet, rank=rank, world_size=WORLD)
    mine = torch.tensor([1.0, 2.0, 3.0, 4.0]) * (rank + 1)
    got = {}
    total = mine.clone()
    dist.all_reduce(total)
    got["all_reduce"] = total.tolist()
    part = torch.zeros(2)
    try:
        dist.reduce_scatter(part, list(mine.clone().chunk(2)))
        got["reduce_scatter"] = part.tolist()
    except RuntimeError as error:
        if "support" not in str(error):
            raise
        got["reduce_scatter"] = None  # gloo's was added to torch late
    same = mine.clone()
    dist.broadcast(same, src=1)
    got["broadcast"] = same.tolist()
    parts = [torch.zeros(1) for _ in range(WORLD)]
    dist.all_gather(parts, torch.tensor([rank + 1.0]))
    got["all_gather"] = [p.item() for p in parts]
    print(json.dumps(got), flush=True)
    dist.barrier()
    dist.destroy_process_group()
    # gloo's threads now and then abort a process that unloads them while they end (torch 2.13,
    # "terminate called without an active exception"). The result is out, all have met at the barrier
    # and the group is closed: only the unloading is left out, and the result says so.
    os._exit(0)


if __name__ == "__main__":
    import sys

    if sys.argv[1:2] == ["--worker"]:
        work(int(sys.argv[2]), sys.argv[3])
    else:
        print(run(sys.argv[1] if len(sys.argv) > 1 else "cpu"))
