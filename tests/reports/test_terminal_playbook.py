"""What to do, in the terminal: behind the causes, first things first, and nothing that a terminal obeys."""

import re

import pytest
from hostile_texts import HOSTILE
from rich.cells import cell_len
from whole_reports import hostile_report, sample, whole_report

from textdrift.reports.as_terminal import as_terminal
from textdrift.reports.terminal_playbook import PLAYS_SHOWN
from textdrift.reports.visible_text import visible


def joined(text):
    return re.sub(r"\s+", " ", text)


def headings(text):
    return [line for line in text.split("\n")[1:] if line and line[0] != " "]


def test_severity_stands_beside_the_verdict_and_plain_words_before_the_numbers():
    text = as_terminal(whole_report(), width=100)
    assert re.match(r"DRIFT.*  critical  ", text)
    told = headings(text)
    assert told.index("In plain words") < told.index("What moved")
    assert joined(whole_report()["business_summary"]) in joined(text)


def test_what_to_do_stands_behind_the_causes():
    told = headings(as_terminal(whole_report(), width=100))
    assert told[told.index("Likely causes") + 1] == "What to do"


def test_a_play_is_told_whole():
    text = joined(as_terminal(whole_report(), width=100))
    assert (
        "1. Texts arrive escaped (fix upstream) First: Open five rows by hand. - Ask the sender. - Repair the rows. "
        "- Run again. Decides: the owner of the feed; owner: team-ingest "
        "Runbook: https://wiki.example.org/drift?case=escaped 2. People write about something new (label)"
    ) in text


def test_without_an_owner_none_is_named():
    report = whole_report()
    for play in report["playbook"]:
        play["owner"] = play["runbook"] = None
    text = as_terminal(report)
    assert "owner:" not in text
    assert "Runbook" not in text


def test_many_plays_are_cut_and_say_so():
    report = whole_report()
    report["playbook"] = report["playbook"][:1] * 9
    text = as_terminal(report)
    assert f"{PLAYS_SHOWN}. Texts arrive escaped" in text
    assert f"{PLAYS_SHOWN + 1}. Texts arrive escaped" not in text
    assert f"and {9 - PLAYS_SHOWN} more in the JSON report" in text


def test_a_report_without_a_playbook_is_as_before():
    told = headings(as_terminal(sample("drift")))
    assert not {"What to do", "In plain words"} & set(told)


@pytest.mark.parametrize("text", [text for text in HOSTILE if 0 < len(text) < 100], ids=ascii)
def test_hostile_settings_stay_text(text):
    written = as_terminal(hostile_report(text), width=2000)
    section = written.split("What to do\n", 1)[1]
    assert "".join(visible(text).split()) in "".join(section.split())
    assert not re.search("[\x00-\x09\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff]", written)
    assert max(cell_len(line) for line in as_terminal(hostile_report(text), width=60).split("\n")) <= 60
