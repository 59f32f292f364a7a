"""PyTorch: Python's debugger stops inside a forward pass, and reads a tensor there."""

ID = "pytorch-debug-pdb"
FRAMEWORK = "pytorch"
SYSTEM = "pdb"
CLAIM = "can be stopped by Python's own debugger inside a forward pass, where values can be read"
LEVEL = "standard"
NEEDS = ()
COST_S = 0.1
DEVICES = "cpu"


class Wrong(Exception):
    pass


def run(device):
    import io
    import pdb

    import torch

    said = io.StringIO()
    commands = io.StringIO("p 'seen', hidden.sum().item()\nup\np 'above', type(self).__name__\nc\n")
    debugger = pdb.Pdb(stdin=commands, stdout=said, nosigint=True, readrc=False)

    class Model(torch.nn.Module):
        def forward(self, x):
            hidden = x * 2
            debugger.set_trace()
            return hidden + 1

    out = Model()(torch.tensor([1.0, 2.0, 3.5]))
    text = said.getvalue()
    if "('seen', 13.0)" not in text or "forward" not in text:
        raise Wrong("numbers: the debugger did not show the tensor's sum: %r" % text[-300:])
    if "('above', 'Model')" not in text:
        raise Wrong("numbers: the debugger did not show the caller: %r" % text[-300:])
    if out.tolist() != [3.0, 5.0, 8.0]:
        raise Wrong("numbers: going on from the stop gave %r" % out.tolist())
    return {"placed_on": str(out.device), "stopped_in": "forward"}


if __name__ == "__main__":
    import sys

    print(run(sys.argv[1] if len(sys.argv) > 1 else "cpu"))
