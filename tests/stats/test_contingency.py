"""The tails are right to the last digits, the interval is Newcombe's, and what is promised to show does show."""

from __future__ import annotations

from fractions import Fraction
from math import comb

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from textdrift.stats.contingency import (
    detectable_share_difference,
    hypergeometric_at_least,
    hypergeometric_at_most,
    hypergeometric_exact_p,
    hypergeometric_mid_p,
    share_difference_interval,
)


def pmf(k: int, n_marked: int, n: int, N: int) -> Fraction:
    return Fraction(comb(n_marked, k) * comb(N - n_marked, n - k), comb(N, n))


def support(n_marked: int, n: int, N: int) -> range:
    return range(max(0, n_marked - (N - n)), min(n, n_marked) + 1)


@st.composite
def tables(draw):
    N = draw(st.integers(1, 80))
    n, n_marked = draw(st.integers(0, N)), draw(st.integers(0, N))
    possible = support(n_marked, n, N)
    return draw(st.integers(possible[0], possible[-1])), n_marked, n, N


@given(tables())
def test_tails_equal_sums_of_exact_fractions(table):
    k, n_marked, n, N = table
    below = sum((pmf(j, n_marked, n, N) for j in support(n_marked, n, N) if j < k), Fraction(0))
    here = pmf(k, n_marked, n, N)
    above = 1 - below - here
    smaller = min(below, above)
    assert float(hypergeometric_at_most(*table)) == pytest.approx(float(below + here), rel=1e-10)
    assert float(hypergeometric_at_least(*table)) == pytest.approx(float(above + here), rel=1e-10)
    assert float(hypergeometric_mid_p(*table)) == pytest.approx(min(1.0, float(2 * smaller + here)), rel=1e-10)
    assert float(hypergeometric_exact_p(*table)) == pytest.approx(min(1.0, float(2 * (smaller + here))), rel=1e-10)


@pytest.mark.parametrize(
    ("k", "n_marked", "n", "N"), [(0, 700, 500, 1000), (480, 500, 500, 1000), (200, 1000, 900, 2000)]
)
def test_a_tail_of_1e_minus_100_and_less_keeps_its_digits(k, n_marked, n, N):
    possible = support(n_marked, n, N)
    exact = {
        hypergeometric_at_most: float(sum(pmf(j, n_marked, n, N) for j in possible if j <= k)),
        hypergeometric_at_least: float(sum(pmf(j, n_marked, n, N) for j in possible if j >= k)),
    }
    small = min(exact.values())
    assert 1e-307 < small < 1e-100 or k == 0
    for tail, value in exact.items():
        if value > 1e-300:
            assert float(tail(k, n_marked, n, N)) == pytest.approx(value, rel=1e-9)


def test_a_p_value_under_the_smallest_double_is_not_zero():
    assert 0.0 < float(hypergeometric_mid_p(0, 5000, 5000, 10000)) < 1e-300


def test_many_words_at_once_agree_with_scipy():
    rng = np.random.default_rng(0)
    n, N = 1200, 2100
    n_marked = rng.integers(0, N, size=3000)
    k = rng.hypergeometric(n_marked, N - n_marked, n)
    expected = stats.hypergeom.cdf(k, N, n_marked, n)
    np.testing.assert_allclose(hypergeometric_at_most(k, n_marked, n, N), expected, rtol=1e-8)


def test_large_windows_agree_with_the_normal_law():
    n, N, n_marked = 400_000, 1_000_000, 100_000
    deviation = np.sqrt(n * 0.1 * 0.9 * (N - n) / (N - 1))
    k = np.round(40_000 + np.array([-3.0, -1.0, 1.0, 3.0]) * deviation)
    lower = hypergeometric_at_most(k, n_marked, n, N)
    np.testing.assert_allclose(lower, stats.norm.cdf((k + 0.5 - 40_000) / deviation), rtol=0.02)


def test_the_one_sided_tail_is_fishers():
    expected = stats.fisher_exact([[12, 88], [4, 96]], alternative="greater").pvalue
    assert float(hypergeometric_at_least(12, 16, 100, 200)) == pytest.approx(expected, rel=1e-10)


@pytest.mark.parametrize("n_marked", [4, 40, 300])
def test_the_exact_test_never_exceeds_its_level(n_marked):
    n, N = 200, 600
    k = np.array(support(n_marked, n, N))
    weight = stats.hypergeom.pmf(k, N, n_marked, n)
    for level in (0.001, 0.01, 0.05, 0.2):
        assert weight[hypergeometric_exact_p(k, n_marked, n, N) <= level].sum() <= level + 1e-12


def test_swapping_the_windows_changes_no_two_sided_p_value():
    k = np.arange(0, 31)
    np.testing.assert_allclose(
        hypergeometric_mid_p(k, 30, 400, 1000), hypergeometric_mid_p(30 - k, 30, 600, 1000), rtol=1e-9
    )


def test_the_interval_is_newcombes_published_one():
    # Newcombe (1998), table II, method 10: 56/70 against 48/80.
    assert share_difference_interval(48, 80, 56, 70) == pytest.approx((0.0524, 0.3339), abs=5e-5)
    # ... and 10/10 against 0/20.
    assert share_difference_interval(0, 20, 10, 10) == pytest.approx((0.6791, 1.0), abs=5e-5)


def test_the_interval_covers_the_truth_about_as_often_as_it_says():
    rng = np.random.default_rng(1)
    k1, k2 = rng.binomial(300, 0.05, 1500), rng.binomial(200, 0.12, 1500)
    covered = [
        low <= 0.07 <= high
        for low, high in (share_difference_interval(int(a), 300, int(b), 200) for a, b in zip(k1, k2, strict=True))
    ]
    assert 0.93 <= np.mean(covered) <= 0.98


def test_a_window_of_no_rows_says_nothing():
    assert share_difference_interval(0, 0, 3, 10) == (-1.0, 1.0)
    assert detectable_share_difference(0.1, 0, 10, 0.05) == float("inf")


@pytest.mark.parametrize(("p0", "direction"), [(0.0, "up"), (0.05, "up"), (0.3, "up"), (0.3, "down"), (0.98, "down")])
@pytest.mark.parametrize(("n", "m"), [(1000, 1000), (2000, 250)])
def test_the_detectable_difference_shows_with_its_power(p0, direction, n, m):
    rng = np.random.default_rng(2)
    level = 0.05 / 42
    difference = detectable_share_difference(p0, n, m, level, direction=direction)
    p1 = p0 + (difference if direction == "up" else -difference)
    k1, k2 = rng.binomial(n, p0, 2000), rng.binomial(m, p1, 2000)
    power = np.mean(hypergeometric_exact_p(k1, k1 + k2, n, n + m) <= level)
    even = n == m and 0.05 <= p0 <= 0.95
    assert (0.76 if even else 0.70) <= power <= (0.84 if even else 1.0)


def test_a_larger_window_detects_less():
    reach = [detectable_share_difference(0.1, n, n, 0.05) for n in (100, 1000, 10_000)]
    assert reach == sorted(reach, reverse=True)


def test_no_share_can_fall_below_zero():
    assert detectable_share_difference(0.0, 1000, 1000, 0.05, direction="down") == float("inf")
