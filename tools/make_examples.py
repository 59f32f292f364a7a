"""Makes the other formats of reports/examples from their JSON: `python tools/make_examples.py [--check]`.

The JSON files are real scans and are never touched; which formats an example has is told by the files that lie there.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

TOP = Path(__file__).resolve().parent.parent
EXAMPLES = TOP / "reports" / "examples"
WIDTH = 80  # of the text files: what a terminal shows unless it is made wider
COMPARED = ("workstation.json", "broken.json")


def compared() -> dict[Path, str]:
    """Return what the files of the comparison have to hold."""
    names = [EXAMPLES / f"comparison{suffix}" for suffix in (".html", ".txt")]
    environment = {**os.environ, "COLUMNS": str(WIDTH), "LC_ALL": "C.UTF-8"}
    told = {}
    for path in names:
        form = "html" if path.suffix == ".html" else "text"
        command = [sys.executable, "-m", "auditor", "compare", *COMPARED, "--format", form]
        done = subprocess.run(
            command, cwd=EXAMPLES, env=environment, capture_output=True, text=True, check=False
        )
        told[path] = done.stdout
    return told


def made() -> dict[Path, str]:
    """Return what each file made from an example's JSON has to hold."""
    from auditor.cli.delivery import SUFFIXES
    from auditor.model.stored import decode_report
    from auditor.render import RenderOptions, render

    options = RenderOptions(width=WIDTH, colour=False, unicode=True)
    return compared() | {
        path: render(decode_report(source.read_bytes()), SUFFIXES[path.suffix], options)
        for source in sorted(EXAMPLES.glob("*.json"))
        for path in sorted(EXAMPLES.glob(f"{source.stem}.*"))
        if path != source
    }


def main() -> int:
    """Write the files, or with --check name those that are stale."""
    texts, checking = made(), "--check" in sys.argv
    stale = [path for path, text in texts.items() if path.read_text(encoding="utf-8") != text]
    for path in stale:
        print(f"{'stale' if checking else 'written'}: {path.relative_to(TOP)}")
        if not checking:
            path.write_text(texts[path], encoding="utf-8")
    return 1 if stale and checking else 0


if __name__ == "__main__":
    sys.exit(main())
