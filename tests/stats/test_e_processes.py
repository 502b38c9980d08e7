"""E-values of p-values, and the promise of the Shiryaev-Roberts detector: at most T / A alarms in T steps."""

import decimal

import numpy as np
import pytest
from scipy import integrate, stats

from textdrift.stats.e_processes import calibrated, power_bets, shiryaev_roberts, smoothed_p_value


@pytest.mark.parametrize("p", ["1e-300", "1e-12", "0.01", "0.3", "0.99", "0.9991", "0.99999", "0.9999999999"])
def test_the_e_value_is_the_formula_in_fifty_digits(p):
    with decimal.localcontext(decimal.Context(prec=50)):
        exact = decimal.Decimal(p)
        e = (1 - exact + exact * exact.ln()) / (exact * exact.ln() ** 2)
    assert float(calibrated(float(p))) == pytest.approx(float(e), rel=1e-7)


def test_at_the_ends_the_e_value_is_finite():
    assert calibrated(np.array([0.0, 1.0])).tolist()[1] == 0.5
    assert np.isfinite(calibrated(np.array([0.0, 5e-324, 1.0]))).all()


def test_the_mean_e_value_of_a_uniform_p_is_one():
    # In x = -ln p: the integral of e(p) dp is that of e e^-x dx; the rest of its tail beyond x = X is about 1 / X.
    below, _ = integrate.quad(lambda x: float(calibrated(np.exp(-x))) * np.exp(-x), 0.0, 500.0, limit=500)
    assert below == pytest.approx(1 - 1 / 500.0, abs=1e-6)


def test_the_e_value_falls_in_p():
    assert (np.diff(calibrated(np.linspace(1e-6, 1.0, 100_001))) < 0).all()


def bets(p_values):
    return np.array([power_bets(p) for p in p_values])


@pytest.mark.parametrize("e_values", [calibrated, bets])
@pytest.mark.parametrize("threshold", [3.0, 20.0, 100.0])
def test_the_detector_alarms_at_most_steps_over_threshold_times_with_its_restarts(threshold, e_values):
    rng, steps = np.random.default_rng(1), 400
    n_alarms = [shiryaev_roberts(e_values(rng.random(steps)), threshold)[1].sum() for _ in range(200)]
    error = np.std(n_alarms) / np.sqrt(len(n_alarms))
    assert np.mean(n_alarms) <= steps / threshold + 3 * error
    assert np.mean(n_alarms) >= 0.1 * steps / threshold  # the bound is not so loose that nothing can alarm


def test_the_bound_is_sharp_for_bets_that_reach_the_threshold_exactly():
    # All or nothing: M is 0 or jumps from 0 to exactly A = 4, and every fourth step alarms on average.
    rng = np.random.default_rng(2)
    _, alarms = shiryaev_roberts(4.0 * (rng.random(40_000) < 0.25), 4.0)
    assert alarms.mean() == pytest.approx(0.25, abs=0.01)


def test_bets_kept_apart_find_what_no_single_p_value_shows_sooner_than_bets_mixed_at_each_step():
    # One-sided normal p-values of a shift that a test at 0.05 finds in 16 of 100 windows.
    rng, threshold = np.random.default_rng(5), 365.0
    delays = []
    for _ in range(100):
        p = stats.norm.sf(rng.normal(0.65, 1.0, size=400))
        delays.append([shiryaev_roberts(e, threshold)[1].argmax() for e in (bets(p), calibrated(p))])
    apart, mixed = np.median(delays, axis=0)
    assert apart <= 0.8 * mixed


def test_the_mean_of_each_bet_on_a_uniform_p_is_one():
    p = (np.arange(1_000_000) + 0.5) / 1_000_000
    for k in range(1, 4):  # of the first the tail is too heavy for a grid
        assert np.mean([0.2 * (k + 1) * p ** (0.2 * (k + 1) - 1)]) == pytest.approx(1.0, abs=0.01)
        assert power_bets(0.37)[k] == pytest.approx(0.2 * (k + 1) * 0.37 ** (0.2 * (k + 1) - 1))


def test_small_p_values_in_a_row_alarm_within_days():
    _, alarms = shiryaev_roberts(calibrated(np.full(10, 0.01)), 365.0)
    assert int(alarms.argmax()) <= 4


def test_the_detector_is_the_sum_over_all_beginnings_of_the_product_since():
    e = np.random.default_rng(3).exponential(size=12)
    levels, _ = shiryaev_roberts(e, np.inf)
    assert levels[-1] == pytest.approx(sum(np.prod(e[s:]) for s in range(12)))


def test_a_smoothed_p_value_is_uniform_even_where_most_splits_tie():
    rng = np.random.default_rng(4)
    p = [smoothed_p_value(rng.integers(0, 3, size=20).astype(float), rng) for _ in range(4000)]
    assert stats.kstest(p, "uniform").pvalue > 0.001
    assert min(p) > 0.0
