"""The least that proves torch: import, one training step."""

import torch

layer = torch.nn.Linear(64, 8)
optimiser = torch.optim.SGD(layer.parameters(), lr=0.1)
loss = layer(torch.ones(32, 64)).square().mean()
loss.backward()
optimiser.step()
assert loss.item() >= 0
