import json
import re

import pytest
from hostile_texts import HOSTILE, PWNED
from whole_reports import hostile_report, sample, whole_report

from textdrift.alerts import Event, StoryCourse, as_text, message_of
from textdrift.alerts.message import KEYS
from textdrift.alerts.message_text import inert
from textdrift.reports.visible_text import visible

STATES = ("warning", "firing", "resolved", "error", "recovered")
SHORT = [text for text in HOSTILE if len(text) < 10_000]
# Characters that act: controls but for line breaks, bidirectional overrides, what hides, lone surrogates.
ACTING = re.compile(
    "[\x00-\x09\x0b-\x1f\x7f-\x9f\u200b\u2028-\u202e\u2060-\u2064\u2066-\u206f\ufeff\U000e0000-\U000e007f\ud800-\udfff]"
)
# What chats and mails obey: markup, links, mentions, emphasis, code, tables, emoji, entities.
OBEYED = re.compile(
    r"[<>`*~|$]|\]\(|\]\[|(?<![\w.+-])@\w|@(?:everyone|here|channel)|://|javascript:|mailto:|vbscript:|&#?\w+;|:[a-z_+-][\w+-]*:",
    re.IGNORECASE,
)


def message(state="firing", report=None, **changes):
    given = {
        "job": "sentiment-inputs", "window": "2026-11-26", "run": "sentiment-inputs/2026-11-26/inputs",
        "report": report, "owner": "team-nlp", "runbook": "https://wiki.example.org/drift",
        "link": "reports/2026-11-26/report.html", **changes,
    }  # fmt: skip
    return message_of(Event(state, "2026-11-25", f"2026-11-25/{state}"), **given)


def test_a_message_has_its_keys_in_one_order_whatever_happened():
    for state in STATES:
        for report in (None, whole_report(), sample("no_drift"), {}):
            assert tuple(message(state, report)) == KEYS


def test_a_message_says_what_the_report_says():
    report = whole_report()
    told = message(report=report)
    assert told["verdict"] == "drift"
    assert told["kinds"] == ["lexical", "semantic", "label", "quality"]
    assert told["severity"] == "critical"
    assert report["summary"].startswith(told["summary"].removesuffix("…"))
    assert told["terms"] == [row["term"] for row in report["diagnosis"]["terms"]][:10]
    assert told["segments"][1] == {
        "column": "region", "value": "north", "kind": "lexical", "effect": 0.33,
        "within": {"column": "channel", "value": "chat"},
    }  # fmt: skip
    assert told["first_step"] == "Open five rows by hand."
    assert told["error"] is None


def test_the_cost_is_that_of_the_report():
    cost = message(report=sample("concept"))["cost"]
    assert (cost["value"], cost["low"], cost["high"]) == (98637.2, 73731.1, 126614.0)
    assert cost["basis"] == "labels"
    assert message(report=sample("words"))["cost"] is None


def test_the_playbook_of_the_report_names_the_owner_before_the_job_does():
    told = message(report=whole_report())
    assert told["owner"] == "team-ingest"
    assert told["runbook"] == "https://wiki.example.org/drift?case=escaped"
    assert message(report=sample("words"))["owner"] == "team-nlp"


def test_the_key_bears_the_name_of_the_job():
    keys = {message(job=job)["dedup_key"] for job in ("a", "b")}
    assert keys == {"a/2026-11-25/firing", "b/2026-11-25/firing"}


def test_texts_of_documents_never_leave():
    report = whole_report()
    for row in report["diagnosis"]["documents"]:
        row["text"] = "a-text-of-a-document"
    for finding in report["findings"]:
        for table in finding["evidence"]:
            for row in table["rows"]:
                if "text" in row:
                    row["text"] = "a-text-of-a-document"
    assert "a-text-of-a-document" not in json.dumps(message(report=report))
    assert "a-text-of-a-document" in json.dumps(report)


@pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))
def test_a_message_stays_small_and_its_strings_act_nowhere(text):
    report = hostile_report(text)
    report["summary"] = text or "Nothing."
    told = message(report=report, job=text or "j", window=text or "w", owner=text, link=text, error=text)
    written = json.dumps(told, ensure_ascii=False)
    written.encode("utf-8")
    assert len(written) < 32_000
    assert json.loads(written) == told
    assert not ACTING.search(written)


@pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))
def test_in_what_people_read_no_text_acts(text):
    report = hostile_report(text)
    for state in STATES:
        told = message(state, report, job=text or "j", window=text or "w", owner=text, runbook=None, error=text)
        title, body = as_text(told)
        for part in (title, body):
            assert not ACTING.search(part)
            assert not OBEYED.search(part)
        assert "\n" not in title
        assert len(title) <= 200


@pytest.mark.parametrize("text", SHORT, ids=range(len(SHORT)))
def test_a_reader_still_sees_what_stood_there(text):
    plain = str.maketrans("‹›ˋ∗∼¦＄＠∶＆＿", "<>`*~|$@:&_")
    read, stood = (re.sub(r"\] ?(?=[(\[:])", "]", shown.translate(plain)) for shown in (inert(text), visible(text)))
    assert read == stood


def test_only_addresses_of_the_web_are_links():
    told = message(
        report=sample("words"), runbook="javascript:alert(1)", link="https://drift.example.org/r/1?a=b&c=d_e_"
    )
    _, body = as_text(told)
    assert "Runbook" not in body
    assert "Report: https://drift.example.org/r/1?a=b&c=d_e_" in body


def test_a_text_for_people_reads_in_the_order_of_what_they_ask():
    title, body = as_text(message(report=whole_report(), window="2026-11-25"))
    assert title == "sentiment-inputs: drift in window 2026-11-25 (critical)"
    begins = [line.partition(":")[0] for line in body.split("\n")]
    assert begins[1:] == [
        "Words that moved most", "Most where", "Cost", "First step", "Owner", "Runbook", "Report",
    ]  # fmt: skip
    assert "channel is 'chat' (words, 41.0 points)" in body
    assert "region is 'north' within channel 'chat'" in body


def test_an_alarm_that_is_told_late_says_when_it_began():
    assert "It began with window 2026-11-25." in as_text(message(report=whole_report()))[1]
    assert "It began" not in as_text(message(report=whole_report(), window="2026-11-25"))[1]


def test_each_state_reads_as_what_it_is():
    texts = {state: as_text(message(state, sample("no_drift"), error="no file")) for state in STATES}
    assert texts["error"][0] == "sentiment-inputs: the run failed for window 2026-11-26"
    assert texts["error"][1].startswith("Why: no file\n")
    assert texts["resolved"][1].startswith("No drift any more in window 2026-11-26. It began with window 2026-11-25.\n")
    assert texts["recovered"][1].startswith("The failures that began with window 2026-11-25 are over.\n")
    assert "No alarm yet" in texts["warning"][1]
    assert len({title for title, _ in texts.values()}) == len(STATES)


def test_the_end_of_a_story_tells_of_the_story_and_not_of_the_quiet_window():
    course = StoryCourse(first="2026-11-20", last="2026-11-24", n_windows=5, n_labelled=1, kinds=("lexical", "quality"))
    event = Event("resolved", "2026-11-20", "2026-11-20/resolved", course)
    told = message_of(event, job="j", window="2026-11-25", run="r", report=sample("no_drift"), owner=None, runbook=None,
                      link=None)  # fmt: skip
    assert told["kinds"] == ["lexical", "quality"]
    whole = (
        "No drift any more in window 2026-11-25. It lasted from window 2026-11-20 to 2026-11-24 (5 windows, 1 by its "
        "labels): words, data quality."
    )
    assert told["summary"] == as_text(told)[1] == whole


def test_an_alarm_that_ends_where_a_new_one_begins_says_so():
    assert "and a new one has begun" in as_text(message("resolved", sample("words")))[1]


def test_a_message_that_lost_its_keys_can_still_be_read():
    assert as_text({}) == (": window ", ": window ")
    assert (
        as_text({"job": "j", "state": "firing", "segments": [1, {}], "terms": None, "cost": 3})[0]
        == "j: drift in window "
    )


def test_the_corpus_holds_what_these_tests_look_for():
    joined = " ".join(HOSTILE)
    assert PWNED in joined
    assert OBEYED.search(joined)
    assert ACTING.search(joined)
