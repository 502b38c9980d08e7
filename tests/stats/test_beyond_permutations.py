"""P-values that permutations cannot count, and critical values of skewed tails."""

import itertools

import numpy as np
import pytest
from scipy import stats

from textdrift.stats.beyond_permutations import below_the_floor, log_tail_of_sum, smallest_exact_p, tail_quantile


def test_a_bound_counts_only_where_no_split_came_up_to_the_observed_one():
    assert below_the_floor(1 / 100, 99, 1e-6) == 1e-6
    assert below_the_floor(1 / 100, 99, 0.5) == 1 / 100
    assert below_the_floor(2 / 100, 99, 1e-6) == 2 / 100
    assert below_the_floor(1 / 100, 99, 0.0) > 0.0


def test_the_floor_with_the_bound_keeps_the_level_at_every_level():
    rng = np.random.default_rng(0)
    p_values = []
    for _ in range(4000):
        permuted, bound = rng.integers(1, 21) / 20, rng.random()
        p_values.append(below_the_floor(permuted, 19, bound))
    for level in (0.01, 0.03, 0.05, 0.1, 0.5):
        assert np.mean(np.array(p_values) <= level) <= level + 3 * np.sqrt(level / 4000)


def test_the_smallest_exact_p_is_fishers_times_the_number_of_marks():
    p = smallest_exact_p(np.array([0, 30]), np.array([12, 60]), 100, 200)
    assert p == pytest.approx(2 * stats.fisher_exact([[0, 100], [12, 88]]).pvalue, rel=1e-6)


@pytest.mark.parametrize("n_last", [3, 6, 9])
def test_the_tail_of_a_sum_bounds_the_share_of_all_splits_closely(n_last):
    rng = np.random.default_rng(2)
    for shift in (0.0, 1.0, 3.0):
        values = rng.exponential(size=12) ** 2
        values[12 - n_last :] += shift
        splits = np.array([values[list(chosen)].sum() for chosen in itertools.combinations(range(12), n_last)])
        observed = values[12 - n_last :].sum()
        sign = 1.0 if observed >= splits.mean() else -1.0
        exact = np.mean(sign * splits >= sign * observed - 1e-9)
        bound = np.exp(log_tail_of_sum(values, n_last))
        assert exact * (1 - 1e-6) <= bound <= min(1.0, 6 * exact) + 1e-9


def test_the_tail_of_a_sum_of_marks_bounds_the_hypergeometric_one():
    marks = np.zeros(400)
    marks[[*range(5), *range(360, 400)]] = 1.0  # 5 of 200 rows, then 40 of 200
    exact = stats.hypergeom.sf(39, 400, 45, 200)
    assert exact <= np.exp(log_tail_of_sum(marks, 200)) <= 30 * exact


def test_the_tail_of_a_sum_far_out_is_near_the_normal_one():
    rng = np.random.default_rng(3)
    values = rng.normal(size=1000)
    values[500:] += 0.5
    z = np.diff([half.mean() for half in np.split(values, 2)])[0] / (values.std(ddof=1) * np.sqrt(2 / 500))
    assert log_tail_of_sum(values, 500) == pytest.approx(-(z**2) / 2, rel=0.1)
    assert log_tail_of_sum(-values, 500) == pytest.approx(log_tail_of_sum(values, 500), rel=1e-3)


def test_values_that_are_all_equal_say_nothing():
    assert log_tail_of_sum(np.ones(10), 5) == 0.0
    assert log_tail_of_sum(np.arange(10.0), 10) == 0.0


@pytest.mark.parametrize("level", [0.05, 0.001, 1e-5])
def test_the_tail_of_kolmogorovs_law_is_not_cut_short(level):
    rng = np.random.default_rng(1)
    draws = stats.kstwobign.rvs(size=2000, random_state=rng)
    exact = stats.kstwobign.isf(level)
    assert 0.95 * exact <= tail_quantile(draws, level) <= 1.35 * exact
