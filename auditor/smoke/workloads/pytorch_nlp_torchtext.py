"""TorchText: its vocabulary from its compiled extension, where it still loads."""

ID = "pytorch-nlp-torchtext"
FRAMEWORK = "pytorch"
SYSTEM = "torchtext"
CLAIM = "loads TorchText's compiled extension"
LEVEL = "standard"
NEEDS = ("torchtext",)
COST_S = 0.5
DEVICES = "cpu"
ENDED = "its development ended with 0.18 (2024-04), for torch 2.3; in its place: transformers, tokenizers"


class Wrong(Exception):
    pass


def run(device):
    import torchtext

    if hasattr(torchtext, "disable_torchtext_deprecation_warning"):
        torchtext.disable_torchtext_deprecation_warning()
    from torchtext.vocab import vocab

    words = vocab({"a": 3, "b": 2}, specials=["<unk>"])
    words.set_default_index(0)
    got = words(["b", "a", "c"])
    if got != [2, 1, 0]:
        raise Wrong("numbers: the vocabulary gives %r, not [2, 1, 0]" % got)
    return {"placed_on": "cpu", "version": torchtext.__version__}


if __name__ == "__main__":
    import sys

    print(run(sys.argv[1] if len(sys.argv) > 1 else "cpu"))
