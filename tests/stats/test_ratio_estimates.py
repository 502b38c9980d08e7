import numpy as np
import pytest
from scipy import sparse

from textdrift.stats.contingency import share_difference_interval, wilson_intervals
from textdrift.stats.ratio_estimates import mean_interval, ratio_estimates, share_estimates, square_and_add
from textdrift.stats.ratios import ratio_change


def draw(rng, n=80, k=3):
    total = rng.integers(0, 4, (n, k)).astype(float)
    return np.floor(total * rng.random((n, k))), total


def test_values_and_variances_are_those_of_the_ratio_estimator_written_out():
    marked, total = draw(np.random.default_rng(0))
    ours = ratio_estimates(sparse.csr_matrix(marked), sparse.csr_matrix(total), 10**6)
    for c in range(3):
        units = [i for i in range(80) if total[i, c] > 0]
        p = sum(marked[i, c] for i in units) / sum(total[i, c] for i in units)
        residual = sum((marked[i, c] - p * total[i, c]) ** 2 for i in units)
        n = len(units)
        assert ours.values[c] == pytest.approx(p)
        assert ours.variances[c] == pytest.approx(residual * n / (n - 1) / total[:, c].sum() ** 2)
        assert ours.effective[c] == pytest.approx(p * (1 - p) * total[:, c].sum() ** 2 / residual)


def test_the_change_is_nearly_that_of_two_single_ratios():
    rng = np.random.default_rng(1)
    before, after = draw(rng, 200, 1), draw(rng, 150, 1)
    sides = []
    for marked, total in (before, after):
        estimates = ratio_estimates(sparse.csr_matrix(marked), sparse.csr_matrix(total), 10**6)
        low, high = estimates.intervals(confidence=0.95)
        sides.append((estimates.values[0], low[0], high[0]))
    single = ratio_change(*(part.ravel() for part in (*before, *after)), level=0.05)
    assert square_and_add(*sides) == pytest.approx((single.value, single.low, single.high), abs=0.001)


def test_a_share_of_whole_units_has_wilsons_interval():
    right = sparse.csr_matrix((np.arange(20) < 17).astype(float)[:, None])
    low, high = share_estimates(right, 20).intervals(confidence=0.95)
    assert (low[0], high[0]) == pytest.approx(tuple(float(end) for end in wilson_intervals(0.85, 20)))


def test_units_half_marked_say_no_more_than_their_rows():
    half = sparse.csr_matrix(np.full((20, 1), 0.5))
    assert share_estimates(half, 40).effective.tolist() == [40.0]


def test_nothing_to_be_marked_has_no_total():
    nothing = sparse.csr_matrix((5, 1))
    estimates = ratio_estimates(nothing, nothing, 0)
    assert estimates.totals.tolist() == estimates.effective.tolist() == [0.0]


def test_square_and_add_of_wilsons_intervals_is_newcombes():
    (low1, low2), (high1, high2) = wilson_intervals([48 / 80, 56 / 70], [80, 70])
    change = square_and_add((48 / 80, float(low1), float(high1)), (56 / 70, float(low2), float(high2)))
    assert change[1:] == pytest.approx(share_difference_interval(48, 80, 56, 70))


def test_the_interval_of_a_mean_of_many_losses_is_the_normal_one():
    losses = np.random.default_rng(2).gamma(2.0, 0.1, 5000)
    value, low, high = mean_interval(losses, (0.2, 0.02), confidence=0.95, most=10.0)
    error = losses.std() / np.sqrt(5000)
    assert value == losses.mean()
    assert (high - low) / (2 * 1.96) == pytest.approx(error, rel=0.01)


def test_losses_of_zero_and_one_have_wilsons_interval():
    losses = (np.arange(2000) < 100).astype(float)
    ours = mean_interval(losses, (0.05, 0.0475), confidence=0.95, most=1.0)
    assert ours[1:] == pytest.approx([float(end) for end in wilson_intervals(0.05, 2000)], rel=1e-6)


def test_a_loss_that_cannot_vary_is_certain():
    assert mean_interval(np.full(10, 0.25), (0.25, 0.0), confidence=0.95, most=1.0) == (0.25, 0.25, 0.25)
