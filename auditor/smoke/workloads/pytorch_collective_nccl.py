"""PyTorch: a process a GPU reduces by NCCL or RCCL; the sum is worked out by hand, its bandwidth told."""

ID = "pytorch-collective-nccl"
FRAMEWORK = "pytorch"
SYSTEM = "torch-distributed"
CLAIM = "reduces between all GPUs by NCCL or RCCL"
LEVEL = "standard"
NEEDS = ()
COST_S = 10
DEVICES = "accelerator"

MIB, TURNS = 64, 10


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

    if device != "cuda:0":
        raise Skip("all GPUs are tried together, with cuda:0")
    world = torch.cuda.device_count()
    if world < 2:
        raise Skip("torch sees %d GPUs: there is nothing to reduce between" % world)
    if not (torch.distributed.is_available() and torch.distributed.is_nccl_available()):
        raise Skip("this build of torch has no NCCL")
    with tempfile.TemporaryDirectory() as folder:
        meet = os.path.join(folder, "meet")
        workers = [
            subprocess.Popen([sys.executable, __file__, "--worker", str(rank), str(world), meet],
                             stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
            for rank in range(world)
        ]  # fmt: skip
        try:
            ends = [worker.communicate(timeout=200) for worker in workers]
        finally:
            for worker in workers:
                worker.kill()
                worker.wait()
    rates = []
    for rank, (worker, (out, err)) in enumerate(zip(workers, ends)):
        if worker.returncode:
            raise RuntimeError("process %d ended with %d: %s" % (rank, worker.returncode, err.strip()[-800:]))
        told = json.loads(out.splitlines()[-1])
        if told["low"] != told["high"] or told["low"] != world * (world + 1) / 2:
            raise Wrong("numbers: the sum of 1 to %d comes out as %r" % (world, told["low"]))
        rates.append(told["gib_s"])
    return {"placed_on": device, "gpus": world, "bus_gib_s": min(rates)}


def work(rank, world, meet):
    """One process of the group."""
    import json
    import time

    import torch
    import torch.distributed as dist

    torch.cuda.set_device(rank)
    dist.init_process_group("nccl", init_method="file://" + meet, rank=rank, world_size=world)
    block = torch.full((MIB * (1 << 20) // 4,), rank + 1.0, device="cuda")
    dist.all_reduce(block)
    told = {"low": block.min().item(), "high": block.max().item()}
    torch.cuda.synchronize()
    start = time.perf_counter()
    for _ in range(TURNS):
        dist.all_reduce(block)
    torch.cuda.synchronize()
    # a ring moves 2 (n - 1) / n of the block over each link (nccl-tests, PERFORMANCE.md)
    told["gib_s"] = round(2 * (world - 1) / world * MIB / 1024 * TURNS / (time.perf_counter() - start), 2)
    print(json.dumps(told))
    dist.destroy_process_group()


if __name__ == "__main__":
    import sys

    if sys.argv[1:2] == ["--worker"]:
        work(int(sys.argv[2]), int(sys.argv[3]), sys.argv[4])
    else:
        print(run(sys.argv[1] if len(sys.argv) > 1 else "cuda:0"))
