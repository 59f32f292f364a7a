"""PyTorch: the device's memory gives back the patterns that were written to it."""

ID = "pytorch-memory"
FRAMEWORK = "pytorch"
SYSTEM = "pytorch"
CLAIM = "keeps what is written to the device's memory: four bit patterns and every word's own address"
LEVEL = "standard"
NEEDS = ()
COST_S = 0.3

MIB = 64
PATTERNS = (0x00000000, -1, 0x55555555, -0x55555556)  # all off, all on, and the two alternations


class Wrong(Exception):
    pass


def run(device):
    import torch

    words = MIB * (1 << 20) // 4
    block = torch.empty(words, dtype=torch.int32, device=device)
    for pattern in PATTERNS:
        block.fill_(pattern)
        bad = int((block != pattern).sum())
        if bad:
            raise Wrong("numbers: %d of %d words lost the pattern %#x" % (bad, words, pattern & 0xFFFFFFFF))
    torch.arange(words, dtype=torch.int32, device=device, out=block)
    back = block.cpu()
    if not torch.equal(back, torch.arange(words, dtype=torch.int32)):
        raise Wrong("numbers: words do not hold their own address")
    return {"placed_on": str(block.device), "tested_mib": MIB}


if __name__ == "__main__":
    import sys

    print(run(sys.argv[1] if len(sys.argv) > 1 else "cpu"))
