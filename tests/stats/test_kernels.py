"""Tiles of a kernel: every pair once, distances as exact as float32 allows, and the median found exactly."""

import itertools

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from scipy.spatial.distance import pdist

from textdrift.stats.kernels import TileSize, half_of_square, halved_distances, lifted, median_bandwidth


def cloud(n, d=12, seed=0, scale=1.0):
    return (np.random.default_rng(seed).normal(size=(n, d)) * scale).astype(np.float32)


def lower_median_bandwidth(points):
    squared = np.sort(pdist(points.astype(np.float64), "sqeuclidean"))
    return np.sqrt(squared[(len(squared) - 1) // 2] / 2)


@given(st.integers(1, 60), st.integers(1, 20), st.integers(1, 70))
def test_tiles_cover_the_upper_half_once_and_the_diagonal_in_blocks(n, rows, columns):
    seen = np.zeros((n, n), dtype=int)
    for tile in itertools.chain.from_iterable(half_of_square(n, TileSize(rows, columns))):
        seen[tile.rows, tile.columns] += 1
        if not tile.on_diagonal:
            assert tile.columns.start >= tile.rows.stop
    assert (seen[np.triu_indices(n)] == 1).all()
    assert ((seen + seen.T)[~np.eye(n, dtype=bool)] >= 1).all()


@pytest.mark.parametrize("array", [np.asarray, torch.from_numpy])
def test_halved_distances_are_those_of_the_definition(array):
    points = cloud(30)
    for row in half_of_square(30, TileSize(8, 11)):
        for tile, got in halved_distances(lifted(array(points)), row, scale=0.7):
            pairs = points[tile.rows, None].astype(float) - points[None, tile.columns]
            np.testing.assert_allclose(np.asarray(got), -0.35 * (pairs**2).sum(-1), atol=2e-5)


@pytest.mark.parametrize("n", [2, 3, 4, 5, 30, 31, 999, 1000, 1001, 2500])
def test_the_median_is_the_lower_median_of_all_pairs(n):
    points = cloud(n, seed=n)
    assert median_bandwidth(points, points) == pytest.approx(lower_median_bandwidth(points), rel=1e-5)


def test_a_subset_that_misleads_costs_time_and_not_the_median():
    points = cloud(2000, d=3)
    points[::2] *= 100  # the subset is every second row: the far ones
    around_zero = points - points.mean(axis=0)
    assert median_bandwidth(around_zero, around_zero) == pytest.approx(lower_median_bandwidth(around_zero), rel=1e-4)


@pytest.mark.parametrize(("n", "m"), [(40, 30), (101, 7), (300, 300)])
def test_the_bandwidth_is_alibi_detects(n, m):
    kernels = pytest.importorskip(
        "alibi_detect.utils.pytorch.kernels", reason="Alibi Detect has no release for this Python"
    )
    points = cloud(n, d=24, seed=m)
    kernel = kernels.GaussianRBF()
    x = torch.from_numpy(points)
    kernel(x, x, infer_sigma=True)
    assert median_bandwidth(points, cloud(m, d=24)) == pytest.approx(float(kernel.sigma), rel=1e-5)


def test_numpy_and_torch_find_the_same_median():
    points = cloud(1500)
    on_torch = torch.from_numpy(points)
    assert median_bandwidth(on_torch, on_torch) == pytest.approx(median_bandwidth(points, points), rel=1e-5)


@pytest.mark.parametrize(("rows", "columns"), list(itertools.product([7, 256], [5, 1000])))
def test_tiles_of_any_size_find_the_same_median(rows, columns):
    points = cloud(300)
    got = median_bandwidth(points, points, size=TileSize(rows, columns))
    assert got == pytest.approx(median_bandwidth(points, points), rel=1e-6)


def test_where_most_pairs_are_copies_the_bandwidth_is_the_spread():
    reference = np.zeros((50, 4), dtype=np.float32)
    reference[:5] = cloud(5, d=4)
    current = cloud(50, d=4, seed=3)
    total_variance = np.concatenate([reference, current]).astype(float).var(axis=0).sum()
    assert median_bandwidth(reference, current) == pytest.approx(np.sqrt(total_variance))


def test_points_in_one_place_have_no_bandwidth():
    here = np.ones((20, 3), dtype=np.float32)
    assert median_bandwidth(here, here) == 0.0
