"""Transformers: a tiny language model built from a config learns, is stored and loaded. No download."""

ID = "pytorch-nlp-transformers"
FRAMEWORK = "pytorch"
SYSTEM = "transformers"
CLAIM = "builds, trains, stores and loads a Hugging Face Transformers model"
LEVEL = "standard"
NEEDS = ("transformers",)
COST_S = 6
INSTALL = "pip install transformers"


class Wrong(Exception):
    pass


def run(device):
    import math
    import tempfile

    import torch
    import transformers

    torch.manual_seed(10)
    config = transformers.GPT2Config(
        vocab_size=64, n_positions=16, n_embd=32, n_layer=2, n_head=2, bos_token_id=0, eos_token_id=0,
        resid_pdrop=0.0, embd_pdrop=0.0, attn_pdrop=0.0,
    )  # fmt: skip
    model = transformers.GPT2LMHeadModel(config).to(device)
    tokens = torch.randint(0, 64, (4, 16), device=device)
    optimizer = torch.optim.AdamW(model.parameters(), lr=0.01)
    losses = []
    for _ in range(4):
        loss = model(input_ids=tokens, labels=tokens).loss
        loss.backward()
        optimizer.step()
        optimizer.zero_grad()
        losses.append(loss.item())
    # without knowledge every one of 64 words is as likely: ln 64
    if not abs(losses[0] - math.log(64)) < 0.5:
        raise Wrong("numbers: an untrained model's loss is %.3f, not about ln 64" % losses[0])
    if not losses[-1] < losses[0]:
        raise Wrong("training: the loss went from %.4g to %.4g" % (losses[0], losses[-1]))
    model.eval()
    with tempfile.TemporaryDirectory() as folder, torch.no_grad():
        model.save_pretrained(folder)
        loaded = transformers.GPT2LMHeadModel.from_pretrained(folder).eval().to(device)
        off = (loaded(tokens).logits - model(tokens).logits).abs().max().item()
    if not off < 1e-4:
        raise Wrong("numbers: stored and loaded, the model is off by %.3g" % off)
    return {"placed_on": str(loss.device), "first_loss": losses[0], "last_loss": losses[-1],
            "version": transformers.__version__}  # fmt: skip


if __name__ == "__main__":
    import sys

    print(run(sys.argv[1] if len(sys.argv) > 1 else "cpu"))
