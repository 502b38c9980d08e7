"""Late: old rows, gaps, stamps and null times; bursty streams and overlapping windows stay silent."""

from __future__ import annotations

import os

import numpy as np
import pytest

from textdrift.drift.contract import DriftTest
from textdrift.drift.quality.late import Late, Times
from textdrift.errors import SettingsError
from textdrift.stats.largest_values import beyond_the_largest

LEVEL = 0.05 / 80
DAY = 86_400.0


def stream(n: int, rng: np.random.Generator, days: float = 10.0) -> np.ndarray:
    """Times with nights and bursts, whole seconds."""
    places = rng.uniform(0, days * DAY, 4 * n)
    hour = places % DAY / 3600
    kept = places[rng.random(4 * n) < np.where((hour > 1) & (hour < 6), 0.05, 1.0)]
    bursts = np.repeat(rng.choice(kept, n // 20), 5) + rng.exponential(60, 5 * (n // 20))
    return np.sort(np.floor(rng.choice(np.r_[kept, bursts], n, replace=False)))


def compared(reference, current, nulls=(0, 0)):
    sides = (Times(np.sort(np.asarray(t, dtype=float)), k) for t, k in zip((reference, current), nulls, strict=True))
    return Late(level=LEVEL).compare(*sides, rng=np.random.default_rng(0))


@pytest.fixture
def times():
    rng = np.random.default_rng(3)
    every = stream(4000, rng)
    return every[:2000], every[2000:]


def test_identical_and_consecutive_windows_say_nothing(times):
    reference, current = times
    assert isinstance(Late(), DriftTest)
    assert compared(reference, reference).p_value == 1.0
    assert compared(reference, current).p_value > 0.05


def test_windows_drawn_from_one_stream_are_no_late_load(times):
    every, rng = np.concatenate(times), np.random.default_rng(0)
    shuffled = rng.permutation(every)
    result = compared(shuffled[:2000], shuffled[2000:])
    assert result.p_value > 0.05
    assert result.table("causes") == ()


def test_windows_that_slide_are_no_late_load(times):
    every = np.concatenate(times)
    assert compared(every[:2000], every[1400:3400]).p_value > 0.05


def test_rows_of_the_past_are_told_with_their_share(times):
    reference, current = times
    result = compared(reference, np.r_[current[:1800], reference[:1900:10]])
    (cause,) = result.table("causes")
    assert result.p_value <= LEVEL
    assert result.effects[0].value == pytest.approx(190 / 1990)
    assert (
        cause["sentence"] == "9.5 % of the rows are older than the end of the reference, and the others begin after it."
    )


def test_an_outage_is_told_with_its_length():
    every = stream(4000, np.random.default_rng(3), days=20.0)
    reference, current = every[:2000], every[2000:]
    start = current[300]
    result = compared(reference, current[(current < start) | (current > start + 3 * DAY)])
    assert result.p_value <= LEVEL
    assert result.table("causes")[0]["sentence"].startswith("No row came for 3 days")
    assert result.effects[0].value == pytest.approx(0.3, abs=0.03)


def test_a_reference_that_saw_no_night_calls_the_first_one_no_outage():
    rng = np.random.default_rng(16)
    hours = np.concatenate([day * DAY + 3600 * (9 + 8 * np.sort(rng.random(300))) for day in (0, 1, 2, 3, 4, 7, 8)])
    for n in (150, 300, 600, 1200):
        assert compared(hours[:n], hours[n : n + 600]).p_value > 0.05


def test_a_day_that_is_cut_in_two_is_no_late_load():
    days = np.repeat(np.arange(40), 50) * DAY
    for n in (475, 1000, 1020):
        assert compared(days[:n], days[n:]).p_value > 0.05


def test_rows_of_the_future_are_told_apart_from_an_outage(times):
    reference, current = times
    late = current.copy()
    late[::50] += 3650 * DAY
    result = compared(reference, late)
    assert result.table("causes")[0]["sentence"] == "2.0 % of the rows lie 3645 days after all others."
    assert result.effects[0].value == pytest.approx(0.02)


def test_one_stamp_for_many_rows_is_told(times):
    reference, current = times
    stamped = current.copy()
    stamped[np.random.default_rng(0).choice(2000, 400, replace=False)] = current[700]
    result = compared(reference, stamped)
    assert result.p_value <= LEVEL
    assert result.table("causes")[0]["sentence"].endswith("of the rows have one and the same time.")
    assert result.effects[0].value == pytest.approx(0.2, abs=0.01)


def test_dates_without_a_time_of_day_are_no_stamps(times):
    reference, current = (np.floor(t / DAY) * DAY for t in times)
    assert compared(reference, current[current < current[0] + DAY]).p_value > 0.05


def test_null_times_are_told_and_fewer_of_them_are_not(times):
    reference, current = times
    result = compared(reference, current[100:], nulls=(2, 100))
    assert result.p_value <= LEVEL
    assert result.table("causes")[0]["sentence"] == "Rows without a time rose from 0.1 % to 5.0 %."
    assert compared(reference, current, nulls=(100, 2)).p_value > 0.05


def test_of_two_faults_the_one_that_touches_more_rows_decides(times):
    reference, current = times
    result = compared(reference, np.r_[current[300:], reference[:3]], nulls=(0, 300))
    assert [row["share_of_rows"] for row in result.table("causes")] == sorted(
        (row["share_of_rows"] for row in result.table("causes")), reverse=True
    )
    assert result.effects[0].value == pytest.approx(300 / 2003, abs=1e-9)


@pytest.mark.parametrize("sizes", [(0, 0), (0, 3), (3, 0), (1, 1), (40, 40)])
def test_a_window_of_few_or_no_times_says_nothing(sizes):
    reference, current = (np.arange(size, dtype=float) for size in sizes)
    assert compared(reference, current).p_value == 1.0


def test_a_level_that_is_no_probability_is_refused():
    with pytest.raises(SettingsError, match="level=0"):
        Late(level=0)


def test_the_law_of_two_largest_values_is_that_of_simulated_pareto_tails():
    rng = np.random.default_rng(5)
    n, m, a, r = 400, 800, 2.0, 4.0
    ratios = (rng.pareto(a, (20_000, m // 8)).max(axis=1) + 1) / (rng.pareto(a, (20_000, n // 8)).max(axis=1) + 1)
    c = m / n
    assert np.mean(ratios > r) == pytest.approx(c / (c + r**a), abs=0.006)


@pytest.mark.parametrize("tail", ["exponential", "pareto", "lognormal"])
def test_the_largest_value_is_beyond_no_more_often_than_promised(tail):
    rng = np.random.default_rng(7)
    draw = {
        "exponential": lambda size: rng.exponential(size=size),
        "pareto": lambda size: 1 + rng.pareto(1.2, size),
        "lognormal": lambda size: rng.lognormal(0, 1.5, size),
    }[tail]
    p = np.array([beyond_the_largest(draw(300), draw(300)) for _ in range(1500)])
    assert np.mean(p <= 0.05) <= 0.06
    assert np.mean(p <= 0.005) <= 0.011


@pytest.mark.slow
def test_natural_streams_alarm_no_more_often_than_promised():
    n_pairs = 80 if os.environ.get("TEXTDRIFT_CALIBRATION") == "small" else 300
    rng = np.random.default_rng(11)
    p = []
    for _ in range(n_pairs):
        every = stream(1500, rng)
        sides = (every[:800], every[800:]) if rng.random() < 0.5 else np.split(rng.permutation(every), [800])
        p.append(compared(*sides).p_value)
    assert np.mean(np.array(p) <= 0.05) <= 0.05 + 2 * np.sqrt(0.05 * 0.95 / n_pairs)
