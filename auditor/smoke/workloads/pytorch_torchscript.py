"""PyTorch: TorchScript compiles, saves and loads a model with control flow; its deprecation is noticed."""

ID = "pytorch-torchscript"
FRAMEWORK = "pytorch"
SYSTEM = "torchscript"
CLAIM = "compiles a model by TorchScript; the saved and loaded script gives the same numbers"
LEVEL = "standard"
NEEDS = ()
COST_S = 0.3


class Wrong(Exception):
    pass


def run(device):
    import io
    import warnings

    import torch

    model = make(torch).to(device)
    with warnings.catch_warnings(record=True) as heard:
        warnings.simplefilter("always")
        script = torch.jit.script(model)
        stored = io.BytesIO()
        torch.jit.save(script, stored)
        stored.seek(0)
        loaded = torch.jit.load(stored, map_location=device)
    for value in (2.0, -2.0):
        x = torch.full((3,), value, device=device)
        got, exact = loaded(x, 3).tolist(), [abs(value) * (8.0 if value > 0 else 27.0)] * 3
        if got != exact:
            raise Wrong("numbers: the loaded script gives %r for %r, not %r" % (got, value, exact))
    old = [str(w.message).splitlines()[0] for w in heard if "deprecat" in str(w.message).lower()]
    placed = str(loaded(x, 1).device)
    if placed != device:
        raise Wrong("placement: the script ran on %s, not on %s" % (placed, device))
    return {"placed_on": placed, "deprecated": old[0] if old else "", "successor": "torch.export"}


def make(torch):
    class Model(torch.nn.Module):
        def forward(self, x, times: int):
            if bool(x.sum() > 0):
                for _ in range(times):
                    x = x * 2
            else:
                for _ in range(times):
                    x = x * 3
            return x.abs()

    return Model()


if __name__ == "__main__":
    import sys

    print(run(sys.argv[1] if len(sys.argv) > 1 else "cpu"))
