"""Means of a value that comes in a few kinds: published intervals of one kind, and width where none is seen."""

import numpy as np
import pytest

from textdrift.stats.contingency import share_difference_interval, wilson_intervals
from textdrift.stats.valued_shares import difference_interval, mean_interval


def test_one_value_has_wilsons_interval_times_the_value():
    found = mean_interval([4.0], [7], 50)
    low, high = wilson_intervals(7 / 50, 50)
    assert (found.mean, found.low, found.high) == pytest.approx((4 * 7 / 50, 4 * float(low), 4 * float(high)))


@pytest.mark.parametrize(
    ("k1", "n", "k2", "m", "low", "high"),
    [(56, 70, 48, 80, -0.3339, -0.0524), (10, 10, 0, 20, -1.0, -0.6791), (0, 10, 0, 20, -0.2775, 0.1611)],
)
def test_one_value_has_newcombes_published_interval_of_a_difference(k1, n, k2, m, low, high):
    change = difference_interval(mean_interval([1.0], [k1], n), mean_interval([1.0], [k2], m))
    assert (change.low, change.high) == pytest.approx((low, high), abs=6e-5)
    assert (change.low, change.high) == pytest.approx(share_difference_interval(k1, n, k2, m))


def test_a_gain_is_the_mirror_of_a_cost():
    cost, gain = mean_interval([3.0, 1.0], [4, 9], 80), mean_interval([-3.0, -1.0], [4, 9], 80)
    assert (gain.mean, gain.low, gain.high) == pytest.approx((-cost.mean, -cost.high, -cost.low))


def test_kinds_of_one_value_are_one_kind():
    assert mean_interval([2.0, 2.0], [3, 4], 60) == mean_interval([2.0], [7], 60)


def test_what_was_never_seen_keeps_a_width():
    found = mean_interval([100.0, 0.0], [0, 12], 300)
    assert (found.mean, found.low) == (0.0, 0.0)
    assert found.high == pytest.approx(100 * 3.8415 / (300 + 3.8415), rel=1e-3)


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
