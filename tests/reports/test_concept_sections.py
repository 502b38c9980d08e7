import json
import re
from html.parser import HTMLParser
from pathlib import Path

import pytest

from textdrift.reports.as_html import as_html, as_html_fragment
from textdrift.reports.as_terminal import as_terminal
from textdrift.reports.concept import concept_of, cross_both_ways

SAMPLES = Path(__file__).parent / "samples"
TITLE = "The same text, another label"


def sample(name="concept"):
    return json.loads((SAMPLES / f"{name}.json").read_text("utf-8"))


def concept_finding(report):
    return next(f for f in report["findings"] if f["test"] == "concept.label_given_text")


def rows_of(report, name):
    return next(e["rows"] for e in concept_finding(report)["evidence"] if e["name"] == name)


class Told(HTMLParser):
    """What a reader is told, without what only a screen reader says."""

    def __init__(self, html):
        super().__init__()
        self.unseen, self.text = 0, ""
        self.feed(html)

    def handle_starttag(self, tag, attrs):
        if tag == "style" or dict(attrs).get("class") == "unseen" or (self.unseen and tag == "span"):
            self.unseen += 1
        self.text += "“" if tag == "q" else ""

    def handle_endtag(self, tag):
        self.text += " " if tag in {"td", "th", "dt", "dd", "div", "p", "summary"} else "”" if tag == "q" else ""
        if self.unseen and tag in {"style", "span", "caption"}:
            self.unseen -= 1

    def handle_data(self, data):
        if not self.unseen:
            self.text += data


def section(html, title=TITLE):
    html = html[html.index(f'<section aria-label="{title}"') :]
    return html[: html.index("</section>")]


def told(html, title=TITLE):
    return re.sub(r"\s+", " ", Told(section(html, title)).text)


def joined(text):
    return re.sub(r"\s+", " ", text)


def test_gross_and_net_are_told_apart_in_plain_words():
    text = told(as_html(sample()))
    assert "changed label, whichever way 14.2 % [10.6, 17.8]" in text
    assert "does not cancel (net), “complaint” +5.5 points [+2.3, +8.7]" in text
    assert "in the net figure they cancel" in text
    lines = joined(as_terminal(sample(), width=120))
    assert "Changed label, whichever way: 14.2 % [10.6, 17.8]" in lines
    assert "Does not cancel (net): ‘complaint’ +5.5 points [+2.3, +8.7]" in lines


def test_a_word_says_which_label_its_shares_are_of():
    text = told(as_html(sample()))
    assert "sparkly share of its texts with “praise” “<b>neither</b>” → “praise”" in text
    assert "for the same texts +25.9 points [+6.3, +45.5] 31.1 % 61.3 %" in text
    lines = joined(as_terminal(sample(), width=120))
    assert "the share of a label among the texts that hold them" in lines
    assert re.search(r"sparkly +praise +31\.1 % +61\.3 % +↑ +\+25\.9 points \[\+6\.3, \+45\.5\]", lines)


def test_words_with_labels_stand_in_one_place_only():
    html = as_html(sample())
    assert '<section aria-label="The words">' not in html
    assert html.count(">sparkly<") == 1


def test_an_old_report_without_labels_still_says_that_the_shares_are_of_a_label():
    report = sample()
    concept_finding(report)["evidence"] = []
    for term in report["diagnosis"]["terms"]:
        assert set(term) == {"term", "kind", "direction", "reference_share", "current_share", "p_value"}
    lines = joined(as_terminal(report, width=120))
    assert "the share of a label among the texts that hold them word label before label now" in lines
    assert TITLE not in as_html(report)
    assert "shares of a label among their texts" in as_html(report)


def test_a_word_whose_texts_crossed_both_ways_says_so():
    report = sample()
    word = rows_of(report, "terms")[0]
    word |= {"change": "flip", "low": -0.3, "high": 0.4, "adjusted_change": 0.05, "from": None, "to": None}
    assert cross_both_ways(word)
    assert "its texts changed sides, both ways" in told(as_html(report))
    assert "both ways" in joined(as_terminal(report))


def test_a_label_told_from_all_others_has_no_other_side():
    report = sample()
    rows_of(report, "terms")[0] |= {"from": None, "to": None}
    assert "more “praise”; for the same texts" in told(as_html(report))
    assert "None" not in told(as_html(report))
    assert "None" not in as_terminal(report)


