"""PyTorch: mixed precision really rounds to bfloat16, within its bound, and keeps the weights in float32."""

ID = "pytorch-precision-bf16"
FRAMEWORK = "pytorch"
SYSTEM = "pytorch"
CLAIM = "trains in mixed precision (bfloat16) within its rounding"
LEVEL = "standard"
NEEDS = ()
COST_S = 0.2

SIDE = 128
BF16 = 2.0**-8  # unit roundoff of 8 significant bits


class Wrong(Exception):
    pass


def run(device):
    import torch

    torch.manual_seed(16)
    x = torch.randn(SIDE, SIDE)
    layer = torch.nn.Linear(SIDE, SIDE, bias=False)
    wanted = x.double() @ layer.weight.detach().double().T
    size = x.double().abs() @ layer.weight.detach().double().abs().T
    layer = layer.to(device)
    with torch.autocast(device.split(":")[0], dtype=torch.bfloat16):
        got = layer(x.to(device))
        loss = (got.float() ** 2).mean()
    loss.backward()
    if got.dtype != torch.bfloat16 or layer.weight.grad.dtype != torch.float32:
        raise Wrong("numbers: it computed in %s with gradients in %s" % (got.dtype, layer.weight.grad.dtype))
    # two factors and the result are rounded, the sum is kept in float32
    limit = 4 * BF16
    off = ((got.detach().cpu().double() - wanted).abs() / size).max().item()
    if not off <= limit:
        raise Wrong("numbers: a product is off by %.3g of its terms, more than %.3g" % (off, limit))
    exact = 2 * wanted.T @ x.double() / wanted.numel()
    apart = ((layer.weight.grad.cpu().double() - exact).norm() / exact.norm()).item()
    if not apart <= limit:
        raise Wrong("numbers: the gradient is off by %.3g of its length" % apart)
    if device != "cpu" and str(got.device) != device:
        raise Wrong("placement: the product is on %s, not on %s" % (got.device, device))
    return {"placed_on": str(got.device), "error": off, "gradient_error": apart}


if __name__ == "__main__":
    import sys

    print(run(sys.argv[1] if len(sys.argv) > 1 else "cpu"))
