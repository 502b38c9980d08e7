"""A pattern of weekdays that no single night shows is seen over four weeks; what is no such pattern is not."""

import datetime as dt
import os

import numpy as np
import pytest
from scipy import stats

from textdrift.drift.slow_drift_profile import slow_drift_profile
from textdrift.drift.weekday_pattern import WindowTrace, trace_of, weekday_p_value

MONDAY = dt.date(2026, 3, 2)
WORDS = [f"{a}{b}{c}" for a in "bdfgklmnprst" for b in "aeiou" for c in "dlmnrst"]
STREAMS = 60 if os.environ.get("TEXTDRIFT_CALIBRATION", "small") == "small" else 400


def traces(rng, *, weekend=0.0, trend=0.0, midweek=0.0, n_days=28, n_features=12):
    """Return windows of 200 to 400 documents; on some days the mean of one feature lies aside."""
    made = []
    for i in range(n_days):
        day, n = MONDAY + dt.timedelta(days=i), int(rng.integers(200, 401))
        sums = rng.normal(size=n_features) * np.sqrt(n)
        sums[2] += n * (weekend * (day.weekday() >= 5) + midweek * (day.weekday() == 2) + trend * i)
        made.append(WindowTrace(window=day.isoformat(), n=n, meaning=tuple(sums.tolist())))
    return made


def p_values(rng, n_streams, **pattern):
    return np.array([weekday_p_value(traces(rng, **pattern), rng) for _ in range(n_streams)])


def test_weekends_that_no_single_night_shows_are_seen_over_four_weeks():
    # A weekend night lies 2.6 standard errors aside in one of twelve features.
    assert np.mean(p_values(np.random.default_rng(1), 20, weekend=0.15) <= 0.025) >= 0.85


def test_a_single_weekday_that_differs_is_seen_too():
    assert np.mean(p_values(np.random.default_rng(2), 20, midweek=0.25) <= 0.025) >= 0.6


def test_a_trend_over_the_weeks_is_no_pattern_of_weekdays():
    # Over four weeks it moves 4.6 standard errors of a night, and within a week by one.
    assert np.mean(p_values(np.random.default_rng(3), 40, trend=0.01) <= 0.05) <= 0.15


@pytest.mark.slow
def test_without_a_pattern_p_values_are_uniform():
    p = p_values(np.random.default_rng(4), STREAMS)
    assert stats.kstest(p, "uniform").pvalue > 0.005
    assert np.mean(p <= 0.05) <= 0.05 + 3 * np.sqrt(0.05 * 0.95 / STREAMS)


def test_a_weekend_of_other_words_is_seen():
    rng = np.random.default_rng(5)
    made = []
    for i in range(28):
        day = MONDAY + dt.timedelta(days=i)
        texts = [" ".join(row) for row in rng.choice(WORDS, size=(120, 6))]
        if day.weekday() >= 5:
            texts[:12] = [f"{text} brunch" for text in texts[:12]]
        made.append(trace_of(slow_drift_profile(texts, window=day.isoformat(), n_bins=64)))
    assert weekday_p_value(made, rng) <= 0.01


def test_a_trace_is_the_sum_of_those_of_its_parts():
    halves = [slow_drift_profile(texts, window="w", n_bins=64) for texts in (["late again", "lost"], ["late, sorry"])]
    whole = trace_of(slow_drift_profile(["late again", "lost", "late, sorry"], window="w", n_bins=64))
    assert np.array_equal(np.sum([trace_of(half).words for half in halves], axis=0), whole.words)
    assert whole.n == 3


@pytest.mark.parametrize(
    "names",
    [
        [f"w{i}" for i in range(28)],
        ["2026-03-02"] * 28,
        [(MONDAY + dt.timedelta(weeks=i)).isoformat() for i in range(28)],
        [(MONDAY + dt.timedelta(days=i)).isoformat() for i in range(8)],
    ],
    ids=["no dates", "one day", "weekly", "too few"],
)
def test_where_windows_are_no_days_nothing_is_said(names):
    rng = np.random.default_rng(6)
    made = [WindowTrace(window=name, n=100, meaning=tuple(rng.normal(size=3).tolist())) for name in names]
    assert weekday_p_value(made, rng) is None


def test_nights_that_are_missing_and_features_that_never_vary_do_no_harm():
    rng = np.random.default_rng(7)
    made = [trace for i, trace in enumerate(traces(rng, weekend=0.3)) if i not in {4, 12, 13}]
    made = [WindowTrace(window=one.window, n=one.n, meaning=(0.0, *one.meaning)) for one in made]
    assert weekday_p_value(made, rng) <= 0.01
