"""PyTorch: a captured CUDA graph replays on new data with the right numbers."""

ID = "pytorch-capture"
FRAMEWORK = "pytorch"
SYSTEM = "cuda"
CLAIM = "captures work on the device as a graph and replays it on other data"
LEVEL = "standard"
NEEDS = ()
COST_S = 0.5
DEVICES = "accelerator"


class Wrong(Exception):
    pass


class Skip(Exception):
    pass


def run(device):
    import torch

    if not device.startswith("cuda"):
        raise Skip("graph capture is CUDA's and ROCm's")
    x = torch.ones(1024, device=device)
    stream = torch.cuda.Stream(device)
    stream.wait_stream(torch.cuda.current_stream())
    with torch.cuda.stream(stream):
        (x * 2 + 1).sum()  # whatever initialises itself must not do so while capturing
    torch.cuda.current_stream().wait_stream(stream)
    graph = torch.cuda.CUDAGraph()
    with torch.cuda.graph(graph):
        out = (x * 2 + 1).sum()
    for value in (1.0, 3.0):
        x.fill_(value)
        graph.replay()
        if out.item() != 1024 * (2 * value + 1):
            raise Wrong("numbers: replayed on %r it gives %r" % (value, out.item()))
    return {"placed_on": str(out.device)}


if __name__ == "__main__":
    import sys

    print(run(sys.argv[1] if len(sys.argv) > 1 else "cuda:0"))
