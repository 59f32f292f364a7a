"""PyTorch: asking for more memory than allowed raises, and the device computes on."""

ID = "pytorch-oom"
FRAMEWORK = "pytorch"
SYSTEM = "pytorch"
CLAIM = "survives running out of the device's memory"
LEVEL = "deep"
NEEDS = ()
COST_S = 1
DEVICES = "accelerator"


class Wrong(Exception):
    pass


class Skip(Exception):
    pass


def run(device):
    import torch

    if not device.startswith("cuda"):
        raise Skip("only CUDA's and ROCm's allocators are asked for too much here")
    total = torch.cuda.get_device_properties(device).total_memory
    before = torch.cuda.memory_allocated(device)
    try:
        # more than there is in the whole device: refused at once, without taking it from others
        torch.empty(total + (1 << 30), dtype=torch.uint8, device=device)
    except torch.cuda.OutOfMemoryError:
        pass
    else:
        raise Wrong("placement: it gave more memory than the device has")
    torch.cuda.empty_cache()
    if torch.cuda.memory_allocated(device) != before:
        raise Wrong("numbers: the refused memory is still held")
    got = (torch.arange(8.0, device=device) * 2).sum()
    if got.item() != 56.0:
        raise Wrong("numbers: afterwards it gives %r" % got.item())
    return {"placed_on": str(got.device)}


if __name__ == "__main__":
    import sys

    print(run(sys.argv[1] if len(sys.argv) > 1 else "cuda:0"))
