"""Makes the README's pictures from real output: `python tools/make_pictures.py` (needs Chromium and playwright).

Terminal pictures are what the command writes to a terminal, drawn by rich as SVG; pages are photographed in a headless
Chromium. Everything is shown from the examples in reports/examples, which are real, redacted reports.
"""

from __future__ import annotations

import os
import pty
import re
import subprocess
import sys
import tempfile
from pathlib import Path

TOP = Path(__file__).resolve().parent.parent
EXAMPLES, PICTURES = TOP / "reports" / "examples", TOP / "docs" / "pictures"
COLUMNS = 92
GOALS = "--goal research --goal production"
TERMINALS = {  # name -> what a reader would type, what is run, how many lines are shown
    "scan": (f"fwaudit scan {GOALS} | head -22", "fwaudit show {examples}/workstation.json", 22),
    "broken": (f"fwaudit scan {GOALS} | head -32", "fwaudit show {examples}/broken.json", 32),
    "compare": ("fwaudit compare good.json bad.json | head -28", "fwaudit compare {examples}/workstation.json {examples}/broken.json", 28),
}  # fmt: skip
PAGES = {  # name -> the report, scheme, width, height, from which element on
    "page": ("broken.json", "light", 1000, 1060, ""),
    "page-which": ("workstation.json", "dark", 1000, 820, "#which"),
}
# rich's own frame without its web font, which a page may not fetch
_WEB_FONT = re.compile(r"@font-face \{.*?\}\s*", re.DOTALL)


def on_terminal(line: str) -> str:
    """Return what a command writes to a terminal of COLUMNS, colours included."""
    parent, child = pty.openpty()
    environment = {**os.environ, "TERM": "xterm-256color", "COLUMNS": str(COLUMNS), "LC_ALL": "C.UTF-8"}
    environment.pop("NO_COLOR", None)
    command = [sys.executable, "-m", "auditor", *line.split()[1:]]
    process = subprocess.Popen(
        command, stdin=subprocess.DEVNULL, stdout=child, stderr=child, env=environment, cwd=TOP
    )
    os.close(child)
    written = b""
    while True:
        try:
            chunk = os.read(parent, 65536)
        except OSError:  # Linux's way to say that the other end was closed
            break
        if not chunk:
            break
        written += chunk
    process.wait()
    return written.decode().replace("\r\n", "\n")


def terminal(title: str, line: str, lines: int) -> str:
    """Return an SVG of a command's output."""
    from rich.console import Console
    from rich.text import Text

    with open(os.devnull, "w") as nowhere:
        console = Console(record=True, width=COLUMNS, file=nowhere, force_terminal=True)
        shown = "\n".join(on_terminal(line).splitlines()[:lines]).rstrip()
        console.print(Text.from_ansi(f"$ {title}\n{shown}"))
        return _WEB_FONT.sub("", console.export_svg(title="fwaudit"))


def photograph() -> None:
    """Write the pages' pictures."""
    sys.path.insert(0, str(TOP / "tests" / "browser"))
    from conftest import CHROMIUM
    from playwright.sync_api import sync_playwright

    from auditor.model.stored import decode_report
    from auditor.render import render

    with sync_playwright() as running, tempfile.TemporaryDirectory() as folder:
        chromium = running.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        for name, (report, scheme, width, height, place) in PAGES.items():
            path = Path(folder) / "report.html"
            path.write_text(render(decode_report((EXAMPLES / report).read_bytes()), "html"))
            page = chromium.new_page(viewport={"width": width, "height": height}, color_scheme=scheme)
            page.goto(path.as_uri())
            if place:
                page.locator(place).scroll_into_view_if_needed()
                page.evaluate(f"document.querySelector('{place}').scrollIntoView()")
            page.screenshot(path=PICTURES / f"{name}.png")
        chromium.close()


def main() -> int:
    """Write every picture and say how large it is."""
    PICTURES.mkdir(exist_ok=True)
    for name, (title, line, lines) in TERMINALS.items():
        drawn = terminal(title, line.replace("{examples}", str(EXAMPLES)), lines)
        (PICTURES / f"{name}.svg").write_text(drawn)
    photograph()
    for path in sorted(PICTURES.iterdir()):
        print(f"{path.stat().st_size / 1000:7.1f} kB  {path.relative_to(TOP)}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
