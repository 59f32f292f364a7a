"""PyTorch: a step by DistributedDataParallel and by FSDP in two processes equals the single-process step."""

ID = "pytorch-ddp"
FRAMEWORK = "pytorch"
SYSTEM = "torch-distributed"
CLAIM = "takes the same training step in two processes, by DDP and by FSDP, as in one"
LEVEL = "standard"
NEEDS = ()
COST_S = 5
DEVICES = "cpu"

WORLD, SAMPLES = 2, 8
TOLERANCE = 1e-5  # sums of eight float32 products in another order


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
            alone = step(torch, make(torch), slice(None))
            ends = [worker.communicate(timeout=100) for worker in workers]
        finally:
            for worker in workers:
                worker.kill()
                worker.wait()
    metrics = {"placed_on": "cpu", "processes": WORLD, "not_shown": "how gloo's threads unload at exit"}
    for rank, (worker, (out, err)) in enumerate(zip(workers, ends)):
        if worker.returncode:
            raise RuntimeError("process %d ended with %d: %s" % (rank, worker.returncode, err.strip()[-800:]))
        for way, weights in json.loads(out.splitlines()[-1]).items():
            off = max(abs(a - b) for a, b in zip(weights, alone)) if len(weights) == len(alone) else 1e9
            if not off <= TOLERANCE:
                raise Wrong("numbers: after a step by %s process %d is off by %.3g" % (way, rank, off))
            metrics[way + "_error"] = off
    return metrics


def make(torch):
    torch.manual_seed(14)
    return torch.nn.Sequential(torch.nn.Linear(4, 8), torch.nn.Tanh(), torch.nn.Linear(8, 2))


def step(torch, model, mine):
    """The weights after one step on a share of the samples."""
    random = torch.Generator().manual_seed(15)
    x, y = torch.randn(SAMPLES, 4, generator=random), torch.randn(SAMPLES, 2, generator=random)
    optimizer = torch.optim.SGD(model.parameters(), lr=0.5)
    ((model(x[mine]) - y[mine]) ** 2).mean().backward()
    optimizer.step()
    weights = []
    for parameter in model.parameters():
        whole = parameter.full_tensor() if hasattr(parameter, "full_tensor") else parameter
        weights += whole.detach().flatten().tolist()
    return weights


def work(rank, meet):
    """One process of the group."""
    import json
    import os

    import torch
    import torch.distributed as dist

    dist.init_process_group("gloo", init_method="file://" + meet, rank=rank, world_size=WORLD)
    mine = slice(rank, None, WORLD)
    got = {"ddp": step(torch, torch.nn.parallel.DistributedDataParallel(make(torch)), mine)}
    try:
        from torch.distributed.fsdp import fully_shard
    except ImportError:  # before torch 2.6
        fully_shard = None
    if fully_shard is not None:
        from torch.distributed.device_mesh import init_device_mesh

        model = make(torch)
        fully_shard(model, mesh=init_device_mesh("cpu", (WORLD,)))
        if not any(p.to_local().numel() < p.numel() for p in model.parameters()):
            raise Wrong("placement: FSDP left every parameter whole")
        try:
            got["fsdp"] = step(torch, model, mine)
        except (RuntimeError, NotImplementedError) as error:
            if "support" not in str(error):
                raise  # older gloo has no reduce-scatter: then DDP alone is compared
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
