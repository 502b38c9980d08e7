"""Runs, series and states are read in the order of their windows, and quickly."""

import datetime as dt
import time

import judged_runs
import pytest

from textdrift.history import open_history


def windows(runs):
    return [run.window for run in runs]


def test_runs_stand_in_the_order_of_their_dates_whatever_the_order_of_judging(history):
    for day in (3, 0, 2, 1):
        history.record(judged_runs.run(day))
    history.record(judged_runs.run(1, stage="labelled"))
    history.record(judged_runs.run(9, job="another"))
    runs = history.runs("inputs")
    assert windows(runs) == ["2026-01-01", "2026-01-02", "2026-01-02", "2026-01-03", "2026-01-04"]
    assert [run.stage for run in runs][1:3] == ["inputs", "labelled"]
    assert history.jobs() == ["another", "inputs"]


def test_windows_of_one_day_stand_in_the_order_of_their_code_points(history):
    names = ["2026-01-01T10", "2026-01-01T09", "2026-01-01t", "2026-01-01a", "2026-01-01B"]
    for name in names:
        history.record(judged_runs.run(window=name))
    assert windows(history.runs("inputs")) == sorted(names)


def test_windows_without_a_date_stand_as_they_were_judged_first(history):
    names = ["xxh3:f", "xxh3:0", "xxh3:a"]
    for name in names:
        history.record(judged_runs.run(window=name, date=None, judged_at=judged_runs.NIGHT))
    later = judged_runs.NIGHT + dt.timedelta(days=9)
    history.record(judged_runs.run(window="xxh3:f", date=None, judged_at=later), replace=True)
    assert windows(history.runs("inputs")) == names
    assert history.last_success("inputs") == later


def test_since_and_until_are_the_first_and_the_last_day(history):
    for day in range(5):
        history.record(judged_runs.run(day))
    second, fourth = dt.date(2026, 1, 2), dt.date(2026, 1, 4)
    assert windows(history.runs("inputs", since=second, until=fourth)) == ["2026-01-02", "2026-01-03", "2026-01-04"]
    assert {row["date"] for row in history.series("inputs", since=fourth)} == {fourth, dt.date(2026, 1, 5)}
    assert {row["date"] for row in history.segments("inputs", since=fourth)} == {fourth, dt.date(2026, 1, 5)}


def test_a_limit_keeps_the_newest_and_their_order(history):
    for day in range(5):
        history.record(judged_runs.run(day))
    assert windows(history.runs("inputs", limit=2)) == ["2026-01-04", "2026-01-05"]


def test_an_unknown_job_has_nothing(history):
    assert history.runs("none") == history.series("none") == history.segments("none") == history.failures("none") == []
    assert history.last_success("none") is history.alert_state("none") is history.slow_drift("none") is None
    assert list(history.profiles("none")) == history.jobs() == []


def test_profiles_and_states_of_the_windows_before_one(history):
    for day in (0, 1, 3):
        history.record(judged_runs.run(day), profile=bytes([day]), slow_drift={"day": day})
    history.record(judged_runs.run(1, stage="labelled"), profile=b"labelled")
    assert [profile for _, profile in history.profiles("inputs")] == [b"\0", b"\1", b"\3"]
    assert [name for name, _ in history.profiles("inputs", "2026-01-04")] == ["2026-01-01", "2026-01-02"]
    not_judged = "2026-01-03"
    assert [name for name, _ in history.profiles("inputs", not_judged)] == ["2026-01-01", "2026-01-02"]
    assert list(history.profiles("inputs", "2026-01-01")) == []
    assert history.slow_drift("inputs") == {"day": 3}
    assert history.slow_drift("inputs", before_window=not_judged) == {"day": 1}
    assert history.slow_drift("inputs", before_window="2026-01-01") is None


def test_before_a_window_without_a_date_stand_those_that_were_judged_before_it(history):
    for name in ("xxh3:b", "xxh3:a", "xxh3:c"):
        run = judged_runs.run(window=name, date=None, judged_at=judged_runs.NIGHT)
        history.record(run, profile=name.encode(), slow_drift={"window": name})
    assert [name for name, _ in history.profiles("inputs", "xxh3:c")] == ["xxh3:b", "xxh3:a"]
    assert [name for name, _ in history.profiles("inputs", "xxh3:new")] == ["xxh3:b", "xxh3:a", "xxh3:c"]
    assert history.slow_drift("inputs", before_window="xxh3:a") == {"window": "xxh3:b"}


def test_a_profile_that_is_pruned_while_others_are_read_is_passed_over(history):
    for day in range(3):
        history.record(judged_runs.run(day), profile=bytes([day]))
    profiles = history.profiles("inputs")
    assert next(profiles) == ("2026-01-01", b"\0")
    history.prune("inputs", before=dt.date(2026, 1, 3))
    assert list(profiles) == [("2026-01-03", b"\2")]


