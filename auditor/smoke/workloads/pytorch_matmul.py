"""PyTorch: a float32 matrix product on the device, against float64 on the CPU."""

ID = "pytorch-matmul"
FRAMEWORK = "pytorch"
SYSTEM = "pytorch"
CLAIM = "multiplies matrices on the device with right results"
LEVEL = "quick"
NEEDS = ()
COST_S = 0.05

SIDE = 256
CPU_RATE_SIDE, RATE_SIDE = 512, 4096
# Unit roundoff of float32 products: 2^-24 on a CPU; an accelerator may round the factors to TF32,
# 2^-11 (NVIDIA A100 white paper, 2020: 10 explicit mantissa bits).
FLOAT32, TF32 = 2.0**-24, 2.0**-11


class Wrong(Exception):
    pass


def run(device):
    import torch

    torch.manual_seed(1)
    a, b = torch.randn(SIDE, SIDE), torch.randn(SIDE, SIDE)
    got = a.to(device) @ b.to(device)
    if str(got.device) != device:
        raise Wrong("placement: the product is on %s, not on %s" % (got.device, device))
    exact, size = a.double() @ b.double(), a.double().abs() @ b.double().abs()
    # |error| <= gamma_n |A||B| whatever the order of summation, gamma_n = n u / (1 - n u) (Higham,
    # Accuracy and Stability of Numerical Algorithms, 2nd ed., 3.5); 2 u more for rounding the factors
    limit = 2 * (FLOAT32 if device == "cpu" else TF32) + 2 * SIDE * FLOAT32
    off = ((got.cpu().double() - exact).abs() / size).max().item()
    if not off <= limit:
        raise Wrong("numbers: a product is off by %.3g of its terms, more than %.3g" % (off, limit))
    check_by_hand(a, b, got.cpu(), size, limit)
    return {
        "placed_on": str(got.device),
        "error": off,
        "tolerance": limit,
        "gflops": rate(torch, device),
        "precision": precision(torch, device),
    }


def check_by_hand(a, b, got, size, limit):
    """A few entries in plain Python floats (float64), which owe nothing to the framework."""
    for row, column in ((0, 0), (17, 200), (SIDE - 1, SIDE // 2)):
        exact = sum(x * y for x, y in zip(a[row].tolist(), b[:, column].tolist()))
        if not abs(got[row, column].item() - exact) <= 2 * limit * size[row, column].item():
            raise Wrong(
                "numbers: entry [%d, %d] is %r, not %r" % (row, column, got[row, column].item(), exact)
            )


def precision(torch, device):
    """What a float32 product is computed in: on CUDA, TF32 where the user allows it and the card has it."""
    if not (device.startswith("cuda") and torch.backends.cuda.matmul.allow_tf32):
        return "float32"
    return "tf32" if torch.version.cuda and torch.cuda.get_device_capability(device) >= (8, 0) else "float32"


def rate(torch, device):
    """GFLOP/s of the best of three products, 2 n^3 operations each; float32 as the user's settings have it."""
    import time

    side = CPU_RATE_SIDE if device == "cpu" else RATE_SIDE
    a = torch.ones(side, side, device=device)
    best = float("inf")
    for _ in range(3):
        start = time.perf_counter()
        (a @ a)[0, 0].item()  # reading a value waits for the device
        best = min(best, time.perf_counter() - start)
    return round(2 * side**3 / best / 1e9, 1)


if __name__ == "__main__":
    import sys

    print(run(sys.argv[1] if len(sys.argv) > 1 else "cpu"))
