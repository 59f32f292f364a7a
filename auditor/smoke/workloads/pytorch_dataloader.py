"""PyTorch: worker processes hand batches over in shared memory, in order and whole."""

ID = "pytorch-dataloader"
FRAMEWORK = "pytorch"
SYSTEM = "pytorch"
CLAIM = "loads batches in worker processes, through shared memory"
LEVEL = "standard"
NEEDS = ()
COST_S = 1
DEVICES = "cpu"

ROWS, WIDTH = 64, 4096


class Wrong(Exception):
    pass


def run(device):
    import torch

    rows = torch.arange(ROWS, dtype=torch.float32).reshape(-1, 1).repeat(1, WIDTH)
    loader = torch.utils.data.DataLoader(
        torch.utils.data.TensorDataset(rows), batch_size=16, num_workers=2, timeout=60
    )
    seen = [batch for (batch,) in loader]
    if not all(batch.is_shared() for batch in seen):
        raise Wrong("placement: the batches did not come through shared memory")
    got = torch.cat(seen)
    if not torch.equal(got, rows):
        raise Wrong("numbers: the batches hold %r, not %r" % (got[:, 0].tolist(), rows[:, 0].tolist()))
    return {"placed_on": str(got.device), "workers": 2, "batches": len(seen)}


if __name__ == "__main__":
    import sys

    print(run(sys.argv[1] if len(sys.argv) > 1 else "cpu"))
