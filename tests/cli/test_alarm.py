"""`textdrift acknowledge` and `textdrift snooze`: who looks after an alarm, and silence for a while."""

import pytest


def run(nightly, *days):
    for day in days:
        nightly("run", "--date", f"2026-11-{day}")


def test_an_acknowledged_alarm_says_by_whom_and_ends_with_one_message(nightly):
    run(nightly, 10, 13)
    said = ["the alarm of nightly since window 2026-11-13 is acknowledged by ann"]
    assert nightly("acknowledge", "--by", "ann") == (0, said, [])
    assert nightly("acknowledge", "--by", "ben") == (0, said, [])  # who came first stays named
    run(nightly, 14, 15)
    assert nightly.told() == [("firing", "2026-11-13"), ("resolved", "2026-11-15")]


def test_a_run_says_where_the_alarm_stands_and_who_was_told(nightly):
    _, _, err = nightly("run", "--date", "2026-11-13")
    assert err[-1].startswith("alert: firing since 2026-11-13, told json://127.0.0.1:")
    assert err[-1].endswith(" (1 of 1)")


def test_without_an_alarm_there_is_nothing_to_acknowledge(nightly):
    run(nightly, 10)
    code, out, err = nightly("acknowledge", "--by", "ann")
    assert (code, out) == (2, [])
    assert err == ["textdrift: error: there is nothing to acknowledge: the alert is ok"]


def test_an_acknowledgement_needs_a_name(nightly):
    run(nightly, 13)
    assert nightly("acknowledge")[0] == 2
    code, _, err = nightly("acknowledge", "--by", " ")
    assert code == 2
    assert "needs the name of whoever gives it" in err[0]


def test_a_snoozed_job_sends_nothing_until_it_is_awake_and_then_what_is_true(nightly):
    code, (line,), err = nightly("snooze", "--hours", "2")
    assert (code, err) == (0, [])
    assert line.startswith("nightly sends nothing until 20")
    assert line.endswith(" UTC")
    run(nightly, 13)
    assert nightly.told() == []
    assert nightly("snooze", "--hours", "0") == (0, ["nightly is awake again"], [])
    run(nightly, 14)
    assert nightly.told() == [("firing", "2026-11-14")]


@pytest.mark.parametrize("hours", ["inf", "nan", "1e9", "-1", "two"])
def test_hours_that_cannot_be_are_told_without_a_traceback(nightly, hours):
    code, out, err = nightly("snooze", f"--hours={hours}")
    assert (code, out) == (2, [])
    assert not any("Traceback" in line or "fault of textdrift" in line for line in err)


def test_a_job_without_a_history_has_no_alarm(nightly):
    text = (nightly.folder / "job.yaml").read_text(encoding="utf-8")
    (nightly.folder / "job.yaml").write_text(text.replace("history: sqlite:///drift.db\n", ""), encoding="utf-8")
    for command in (["acknowledge", "--by", "ann"], ["snooze", "--hours", "1"]):
        code, out, err = nightly(*command)
        assert (code, out, len(err)) == (2, [], 1)
        assert "keeps no history, so it has no alarm" in err[0]
