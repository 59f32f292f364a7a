"""PyTorch: nearly all of the device's free memory gives back what was written to it."""

ID = "pytorch-memory-all"
FRAMEWORK = "pytorch"
SYSTEM = "pytorch"
CLAIM = "keeps patterns, addresses and random words in nearly all of the device's memory"
LEVEL = "deep"
NEEDS = ()
COST_S = 15

# On an accelerator nine tenths of what is free, in blocks; of the host's memory a part that disturbs nobody.
# Small blocks of the host's memory spare the kernel from clearing pages for every comparison.
BLOCK_MIB, SHARE, CPU_MIB, CPU_BLOCK_MIB = 256, 0.9, 512, 16
HELD_BY_OTHERS_MIB = 2048  # more than a driver, a display and our own context take
STEP = 0x01000193  # an odd number sets the addresses of one block apart from another's
PATTERNS = (0x00000000, -1, 0x55555555, -0x55555556)  # all off, all on, and the two alternations


class Wrong(Exception):
    pass


class Skip(Exception):
    pass


def run(device):
    import torch

    size = CPU_BLOCK_MIB if device == "cpu" else BLOCK_MIB
    words, count = size << 18, max(1, room_mib(torch, device) // size)
    with unlimited(torch, device):
        blocks = [torch.empty(words, dtype=torch.int32, device=device) for _ in range(count)]
        try:
            test(torch, blocks, words)
        finally:
            placed = str(blocks[0].device)
            blocks.clear()
            if device.startswith("cuda"):
                torch.cuda.empty_cache()
    return {"placed_on": placed, "tested_mib": count * size, "passes": len(PATTERNS) + 2}


def test(torch, blocks, words):
    """Each pass writes every block before it reads the first: what one cell does to another is seen."""
    for pattern in PATTERNS:
        for block in blocks:
            block.fill_(pattern)
        for number, block in enumerate(blocks):
            verify(number, block, pattern, "the pattern %#x" % (pattern & 0xFFFFFFFF))
    device = blocks[0].device
    address = torch.arange(words, dtype=torch.int32, device=device)
    for number, block in enumerate(blocks):
        block.copy_(address).bitwise_xor_(number * STEP)
    for number, block in enumerate(blocks):
        verify(number, block, address ^ (number * STEP), "their own address")
    del address
    for number, block in enumerate(blocks):
        block.random_(generator=seeded(torch, device, number))
    for number, block in enumerate(blocks):
        again = torch.empty_like(block).random_(generator=seeded(torch, device, number))
        verify(number, block, again, "random words")


def seeded(torch, device, number):
    generator = torch.Generator(device=device)
    generator.manual_seed(1000 + number)
    return generator


def verify(number, block, wanted, what):
    bad = int((block != wanted).sum())
    if bad:
        raise Wrong("numbers: %d of %d words of block %d lost %s" % (bad, block.numel(), number, what))


def room_mib(torch, device):
    """MiB to test: on an accelerator less three blocks, which the comparison takes."""
    if device == "cpu":
        return min(CPU_MIB, available_mib() // 8)
    if not device.startswith("cuda"):
        raise Skip("how much of this device's memory is free is not told; pytorch-memory tests a part")
    free, total = (size >> 20 for size in torch.cuda.mem_get_info(device))
    held = total - free - (torch.cuda.memory_reserved(device) >> 20)
    if held > HELD_BY_OTHERS_MIB:
        raise Skip("others hold %d MiB of this device: the rest is theirs to take" % held)
    room = int(free * SHARE) - 3 * BLOCK_MIB
    if room < BLOCK_MIB:
        raise Skip("only %d MiB of this device are free" % free)
    return room


def available_mib():
    try:
        with open("/proc/meminfo") as stream:
            return next(int(line.split()[1]) for line in stream if line.startswith("MemAvailable")) >> 10
    except (OSError, StopIteration):
        return 8 * CPU_MIB


class unlimited:
    """Lifts the share of memory that this process was given, for the time of the test."""

    def __init__(self, torch, device):
        self.cuda, self.device = torch.cuda, device
        self.applies = device.startswith("cuda")

    def __enter__(self):
        if self.applies:
            told = getattr(self.cuda, "get_per_process_memory_fraction", None)  # since torch 2.8
            self.kept = told(self.device) if told else 1.0
            self.cuda.set_per_process_memory_fraction(1.0, self.device)

    def __exit__(self, *_):
        if self.applies:
            self.cuda.set_per_process_memory_fraction(self.kept, self.device)


if __name__ == "__main__":
    import sys

    print(run(sys.argv[1] if len(sys.argv) > 1 else "cpu"))
