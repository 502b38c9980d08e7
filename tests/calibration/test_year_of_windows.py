"""The promise over a year: false alarms of nightly tests and of the slow-drift detector, and days until drift is found.

The same on real texts, with embeddings: tests/benchmarks/year_of_windows.py.
"""

import os

import numpy as np
import pytest
from scipy import stats

from textdrift.drift.lexical.token_frequency import TokenFrequency
from textdrift.drift.slow_drift import SlowDriftState, step_slow_drift
from textdrift.drift.slow_drift_profile import slow_drift_profile
from textdrift.findings.budget import alpha_per_window, slow_drift_threshold
from textdrift.tokens.aligning import aligned, in_equal_bins
from textdrift.windows.simulating import Dose, sample_pair

SMALL = os.environ.get("TEXTDRIFT_CALIBRATION", "small") == "small"
YEARS, N_BINS = (6, 256) if SMALL else (40, 512)
WINDOWS, PROMISED = 52, 6.0  # a window a week
EARNED = tuple(np.linspace(0.1, 1.0, 8))  # a first stretch that lies behind
ALPHA = alpha_per_window(PROMISED, WINDOWS, slow_drift=True)
THRESHOLD = slow_drift_threshold(PROMISED, WINDOWS)


@pytest.fixture(scope="module")
def texts():
    pair = sample_pair(6000, 6000, dose=Dose(topic=0.8), seed=1)
    return [np.array(table["text"].to_pylist(), dtype=object) for table in (pair.reference, pair.current)]


def drawn(rng, texts, share, name, n=None):
    """Return the profile of some 200 to 300 texts, a share of them from the other set."""
    n = n or int(rng.integers(200, 301))
    other = rng.random(n) < share
    chosen = np.where(other, rng.choice(texts[1], size=n), rng.choice(texts[0], size=n))
    # Each draw is a document of its own, as the law has it, though two may be of one text.
    return slow_drift_profile(
        chosen.tolist(), window=name, groups=rng.integers(0, 2**62, size=n).tolist(), n_bins=N_BINS
    )


def nightly_p_value(rng, reference, current, n_permutations):
    counts = in_equal_bins(*aligned(reference.counts, current.counts))
    return TokenFrequency(n_permutations=n_permutations).compare(*counts, rng=rng).p_value


def year(rng, texts):
    """Return the p-values against a fixed reference, and how often the slow detector alarmed."""
    reference = drawn(rng, texts, 0.0, "reference", n=1000)
    state, pool, p_values = SlowDriftState(first_p_values=EARNED), None, []
    for number in range(WINDOWS):
        current = drawn(rng, texts, 0.0, f"window {number}")
        p_values.append(nightly_p_value(rng, reference, current, 199))
        step = step_slow_drift(
            state, pool, current, threshold=THRESHOLD, rng=rng, n_permutations=199, first_stretch=len(EARNED)
        )
        state, pool = step.state, step.pool
    return np.array(p_values), len(state.alarms)


def days_until_found(rng, texts, *, quiet=40, drifted=50):
    """Return the days from the drift to the first alarm of detector and nights, at two alarms a year."""
    reference = drawn(rng, texts, 0.0, "reference", n=1000)
    alpha, threshold = alpha_per_window(2, 365, slow_drift=True), slow_drift_threshold(2, 365)
    state, pool, slow, nightly = SlowDriftState(first_p_values=EARNED), None, np.inf, np.inf
    for day in range(1 - quiet, drifted + 1):
        current = drawn(rng, texts, 0.15 if day > 0 else 0.0, f"day {day}")
        step = step_slow_drift(
            state, pool, current, threshold=threshold, rng=rng, n_permutations=499, first_stretch=len(EARNED)
        )
        state, pool = step.state, step.pool
        if day > 0 and step.alarm:
            slow = min(slow, day)
        if day > 0 and nightly == np.inf and nightly_p_value(rng, reference, current, 999) <= alpha:
            nightly = day
        if max(slow, nightly) < np.inf:
            break
    return slow, nightly


@pytest.mark.slow
def test_a_year_without_drift_keeps_its_promise(texts):
    rng = np.random.default_rng(2)
    years = [year(rng, texts) for _ in range(YEARS)]
    for alarms in ([int((p <= ALPHA).sum()) for p, _ in years], [n for _, n in years]):
        assert np.mean(alarms) <= PROMISED / 2 + 2 * max(np.std(alarms), 1.0) / np.sqrt(YEARS)


@pytest.mark.slow
def test_what_single_nights_hardly_show_is_found_within_weeks_and_sooner_than_by_nights(texts):
    rng = np.random.default_rng(3)
    slow, nightly = np.array([days_until_found(rng, texts) for _ in range(YEARS)]).T
    assert np.mean(slow <= 35) >= 0.6
    assert np.median(slow) <= np.median(nightly)


@pytest.mark.slow
def test_p_values_of_the_slow_detector_are_uniform_and_know_nothing_of_the_last_one(texts):
    rng = np.random.default_rng(4)
    p = []
    for _ in range(YEARS):
        state, pool = SlowDriftState(), None
        for number in range(31):
            step = step_slow_drift(
                state, pool, drawn(rng, texts, 0.0, f"{number}"), threshold=1e9, rng=rng, n_permutations=99,
                first_stretch=100,
            )  # fmt: skip
            state, pool = step.state, step.pool
        p.append(state.first_p_values)
    p = np.array(p)
    assert stats.kstest(p.ravel(), "uniform").pvalue > 0.005
    assert abs(np.corrcoef(p[:, :-1].ravel(), p[:, 1:].ravel())[0, 1]) <= 3 / np.sqrt(p[:, 1:].size)
