"""PyTorch: asking for more memory than there is raises, and the device computes on."""

ID = "pytorch-oom"
FRAMEWORK = "pytorch"
SYSTEM = "pytorch"
CLAIM = "survives running out of the device's memory"
LEVEL = "deep"
NEEDS = ()
COST_S = 1

# More than any machine's address space has (47 bits): refused at once, without taking memory from others.
FAR_TOO_MUCH = 1 << 47
WORDS = ("memory", "buffer size")  # what allocators call it: CUDA's, the host's, Metal's


class Wrong(Exception):
    pass


def run(device):
    import torch

    cuda = device.startswith("cuda")
    size = torch.cuda.get_device_properties(device).total_memory + (1 << 30) if cuda else FAR_TOO_MUCH
    before = torch.cuda.memory_allocated(device) if cuda else 0
    try:
        torch.empty(size, dtype=torch.uint8, device=device)
    except RuntimeError as error:  # torch.OutOfMemoryError is one
        said = str(error)
        if not any(word in said.lower() for word in WORDS):
            raise
    else:
        raise Wrong("placement: it gave more memory than the device has")
    if cuda:
        torch.cuda.empty_cache()
        if torch.cuda.memory_allocated(device) != before:
            raise Wrong("numbers: the refused memory is still held")
    got = (torch.arange(8.0, device=device) * 2).sum()
    if got.item() != 56.0:
        raise Wrong("numbers: afterwards it gives %r" % got.item())
    return {"placed_on": str(got.device), "said": said.splitlines()[0][:200]}


if __name__ == "__main__":
    import sys

    print(run(sys.argv[1] if len(sys.argv) > 1 else "cpu"))
