"""What is old is forgotten, with all that belongs to it; what is still needed is not."""

import datetime as dt

import judged_runs
import pytest
from sqlalchemy import func, select

from textdrift.history import OutboxMessage, connecting, tables

NIGHT = judged_runs.NIGHT
LATER = dt.date(2027, 1, 1)


def message(key):
    return OutboxMessage(sink="1", dedup_key=key, state="firing", body={})


def counts(history):
    with connecting.reading(history._engine, history._address) as connection:
        every = tables.METADATA.sorted_tables
        return {t.name: connection.scalar(select(func.count()).select_from(t)) for t in every}


def test_days_before_a_date_are_forgotten_with_all_that_belongs_to_them(history):
    for day in range(4):
        history.record(judged_runs.run(day), profile=b"p")
        history.record(judged_runs.run(day, job="another"))
    assert history.prune("inputs", before=dt.date(2026, 1, 3)) == 2
    assert [run.window for run in history.runs("inputs")] == ["2026-01-03", "2026-01-04"]
    assert len(history.runs("another")) == 4
    left = counts(history)
    assert (left["textdrift_runs"], left["textdrift_reports"], left["textdrift_results"]) == (6, 6, 6)
    assert (left["textdrift_segments"], left["textdrift_profiles"]) == (6, 2)
    assert history.prune("inputs", before=dt.date(2026, 1, 3)) == 0


def test_the_newest_window_stays_in_both_stages_whatever_its_age(history):
    for day in range(3):
        history.record(judged_runs.run(day))
        history.record(judged_runs.run(day, stage="labelled"))
    assert history.prune("inputs", before=LATER) == 4
    assert [run.stage for run in history.runs("inputs")] == ["inputs", "labelled"]


def test_what_was_judged_last_stays_so_that_the_last_success_never_moves_back(history):
    history.record(judged_runs.run(5))
    history.record(judged_runs.run(2, judged_at=NIGHT))
    history.record(judged_runs.run(1))
    assert history.prune("inputs", before=LATER) == 1
    assert history.last_success("inputs") == NIGHT


def test_the_newest_state_of_the_slow_drift_detector_stays(history):
    for day in range(3):
        history.record(judged_runs.run(day), slow_drift={"day": day})
    history.record(judged_runs.run(3))
    assert history.prune("inputs", before=LATER) == 2
    assert history.slow_drift("inputs") == {"day": 2}


def test_a_message_that_has_not_arrived_outlives_its_run(history):
    history.record(judged_runs.run(0), messages=[message("arrived"), message("waits")])
    history.record(judged_runs.run(1))
    arrived, waits = history.pending(now=NIGHT)
    history.delivered(arrived.id, NIGHT)
    assert history.prune("inputs", before=LATER) == 1
    assert history.pending(now=NIGHT) == [waits]
    assert counts(history)["textdrift_messages"] == 1


def test_old_failures_are_forgotten(history):
    history.record_failure("inputs", None, NIGHT, "old")
    history.record_failure("inputs", None, NIGHT + dt.timedelta(days=400), "new")
    history.prune("inputs", before=LATER)
    assert [failure.reason for failure in history.failures("inputs")] == ["new"]


def test_the_number_of_a_forgotten_run_is_not_given_to_another(history):
    numbers = {history.record(judged_runs.run(day)).id for day in range(3)}
    history.prune("inputs", before=LATER)
    assert history.record(judged_runs.run(9)).id not in numbers


def test_an_empty_job_has_nothing_to_forget(history):
    assert history.prune("inputs", before=LATER) == 0


def test_a_file_becomes_shorter(url, history):
    if not url.startswith("sqlite"):
        pytest.skip("a server gives its space back by itself")
    noise = bytes(range(256)) * 4000
    for day in range(5):
        history.record(judged_runs.run(day), profile=noise)
    history.close()
    before = history._address.path.stat().st_size
    history.prune("inputs", before=LATER)
    history.close()
    assert history._address.path.stat().st_size < before / 2
