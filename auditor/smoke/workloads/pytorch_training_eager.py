"""PyTorch: Python's own loop and branch decide on data inside a model, and the gradient follows them."""

ID = "pytorch-training-eager"
FRAMEWORK = "pytorch"
SYSTEM = "torch-eager"
CLAIM = "runs models as they are written: loops and branches on data, with the right gradient"
LEVEL = "standard"
NEEDS = ()
COST_S = 0.05


class Wrong(Exception):
    pass


def run(device):
    import torch

    steps = []
    for start in (0.5, 3.0, -2.0):
        w = torch.tensor(1.5, device=device, requires_grad=True)
        value, count = model(torch, torch.tensor(start, device=device), w)
        value.backward()
        expected, slope, times = by_hand(start, 1.5)
        if count != times or not close(value.item(), expected) or not close(w.grad.item(), slope):
            raise Wrong(
                "numbers: %r with gradient %r after %d turns, not %r with %r after %d"
                % (value.item(), w.grad.item(), count, expected, slope, times)
            )
        steps.append(count)
    if len(set(steps)) < 2:
        raise Wrong("numbers: different data took the same number of turns")
    return {"placed_on": str(value.device), "turns": steps}


def model(torch, x, w):
    """x w^n with the least n that passes 10 in size; negative ones change their sign."""
    count = 0
    while x.abs() < 10:
        x, count = x * w, count + 1
    return (-x if x < 0 else x), count


def by_hand(x, w):
    """The value, its slope n x w^(n-1), and n, in plain floats."""
    n = 0
    while abs(x * w**n) < 10:
        n += 1
    return abs(x * w**n), abs(n * x * w ** (n - 1)), n


def close(got, exact):
    # a dozen float32 products, each within 2^-24
    return abs(got - exact) <= 32 * 2.0**-24 * abs(exact)


if __name__ == "__main__":
    import sys

    print(run(sys.argv[1] if len(sys.argv) > 1 else "cpu"))
