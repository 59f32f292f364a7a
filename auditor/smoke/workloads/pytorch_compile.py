"""PyTorch: torch.compile generates code that gives the same numbers and gradients as eager execution."""

ID = "pytorch-compile"
FRAMEWORK = "pytorch"
SYSTEM = "torch-compile"
CLAIM = "compiles a model by torch.compile; values and gradients are those of eager execution"
LEVEL = "deep"
NEEDS = ()
COST_S = 30


class Wrong(Exception):
    pass


class Skip(Exception):
    pass


def run(device):
    import time

    import torch

    if not hasattr(torch, "compile"):
        raise Skip("torch.compile came with torch 2.0; this is %s" % torch.__version__)
    torch.manual_seed(6)
    x = torch.randn(64, 32, device=device)
    w = torch.randn(32, 32, device=device, requires_grad=True)
    graphs = []

    def function(x, w):
        return (torch.nn.functional.softmax(x @ w, dim=1) * torch.sin(x)).sum()

    torch._dynamo.reset()
    start = time.perf_counter()
    eager = function(x, w)
    slope = torch.autograd.grad(eager, w)[0]
    compiled = torch.compile(function, fullgraph=True)
    got = compiled(x, w)
    got_slope = torch.autograd.grad(got, w)[0]
    seconds = time.perf_counter() - start
    graphs.append(torch._dynamo.utils.counters["stats"].get("unique_graphs", 0))
    torch._dynamo.reset()
    if not torch.allclose(got, eager, rtol=1e-3, atol=1e-3):
        raise Wrong("numbers: compiled %r, eager %r" % (got.item(), eager.item()))
    if not torch.allclose(got_slope, slope, rtol=1e-2, atol=1e-3):
        raise Wrong("numbers: the compiled gradient is off by %.3g" % (got_slope - slope).abs().max().item())
    if not graphs[0]:
        raise Wrong("numbers: nothing was captured, so the numbers are those of eager execution")
    return {"placed_on": str(got.device), "compile_s": round(seconds, 2), "graphs": graphs[0]}


if __name__ == "__main__":
    import sys

    print(run(sys.argv[1] if len(sys.argv) > 1 else "cpu"))
