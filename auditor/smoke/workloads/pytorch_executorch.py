"""ExecuTorch: an exported model, lowered and run by its own runtime, gives the same numbers."""

ID = "pytorch-executorch"
FRAMEWORK = "pytorch"
SYSTEM = "executorch"
CLAIM = "lowers a model for phones by ExecuTorch, the successor of PyTorch Mobile; its runtime gives the same numbers"
LEVEL = "standard"
NEEDS = ("executorch",)
COST_S = 6
DEVICES = "cpu"
INSTALL = "pip install executorch"


class Wrong(Exception):
    pass


def run(device):
    import os
    import tempfile

    import torch
    from executorch.exir import to_edge
    from executorch.runtime import Runtime

    torch.manual_seed(17)
    model = torch.nn.Sequential(torch.nn.Linear(8, 16), torch.nn.ReLU(), torch.nn.Linear(16, 3)).eval()
    x = torch.randn(4, 8)
    program = to_edge(torch.export.export(model, (x,))).to_executorch()
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "model.pte")
        with open(path, "wb") as stream:
            stream.write(program.buffer)
        got = Runtime.get().load_program(path).load_method("forward").execute([x])[0].clone()
    off = (got - model(x)).abs().max().item()
    if not off <= 1e-5:
        raise Wrong("numbers: ExecuTorch's runtime is off by %.3g" % off)
    return {"placed_on": "cpu", "error": off, "stored_bytes": len(program.buffer)}


if __name__ == "__main__":
    import sys

    print(run(sys.argv[1] if len(sys.argv) > 1 else "cpu"))
