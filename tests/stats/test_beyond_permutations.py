"""P-values that permutations cannot count, and critical values of skewed tails."""

import numpy as np
import pytest
from scipy import stats

from textdrift.stats.beyond_permutations import below_the_floor, smallest_exact_p, tail_quantile


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


@pytest.mark.parametrize("level", [0.05, 0.001, 1e-5])
def test_the_tail_of_kolmogorovs_law_is_not_cut_short(level):
    rng = np.random.default_rng(1)
    draws = stats.kstwobign.rvs(size=2000, random_state=rng)
    exact = stats.kstwobign.isf(level)
    assert 0.95 * exact <= tail_quantile(draws, level) <= 1.35 * exact
