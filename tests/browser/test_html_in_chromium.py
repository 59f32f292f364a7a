"""The HTML report in a real browser: content, silence, accessibility, search, phone, and hostile text."""

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "unit"))

import hostile

import reports
from auditor.compare.differences import compare
from auditor.compare.page import html
from auditor.compare.told import Pool, told
from auditor.render import render

pytestmark = pytest.mark.slow
SCHEMES = ("light", "dark")


@pytest.mark.parametrize("name", reports.ALL)
def test_the_page_says_nothing_to_the_console_and_asks_for_nothing(visit, name):
    seen = visit(render(reports.ALL[name](), "html"))
    assert seen.said == []
    assert [url for url in seen.asked if not url.startswith(("file:", "data:"))] == []


def test_the_page_tells_verdict_fixes_and_evidence(visit):
    page = visit(render(reports.broken(), "html")).page
    assert "BROKEN" in page.inner_text("h1")
    assert "sudo apt install nvidia-driver-580" in page.inner_text("#finding-1")
    page.click("#finding-1 summary")
    assert "NVRM version: 535.129.03" in page.inner_text("#finding-1")


@pytest.mark.parametrize("scheme", SCHEMES)
@pytest.mark.parametrize("name", ["healthy", "broken", "bare", "unusable"])
def test_axe_finds_no_violation(visit, name, scheme):
    axe = pytest.importorskip(
        "axe_playwright_python.sync_playwright", reason="axe-playwright-python is not installed"
    )
    seen = visit(
        render(reports.ALL[name](), "html"), color_scheme=scheme, bypass_csp=True
    )  # axe itself is injected
    for unfolded in (False, True):
        if unfolded:
            seen.unfold()
        found = axe.Axe().run(seen.page).response["violations"]
        assert [(violation["id"], [node["html"] for node in violation["nodes"]]) for violation in found] == []


def test_a_comparison_is_silent_and_without_violation(visit):
    axe = pytest.importorskip(
        "axe_playwright_python.sync_playwright", reason="axe-playwright-python is not installed"
    )
    told_ = [
        told(name, report(), Pool()) for name, report in (("good", reports.healthy), ("bad", hostile.report))
    ]
    seen = visit(html(compare(told_)), bypass_csp=True)
    assert seen.said == []
    assert seen.page.locator("img, iframe, form").count() == 0
    assert axe.Axe().run(seen.page).response["violations"] == []


def test_the_search_leaves_the_facts_that_hold_every_word(visit):
    page = visit(render(reports.broken(), "html")).page
    page.fill("#search", "driver nvidia")
    rows = page.locator("#table tbody tr:visible")
    assert rows.count() == 1
    assert "535.129.03" in rows.first.inner_text()
    assert page.inner_text("#found") == "1 found"
    page.fill("#search", "")
    assert rows.count() == len(reports.broken().facts)


def test_a_command_is_copied_as_it_must_be_typed(visit):
    page = visit(render(reports.broken(), "html"), permissions=["clipboard-read", "clipboard-write"]).page
    page.click("#finding-1 .command button >> nth=0")
    page.wait_for_selector("text=Copied")
    assert page.evaluate("navigator.clipboard.readText()") == "sudo apt install nvidia-driver-580"


def test_everything_can_be_reached_by_keyboard(visit):
    page = visit(render(reports.broken(), "html")).page
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.textContent") == "Skip to the findings"
    reached = set()
    for _ in range(200):
        page.keyboard.press("Tab")
        reached.add(page.evaluate("document.activeElement.tagName + document.activeElement.id"))
    assert {"INPUTsearch", "SUMMARY", "BUTTON", "A"} <= reached


def test_a_phone_scrolls_down_only(visit):
    seen = visit(render(reports.many_gpus(8), "html"), viewport={"width": 360, "height": 740})
    seen.unfold()
    assert seen.page.evaluate("document.documentElement.scrollWidth") <= 360
    wider = (
        "[...document.querySelectorAll('.scroll')].filter(part => part.scrollWidth > part.clientWidth).length"
    )
    assert seen.page.evaluate(wider) == 0


def test_the_page_works_without_script(visit):
    page = visit(render(reports.broken(), "html"), java_script_enabled=False).page
    assert "FWA201" in page.inner_text("#finding-1")
    assert not page.is_visible("#search")


def test_paper_shows_the_findings_and_not_the_controls(visit):
    page = visit(render(reports.broken(), "html")).page
    page.emulate_media(media="print")
    assert not page.locator("#table").is_visible()  # hundreds of facts are thirty sheets
    assert page.get_by_text("Left out on paper").is_visible()
    assert not page.is_visible("nav")
    assert page.is_visible("#finding-1")


def test_hostile_text_is_shown_and_does_nothing(visit):
    seen = visit(render(hostile.report(), "html"))
    seen.unfold()
    page = seen.page
    for target in page.query_selector_all("#finding-1, #table td")[:40]:
        target.hover(force=True, no_wait_after=True)
    assert page.title() == "fwaudit: INCOMPLETE"
    assert seen.said == []
    assert [url for url in seen.asked if not url.startswith(("file:", "data:"))] == []
    assert page.locator("h1").count() == 1
    assert page.locator("img, iframe, form").count() == 0
    assert "<script>document.title='owned'</script>" in page.inner_text("main")


def test_the_policy_stops_what_would_get_through(visit):
    text = render(reports.bare(), "html").replace("<main", "<script>document.title='owned'</script><main", 1)
    seen = visit(text)
    assert seen.page.title() != "owned"
    assert any("Content Security Policy" in words for words in seen.said)
