"""Unseen values: exact laws against simulated splits and against counting."""

from math import comb

import numpy as np
import pytest
from scipy.stats import hypergeom

from textdrift.stats.contingency import wilson_intervals
from textdrift.stats.unseen_values import (
    CategoryCounts,
    all_in_current,
    chance_of_unseen,
    detectable_move,
    detectable_unseen,
    excess_interval,
    excess_of_new,
    least_surprising,
)


def test_rows_all_in_the_current_window_are_counted_by_binomials():
    for held in range(8):
        assert all_in_current(held, 9, 6) == pytest.approx(comb(15 - held, 9) / comb(15, 9), rel=1e-9)


def test_the_law_of_values_beyond_the_largest_of_the_reference():
    rng = np.random.default_rng(0)
    beyond = [np.sum(x[30:] > x[:30].max()) for x in rng.normal(size=(4000, 50))]
    for r in (1, 2, 4):
        p = float(all_in_current(r, 30, 20))
        assert np.mean(np.array(beyond) >= r) == pytest.approx(p, abs=4 * np.sqrt(p / 4000))


def test_the_mean_of_unseen_rows_is_exact_and_their_spread_no_less_than_it_is():
    rng = np.random.default_rng(1)
    pooled = np.r_[np.ones(40, dtype=int), np.full(20, 2), np.full(6, 5)]
    n = 60
    m = int(pooled.sum()) - n
    drawn = rng.multivariate_hypergeometric(pooled, n, size=4000)
    unseen = ((drawn == 0) * pooled).sum(axis=1)
    mean, spread = CategoryCounts.of(pooled).moments(n, m)
    assert mean == pytest.approx(unseen.mean(), abs=4 * unseen.std() / 60)
    assert unseen.std() * 0.95 <= spread <= 1.6 * unseen.std()


def test_the_spread_of_names_with_one_row_each_is_that_of_their_number():
    assert CategoryCounts.of(np.ones(50, dtype=int)).moments(20, 30) == (30.0, 0.0), "all are, in any split"
    pooled = np.r_[np.ones(60, dtype=int), [200]]
    mean, spread = CategoryCounts.of(pooled).moments(100, 160)
    law = hypergeom(260, 60, 160)
    assert (mean, spread) == pytest.approx((law.mean(), law.std()), rel=1e-6)


def test_the_chance_of_an_unseen_name_is_right_on_average_and_so_is_its_error():
    rng, shares = np.random.default_rng(4), 1 / np.arange(1, 400)
    shares /= shares.sum()
    off, stated = [], []
    for _ in range(300):
        counts = rng.multinomial(300, shares)
        chance, error = chance_of_unseen(counts)
        off.append(chance - shares[counts == 0].sum())
        stated.append(error)
    assert np.mean(off) == pytest.approx(0.0, abs=3 * np.std(off) / np.sqrt(300) + 0.002)
    assert np.std(off) == pytest.approx(np.mean(stated), rel=0.15)


def test_without_names_of_one_row_the_interval_is_nearly_wilsons():
    low, high = (float(end) for end in wilson_intervals(0.2, 100))
    assert excess_interval(0.2, 100, 0.0, 0.0) == pytest.approx((low, high))
    share, lower, upper = excess_of_new(np.array([60, 40, 0]), np.array([50, 30, 20]))
    assert share == pytest.approx(0.2)
    assert low - 0.004 <= lower <= low
    assert high <= upper <= high + 0.004


def test_a_detectable_move_is_larger_where_names_are_rare_and_spread():
    plain, rare = np.array([500, 500]), np.array([300, *[2] * 200, *[1] * 300])
    assert detectable_move(plain, 9.0, 1000, 0.05) < detectable_move(rare, 9.0, 1000, 0.05)
    assert detectable_move(plain, 9.0, 1000, 0.05) < detectable_move(plain, 12.0, 1000, 0.05)
    assert detectable_move(plain, 700.0, 1000, 0.05) == float("inf")


def test_merging_single_rows_changes_no_count():
    rng = np.random.default_rng(2)
    pooled = np.array([1, 3, 1, 2, 1])
    for drawn in rng.multivariate_hypergeometric(pooled, 4, size=20):
        merged = np.append(drawn[pooled > 1], drawn[pooled == 1].sum())
        assert CategoryCounts.of(pooled).unseen_rows(merged[None])[0] == pooled[drawn == 0].sum()


def test_the_least_surprising_number_is_the_first_under_the_level():
    found = least_surprising(200, 100, 0.01)
    assert all_in_current(found, 200, 100) <= 0.01 < all_in_current(found - 1, 200, 100)
    assert least_surprising(2, 3, 0.01) is None


def test_a_detectable_share_brings_enough_rows_four_times_in_five():
    rng = np.random.default_rng(3)
    share = detectable_unseen(7, 500)
    assert np.mean(rng.binomial(500, share, size=8000) >= 7) == pytest.approx(0.8, abs=0.02)
    assert detectable_unseen(501, 500) == float("inf")
