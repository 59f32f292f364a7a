"""PyTorch on a TPU, by torch_xla: its device computes what the CPU does."""

ID = "pytorch-tpu-xla"
FRAMEWORK = "pytorch"
SYSTEM = "torch-xla"
CLAIM = "computes on a TPU by PyTorch/XLA"
LEVEL = "standard"
NEEDS = ("torch_xla",)
COST_S = 10
DEVICES = "cpu"
ENDED = "its last release is 2.9, for torch 2.9; torch-tpu follows it, and there must be a TPU"


class Wrong(Exception):
    pass


class Skip(Exception):
    pass


def run(device):
    import torch
    import torch_xla

    place = torch_xla.device()
    kind = torch_xla.runtime.device_type()
    if kind != "TPU":
        raise Skip("torch_xla sees no TPU here, only %s" % kind)
    a = torch.arange(64.0).reshape(8, 8)
    got = (a.to(place) @ torch.ones(8, 8, device=place)).cpu()
    if got.tolist() != (a @ torch.ones(8, 8)).tolist():
        raise Wrong("numbers: the TPU gives %r" % got[0].tolist())
    return {"placed_on": str(place)}


if __name__ == "__main__":
    import sys

    print(run(sys.argv[1] if len(sys.argv) > 1 else "cpu"))
