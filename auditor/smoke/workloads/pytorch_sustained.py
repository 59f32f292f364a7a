"""PyTorch: matrix products without a pause give the same numbers all the time; how much the rate falls."""

ID = "pytorch-sustained"
FRAMEWORK = "pytorch"
SYSTEM = "pytorch"
CLAIM = "computes under sustained load without an error; tells how far its rate falls"
LEVEL = "deep"
NEEDS = ()
COST_S = 20
DURATION_S = 20  # what is asked for by --duration takes its place

CPU_SIDE, SIDE, SLICE_S = 1024, 4096, 1.0
FLOAT32, TF32 = 2.0**-24, 2.0**-11


class Wrong(Exception):
    pass


def run(device):
    import time

    import torch

    torch.manual_seed(7)
    side = CPU_SIDE if device == "cpu" else SIDE
    a = torch.randn(side, side).to(device)
    first = check_first(torch, device, a)
    wait = getattr(getattr(torch, device.split(":")[0]), "synchronize", lambda: None)
    rates, end = [], time.perf_counter() + DURATION_S
    while not rates or time.perf_counter() < end:
        count, start = 0, time.perf_counter()
        while not count or time.perf_counter() < min(end, start + SLICE_S):
            for _ in range(4):
                out = a @ a
            wait()
            count += 4
        rates.append(2 * side**3 * count / (time.perf_counter() - start) / 1e9)
        off = (out - first).abs().max().item()
        # the same product again: what may differ is the order of summation, two rounding errors of a sum
        if not off <= 4 * side * FLOAT32 * first.abs().max().item():
            raise Wrong("numbers: after %d s a product is off by %.3g" % (len(rates), off))
    return {"placed_on": str(out.device), "seconds": round(DURATION_S, 1), "precision": precision(torch, device),
            "sustained_gflops": round(sorted(rates)[len(rates) // 2], 1), "checked": len(rates),
            "slowest_percent_of_fastest": round(100 * min(rates) / max(rates), 1)}  # fmt: skip


def check_first(torch, device, a):
    """The product, its first row checked against float64 on the CPU."""
    first = a @ a
    row, exact = first[0].cpu().double(), a[0].cpu().double() @ a.cpu().double()
    size = a[0].cpu().double().abs() @ a.cpu().double().abs()
    limit = 2 * (FLOAT32 if device == "cpu" else TF32) + 2 * a.shape[0] * FLOAT32
    off = ((row - exact).abs() / size).max().item()
    if not off <= limit:
        raise Wrong("numbers: a product is off by %.3g of its terms, more than %.3g" % (off, limit))
    return first


def precision(torch, device):
    """What a float32 product is computed in: on CUDA, TF32 where the user allows it and the card has it."""
    if not (device.startswith("cuda") and torch.backends.cuda.matmul.allow_tf32):
        return "float32"
    return "tf32" if torch.version.cuda and torch.cuda.get_device_capability(device) >= (8, 0) else "float32"


if __name__ == "__main__":
    import sys

    DURATION_S = float(sys.argv[2]) if len(sys.argv) > 2 else DURATION_S
    print(run(sys.argv[1] if len(sys.argv) > 1 else "cpu"))
