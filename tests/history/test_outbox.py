"""A message is kept with its run, is due until it arrives, and is there once."""

import datetime as dt

import judged_runs
import pytest

from textdrift.errors import HistoryError, SettingsError
from textdrift.history import OutboxMessage

NIGHT = judged_runs.NIGHT
HOUR = dt.timedelta(hours=1)


def message(state="firing", sink="1 json://localhost", key="inputs/2026-01-01", **body):
    return OutboxMessage(sink=sink, dedup_key=key, state=state, body=body)


def test_a_message_is_due_at_once_and_until_it_arrives(history):
    history.record(judged_runs.run(), messages=[message(text="\ud800\x00"), message(sink="2 mail")])
    first, second = history.pending("inputs", now=NIGHT)
    assert (first.job, first.sink, first.dedup_key) == ("inputs", "1 json://localhost", "inputs/2026-01-01")
    assert (first.state, first.body, first.attempts) == ("firing", {"text": "\ud800\x00"}, 0)
    history.delivered(first.id, NIGHT)
    assert history.pending("inputs", now=NIGHT + HOUR) == [second]


def test_a_message_that_failed_waits_and_counts_its_attempts(history):
    history.record(judged_runs.run(), messages=[message()])
    (sent,) = history.pending(now=NIGHT)
    history.failed(sent.id, NIGHT, "no answer in 10 s", NIGHT + HOUR)
    assert history.pending(now=NIGHT + HOUR - dt.timedelta(seconds=1)) == []
    (again,) = history.pending(now=(NIGHT + HOUR).astimezone(dt.timezone(dt.timedelta(hours=9))))
    assert (again.id, again.attempts) == (sent.id, 1)
    history.delivered(again.id, NIGHT + HOUR)
    history.failed(again.id, NIGHT + HOUR, "too late to fail", NIGHT + HOUR)
    assert history.pending(now=NIGHT + 9 * HOUR) == []


def test_a_message_that_is_there_is_not_added_again_delivered_or_not(history):
    history.record(judged_runs.run(), messages=[message(), message()])
    (sent,) = history.pending(now=NIGHT)
    history.delivered(sent.id, NIGHT)
    history.record(judged_runs.run(), replace=True, messages=[message()])
    history.queue("inputs", None, [message()])
    assert history.pending(now=NIGHT) == []


def test_what_differs_in_job_sink_key_or_state_is_another_message(history):
    history.queue("inputs", None, [message(), message("resolved"), message(sink="2"), message(key="other")])
    history.queue("another", None, [message()])
    assert len(history.pending("inputs", now=NIGHT)) == 4
    assert len(history.pending(now=NIGHT)) == 5


def test_queued_messages_come_with_the_alert_state_that_they_tell_of(history):
    history.set_alert_state("inputs", {"status": "ok"})
    history.queue("inputs", {"status": "error", "by": None}, [message("error")])
    assert history.alert_state("inputs") == {"status": "error", "by": None}
    history.queue("inputs", None, [])
    assert history.alert_state("inputs") == {"status": "error", "by": None}
    with pytest.raises(SettingsError, match="body of a message"):
        history.queue("inputs", {"status": "lost"}, [message(what=object())])
    assert history.alert_state("inputs") == {"status": "error", "by": None}


def test_a_message_that_never_was_cannot_arrive(history):
    for note in (lambda: history.delivered(5, NIGHT), lambda: history.failed(5, NIGHT, "gone", NIGHT)):
        with pytest.raises(HistoryError, match="no message 5"):
            note()


def test_moments_without_a_time_zone_are_refused(history):
    history.queue("inputs", None, [message()])
    naive = NIGHT.replace(tzinfo=None)
    for call in (
        lambda: history.pending(now=naive),
        lambda: history.delivered(1, naive),
        lambda: history.failed(1, NIGHT, "", naive),
        lambda: history.record_failure("inputs", None, naive, ""),
    ):
        with pytest.raises(SettingsError, match="time zone"):
            call()
    with pytest.raises(SettingsError, match="before the attempt"):
        history.failed(1, NIGHT, "", NIGHT - HOUR)
