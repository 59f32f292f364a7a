"""TorchVision: a compiled operator gives what can be worked out by hand, and a model's forward pass runs."""

ID = "pytorch-vision-torchvision"
FRAMEWORK = "pytorch"
SYSTEM = "torchvision"
CLAIM = "runs TorchVision's compiled operators and models"
LEVEL = "standard"
NEEDS = ("torchvision",)
COST_S = 2
INSTALL = "pip install torchvision, from the index where torch came from"


class Wrong(Exception):
    pass


def run(device):
    import torch
    import torchvision

    boxes = torch.tensor([[0, 0, 10, 10], [1, 0, 11, 10], [20, 20, 30, 30], [0, 0, 4, 4.0]], device=device)
    scores = torch.tensor([0.8, 0.9, 0.3, 0.5], device=device)
    # boxes 0 and 1 overlap by 90 / 110; box 3 overlaps each by 16 / 100 or 12 / 104
    kept = torchvision.ops.nms(boxes, scores, 0.5).tolist()
    if kept != [1, 3, 2]:
        raise Wrong("numbers: non-maximum suppression keeps %r, not [1, 3, 2]" % kept)
    area = torchvision.ops.roi_align(
        torch.full((1, 1, 8, 8), 2.5, device=device), [torch.tensor([[1.0, 1.0, 5.0, 5.0]], device=device)], 2
    )
    if not torch.allclose(area.cpu(), torch.full((1, 1, 2, 2), 2.5)):
        raise Wrong("numbers: aligned regions of a constant are not constant: %r" % area.tolist())
    torch.manual_seed(9)
    model = torchvision.models.resnet18(weights=None, num_classes=5).eval().to(device)
    images = torch.randn(2, 3, 64, 64, device=device)
    with torch.no_grad():
        both, first = model(images), model(images[:1])
    if both.shape != (2, 5) or not torch.allclose(both[:1], first, rtol=1e-2, atol=1e-2):
        raise Wrong("numbers: an image's result depends on the others of its batch")
    return {"placed_on": str(both.device), "version": torchvision.__version__}


if __name__ == "__main__":
    import sys

    print(run(sys.argv[1] if len(sys.argv) > 1 else "cpu"))
