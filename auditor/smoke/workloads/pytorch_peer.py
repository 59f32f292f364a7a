"""PyTorch: copies from one GPU to each other arrive whole; whether they may read each other's memory."""

ID = "pytorch-peer"
FRAMEWORK = "pytorch"
SYSTEM = "cuda"
CLAIM = "copies whole data between this GPU and each other one"
LEVEL = "standard"
NEEDS = ()
COST_S = 1
DEVICES = "accelerator"

MIB = 64


class Wrong(Exception):
    pass


class Skip(Exception):
    pass


def run(device):
    import torch

    if not device.startswith("cuda"):
        raise Skip("peers are CUDA's and ROCm's")
    mine = int(device.split(":")[1])
    others = [i for i in range(torch.cuda.device_count()) if i != mine]
    if not others:
        raise Skip("torch sees %d GPUs: there is no peer" % torch.cuda.device_count())
    here = torch.arange(MIB << 18, dtype=torch.int32, device=device)
    direct, rates = [], []
    for other in others:
        there = here.to("cuda:%d" % other)
        if not torch.equal(there.cpu(), here.cpu()):
            raise Wrong("numbers: a copy from %s to cuda:%d arrived changed" % (device, other))
        if torch.cuda.can_device_access_peer(mine, other):
            direct.append(other)
        rates.append(rate(torch, there, here))
    return {"placed_on": device, "peers": len(others), "direct_access_to": direct, "peer_gib_s": min(rates)}


def rate(torch, there, here):
    """GiB/s of the best of five copies to another GPU."""
    import time

    best = float("inf")
    for _ in range(5):
        start = time.perf_counter()
        there.copy_(here)
        torch.cuda.synchronize(there.device)
        torch.cuda.synchronize(here.device)
        best = min(best, time.perf_counter() - start)
    return round(MIB / 1024 / best, 2)


if __name__ == "__main__":
    import sys

    print(run(sys.argv[1] if len(sys.argv) > 1 else "cuda:0"))
