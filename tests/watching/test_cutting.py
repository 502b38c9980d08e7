"""Windows of a stream: the same rows give the same windows, in order, and no row is in two or in none."""

import datetime as dt
import random

import pytest

from textdrift.errors import ColumnTypeError
from textdrift.watching.cutting import WindowCutter
from textdrift.watching.stream_rows import StreamRow

NOON = dt.datetime(2024, 5, 6, 12, tzinfo=dt.UTC)
LATER = NOON + dt.timedelta(hours=2)


def at(seconds):
    return NOON + dt.timedelta(seconds=seconds)


def row(seconds, i=0):
    return StreamRow({"text": f"text {i}", "time": at(seconds).isoformat()}, LATER, (0, i))


def cut(cutter, seconds):
    found = [window for i, second in enumerate(seconds) for window in cutter.add(row(second, i))]
    return [*found, *cutter.end()]


def shape(windows):
    return [((window.start - NOON).total_seconds(), len(window.rows)) for window in windows]


def test_by_count_every_window_has_its_number_of_rows():
    assert shape(cut(WindowCutter(rows=3, time="time"), range(8))) == [(0, 3), (3, 3), (6, 2)]


def test_by_time_a_row_is_in_the_interval_of_its_time_and_empty_ones_are_left_out():
    assert shape(cut(WindowCutter(seconds=10, time="time"), [1, 2, 11, 45, 46])) == [(0, 2), (10, 1), (40, 2)]


def test_by_both_a_full_interval_is_cut_in_parts():
    assert shape(cut(WindowCutter(rows=2, seconds=10, time="time"), [1, 2, 3, 12])) == [(0, 2), (0, 1), (10, 1)]


def test_rows_within_the_lateness_are_in_their_own_window():
    windows = cut(WindowCutter(seconds=10, lateness=5, time="time"), [1, 11, 9, 14, 8, 15, 16])
    assert shape(windows) == [(0, 3), (10, 4)]
    assert [window.n_late for window in windows] == [0, 0]


def test_a_row_that_is_too_late_counts_in_the_next_window_and_is_told():
    windows = cut(WindowCutter(seconds=10, time="time"), [1, 11, 2, 12])
    assert shape(windows) == [(0, 1), (10, 3)]
    assert [window.n_late for window in windows] == [0, 1]


def test_a_late_row_that_comes_when_nothing_is_open_opens_no_window_that_was_closed():
    cutter = WindowCutter(seconds=10, time="time")
    first = [*cutter.add(row(1)), *cutter.pass_silence(10)]
    assert shape([*first, *cutter.add(row(2)), *cutter.end()]) == [(0, 1), (10, 1)]


def test_by_count_a_late_row_does_not_turn_the_order_of_windows():
    starts = [window.start for window in cut(WindowCutter(rows=2, time="time"), [50, 51, 3, 4, 60, 61])]
    assert starts == sorted(starts)


def test_an_arrival_is_the_time_where_no_column_is():
    cutter = WindowCutter(seconds=10)
    rows = [StreamRow({"text": "a"}, at(second)) for second in (1, 4)]
    assert [window for each in rows for window in cutter.add(each)] == []
    assert shape(cutter.pass_time(at(9))) == []
    assert shape(cutter.pass_time(at(10))) == [(0, 2)]


def test_silence_closes_what_would_be_over_by_now():
    cutter = WindowCutter(seconds=10, lateness=5, time="time")
    list(cutter.add(row(1)))
    assert shape(cutter.pass_silence(14)) == []
    assert shape(cutter.pass_silence(15)) == [(0, 1)]


def test_silence_closes_no_window_that_is_cut_by_count():
    cutter = WindowCutter(rows=10, time="time")
    list(cutter.add(row(1)))
    assert list(cutter.pass_silence(1e6)) == []


def test_no_more_rows_are_held_than_may_be():
    cutter, held = WindowCutter(seconds=1000, time="time", most=50), []
    windows = []
    for i in range(180):
        windows += cutter.add(row(i, i))
        held.append(len(cutter))
    assert max(held) < 50
    assert [len(window.rows) for window in windows] == [50, 50, 50]
    assert all(window.is_full for window in windows)


@pytest.mark.parametrize(
    "value", [None, "soon", True, "", [1], {"a": 1}, float("nan"), 1e40, "2024-13-40", "9999-01-01"]
)
def test_a_time_that_cannot_be_used_is_refused(value):
    with pytest.raises(ColumnTypeError, match="column 'time' is the time and holds"):
        list(WindowCutter(rows=2, time="time").add(StreamRow({"text": "a", "time": value}, LATER)))


def test_one_row_of_the_far_future_closes_nothing():
    cutter = WindowCutter(seconds=10, time="time")
    list(cutter.add(row(1)))
    with pytest.raises(ColumnTypeError, match="more than a day ahead"):
        list(cutter.add(row(3 * 86_400)))
    assert len(cutter) == 1


@pytest.mark.parametrize(
    "options", [{"rows": 7}, {"seconds": 10}, {"seconds": 10, "lateness": 8}, {"rows": 4, "seconds": 10}]
)
@pytest.mark.parametrize("seed", range(5))
def test_every_row_is_in_exactly_one_window_and_starts_never_go_back(options, seed):
    jitter = random.Random(seed)
    seconds = [i / 2 + jitter.choice([0, 0, 0, -15, -4]) for i in range(200)]
    windows = cut(WindowCutter(time="time", most=40, **options), [max(0, each) for each in seconds])
    places = [place for window in windows for place in window.places]
    starts = [window.start for window in windows]
    assert sorted(places) == [(0, i) for i in range(200)]
    assert starts == sorted(starts)


@pytest.mark.parametrize("seed", range(5))
def test_with_enough_lateness_each_row_is_where_brute_force_puts_it(seed):
    jitter = random.Random(seed)
    seconds = [i / 3 + jitter.uniform(0, 9) for i in range(300)]
    windows = cut(WindowCutter(seconds=10, lateness=9, time="time"), seconds)
    expected = {}
    for i, second in enumerate(seconds):
        expected.setdefault(second // 10 * 10, set()).add((0, i))
    assert {(window.start - NOON).total_seconds(): set(window.places) for window in windows} == expected
