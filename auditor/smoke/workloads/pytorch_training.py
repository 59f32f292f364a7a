"""PyTorch: a few steps of gradient descent on the device; the loss falls and the gradient is right."""

ID = "pytorch-training"
FRAMEWORK = "pytorch"
SYSTEM = "pytorch"
CLAIM = "trains on the device: automatic gradients, and a loss that falls"
LEVEL = "quick"
NEEDS = ()
COST_S = 0.02

STEPS, RATE = 5, 0.1
# The gradient against a central difference of the float64 loss on the CPU: TF32's rounding of 2^-11
# in each of three products, times 10 for cancellation in the sum over samples.
GRADIENT_TOLERANCE = 0.02


class Wrong(Exception):
    pass


def run(device):
    import torch

    torch.manual_seed(3)
    x, target = torch.randn(64, 16), torch.randn(64, 1)
    first, second = torch.randn(16, 32) / 4, torch.randn(32, 1) / 6
    weights = [w.clone().to(device).requires_grad_() for w in (first, second)]
    losses = []
    for step in range(STEPS):
        value = loss(torch, x.to(device), target.to(device), weights)
        value.backward()
        losses.append(value.item())
        if step == 0:
            check_gradient(torch, x, target, (first, second), weights)
        with torch.no_grad():
            for w in weights:
                w -= RATE * w.grad
                w.grad = None
    if str(weights[0].device) != device or str(value.device) != device:
        raise Wrong("placement: trained on %s, not on %s" % (weights[0].device, device))
    if not losses[-1] < losses[0]:
        raise Wrong("training: the loss went from %.4g to %.4g" % (losses[0], losses[-1]))
    return {"placed_on": str(value.device), "first_loss": losses[0], "last_loss": losses[-1], "steps": STEPS}


def loss(torch, x, target, weights):
    """Mean squared error of a network with one hidden layer."""
    return ((torch.tanh(x @ weights[0]) @ weights[1] - target) ** 2).mean()


def check_gradient(torch, x, target, start, weights):
    """Compare the slope along the gradient with a central difference in float64 on the CPU."""
    gradients = [w.grad.cpu().double() for w in weights]
    norm = sum(float((g * g).sum()) for g in gradients) ** 0.5
    ends = []
    for sign in (1, -1):
        moved = [w.double() + sign * 1e-4 * g / norm for w, g in zip(start, gradients)]
        ends.append(float(loss(torch, x.double(), target.double(), moved)))
    slope = (ends[0] - ends[1]) / 2e-4
    if not abs(slope - norm) <= GRADIENT_TOLERANCE * abs(slope):
        raise Wrong("numbers: the gradient's length is %.6g, the loss's slope %.6g" % (norm, slope))


if __name__ == "__main__":
    import sys

    print(run(sys.argv[1] if len(sys.argv) > 1 else "cpu"))
