import json
import re
from html.parser import HTMLParser
from pathlib import Path

import pytest

from textdrift.reports.as_html import as_html, as_html_fragment
from textdrift.reports.as_terminal import as_terminal
from textdrift.reports.lexical import unit_of

SAMPLE = Path(__file__).parent / "samples" / "words.json"
SECTIONS = [
    "Words that moved together",
    "Words that set the windows apart",
    "Words that moved the sentiment",
    "Vocabulary",
    "Words the encoder cannot read",
    "Words that lean on a label",
]


def sample():
    return json.loads(SAMPLE.read_text("utf-8"))


def finding(report, test, unit="words"):
    return next(f for f in report["findings"] if f["test"] == test and unit_of(f) == unit)


def rows_of(report, name, test="lexical.token_frequency"):
    return next(e["rows"] for e in finding(report, test)["evidence"] if e["name"] == name)


def headings(html, level):
    return [
        re.sub(r"<[^>]+>", "", h).strip() for h in re.findall(rf"<h{level}>(.*?)</h{level}>", html, flags=re.DOTALL)
    ]


class Told(HTMLParser):
    """What a reader is told, without what only a screen reader says."""

    def __init__(self, html):
        super().__init__()
        self.unseen, self.text = 0, ""
        self.feed(html)

    def handle_starttag(self, tag, attrs):
        if tag == "style" or dict(attrs).get("class") == "unseen" or (self.unseen and tag == "span"):
            self.unseen += 1

    def handle_endtag(self, tag):
        self.text += " " if tag in {"td", "th", "dt", "dd", "div", "p", "summary"} else ""
        if self.unseen and tag in {"style", "span", "caption"}:
            self.unseen -= 1

    def handle_data(self, data):
        if not self.unseen:
            self.text += data


def part_of(html, title):
    """The section of that name, or the part of one under a heading of that name."""
    if f'<section aria-label="{title}"' in html:
        html = html[html.index(f'<section aria-label="{title}"') :]
        return html[: html.index("</section>")]
    html = html[html.index(f"<h3>{title}</h3>") + 4 :]
    return html[: re.search("<h3>|</section>", html).start()]


def told(html, section=None):
    return re.sub(r"\s+", " ", Told(html if section is None else part_of(html, section)).text)


def test_each_part_of_the_evidence_has_a_heading_in_reading_order():
    html = as_html(sample())
    assert [title for title in headings(html, 3) if title in SECTIONS] == SECTIONS
    titles = headings(html, 2)
    assert titles[:3] == ["What moved", "The words", "More about words"]
    assert titles[-1] == "How it was made"


def test_what_is_more_about_words_stands_closed_in_one_place_and_says_what_is_inside():
    html = part_of(as_html(sample()), "More about words")
    summaries = re.findall(r"<details class=\"part\">\s*<summary>(.*?)</summary>", html, flags=re.DOTALL)
    assert [headings(summary, 3)[0] for summary in summaries] == ["Emoji lexical", "Hashtags lexical", *SECTIONS[1:]]
    for summary in summaries:
        assert re.search(r'</h3> <span class="quiet small">[a-z][a-z ,]{10,}</span>', summary)
    assert " open" not in re.sub(r"<bdi>.*?</bdi>", "", html)


def test_a_report_without_more_about_words_has_no_empty_place_for_it():
    report = sample()
    report["diagnosis"]["terms"] = [t for t in report["diagnosis"]["terms"] if "unit" not in t]
    for found in report["findings"]:
        found["evidence"] = [evidence for evidence in found["evidence"] if evidence["name"] == "stories"]
    titles = headings(as_html(report), 2)
    assert "The words" in titles
    assert "More about words" not in titles


@pytest.mark.parametrize(
    ("test", "name", "section"),
    [
        ("token_frequency", "stories", "Words that moved together"),
        ("token_frequency", "word_shift", "Words that set the windows apart"),
        ("token_frequency", "sentiment_shift", "Words that moved the sentiment"),
        ("vocabulary", "sizes", "Vocabulary"),
        ("model_coverage", "blind_words", "Words the encoder cannot read"),
        ("label_words", "label_words", "Words that lean on a label"),
    ],
)
def test_what_a_report_does_not_hold_has_no_heading(test, name, section):
    report = sample()
    found = finding(report, f"lexical.{test}")
    found["evidence"] = [evidence for evidence in found["evidence"] if evidence["name"] != name]
    assert [t for t in headings(as_html(report), 3) if t in SECTIONS] == [s for s in SECTIONS if s != section]


def test_a_story_is_told_with_its_words_shares_and_rows():
    text = told(as_html(sample()), "Words that moved together")
    assert "↑ depot · strike · at · because · stuck" in text
    assert "such as current row 36, 101, 320" in text
    assert re.search(r"↓ gifts · holidays .*9\.8 % +0 %", text)
    assert text.index("blame") < text.index("The other groups of words") < text.index("fits")


