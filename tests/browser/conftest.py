"""A real headless Chromium, as Debian packages it."""

from pathlib import Path

import pytest

CHROMIUM = next(
    (
        path
        for path in ("/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome")
        if Path(path).exists()
    ),
    "",
)


@pytest.fixture(scope="module")
def browser():
    playwright = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
    if not CHROMIUM:
        pytest.skip("no Chromium here: apt-get install chromium")
    with playwright.sync_playwright() as running:
        # Chromium refuses its sandbox to root, as in a container; nothing but our own file is opened
        chromium = running.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield chromium
        chromium.close()


class Visit:
    """A page with everything that it said, asked for, or did wrong."""

    def __init__(self, page):
        self.page = page
        self.said, self.asked = [], []
        page.on("console", lambda message: self.said.append(message.text))
        page.on("pageerror", lambda error: self.said.append(str(error)))
        page.on("dialog", lambda dialog: (self.said.append(f"dialog: {dialog.message}"), dialog.dismiss()))
        page.on("request", lambda request: self.asked.append(request.url))

    def unfold(self):
        self.page.evaluate("document.querySelectorAll('details').forEach(fold => { fold.open = true })")


@pytest.fixture
def visit(browser, tmp_path):
    """Open a text as a page; options are those of a browser's context."""
    contexts = []

    def open_(text, **options):
        path = tmp_path / "report.html"
        path.write_text(text)
        contexts.append(
            browser.new_context(viewport={"width": 1000, "height": 800})
            if not options
            else browser.new_context(**options)
        )
        visit = Visit(contexts[-1].new_page())
        visit.page.goto(path.as_uri())
        return visit

    yield open_
    for context in contexts:
        context.close()
