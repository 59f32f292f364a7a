"""PyTorch: a float32 convolution on the device (cuDNN, MIOpen, oneDNN), against float64 on the CPU."""

ID = "pytorch-convolution"
FRAMEWORK = "pytorch"
SYSTEM = "pytorch"
CLAIM = "convolves images on the device with right results"
LEVEL = "quick"
NEEDS = ()
COST_S = 0.06

IMAGES, CHANNELS, FILTERS, SIDE, KERNEL = 2, 8, 16, 24, 3
CPU_RATE_SHAPE, RATE_SHAPE = (1, 64, 56), (8, 128, 56)  # images, channels = filters, side
# Rounding as in pytorch_matmul.py (CUDA's convolutions take TF32 by default). Winograd and FFT
# algorithms lose some bits more than a direct sum, for which Higham's bound holds; 16 is our allowance.
FLOAT32, TF32 = 2.0**-24, 2.0**-11
ALGORITHM = 16


class Wrong(Exception):
    pass


def run(device):
    import torch
    from torch.nn.functional import conv2d

    torch.manual_seed(2)
    x, w = torch.randn(IMAGES, CHANNELS, SIDE, SIDE), torch.randn(FILTERS, CHANNELS, KERNEL, KERNEL)
    got = conv2d(x.to(device), w.to(device), padding=1)
    if str(got.device) != device:
        raise Wrong("placement: the result is on %s, not on %s" % (got.device, device))
    exact = conv2d(x.double(), w.double(), padding=1)
    size = conv2d(x.double().abs(), w.double().abs(), padding=1)
    rounding = FLOAT32 if device == "cpu" else TF32
    limit = 2 * rounding + ALGORITHM * CHANNELS * KERNEL**2 * FLOAT32
    off = ((got.cpu().double() - exact).abs() / size).max().item()
    if not off <= limit:
        raise Wrong("numbers: a value is off by %.3g of its terms, more than %.3g" % (off, limit))
    check_by_hand(x, w, got.cpu(), size, limit)
    return {
        "placed_on": str(got.device),
        "error": off,
        "tolerance": limit,
        "gflops": rate(torch, conv2d, device),
    }


def check_by_hand(x, w, got, size, limit):
    """One value in plain Python floats (float64), which owe nothing to the framework."""
    row, column, filter_ = 7, 11, 5
    window = x[1, :, row - 1 : row + 2, column - 1 : column + 2].reshape(-1).tolist()
    exact = sum(p * q for p, q in zip(window, w[filter_].reshape(-1).tolist()))
    value = got[1, filter_, row, column].item()
    if not abs(value - exact) <= 2 * limit * size[1, filter_, row, column].item():
        raise Wrong("numbers: one value is %r, not %r" % (value, exact))


def rate(torch, conv2d, device):
    """GFLOP/s of the best of three; 2 x images x filters x side^2 x channels x kernel^2 operations each."""
    import time

    images, channels, side = CPU_RATE_SHAPE if device == "cpu" else RATE_SHAPE
    x = torch.ones(images, channels, side, side, device=device)
    w = torch.ones(channels, channels, KERNEL, KERNEL, device=device)
    best = float("inf")
    for _ in range(3):
        start = time.perf_counter()
        conv2d(x, w, padding=1)[0, 0, 0, 0].item()
        best = min(best, time.perf_counter() - start)
    return round(2 * images * channels**2 * side**2 * KERNEL**2 / best / 1e9, 1)


if __name__ == "__main__":
    import sys

    print(run(sys.argv[1] if len(sys.argv) > 1 else "cpu"))
