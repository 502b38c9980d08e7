import re
from html.parser import HTMLParser

import pytest
from hostile_texts import HOSTILE
from whole_reports import hostile_report

from textdrift.reports.as_html import as_html, as_html_fragment
from textdrift.reports.as_terminal import as_terminal
from textdrift.reports.visible_text import visible

CALM = "calm"
SHORT = 300
# Characters that act: controls but for line breaks and tabs, bidirectional overrides, what hides, lone surrogates.
ACTING = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u200b\u2028-\u202e\u2060-\u2064\u2066-\u206f\ufeff\U000e0000-\U000e007f\ud800-\udfff]"
)


class Read(HTMLParser):
    """The tags of a page with the names of their attributes, and all that is read between them."""

    def __init__(self, html):
        super().__init__()
        self.tags, self.text, self.values = [], "", []
        self.feed(html)

    def handle_starttag(self, tag, attrs):
        if tag != "wbr":  # a line may break behind each underscore
            self.tags.append((tag, tuple(name for name, _ in attrs)))
        self.values += [value for name, value in attrs if name not in {"aria-label", "content"}]

    def handle_endtag(self, tag):
        self.tags.append((f"/{tag}",))

    def handle_comment(self, data):
        self.tags.append(("comment",))

    def handle_decl(self, decl):
        self.tags.append((decl,))

    unknown_decl = handle_pi = handle_decl

    def handle_data(self, data):
        self.text += data


def bare(text):
    return re.sub(r"\s+", "", text)


def test_the_corpus_is_large_and_each_text_stands_once():
    assert len(HOSTILE) >= 60
    assert len(set(HOSTILE)) == len(HOSTILE)
    assert not [text for text in HOSTILE if not isinstance(text, str)]


@pytest.fixture(scope="module", params=[as_html, as_html_fragment], ids=lambda render: render.__name__)
def rendered(request):
    return request.param, Read(request.param(hostile_report(CALM)))


@pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))
def test_no_text_changes_what_a_page_is_made_of(rendered, text):
    render, calm = rendered
    html = render(hostile_report(text))
    read = Read(html)
    if text and len(text) < SHORT:
        assert read.tags == calm.tags
        assert bare(visible(text)) in bare(read.text)
    else:
        assert set(read.tags) <= set(calm.tags)  # a page that is too long shows fewer rows
    # Nowhere but in names that are read out does a text stand in an attribute.
    assert set(read.values) - set(calm.values) <= {"", None, *(f"{number / 10}%" for number in range(1001))}
    assert not ACTING.search(html)
    assert len(html.encode("utf-8")) <= 500_000


def test_a_page_that_would_let_a_text_through_is_noticed():
    calm, broken = (Read(f"<p>{text}</p>") for text in (CALM, "<img src=x onerror=x>"))
    assert calm.tags != broken.tags
    assert ACTING.search("\x1b[31m")
    assert ACTING.search("\u202e")


@pytest.mark.parametrize("text", [text for text in HOSTILE if len(text) < 10_000], ids=visible)
def test_no_text_acts_on_a_terminal(text):
    shown = as_terminal(hostile_report(text), width=120)
    assert not ACTING.search(shown)
    shown.encode("utf-8")
    assert bare(visible(text)) in bare(shown)


@pytest.mark.parametrize("text", [text for text in HOSTILE if "[" in text or "\x9b" in text], ids=visible)
def test_no_text_colors_a_terminal(text):
    calm, shown = (as_terminal(hostile_report(t), width=120, color=True) for t in ("[", text))
    assert set(re.findall(r"\x1b\[[\d;]*m", shown)) == set(re.findall(r"\x1b\[[\d;]*m", calm))
    assert not ACTING.search(re.sub(r"\x1b\[[\d;]*m", "", shown))


@pytest.mark.parametrize("text", [text for text in HOSTILE if len(text) >= 10_000], ids=len)
def test_a_very_long_text_is_cut_on_a_terminal(text):
    assert not ACTING.search(as_terminal(hostile_report(text), width=120))
