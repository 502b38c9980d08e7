import json
import re
from pathlib import Path

import pytest
from rich.cells import cell_len

from textdrift.reports.as_terminal import as_terminal

SAMPLES = Path(__file__).parent / "samples"
NAMES = sorted(path.stem for path in SAMPLES.glob("*.json"))


def sample(name):
    return json.loads((SAMPLES / f"{name}.json").read_text("utf-8"))


def joined(text):
    """The text with its line breaks undone."""
    return re.sub(r"\s+", " ", text)


@pytest.mark.parametrize("width", [60, 80, 120])
@pytest.mark.parametrize("name", NAMES)
def test_no_line_is_wider_than_asked(name, width):
    lines = as_terminal(sample(name), width=width).split("\n")
    assert max(cell_len(line) for line in lines) <= width
    assert lines == [line.rstrip() for line in lines]


def test_the_first_line_holds_verdict_names_and_rows():
    lines = as_terminal(sample("drift"), width=80).split("\n")
    assert lines[0] == "DRIFT  tickets-february → tickets-march  1,000 → 1,000 rows"
    assert joined(" ".join(lines[2:5])) == sample("drift")["summary"]


def test_the_parts_come_in_reading_order():
    headings = [line for line in as_terminal(sample("drift"), width=80).split("\n")[6:] if line and line[0] != " "]
    assert headings == [
        "What moved",
        "The words",
        "Labels",
        "Where it is strongest",
        "Likely causes",
        "Texts to look at",
        "Not enough rows to tell",
        "Notes",
    ]


def test_numbers_read_as_a_person_writes_them():
    text = as_terminal(sample("drift"), width=100)
    assert "6.2 points [4.1, 8.3]" in text
    assert re.search(r"delayed +1\.2 % +7\.4 % +↑ +< 0\.001", text)
    assert re.search(r"thanks +9\.1 % +4\.3 % +↓", text)
    assert "−2.1 points [−5.3, +1.1]" in text


def test_what_could_not_be_seen_is_said():
    text = joined(as_terminal(sample("inconclusive"), width=100))
    assert "meaning: would have shown from 0.311 (with power 0.8), matters from 0.05" in text
    assert "words: no size would have shown, matters from 2.0 points" in text
    assert "Not enough rows to tell" not in as_terminal(sample("no_drift"))


def test_an_ambiguous_report_says_what_cannot_be_told_apart():
    assert "The data cannot tell labels (label) and label for the same text (concept) apart" in joined(
        as_terminal(sample("ambiguous"), width=80)
    )


def test_hostile_texts_reach_the_terminal_as_text():
    text = as_terminal(sample("hostile"), width=400)
    assert not re.search("[\x00-\x09\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff]", text)
    for kept in (
        "[bold red]not bold[/bold red]",
        "[bold]markup[/bold]",
        ":smile:",
        r"\x1b[31mred",
        r"\u202edrow",
        "{{ 7 * 191 }}",
        '<script>document.title="pwned"</script>',
        "תודה רבה",
    ):
        assert kept in text
    text.encode("utf-8")


def test_color_adds_nothing_but_color():
    plain, colored = (as_terminal(sample("hostile"), width=80, color=color) for color in (False, True))
    assert "\x1b[" not in plain
    assert "\x1b[" in colored
    bare = re.sub(r"\x1b\[[\d;]*m", "", colored)
    assert "\x1b" not in bare
    assert [line.rstrip() for line in bare.split("\n")] == plain.split("\n")


def test_the_environment_changes_nothing(monkeypatch):
    before = as_terminal(sample("drift"), width=80)
    for name, value in (("FORCE_COLOR", "1"), ("COLUMNS", "40"), ("TERM", "dumb"), ("JUPYTER_COLUMNS", "30")):
        monkeypatch.setenv(name, value)
    assert as_terminal(sample("drift"), width=80) == before


def test_long_tables_are_cut_and_say_so():
    report = sample("drift")
    term = report["diagnosis"]["terms"][0]
    report["diagnosis"]["terms"] = [{**term, "term": f"word{i}"} for i in range(200)]
    text = as_terminal(report)
    assert "word11 " in text
    assert "word12 " not in text
    assert "and 188 more in the JSON report" in text


def test_the_topics_that_grew_and_shrank_are_named():
    text = joined(as_terminal(sample("meaning"), width=100))
    assert "Where the meaning moved Grew: refund, bank, charged (2.0 % → 14.1 %) Shrank: " in text
    assert r"Shrank: <b>app</b>, login\u202egol, update (30.1 % → 21.1 %)" in text
    assert "parcel" not in text


def test_a_topic_without_words_is_named_by_its_number():
    report = sample("meaning")
    for topic in report["findings"][1]["evidence"][0]["rows"]:
        del topic["words"]
    assert "Grew: topic 1 (2.0 % → 14.1 %)" in as_terminal(report)


def test_topics_are_not_named_where_the_meaning_did_not_drift():
    report = sample("meaning")
    report["findings"][1]["drifted"] = False
    assert "Grew" not in as_terminal(report)
