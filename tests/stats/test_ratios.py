from __future__ import annotations

import math

import numpy as np
import pytest

from textdrift.stats.contingency import share_difference_interval
from textdrift.stats.ratios import ratio_change


def rows(n: int, share: float, rng: np.random.Generator, *, clumped: float = 10.0) -> tuple[np.ndarray, np.ndarray]:
    """Rows of uneven length whose things are marked together: a share of its own for each row, beta-distributed."""
    total = rng.geometric(1 / 15, n)
    chance = rng.beta(share * clumped, (1 - share) * clumped, n) if share else np.zeros(n)
    return rng.binomial(total, chance), total


def test_one_thing_a_row_is_a_share_of_rows() -> None:
    marked = np.r_[np.ones(48), np.zeros(32)], np.r_[np.ones(56), np.zeros(14)]
    change = ratio_change(marked[0], np.ones(80), marked[1], np.ones(70), level=0.05)
    low, high = share_difference_interval(48, 80, 56, 70)
    assert change.value == pytest.approx(0.2)
    # n / (n − 1) of the variance, and no more, sets them apart.
    assert (change.low, change.high) == pytest.approx((low, high), abs=0.002)


def test_the_variance_is_that_of_the_ratio_estimator() -> None:
    # Far from 0 and 1 the interval is the estimate and 1.96 standard errors.
    rng = np.random.default_rng(0)
    (b, t), (c, u) = rows(4000, 0.5, rng), rows(4000, 0.5, rng)
    change = ratio_change(b, t, c, u, level=0.05)
    shares = [b.sum() / t.sum(), c.sum() / u.sum()]
    variance = sum(
        (n := len(total)) / (n - 1) * ((marked - share * total) ** 2).sum() / total.sum() ** 2
        for marked, total, share in ((b, t, shares[0]), (c, u, shares[1]))
    )
    assert change.high - change.low == pytest.approx(2 * 1.96 * math.sqrt(variance), rel=0.01)
    resampled = [
        b[at].sum() / t[at].sum() - c[other].sum() / u[other].sum()
        for at, other in (rng.integers(0, 4000, (2, 4000)) for _ in range(400))
    ]
    assert np.std(resampled) == pytest.approx(math.sqrt(variance), rel=0.15)


@pytest.mark.parametrize(("before", "after"), [(0.02, 0.02), (0.02, 0.08), (0.3, 0.1), (0.004, 0.03)])
def test_intervals_hold_the_true_change_19_times_in_20(before: float, after: float) -> None:
    rng = np.random.default_rng(1)
    held = 0
    for _ in range(600):
        change = ratio_change(*rows(300, before, rng), *rows(150, after, rng), level=0.05)
        held += change.low <= after - before <= change.high
    assert 0.92 <= held / 600 <= 0.985


def test_bins_of_rows_give_about_the_same_interval() -> None:
    rng = np.random.default_rng(2)
    sides = [rows(6000, share, rng) for share in (0.03, 0.05)]
    single = ratio_change(*sides[0], *sides[1], level=0.05)
    binned = [[part.reshape(300, 20).sum(axis=1) for part in side] for side in sides]
    coarse = ratio_change(*binned[0], *binned[1], level=0.05)
    assert coarse.value == pytest.approx(single.value)
    assert coarse.high - coarse.low == pytest.approx(single.high - single.low, rel=0.15)
    assert coarse.detectable == pytest.approx(single.detectable, rel=0.15)


def test_a_window_without_a_mark_is_not_taken_for_certain() -> None:
    rng = np.random.default_rng(3)
    none, some = (np.zeros(200), np.full(200, 12)), rows(200, 0.05, rng)
    change = ratio_change(*none, *some, level=0.05)
    assert 0 < change.low < change.value < change.high
    neither = ratio_change(*none, *none, level=0.05)
    # No row of 200: the rule of three, on both sides.
    assert neither.low == -neither.high
    assert 0.01 < neither.high < 0.03
    assert 0.01 < neither.detectable < 0.06


def test_the_detectable_change_is_detected_four_times_in_five() -> None:
    rng = np.random.default_rng(4)
    sizes = [ratio_change(*rows(300, 0.03, rng), *rows(300, 0.03, rng), level=0.05).detectable for _ in range(30)]
    detectable = float(np.mean(sizes))
    found = 0
    for _ in range(300):
        change = ratio_change(*rows(300, 0.03, rng), *rows(300, 0.03 + detectable, rng), level=0.05)
        found += not change.low <= 0 <= change.high
    assert 0.68 < found / 300 < 0.92


@pytest.mark.parametrize("sides", [([1], [4], [0, 1], [2, 2]), ([0, 0], [0, 0], [1, 0], [2, 2]), ([], [], [], [])])
def test_too_few_rows_or_things_tell_nothing(sides) -> None:
    change = ratio_change(*sides, level=0.05)
    assert (change.low, change.high, change.detectable) == (-1.0, 1.0, math.inf)


def test_rows_that_are_all_alike_are_no_division_by_zero() -> None:
    change = ratio_change([1, 1, 1], [4, 4, 4], [2, 2], [4, 4], level=0.05)
    assert change.value == 0.25
    assert change.low <= 0.25 <= change.high
