"""Our own report as a terminal or Markdown shows it, pasted: what it names beside the usual key: value lines."""

from __future__ import annotations

import re

from auditor.readers.cards import cards_in
from auditor.readers.lines import Line
from auditor.readers.notes import Notes

_AUDITED = re.compile(r"^Audited:\s+(\S.{0,200}?) \(Python (\d+\.\d+[\w.]*)(?: (\w[\w-]*))?\)")
_FRAMEWORK = re.compile(r"^\s{2,}(PyTorch|TensorFlow|JAX)\s+(\d[\w.+]{0,40})")
_DRIVER = re.compile(r"^\s{2,}driver\s+NVIDIA (\d{3}[\d.]+\d)")
_KEYS = {"PyTorch": "torch.version", "TensorFlow": "tensorflow.version", "JAX": "jax.version"}
_GPU = re.compile(r"^\s{2,}GPU \d+\s+(\S.{2,120}?)(?:,|$)")


def read(lines: list[Line]) -> Notes:
    """Return the interpreter, the cards, and facts written as `key = value`."""
    notes = Notes()
    if not any(line.text.startswith("Audited:") for line in lines):
        return notes
    for line in lines:
        if found := _AUDITED.match(line.text):
            notes.tell("python.executable", found[1], line)
            notes.tell("python.version", found[2], line)
        elif found := _FRAMEWORK.match(line.text):
            notes.tell(_KEYS[found[1]], found[2], line)
        elif found := _DRIVER.match(line.text):
            notes.tell("nvidia.driver_version", found[1], line)
        elif found := _GPU.match(line.text):
            for card in cards_in(found[1])[:1]:
                notes.card(line, **card)
    return notes
