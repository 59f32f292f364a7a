"""PyTorch: copies between host and device and on the device are whole; their rates."""

ID = "pytorch-copies"
FRAMEWORK = "pytorch"
SYSTEM = "pytorch"
CLAIM = "copies between host and device, both ways, and on the device"
LEVEL = "standard"
NEEDS = ()
COST_S = 1
DEVICES = "accelerator"

MIB, TURNS = 128, 5


class Wrong(Exception):
    pass


class Skip(Exception):
    pass


def run(device):
    if device.startswith("cpu"):
        raise Skip("this is of accelerators; %s is none" % device)
    import torch

    words = MIB * (1 << 20) // 4
    host = torch.arange(words, dtype=torch.int32)
    if device.startswith("cuda"):
        host = host.pin_memory()
    there, other = (torch.empty(words, dtype=torch.int32, device=device) for _ in range(2))
    back = torch.empty_like(host, pin_memory=host.is_pinned())
    rates = {
        "host_to_device_gib_s": rate(torch, device, there, host, 1),
        "on_device_gib_s": rate(torch, device, other, there, 2),  # read and written
        "device_to_host_gib_s": rate(torch, device, back, other, 1),
    }
    if not torch.equal(back, host):
        raise Wrong("numbers: %d of %d words came back changed" % (int((back != host).sum()), words))
    return dict(rates, placed_on=str(other.device))


def rate(torch, device, into, source, ways):
    """GiB/s of the best of some copies."""
    import time

    module = getattr(torch, device.split(":")[0])
    best = float("inf")
    for _ in range(TURNS):
        module.synchronize()
        start = time.perf_counter()
        into.copy_(source)
        module.synchronize()
        best = min(best, time.perf_counter() - start)
    return round(ways * MIB / 1024 / best, 2)


if __name__ == "__main__":
    import sys

    print(run(sys.argv[1] if len(sys.argv) > 1 else "cuda:0"))
