"""PyTorch: torch.export captures a model as a graph that gives the same numbers, another batch size too."""

ID = "pytorch-export"
FRAMEWORK = "pytorch"
SYSTEM = "torch-compile"
CLAIM = "captures a model by torch.export; the saved and loaded graph gives the same numbers"
LEVEL = "standard"
NEEDS = ()
COST_S = 6


class Wrong(Exception):
    pass


class Skip(Exception):
    pass


def run(device):
    import inspect
    import io

    import torch

    if not hasattr(torch, "export"):
        raise Skip("torch.export came with torch 2.1; this is %s" % torch.__version__)
    if "dynamic_shapes" not in inspect.signature(torch.export.export).parameters:
        raise Skip("torch.export takes dynamic shapes since torch 2.2; this is %s" % torch.__version__)
    torch.manual_seed(5)
    model = torch.nn.Sequential(torch.nn.Linear(8, 16), torch.nn.GELU(), torch.nn.Linear(16, 3))
    model = model.eval().to(device)
    x = torch.randn(4, 8, device=device)
    program = torch.export.export(model, (x,), dynamic_shapes=({0: torch.export.Dim("batch")},))
    stored = io.BytesIO()
    torch.export.save(program, stored)
    stored.seek(0)
    loaded = torch.export.load(stored).module()
    with torch.no_grad():
        for given in (x, torch.randn(7, 8, device=device)):
            got, eager = loaded(given), model(given)
            if got.shape != eager.shape or not torch.allclose(got, eager, rtol=1e-4, atol=1e-5):
                raise Wrong("numbers: the exported graph gives %r, the model %r" % (got[0], eager[0]))
    calls = sum(node.op == "call_function" for node in program.graph.nodes)
    if calls < 3:
        raise Wrong("numbers: the captured graph holds %d calls for three layers" % calls)
    return {"placed_on": str(got.device), "graph_calls": calls, "stored_bytes": len(stored.getvalue())}


if __name__ == "__main__":
    import sys

    print(run(sys.argv[1] if len(sys.argv) > 1 else "cpu"))
