"""The distance of means is that of all pairs, is about 0 without drift, and its shares have honest intervals."""

import os

import numpy as np
import pytest
from scipy import sparse

from textdrift.stats.mean_distance import MeanDistance, WeightedRows, mean_distance, share_removed

REPEATS = 200 if os.environ.get("TEXTDRIFT_CALIBRATION") == "small" else 1000


def rows(points, weights=None, units=None):
    n = len(points)
    weights = np.ones(n) if weights is None else weights
    return WeightedRows(np.asarray(points), np.arange(n), weights, np.arange(n) if units is None else units)


def mean_product(first, second, *, within):
    """Average the products of all pairs of rows, those of one unit left out within a window."""
    total = weight = 0.0
    for x, a, u in zip(first.features, first.weights, first.units, strict=True):
        for y, b, v in zip(second.features, second.weights, second.units, strict=True):
            if not (within and u == v):
                total, weight = total + a * b * (x @ y), weight + a * b
    return total / weight


def by_pairs(reference, current):
    return (
        mean_product(reference, reference, within=True)
        + mean_product(current, current, within=True)
        - 2 * mean_product(reference, current, within=False)
    )


@pytest.fixture
def windows():
    rng = np.random.default_rng(0)
    reference = rows(rng.normal(size=(12, 3)), rng.random(12), rng.integers(0, 7, size=12))
    current = rows(rng.normal(1, 1, size=(9, 3)), rng.random(9), rng.integers(0, 5, size=9))
    return reference, current


def test_the_distance_is_that_of_all_pairs_of_rows_of_different_units(windows):
    assert mean_distance(*windows, n_units=(7, 5)).value == pytest.approx(by_pairs(*windows), rel=1e-12)


def test_sparse_rows_give_what_dense_ones_give(windows):
    as_sparse = [WeightedRows(sparse.csr_matrix(w.features), w.places, w.weights, w.units) for w in windows]
    dense, thin = mean_distance(*windows, n_units=(7, 5)), mean_distance(*as_sparse, n_units=(7, 5))
    assert thin.value == pytest.approx(dense.value)
    assert thin.pulls[0] == pytest.approx(dense.pulls[0])


def test_the_pulls_are_the_slopes_in_the_weights_of_the_units(windows):
    pulls = mean_distance(*windows, n_units=(7, 5)).pulls
    step = 1e-6
    for side, n_units in ((0, 7), (1, 5)):
        for unit in range(n_units):
            moved = list(windows)
            weights = moved[side].weights * np.where(moved[side].units == unit, 1 + step, 1.0)
            moved[side] = WeightedRows(moved[side].features, moved[side].places, weights, moved[side].units)
            slope = (by_pairs(*moved) - by_pairs(*windows)) / step
            assert pulls[side][unit] == pytest.approx(slope, abs=1e-4)


def test_a_row_of_weight_nothing_is_as_good_as_absent(windows):
    reference, current = windows
    weights = reference.weights * (reference.units > 2)
    thinned = WeightedRows(reference.features, reference.places, weights, reference.units)
    kept = reference.units > 2
    without = rows(reference.features[kept], reference.weights[kept], reference.units[kept])
    distance = mean_distance(thinned, current, n_units=(7, 5))
    assert distance.value == pytest.approx(mean_distance(without, current, n_units=(7, 5)).value)
    assert distance.pulls[0][:3] == pytest.approx(0.0)


def test_nothing_remains_on_average_without_drift_even_where_rows_of_a_unit_are_equal():
    rng = np.random.default_rng(1)
    values = []
    for _ in range(400):
        reference, current = (np.repeat(rng.normal(size=(30, 4)), 3, axis=0) for _ in range(2))
        units = np.repeat(np.arange(30), 3)
        values.append(mean_distance(rows(reference, None, units), rows(current, None, units), n_units=(30, 30)).value)
    assert np.mean(values) == pytest.approx(0.0, abs=3.5 * np.std(values) / np.sqrt(len(values)))
    assert np.mean(values) < 0.05  # 4 · 2 / 30 = 0.27 would remain if equal rows were pairs


def test_one_unit_is_no_window():
    one = rows(np.ones((4, 2)), None, np.zeros(4, dtype=int))
    distance = mean_distance(one, rows(np.zeros((3, 2))), n_units=(1, 3))
    assert np.isnan(distance.value)
    assert share_removed(distance, distance) is None


def drawn(rng, n, *shifts):
    """Draw two windows whose means are apart, and the second one without the first of the shifts."""
    reference, noise = rng.normal(size=(n, 20)), rng.normal(size=(n, 20))
    moved, hit = noise.copy(), rng.random(n) < 0.3
    moved[hit, 0] += shifts[0] / 0.3
    moved[:, 1], noise[:, 1] = moved[:, 1] + shifts[1], noise[:, 1] + shifts[1]
    before = mean_distance(rows(reference), rows(moved), n_units=(n, n))
    return share_removed(before, mean_distance(rows(reference), rows(noise), n_units=(n, n)))


@pytest.mark.parametrize(("shifts", "truth"), [((0.8, 0.4), 0.8), ((0.5, 0.5), 0.5), ((0.3, 0.9), 0.1)])
def test_shares_are_those_of_the_squares_of_the_shifts(shifts, truth):
    shares = [drawn(np.random.default_rng(seed), 1500, *shifts).value for seed in range(40)]
    assert np.mean(shares) == pytest.approx(truth, abs=0.03)


def covered(n_repeats, truth=0.5, n=300):
    shares = [drawn(np.random.default_rng(seed), n, 0.7, 0.7) for seed in range(n_repeats)]
    return np.mean([share.low <= truth <= share.high for share in shares if share is not None])


def test_the_interval_covers_the_true_share():
    assert covered(100) >= 0.88


@pytest.mark.slow
def test_the_interval_covers_the_true_share_as_often_as_it_says():
    found = covered(REPEATS)
    assert 0.95 - 3 * np.sqrt(0.05 * 0.95 / REPEATS) <= found <= 0.99


def test_without_a_distance_there_is_no_share():
    rng = np.random.default_rng(2)
    named = 0
    for _ in range(300):
        windows = [rows(rng.normal(size=(60, 10))) for _ in range(2)]
        before = mean_distance(*windows, n_units=(60, 60))
        named += share_removed(before, before) is not None
    assert named / 300 <= 0.05


def test_a_share_stays_within_0_and_1():
    none = (np.zeros(1), np.zeros(1))
    assert share_removed(MeanDistance(1.0, none), MeanDistance(-0.2, none)).value == 1.0
    assert share_removed(MeanDistance(4.0, none), MeanDistance(4.0, none)).value == 0.0
    assert share_removed(MeanDistance(1.0, none), MeanDistance(1.4, none)) is None, "the windows only moved apart"