def test_a_story_that_keeps_to_its_two_shares_can_lack_everything_else():
    report = sample()
    for story in rows_of(report, "stories"):
        for key in ("story", "rows", "window", "reference_documents", "current_documents"):
            story.pop(key, None)
    text = told(as_html(report), "Words that moved together")
    assert "depot · strike" in text
    assert "such as" not in text


def bars(html, section):
    """Of each word of a section: from where to where its bar reaches."""
    drawn = r'<bdi>([^<]*)</bdi>.*?<rect class="(\w+)" x="([\d.]+)%" y="2" height="10" width="([\d.]+)%"'
    found = re.findall(drawn, part_of(html, section), re.DOTALL)
    return {word: (rises, float(start), float(start) + float(width)) for word, rises, start, width in found}


def test_words_used_less_stand_to_the_left_and_words_used_more_to_the_right():
    report = sample()
    drawn = bars(as_html(report), "Words that set the windows apart")
    rows = [row for row in rows_of(report, "word_shift") if row["term"] in drawn]
    assert len(rows) > 8
    longest = max(row["part"] for row in rows)
    for row in rows:
        rises, low, high = drawn[row["term"]]
        assert rises == row["direction"]
        assert (high if row["direction"] == "up" else 100 - low) == pytest.approx(
            50 + 50 * row["part"] / longest, abs=0.11
        )
        assert (low if row["direction"] == "up" else high) == pytest.approx(50, abs=0.11)


def test_all_other_words_have_a_number_and_no_bar():
    text = told(as_html(sample()), "Words that set the windows apart")
    other = rows_of(sample(), "word_shift")[-1]
    assert re.search(rf"all other words \({other['n_terms']:,}\) +{other['part']:.3g}", text)


def test_what_lowers_the_sentiment_stands_to_the_left_and_says_why():
    report = sample()
    rows = rows_of(report, "sentiment_shift")
    rows[0] |= {"part": 0.003, "type": "-down", "direction": "down"}
    html = as_html(report)
    drawn = bars(html, "Words that moved the sentiment")
    for row in rows[:10]:
        if row["term"] in drawn:
            rises, low, high = drawn[row["term"]]
            assert rises == row["direction"]
            assert (low, high)[row["part"] > 0] == pytest.approx(50 + 50 * row["part"] / 0.006, abs=0.11)
    text = told(html, "Words that moved the sentiment")
    assert "By the labels of the reference, the words became more negative: mean score 0.348 to 0.271." in text
    assert "never less of a negative word [−0.778]" in text
    assert "and less of a positive word" in text
    assert re.search(r"all words together +−0\.0766", text)


def test_words_that_became_kinder_are_called_so():
    report = sample()
    means = rows_of(report, "sentiment_means")
    means[0]["value"], means[1]["value"] = means[1]["value"], means[0]["value"]
    assert "the words became more positive: mean score 0.271 to 0.348." in told(as_html(report))


def test_the_vocabulary_says_what_chance_gives_and_what_will_come():
    text = told(as_html(sample()), "Vocabulary")
    assert "new words 198 by chance 195" in text
    assert "vanished words 202 by chance 195" in text
    assert "0.484 before, 0.483 now" in text
    assert "new words to come 225 ± 39" in text


def test_a_vocabulary_without_a_forecast_forecasts_nothing():
    report = sample()
    sizes = rows_of(report, "sizes", "lexical.vocabulary")
    sizes[:] = [row for row in sizes if not row["name"].startswith(("forecast", "heaps", "out"))]
    text = told(as_html(report), "Vocabulary")
    assert "new words 198 by chance 195" in text
    assert "to come" not in text
    assert "growth" not in text


def test_words_a_model_cannot_read_are_folded_where_chance_explains_them():
    report = sample()
    section = "Words the encoder cannot read"
    text = told(as_html(report), section)
    assert re.search(r"velgana in 4 pieces 0\.22 % 1\.6 %", text)
    assert text.index("gasalu") < text.index("The other words") < text.index("naridor")
    assert "words it cannot read 2.1 % before, 3.8 % now" in text
    finding(report, "lexical.model_coverage")["p_value"] = 0.4
    text = told(as_html(report), section)
    assert text.index("The words") < text.index("velgana")


def test_the_words_of_a_label_say_which_way_they_pull():
    text = told(as_html(sample()), "Words that lean on a label")
    assert re.search(r"negative changed by \+8\.7 to \+11\.1 points ↑ strike · ↑ the", text)
    assert re.search(r"positive changed by −9\.6 to −7\.3 points ↓ gift", text)


def test_other_units_stand_under_their_own_heading_after_the_words():
    html = as_html(sample())
    assert "Share of texts that hold the word lexical" in headings(part_of(html, "The words"), 3)
    assert headings(part_of(html, "More about words"), 3)[:2] == ["Emoji lexical", "Hashtags lexical"]
    text = told(html, "More about words")
    assert text.index("Emoji") < text.index("😡", text.index("Emoji")) < text.index("#strike")


