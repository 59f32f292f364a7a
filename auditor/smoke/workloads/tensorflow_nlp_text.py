"""TensorFlow Text: its compiled operators split and normalise text as they should."""

ID = "tensorflow-nlp-text"
FRAMEWORK = "tensorflow"
SYSTEM = "tensorflow-text"
CLAIM = "splits and normalises text by TensorFlow Text's operators"
LEVEL = "standard"
NEEDS = ("tensorflow_text",)
COST_S = 1
DEVICES = "cpu"
INSTALL = "pip install tensorflow-text, of the same minor release as TensorFlow"


class Wrong(Exception):
    pass


def run(device):
    import tensorflow_text as text

    words = text.WhitespaceTokenizer().tokenize(["a bc  d", "e"]).to_list()
    if words != [[b"a", b"bc", b"d"], [b"e"]]:
        raise Wrong("numbers: words come out as %r" % words)
    lower = text.case_fold_utf8(["Stra\u00dfe \u00c9"]).numpy()[0].decode("utf-8")
    if lower != "strasse \u00e9":
        raise Wrong("numbers: case folding gives %r" % lower)
    runs = text.ngrams([["a", "b", "c"]], 2, reduction_type=text.Reduction.STRING_JOIN).numpy().tolist()
    if runs != [[b"a b", b"b c"]]:
        raise Wrong("numbers: pairs of words come out as %r" % runs)
    return {"placed_on": "CPU:0", "version": text.__version__}


if __name__ == "__main__":
    import sys

    print(run(sys.argv[1] if len(sys.argv) > 1 else "CPU:0"))
