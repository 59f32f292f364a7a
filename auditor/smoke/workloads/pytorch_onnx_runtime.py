"""PyTorch: a model exported to ONNX gives the same numbers in ONNX Runtime, another batch size too."""

ID = "pytorch-onnx-runtime"
FRAMEWORK = "pytorch"
SYSTEM = "onnx"
CLAIM = "exports a model to ONNX; ONNX Runtime gives the same numbers"
LEVEL = "standard"
NEEDS = ("onnx", "onnxscript", "onnxruntime")
COST_S = 8
DEVICES = "cpu"
INSTALL = "pip install onnx onnxscript onnxruntime"


class Wrong(Exception):
    pass


class Skip(Exception):
    pass


def run(device):
    import inspect

    import onnx
    import onnxruntime
    import torch

    if "dynamo" not in inspect.signature(torch.onnx.export).parameters:
        raise Skip("torch.onnx exports by torch.export since torch 2.5; this is %s" % torch.__version__)
    torch.manual_seed(7)
    model = torch.nn.Sequential(
        torch.nn.Conv2d(3, 4, 3, padding=1), torch.nn.ReLU(), torch.nn.Flatten(), torch.nn.Linear(256, 5)
    ).eval()
    x = torch.randn(2, 3, 8, 8)
    program = torch.onnx.export(
        model, (x,), dynamo=True, dynamic_shapes=({0: torch.export.Dim("batch")},), verbose=False
    )
    onnx.checker.check_model(program.model_proto)
    session = onnxruntime.InferenceSession(
        program.model_proto.SerializeToString(), providers=["CPUExecutionProvider"]
    )
    off = 0.0
    for given in (x, torch.randn(5, 3, 8, 8)):
        got = session.run(None, {session.get_inputs()[0].name: given.numpy()})[0]
        wanted = model(given).detach()
        if tuple(got.shape) != tuple(wanted.shape):
            raise Wrong("numbers: ONNX Runtime answers %r, the model %r" % (got.shape, tuple(wanted.shape)))
        off = max(off, float((torch.from_numpy(got) - wanted).abs().max()))
    # 256 float32 products of size about 1 a value, summed in another order
    if not off <= 256 * 2.0**-24 * 8:
        raise Wrong("numbers: ONNX Runtime is off by %.3g" % off)
    return {"placed_on": "cpu", "error": off, "runtime": onnxruntime.__version__, "onnx": onnx.__version__}


if __name__ == "__main__":
    import sys

    print(run(sys.argv[1] if len(sys.argv) > 1 else "cpu"))