def test_a_unit_is_called_by_its_name_in_the_lists_of_kinds_and_of_tests():
    html = as_html(sample())
    kinds = re.findall(r'<h3><span class="plain-words">([^<]*)</span>', html)
    assert kinds == ["words", "emoji", "hashtags", "labels", "upper and lower case"]
    assert '<div class="quiet">lexical, hashtags</div>' in html
    assert "<summary><code>lexical.token_frequency</code> hashtags</summary>" in html
    assert re.search(r"● +hashtags \(lexical\) +18\.0 points", as_terminal(sample(), width=120))


def test_the_range_of_a_share_is_at_hand_and_the_range_of_a_change_is_drawn():
    html = as_html(sample())
    assert 'title="between 21.5 % and 27.0 %"' in html
    assert html.count('<line class="sure"') == 28
    report = sample()
    for term in report["diagnosis"]["terms"]:
        term.pop("current_low", None)
    for found in report["findings"]:
        for evidence in found["evidence"]:
            for row in evidence["rows"]:
                row.pop("current_low", None)
    assert '<line class="sure"' not in as_html(report)


def test_tables_with_a_section_of_their_own_are_not_repeated():
    html = as_html(sample())
    captions = re.findall(r"<caption>([^<]*)</caption>", html)
    assert not {"stories", "word_shift", "sentiment_shift", "sentiment_means", "unit", "reader"} & set(captions)
    assert not {"blind_words", "label_words"} & set(captions)
    assert {"sizes", "terms", "documents"} <= set(captions)


def test_documents_show_the_words_that_moved_in_them_and_a_text_only_where_there_is_one():
    report = sample()
    text = told(as_html(report), "Texts to look at")
    assert "my parcel 363 waits at the depot" in text
    assert "gift · card · had · holiday · paper" in text
    for document in [*report["diagnosis"]["documents"], *rows_of(report, "documents")]:
        document.pop("text", None)
    html = as_html(report)
    assert "my parcel 363" not in html
    assert "depot · <b>bold</b> · at" in told(html, "Texts to look at")
    assert "shown only where examples are asked for" in html
    assert "words that moved" in as_terminal(report)
    assert re.search(r"current +497 +1 +depot, <b>bold</b>, at", as_terminal(report))


def test_documents_of_several_kinds_say_which_kind_each_is_of():
    report = sample()
    report["diagnosis"]["documents"][1] |= {"kind": "semantic"}
    del report["diagnosis"]["documents"][1]["words"], report["diagnosis"]["documents"][1]["text"]
    text = told(as_html(report), "Texts to look at")
    assert "by its words" in text
    assert re.search(r"593 +not shown *by its meaning", text)
    assert "by its meaning" in as_terminal(report)


@pytest.mark.parametrize("render", [as_html, as_html_fragment, as_terminal])
def test_hostile_words_of_every_section_stay_text(render):
    page = render(sample())
    assert not re.search(r"<(script>a|(img|i|b)\b)", page) or render is as_terminal
    assert not re.search("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]", page)
    assert "1337" not in page
    text = told(page) if render is not as_terminal else page
    assert r"\x1b[31mred" in text
    if render is as_html:
        for word in (
            '<script>alert("story")</script>', '<script>alert("blind")</script>', "<img src=x onerror=alert(7)>",
            r"\u202egnorw", r"\u2066isolated\u2069", "{{ 7 * 191 }}", "</table>", "<b>bold</b>", "#<i>tag</i>",
        ):  # fmt: skip
            assert word in text


@pytest.mark.parametrize("render", [as_html, as_html_fragment])
def test_very_long_lists_of_very_long_words_fit(render):
    report = sample()
    nasty = "\x00<'&" * 2000
    stories, labels = rows_of(report, "stories"), rows_of(report, "label_words", "lexical.label_words")
    stories[:] = [{**stories[0], "words": [nasty] * 200}] * 300
    labels[:] = [{**labels[0], "label": nasty, "words": [{"term": nasty, "part": 1.0}] * 300}] * 300
    for name, test in (
        ("word_shift", "token_frequency"),
        ("sentiment_shift", "token_frequency"),
        ("blind_words", "model_coverage"),
    ):
        rows = rows_of(report, name, f"lexical.{test}")
        rows[:] = [{**rows[0], "term": nasty}] * 2000
    html = render(report)
    assert len(html.encode()) <= (500_000 if render is as_html else 200_000)
    assert html.count("<table") == html.count("</table>")
    assert "the JSON report holds all of them" in html


def test_the_terminal_names_units_stories_and_sentiment_in_a_line_each():
    lines = as_terminal(sample(), width=120).split("\n")
    start = lines.index("The words")
    block = lines[start : lines.index("", start)]
    assert "  Emoji: 😡 5.5 % → 15.1 %, 😀 8.1 % → 4.8 %" in block
    together = [line for line in block if line.startswith("  Together: ")]
    assert together[0] == "  Together: depot, strike, at, because, stuck, …  0 % → 14.8 %"
    assert len(together) == 3
    sentiment = next(line for line in block if line.startswith("  Sentiment: "))
    assert sentiment.startswith("  Sentiment: 0.348 → 0.271, by more never, more 😡, less ")
    assert "😡" not in "".join(line for line in block if re.search(r"%.*%.*[↑↓]", line))
