"""fastai: a Learner fits a line whose slope is known."""

ID = "pytorch-fastai"
FRAMEWORK = "pytorch"
SYSTEM = "fastai"
CLAIM = "trains by a fastai Learner"
LEVEL = "standard"
NEEDS = ("fastai",)
COST_S = 6
DEVICES = "cpu"
INSTALL = "pip install fastai"


class Wrong(Exception):
    pass


def run(device):
    import fastai
    import torch
    from fastai.callback import progress  # noqa: F401  (brings no_bar)
    from fastai.data.core import DataLoaders
    from fastai.data.load import DataLoader
    from fastai.learner import Learner

    torch.manual_seed(12)
    x = torch.linspace(-1, 1, 64).reshape(-1, 1)
    pairs = list(zip(x, 3 * x + 1))
    loaders = DataLoaders(
        DataLoader(pairs, bs=16, shuffle=False), DataLoader(pairs, bs=64), device=torch.device("cpu")
    )
    learner = Learner(loaders, torch.nn.Linear(1, 1), loss_func=torch.nn.functional.mse_loss, lr=0.3)
    with learner.no_bar(), learner.no_logging():
        before = float(learner.validate()[0])
        learner.fit(10)
        after = float(learner.validate()[0])
    if not after < before / 10:
        raise Wrong("training: the loss went from %.4g to %.4g" % (before, after))
    slope = learner.model.weight.item()
    if not abs(slope - 3) < 0.3:
        raise Wrong("training: it found a slope of %.4g, not 3" % slope)
    return {"placed_on": str(learner.model.weight.device), "slope": slope, "version": fastai.__version__}


if __name__ == "__main__":
    import sys

    print(run(sys.argv[1] if len(sys.argv) > 1 else "cpu"))
