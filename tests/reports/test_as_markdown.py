"""Markdown for pull requests: what a reader sees is the report, and no text of the data is anything but a text."""

import re

import pytest
from hostile_texts import HOSTILE
from markdown_it import MarkdownIt
from whole_reports import hostile_report, large_report, sample, whole_report

from textdrift.reports.as_markdown import as_markdown
from textdrift.reports.markdown_parts import prose, verbatim
from textdrift.reports.visible_text import clipped, visible

PARSER = MarkdownIt("commonmark", {"html": True}).enable(["table", "strikethrough"])
OWN_TAGS = re.compile(r"</?(?:code|span)>|<details><summary>[A-Z][a-z, ]*</summary>\s*|</details>\s*")
LONGEST = 2000


def tokens(markdown):
    """Every token of a document, those inside of others too."""
    for token in PARSER.parse(markdown):
        yield token
        yield from token.children or ()


def read(markdown):
    """What is read of a document, and everything that is markup of it."""
    texts, markup = [], []
    for token in tokens(markdown):
        if token.type in {"text", "code_inline"}:
            texts.append(token.content)
        elif token.type in {"html_inline", "html_block"}:
            markup.append(token.content)
        elif token.type in {"softbreak", "hardbreak"}:
            texts.append(" ")
    return "".join(texts), markup


def seen(text, length=LONGEST):
    return " ".join(clipped(visible(clipped(text, length)), length).split())


def test_the_first_lines_are_verdict_severity_and_summary():
    report = whole_report()
    lines = as_markdown(report).splitlines()
    assert lines[0] == "## Drift (critical)"
    assert read(lines[2])[0] == report["summary"]
    assert "passed by cost" in as_markdown(sample("concept")).splitlines()[0]


def test_the_parts_come_in_reading_order():
    headings = re.findall(r"^### (.*)|<summary>(.*)</summary>", as_markdown(whole_report()), flags=re.MULTILINE)
    assert ["".join(pair) for pair in headings] == [
        "What moved",
        "Likely causes",
        "The words",
        "Where it is strongest",
        "How well the model does",
        "What it costs",
        "What to do",
        "What to do after that",
        "Texts to look at",
        "Segments that are too small to judge",
        "Every test",
        "Settings, versions and seconds",
    ]


def test_numbers_read_as_a_person_writes_them():
    text, _ = read(as_markdown(whole_report()))
    for told in (
        "0.064 [0.057, 0.071] change of style beyond chance, in bits",
        "93 % (87 % to 97 %) of the drift of the words goes when its rows are repaired",
        "7.0 % of the current rows carry it",
        "184 slices were searched",
        "region north within channel chat",
        "changed meaning, or a changed model −13.4 [−17.5, −9.2]",
        "The limit is EUR<i> 400,000 more per window.",
    ):
        assert told in text


def test_what_could_not_be_seen_is_said():
    text, _ = read(as_markdown(sample("inconclusive")))
    assert "Not enough rows to tell: meaning (would have shown sizes from 0.311)" in text
    assert "words (would have shown no size)" in text


def test_an_ambiguous_report_says_what_cannot_be_told_apart():
    text, _ = read(as_markdown(sample("ambiguous")))
    assert "The data cannot tell labels label and label for the same text concept apart" in text


def test_every_table_has_as_many_cells_in_each_row():
    for report in (whole_report(), sample("concept"), hostile_report("a|b \\| c \\\\| `|`")):
        for block in re.findall(r"(?:^\|.*\n)+", as_markdown(report), flags=re.MULTILINE):
            # No cell holds a bare pipe: they are written as an entity.
            assert len({line.count("|") for line in block.splitlines()}) == 1


def test_a_runbook_is_a_link_only_where_it_leads_to_the_web():
    _, markup = read(as_markdown(whole_report()))
    links = [tag for tag in markup if tag.startswith("<a")]
    assert links == ['<a href="https://wiki.example.org/drift?case=escaped">']


def test_a_report_of_any_size_fits_a_comment():
    report = large_report()
    report["summary"] = report["business_summary"] = "|" * 60_000
    for finding in report["findings"]:
        finding["test"] = finding["sentence"] = "_" * 500
    report["findings"] = report["findings"] * 300
    report["notes"] = ["\x00" * 5000] * 500
    report["settings"] = {f"setting {i}": "<&>" * 60 for i in range(5000)}
    text = as_markdown(report)
    assert len(text) <= 60_000
    assert "more in the JSON report" in text


def test_long_tables_are_cut_and_say_so():
    report = whole_report()
    term = report["diagnosis"]["terms"][0]
    report["diagnosis"]["terms"] = [{**term, "term": f"word{i}"} for i in range(200)]
    text = as_markdown(report)
    assert "word11<" in text
    assert "word12<" not in text
    assert "And 188 more in the JSON report." in text


@pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))
def test_no_text_is_more_than_a_text(text):
    for shown in (prose(text, LONGEST), verbatim(text, LONGEST)):
        told, markup = read(f"{shown}\n\n| head |\n| --- |\n| {shown} |\n")
        assert set(markup) <= {"<span>", "</span>", "<code>", "</code>"}
        assert told == f"{seen(text)}head{seen(text)}" or (not seen(text) and told in {"head", "blankheadblank"})


@pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))
def test_no_text_changes_what_a_report_is_made_of(text):
    report = hostile_report(text)
    page = as_markdown(report)
    assert len(page) <= 60_000
    page.encode("utf-8")
    types = {token.type for token in tokens(page)}
    assert not types & {"link_open", "image", "fence", "code_block", "code_inline", "hr", "blockquote_open", "s_open"}
    _, markup = read(page)
    assert [tag for tag in markup if not OWN_TAGS.fullmatch(tag)] == []


@pytest.mark.parametrize(
    "text",
    [
        "@team", "me@team.org", "see #12", "owner/repository#2", "GH-12", "http://evil.example", "www.evil.example",
        ":skull:", "$x$ and $y$", "mailto:a@b.c",
    ],
)  # fmt: skip
def test_what_a_forge_finds_in_a_finished_text_is_parted(text):
    """GitHub links mentions, issues and addresses, and sets emoji and formulas, inside of one stretch of text."""
    parts = [token.content for token in tokens(prose(text, 100)) if token.type == "text"]
    assert "".join(parts) == text
    acting = re.compile(r"@\w|\w@|#\d|gh-\d|://|www\.\w|:\w+:|\$.*\$", flags=re.IGNORECASE)
    assert not any(acting.search(part) for part in parts)


def test_words_of_prose_stay_as_they_can_be_read():
    assert prose("From 12:30 on, snake_case and 3.5 % (or 2 – 4).", 100) == (
        "From 12:30 on, snake_case and 3.5 % (or 2 – 4)."
    )
