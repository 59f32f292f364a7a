"""fwaudit-collect.py's own redaction: the program's patterns as far as one file of the standard library can hold them."""

import importlib.util
from pathlib import Path

import canaries
import leaks
import pytest

SCRIPT = Path(__file__).resolve().parents[2] / "fwaudit-collect.py"


@pytest.fixture(scope="module")
def redactor():
    """Return the script's own redactor on a machine of known names."""
    spec = importlib.util.spec_from_file_location("collect", SCRIPT)
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    with pytest.MonkeyPatch.context() as patch:
        for name, value in (("HOME", canaries.HOME), ("USER", "alice"), ("LOGNAME", "alice")):
            patch.setenv(name, value)
        patch.setattr("socket.gethostname", lambda: canaries.HOSTS[0])
        spec.loader.exec_module(module)
        return module.Redactor()


def test_it_hides_nearly_all_that_the_program_hides(redactor) -> None:
    known = [*((text, secret) for _, text, secret in leaks.ALL), *canaries.ALL]
    missed = [text for text, secret in known if secret in redactor.text(text)]
    assert len(missed) <= 0.04 * len(known), missed


def test_it_leaves_nearly_all_alone_that_the_program_leaves(redactor) -> None:
    changed = [text for text in (*leaks.KEPT, *canaries.KEPT) if redactor.text(text) != text]
    assert len(changed) <= 8, changed


def test_a_mask_by_the_beginning_of_a_uuid_still_names_its_card(redactor) -> None:
    shown = redactor.text("CUDA_VISIBLE_DEVICES=GPU-8932f937 of GPU-8932f937-d72c-4106-c12f-20bd9faed9f6")
    short, full = (word.removeprefix("CUDA_VISIBLE_DEVICES=") for word in shown.split(" of "))
    assert full.startswith(short)
    assert "8932f937" not in shown