def test_topics_that_changed_come_before_those_that_did_not():
    text = told(as_html(sample()))
    first = text.index("queue · shop")
    assert text.index("Topics whose texts changed label") < first < text.index("no more than by chance")
    assert "Topics: queue, shop, " in joined(as_terminal(sample(), width=120))


def test_where_no_topic_changed_it_is_said():
    report = sample()
    for topic in rows_of(report, "concept_topics"):
        topic["changed"] = False
    assert "No topic alone changed more than chance explains." in told(as_html(report))
    assert "Topics:" not in as_terminal(report)


def test_a_topic_with_too_few_texts_is_not_judged():
    report = sample()
    rows_of(report, "concept_topics")[0] |= {"label": None, "net_change": None, "low": None, "high": None}
    assert "too few texts to tell" in told(as_html(report))
    as_terminal(report)


def test_the_way_in_which_labels_changed_is_told():
    sentence = rows_of(sample(), "reversal")[0]["sentence"]
    assert sentence in told(as_html(sample()))
    assert sentence in joined(as_terminal(sample(), width=120))


def test_both_explanations_are_told_where_the_data_cannot_tell_them_apart():
    report = sample()
    assert "Two explanations fit" not in as_html(report)
    report["diagnosis"]["ambiguous"] = [["concept", "label"]]
    assert "Two explanations fit these data" in told(as_html(report))
    assert "Two explanations fit" in as_terminal(report)
    assert "either may have moved" in joined(as_terminal(report))


def test_labels_that_moved_shares_explain_are_no_concept_section():
    report = sample()
    concept_finding(report)["drifted"] = False
    assert concept_of(report) is None
    assert TITLE not in as_html(report)
    assert TITLE not in as_terminal(report)
    report["diagnosis"]["ambiguous"] = [["label", "concept"]]
    assert concept_of(report) is not None


@pytest.mark.parametrize("name", ["relabelled", "terms", "concept_topics", "reversal"])
def test_a_table_of_the_same_name_from_another_version_is_shown_as_it_is(name):
    report = sample()
    evidence = next(e for e in concept_finding(report)["evidence"] if e["name"] == name)
    evidence["rows"] = [{"size": "elsewhere"}]
    html = as_html(report)
    assert "elsewhere" in html
    assert "elsewhere" not in section(html)
    as_terminal(report)


def test_a_rating_is_told_in_its_own_unit():
    report = sample()
    concept_finding(report)["evidence"].append({
        "name": "rating", "rows": [{"change": -0.42, "low": -0.61, "high": -0.23}],
    })  # fmt: skip
    assert "mean rating of the same texts −0.42 [−0.61, −0.23]" in told(as_html(report))
    assert "Mean rating of the same texts: −0.42 [−0.61, −0.23]" in joined(as_terminal(report))


def test_documents_name_the_label_they_carry_and_the_one_they_would_have_carried():
    text = told(as_html(sample()), "Texts to look at")
    assert "labelled “complaint”, before it would have been “praise”" in text
    assert "complaint, before praise" in joined(as_terminal(sample()))


def test_documents_without_texts_still_name_their_labels():
    report = sample()
    for document in report["diagnosis"]["documents"]:
        document.pop("text", None)
    assert "labelled “complaint”, before it would have been “praise”" in told(as_html(report), "Texts to look at")
    assert "complaint, before praise" in joined(as_terminal(report))


@pytest.mark.parametrize("render", [as_html, as_html_fragment, as_terminal])
def test_hostile_labels_words_and_topics_stay_texts(render):
    report = sample()
    rows_of(report, "reversal")[0]["bands"][0]["reads"] = "<script>alert(5)</script>"
    shown = render(report)
    assert "<script>alert" not in shown or render is as_terminal
    assert "1337" not in shown
    assert not re.search("[\u202a-\u202e\u2066-\u2069]", shown)
    assert r"\u202edevom" in shown
    if render is not as_terminal:
        assert "<b>" not in shown
        assert "&lt;b&gt;neither&lt;/b&gt;" in shown


@pytest.mark.parametrize("render", [as_html, as_html_fragment])
def test_thousands_of_words_topics_and_labels_fit(render):
    report = sample()
    nasty = "\x00<'&" * 5000
    for name, key in (("terms", "term"), ("relabelled", "label"), ("concept_topics", "label")):
        rows = rows_of(report, name)
        rows[:] = [{**rows[0], key: nasty} for _ in range(2000)]
    assert len(render(report).encode()) <= 500_000
    as_terminal(report)
