"""Lightning: its Trainer fits a line whose slope is known."""

ID = "pytorch-lightning-trainer"
FRAMEWORK = "pytorch"
SYSTEM = "lightning"
CLAIM = "trains by Lightning's Trainer"
LEVEL = "standard"
NEEDS = ("lightning",)
COST_S = 5
DEVICES = "cpu"
INSTALL = "pip install lightning"


class Wrong(Exception):
    pass


def run(device):
    import logging
    import tempfile

    import lightning
    import torch

    logging.getLogger("lightning.pytorch").setLevel(logging.ERROR)
    torch.manual_seed(11)

    class Line(lightning.LightningModule):
        def __init__(self):
            super().__init__()
            self.layer = torch.nn.Linear(1, 1)

        def training_step(self, batch, index):
            return ((self.layer(batch[0]) - batch[1]) ** 2).mean()

        def configure_optimizers(self):
            return torch.optim.SGD(self.parameters(), lr=0.3)

    x = torch.linspace(-1, 1, 64).reshape(-1, 1)
    data = torch.utils.data.DataLoader(torch.utils.data.TensorDataset(x, 3 * x + 1), batch_size=16)
    with tempfile.TemporaryDirectory() as folder:
        trainer = lightning.Trainer(
            max_epochs=15, accelerator="cpu", devices=1, logger=False, enable_checkpointing=False,
            enable_progress_bar=False, enable_model_summary=False, default_root_dir=folder,
        )  # fmt: skip
        line = Line()
        trainer.fit(line, data)
    slope, start = line.layer.weight.item(), line.layer.bias.item()
    if not (abs(slope - 3) < 0.05 and abs(start - 1) < 0.05):
        raise Wrong("training: it found %.4g x + %.4g, not 3 x + 1" % (slope, start))
    if trainer.global_step != 60:
        raise Wrong("training: 15 epochs of 4 batches took %d steps" % trainer.global_step)
    return {"placed_on": str(line.layer.weight.device), "slope": slope, "version": lightning.__version__}


if __name__ == "__main__":
    import sys

    print(run(sys.argv[1] if len(sys.argv) > 1 else "cpu"))
