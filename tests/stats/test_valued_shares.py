"""Means of a value that comes in a few kinds: published intervals, exact misses, and width where none is seen."""

import numpy as np
import pytest
from scipy import stats

from textdrift.stats.contingency import share_difference_interval
from textdrift.stats.valued_shares import difference_interval, mean_interval


@pytest.mark.parametrize(
    ("seen", "n", "low", "high"),
    [(81, 263, 0.2527, 0.3676), (15, 148, 0.0578, 0.1617), (0, 20, 0.0, 0.1684), (1, 29, 0.0009, 0.1776)],
)
def test_one_value_has_clopper_and_pearsons_interval_as_newcombe_published_it(seen, n, low, high):
    found = mean_interval([4.0], [seen], n)
    assert (found.mean, found.low, found.high) == pytest.approx((4 * seen / n, 4 * low, 4 * high), abs=4 * 6e-5)


def test_counts_of_many_values_in_a_large_total_have_fay_and_feuers_interval():
    values, counts, n = np.array([100.0, 20.0, 7.0, 1.0, 300.0]), np.array([2, 5, 1, 30, 0]), 1e9
    total, squares, most = values @ counts, values**2 @ counts, values.max()
    low = squares / (2 * total) * stats.chi2.ppf(0.025, 2 * total**2 / squares)
    more, squared = total + most, squares + most**2
    high = squared / (2 * more) * stats.chi2.ppf(0.975, 2 * more**2 / squared)
    found = mean_interval(values, counts, n)
    assert (found.low * n, found.high * n) == pytest.approx((low, high), rel=1e-5)


def missed(share, n, m):
    """Return how often the interval of a change of 0 lies wholly under and above it, over all pairs of counts."""
    counts = [np.arange(stats.binom.ppf(1e-7, size, share), stats.binom.isf(1e-7, size, share) + 1) for size in (n, m)]
    chance = [stats.binom.pmf(seen, size, share) for seen, size in zip(counts, (n, m), strict=True)]
    means = [[mean_interval([100.0], [k], size) for k in seen] for seen, size in zip(counts, (n, m), strict=True)]
    under = above = 0.0
    for before, p in zip(means[0], chance[0], strict=True):
        for after, q in zip(means[1], chance[1], strict=True):
            change = difference_interval(before, after)
            under += p * q * (change.high < 0)
            above += p * q * (change.low > 0)
    return under, above


@pytest.mark.parametrize(("n", "m"), [(200, 4000), (4000, 200), (300, 3000), (150, 150)])
@pytest.mark.parametrize("share", [0.002, 0.005, 0.01, 0.02])
def test_neither_end_of_the_change_of_a_rare_value_is_missed_too_often(share, n, m):
    assert max(missed(share, n, m)) <= 0.025


@pytest.mark.parametrize("share", [0.05, 0.2, 0.5, 0.8])
def test_a_common_value_has_an_interval_little_wider_than_newcombes(share):
    k, m = round(300 * share), round(280 * share)
    change = difference_interval(mean_interval([1.0], [k], 300), mean_interval([1.0], [m], 280))
    low, high = share_difference_interval(k, 300, m, 280)
    assert high - low <= change.high - change.low <= 1.045 * (high - low)


@pytest.mark.parametrize("share", [0.002, 0.01])
def test_many_rare_values_are_bounded_as_one_would_be(share):
    alike, equal = [mean_interval(v, [300 * share] * 4, 300) for v in ([1.0, 1.01, 1.02, 1.03], [1.015] * 4)]
    assert (alike.low, alike.high) == pytest.approx((equal.low, equal.high), rel=0.01)


def test_a_gain_is_the_mirror_of_a_cost():
    cost, gain = mean_interval([3.0, 1.0], [4, 9], 80), mean_interval([-3.0, -1.0], [4, 9], 80)
    assert (gain.mean, gain.low, gain.high) == pytest.approx((-cost.mean, -cost.high, -cost.low))


def test_kinds_of_one_value_are_one_kind():
    twice, once = mean_interval([2.0, 2.0], [3, 4], 60), mean_interval([2.0], [7], 60)
    assert (twice.mean, twice.low, twice.high) == pytest.approx((once.mean, once.low, once.high))


def test_what_was_never_seen_keeps_a_width():
    found = mean_interval([100.0, 0.0], [0, 12], 300)
    assert (found.mean, found.low) == (0.0, 0.0)
    assert found.high == pytest.approx(100 * (1 - 0.025 ** (1 / 300)))


def test_many_documents_of_common_kinds_have_the_normal_interval():
    values, counts, n = np.array([5.0, 1.0, -2.0]), np.array([10_000, 30_000, 40_000]), 100_000
    found = mean_interval(values, counts, n)
    spread = np.sqrt((values**2 @ counts / n - (values @ counts / n) ** 2) / n)
    assert found.high - found.mean == pytest.approx(1.96 * spread, rel=0.01)
    assert found.mean - found.low == pytest.approx(1.96 * spread, rel=0.01)


def test_a_value_that_all_have_is_certain_up_to_what_was_not_seen():
    found = mean_interval([2.0], [40], 40)
    assert found.high == found.mean == 2.0
    assert found.low < 1.9


def test_what_has_no_value_has_no_interval():
    assert mean_interval([0.0], [3], 5) == mean_interval([], [], 5)
    assert mean_interval([], [], 5).high == 0.0