def test_failures_come_newest_first(history):
    for hour in (1, 3, 2):
        history.record_failure("inputs", f"w{hour}", judged_runs.NIGHT + dt.timedelta(hours=hour), "no file")
    failures = history.failures("inputs", 2)
    assert [failure.window for failure in failures] == ["w3", "w2"]
    assert failures[0].at == judged_runs.NIGHT + dt.timedelta(hours=3)
    assert failures[0].at.tzinfo == dt.UTC
    assert history.last_success("inputs") is None


@pytest.fixture
def long_history(url):
    """5,000 runs of two jobs, of 8 findings each, written in one go."""
    from textdrift.history import connecting, recording

    document = judged_runs.report(*[judged_runs.finding()] * 8, segments=[judged_runs.segment()])
    with open_history(url) as history:
        with connecting.writing(history._engine, history._address, "all") as connection:
            for day in range(5000):
                run = judged_runs.run(day, job=f"job {day % 2}", document=document)
                recording.write_run(connection, run, recording.RunParts(), replace=False)
        yield history


def seconds(read):
    begun = time.perf_counter()
    read()
    return time.perf_counter() - begun


@pytest.mark.slow
def test_five_thousand_runs_are_read_quickly(long_history):
    last_month = judged_runs.FIRST_DAY + dt.timedelta(days=4970)
    assert len(long_history.runs("job 0")) == 2500
    assert len(long_history.series("job 0")) == 20_000
    assert len(long_history.series("job 0", since=last_month)) == 15 * 8
    times = {
        "all runs": seconds(lambda: long_history.runs("job 0")),
        "a month of runs": seconds(lambda: long_history.runs("job 0", since=last_month)),
        "all of the series": seconds(lambda: long_history.series("job 0")),
        "a month of the series": seconds(lambda: long_history.series("job 0", since=last_month)),
        "one run": seconds(lambda: long_history.stored("job 0", "2030-01-01")),
        "last success": seconds(lambda: long_history.last_success("job 0")),
    }
    allowed = {"all runs": 1.0, "all of the series": 2.0}
    assert {name: taken for name, taken in times.items() if taken > allowed.get(name, 0.2)} == {}


def test_runs_and_series_are_found_by_an_index(url):
    if not url.startswith("sqlite"):
        pytest.skip("a small table of PostgreSQL is read whole, whatever its indices")
    from sqlalchemy import event

    from textdrift.history import connecting

    with open_history(url) as history:
        asked = []
        event.listen(history._engine, "before_cursor_execute", lambda *call: asked.append(call[2:4]))
        since = dt.date(2026, 1, 1)
        history.runs("inputs", since=since)
        history.series("inputs", since=since)
        history.segments("inputs", since=since)
        history.stored("inputs", "2026-01-01")
        history.pending(now=judged_runs.NIGHT)
        history.n_windows("inputs", since)
        history.last_success("inputs")
        with connecting.reading(history._engine, history._address) as connection:
            selects = [call for call in asked if call[0].startswith("SELECT")]
            for statement, parameters in selects:
                plan = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", parameters).all()
                assert not [row.detail for row in plan if row.detail.startswith("SCAN textdrift")], plan
                counted = "count(" in statement or "max(" in statement
                assert not counted or "COVERING INDEX" in str(plan), plan  # no row is read to count it
    assert len(selects) == 7


def test_windows_are_counted_once_and_runs_each(history):
    for day in range(5):
        history.record(judged_runs.run(day))
    history.record(judged_runs.run(1, stage="labelled"))
    history.record(judged_runs.run(2, job="another"))
    second, fourth = dt.date(2026, 1, 2), dt.date(2026, 1, 4)
    assert (history.n_windows("inputs"), history.n_runs("inputs")) == (5, 6)
    assert (history.n_windows("inputs", second, fourth), history.n_runs("inputs", second, fourth)) == (3, 4)
    assert (history.n_windows("none"), history.n_runs("none")) == (0, 0)


def test_further_back_are_the_windows_before_one(history):
    for day in range(5):
        history.record(judged_runs.run(day))
    assert windows(history.runs("inputs", limit=2, before_window="2026-01-04")) == ["2026-01-02", "2026-01-03"]
    assert history.runs("inputs", before_window="2026-01-01") == []


def test_series_and_segments_of_some_runs_alone(history):
    numbers = [history.record(judged_runs.run(day)).id for day in range(4)]
    other = history.record(judged_runs.run(1, job="another")).id
    chosen = [numbers[3], numbers[1], other]
    for read in (history.series, history.segments):
        assert [row["window"] for row in read("inputs", runs=chosen)] == ["2026-01-02", "2026-01-04"]
        assert read("inputs", runs=[]) == []
        # More numbers than a statement takes parameters.
        assert len(read("inputs", runs=range(1, 40_000))) == 4
