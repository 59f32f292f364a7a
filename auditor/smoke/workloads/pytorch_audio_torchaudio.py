"""TorchAudio: a recursive filter, a spectrogram and a resampler against what can be worked out by hand."""

ID = "pytorch-audio-torchaudio"
FRAMEWORK = "pytorch"
SYSTEM = "torchaudio"
CLAIM = "filters, transforms and resamples sound by TorchAudio"
LEVEL = "standard"
NEEDS = ("torchaudio",)
COST_S = 1
INSTALL = "pip install torchaudio, from the index where torch came from"

RATE, TONE, WINDOW = 8000, 1000, 400


class Wrong(Exception):
    pass


def run(device):
    import math

    import torch
    import torchaudio.functional as audio
    from torchaudio import __version__ as version

    time = torch.arange(RATE, dtype=torch.float64, device="cpu") / RATE
    tone = torch.sin(2 * math.pi * TONE * time).float().to(device)
    power = audio.spectrogram(
        tone, 0, torch.hann_window(WINDOW, device=device), WINDOW, 200, WINDOW, 2.0, normalized=False
    )
    peak = int(power.mean(-1).argmax())
    if peak != TONE * WINDOW // RATE:
        raise Wrong("numbers: a tone of %d Hz peaks in bin %d, not %d" % (TONE, peak, TONE * WINDOW // RATE))
    half = audio.resample(tone, RATE, RATE // 2).cpu()
    exact = torch.sin(2 * math.pi * TONE * torch.arange(RATE // 2) / (RATE // 2))
    if not (half - exact)[200:-200].abs().max() < 0.02:
        raise Wrong("numbers: resampled, the tone is off by %.3g" % (half - exact)[200:-200].abs().max())
    check_filter(torch, audio, device)
    return {"placed_on": str(power.device), "version": version}


def check_filter(torch, audio, device):
    """y[n] = x[n] + 0.5 y[n-1] on an impulse gives 0.5^n."""
    impulse = torch.zeros(1, 16, device=device)
    impulse[0, 0] = 0.75
    got = audio.lfilter(
        impulse, torch.tensor([1.0, -0.5], device=device), torch.tensor([1.0, 0.0], device=device)
    )
    if not torch.allclose(got.cpu()[0], 0.75 * 0.5 ** torch.arange(16.0)):
        raise Wrong("numbers: a recursive filter answers an impulse with %r" % got.tolist())


if __name__ == "__main__":
    import sys

    print(run(sys.argv[1] if len(sys.argv) > 1 else "cpu"))
