"""PyTorch: the matrix rate of each precision that the device has, each product checked."""

ID = "pytorch-rates"
FRAMEWORK = "pytorch"
SYSTEM = "pytorch"
CLAIM = "multiplies matrices in each precision of the device: float32, TF32, bfloat16, float16, float8, int8"
LEVEL = "standard"
NEEDS = ()
COST_S = 2
DEVICES = "accelerator"

SIDES = {"float32": 4096, "tf32": 6144, "bfloat16": 8192, "float16": 8192, "float8": 8192, "int8": 8192}
TURNS = 10


class Wrong(Exception):
    pass


class Skip(Exception):
    pass


def run(device):
    if device.startswith("cpu"):
        raise Skip("this is of accelerators; %s is none" % device)
    import torch

    metrics = {"placed_on": device}
    kept = torch.get_float32_matmul_precision()
    try:
        for name in SIDES:
            product = maker(torch, name, device)
            if product is not None:
                metrics[name + ("_tops" if name == "int8" else "_tflops")] = measure(
                    torch, name, product, device
                )
    finally:
        torch.set_float32_matmul_precision(kept)
    return metrics


def maker(torch, name, device):
    """A function that multiplies matrices of ones and gives a matrix, or None where there is no such precision."""
    side, cuda = SIDES[name], device.startswith("cuda")
    if name in ("float32", "tf32"):
        if name == "tf32" and not (
            cuda and torch.version.cuda and torch.cuda.get_device_capability(device) >= (8, 0)
        ):
            return None
        torch.set_float32_matmul_precision("highest" if name == "float32" else "high")
        a = torch.ones(side, side, device=device)
        return lambda: a @ a
    if name == "float8":
        if not (
            cuda and hasattr(torch, "float8_e4m3fn") and torch.cuda.get_device_capability(device) >= (8, 9)
        ):
            return None
        eight = torch.ones(side, side, device=device).to(torch.float8_e4m3fn)
        one = torch.ones((), device=device)
        return lambda: torch._scaled_mm(eight, eight.t(), one, one, out_dtype=torch.bfloat16)
    if name == "int8":
        # cuBLASLt's product of bytes asks for the dot-product instructions of 7.5 (cuBLAS documentation)
        if not (
            cuda
            and hasattr(torch, "_int_mm")
            and torch.version.cuda
            and torch.cuda.get_device_capability(device) >= (7, 5)
        ):
            return None
        byte = torch.ones(side, side, device=device, dtype=torch.int8)
        return lambda: torch._int_mm(byte, byte.t())
    if name == "bfloat16" and cuda and not torch.cuda.is_bf16_supported():
        return None
    half = torch.ones(side, side, device=device, dtype=getattr(torch, name))
    return lambda: half @ half


def measure(torch, name, product, device):
    """TFLOP/s over several products, 2 n^3 operations each, after one that warms up and is checked."""
    import time

    module = getattr(torch, device.split(":")[0])
    out = product()
    side = out.shape[0]
    # a sum of n ones, n = 4096, 6144 or 8192, is a number of every precision here
    if str(out.device) != device:
        raise Wrong("placement: the product is on %s, not on %s" % (out.device, device))
    if not bool((out == side).all()):
        raise Wrong("numbers: in %s a sum of %d ones is %r" % (name, side, out.flatten()[0].item()))
    module.synchronize()
    start = time.perf_counter()
    for _ in range(TURNS):
        out = product()
    module.synchronize()
    return round(2 * side**3 * TURNS / (time.perf_counter() - start) / 1e12, 2)


if __name__ == "__main__":
    import sys

    print(run(sys.argv[1] if len(sys.argv) > 1 else "cuda:0"))
