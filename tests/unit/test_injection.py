"""Foreign text is inert in every format: nothing runs, nothing links, nothing breaks the structure."""

import html.parser
import re
import xml.etree.ElementTree as ET

import hostile
import pytest

import reports
from auditor.render import FORMATS, RenderOptions, render

_CONTROL = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u200b-\u200f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")


@pytest.fixture(scope="module")
def written():
    report = hostile.report()
    options = RenderOptions(verbose=True, max_chars=1_000_000)
    return {format_: render(report, format_, options) for format_ in FORMATS}


@pytest.mark.parametrize("format_", FORMATS)
def test_no_format_lets_control_or_bidirectional_characters_through(written, format_):
    assert not _CONTROL.search(written[format_])


class Tags(html.parser.HTMLParser):
    """Collects elements and attributes as a browser would see them."""

    def __init__(self, text):
        super().__init__()
        self.tags, self.attributes, self.open = [], [], []
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        self.attributes += [(tag, *pair) for pair in attrs]


def test_html_holds_one_script_of_ours_and_no_handler(written):
    page = Tags(written["html"])
    assert page.tags.count("script") == 1
    assert page.tags.count("style") == 1
    assert page.tags.count("h1") == 1
    assert not {"img", "iframe", "object", "embed", "base", "form"} & set(page.tags)
    assert not [
        name for _, name, _ in page.attributes if name.startswith("on") or name in ("style", "src", "srcset")
    ]


def test_html_links_lead_to_the_web_or_into_the_page_only(written):
    links = [value for _, name, value in Tags(written["html"]).attributes if name in ("href", "xlink:href")]
    assert links
    assert not [link for link in links if not link.startswith(("https://", "http://", "#", "data:,"))]


def test_html_allows_only_what_its_hashes_name(written):
    policy = next(
        value
        for tag, name, value in Tags(written["html"]).attributes
        if tag == "meta" and name == "content" and "src" in value
    )
    assert policy.startswith("default-src 'none'")
    assert "unsafe" not in policy
    assert policy.count("'sha256-") == 2


def test_html_evaluates_no_template_of_a_report(written):
    assert "{{ 7*7 }}" in written["html"]


def test_xml_is_well_formed_and_knows_no_entities(written):
    assert "<!ENTITY" not in written["junit"]
    assert not re.search("[\ufffe\uffff]", written["junit"])
    suites = ET.fromstring(written["junit"])
    assert {element.tag for element in suites.iter()} <= {
        "testsuites", "testsuite", "properties", "property", "testcase", "failure", "error", "skipped", "system-out",
    }  # fmt: skip


def test_markdown_holds_no_html_but_ours(written):
    prose = re.sub(r"(?ms)^(`{3,})\w*\n.*?^\1\n", "", written["markdown"])  # fenced code is shown as it is
    prose = re.sub(r"(?<!\\)(`+)(?!`).*?(?<!`)\1(?!`)", "", prose)
    assert set(re.findall(r"</?\w+|<!--", prose)) <= {
        "<details",
        "</details",
        "<summary",
        "</summary",
        "<sub",
        "</sub",
        "<https",
    }
    assert prose.count("<details>") == prose.count("</details>")
    assert not re.search(r"(?<!\\)\]\(javascript", prose)
    assert not re.search(r"(?<!\\)!\[", prose)


def test_markdown_mentions_nobody_and_links_nowhere_unasked(written):
    prose = re.sub(r"(?ms)^(`{3,})\w*\n.*?^\1\n", "", written["markdown"])
    prose = re.sub(r"(?<!\\)(`+)(?!`).*?(?<!`)\1(?!`)", "", prose)
    assert not re.search(r"@everyone|@b\.example|#1\b|(?<!<)https://evil", prose)


def test_a_fence_is_longer_than_any_inside():
    from auditor.render.markup.markdown import block

    assert block("```\nx\n````").splitlines()[0] == "`````"


def test_every_prometheus_line_is_a_comment_or_one_series(written):
    line = re.compile(
        r'fwaudit_[a-z0-9_]+(\{[a-z_]+="(?:[^"\\\n]|\\[\\"n])*"(,[a-z_]+="(?:[^"\\\n]|\\[\\"n])*")*\})? (NaN|-?[\d.e+-]+)'
    )
    lines = [row for row in written["prometheus"].splitlines() if not row.startswith("#")]
    assert not [row for row in lines if not line.fullmatch(row)]
    names = [row.rpartition(" ")[0] for row in lines]
    assert len(names) == len(set(names))


def test_a_terminal_is_not_told_to_do_anything(written):
    assert "\x1b" not in written["text"]


def test_markdown_as_a_tracker_reads_it_holds_no_foreign_element(written):
    from markdown_it import MarkdownIt  # rich brings it

    page = Tags(
        MarkdownIt("commonmark", {"html": True})
        .enable(["table", "strikethrough"])
        .render(written["markdown"])
    )
    assert not {"script", "img", "svg", "style", "h1", "em", "s", "blockquote", "hr"} & set(page.tags)
    links = [value for _, name, value in page.attributes if name == "href"]
    assert not [link for link in links if not link.startswith("https://")]
    assert {name for _, name, _ in page.attributes} <= {"href", "class"}
    assert page.tags.count("details") == page.tags.count("summary")


def test_a_real_report_reads_as_tables_and_code_in_markdown():
    from markdown_it import MarkdownIt

    text = render(reports.broken(), "markdown")
    page = Tags(MarkdownIt("commonmark", {"html": True}).enable("table").render(text))
    assert page.tags.count("table") == len(re.findall(r"(?m)^\| ---", text))
    assert page.tags.count("pre") == text.count("```sh")
