"""LiteRT Torch: a PyTorch model converted for phones gives the same numbers in LiteRT's own interpreter."""

ID = "pytorch-litert"
FRAMEWORK = "pytorch"
SYSTEM = "litert-torch"
CLAIM = "converts a model for phones by LiteRT Torch; LiteRT's interpreter gives the same numbers"
LEVEL = "standard"
NEEDS = ("litert_torch", "ai_edge_litert")
COST_S = 15
DEVICES = "cpu"
INSTALL = "pip install litert-torch"


class Wrong(Exception):
    pass


def run(device):
    import os
    import tempfile

    import litert_torch
    import torch
    from ai_edge_litert.interpreter import Interpreter

    torch.manual_seed(17)
    model = torch.nn.Sequential(
        torch.nn.Conv2d(3, 4, 3), torch.nn.ReLU(), torch.nn.Flatten(), torch.nn.Linear(4 * 6 * 6, 3)
    ).eval()
    x = torch.randn(2, 3, 8, 8)
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "model.tflite")
        litert_torch.convert(model, (x,)).export(path)
        size = os.path.getsize(path)
        interpreter = Interpreter(path)
        interpreter.allocate_tensors()
        interpreter.set_tensor(interpreter.get_input_details()[0]["index"], x.numpy())
        interpreter.invoke()
        got = torch.tensor(interpreter.get_tensor(interpreter.get_output_details()[0]["index"]))
    off = (got - model(x)).abs().max().item()
    if not off <= 1e-4:
        raise Wrong("numbers: LiteRT's interpreter is off by %.3g" % off)
    return {"placed_on": "cpu", "error": off, "stored_bytes": size}


if __name__ == "__main__":
    import sys

    print(run(sys.argv[1] if len(sys.argv) > 1 else "cpu"))
