"""The statistics of all splits at once: the definition, Alibi Detect's numbers, any tile, any array."""

import itertools

import numpy as np
import pytest
import torch

from textdrift.stats.kernels import TileSize, lifted, median_bandwidth
from textdrift.stats.mmd import kernel_sums
from textdrift.stats.permutations import reference_indicators


def cloud(rng, n, d=16, shift=0.0):
    points = rng.normal(size=(n, d)).astype(np.float32)
    points[:, 0] += shift
    return points


def random_splits(n, m, b=20, seed=0):
    return np.hstack(list(reference_indicators(n, m, b, np.random.default_rng(seed))))


def brute_force(points, split, units, bandwidth):
    """MMD²_u by its definition in float64, over pairs of different units."""
    points = points.astype(np.float64)
    kernel = np.exp(-((points[:, None] - points[None]) ** 2).sum(-1) / (2 * bandwidth**2))
    apart = units[:, None] != units[None]
    a = split > 0
    mean = lambda rows, columns: kernel[rows][:, columns][apart[rows][:, columns]].mean()
    return mean(a, a) + mean(~a, ~a) - 2 * mean(a, ~a)


SHAPES = [(2, 2), (2, 9), (40, 30), (100, 13), (7, 150)]


@pytest.mark.parametrize(("n", "m"), SHAPES)
def test_every_split_has_the_statistic_of_the_definition(n, m):
    rng = np.random.default_rng(n)
    points = np.concatenate([cloud(rng, n), cloud(rng, m, shift=0.8)])
    splits, units = random_splits(n, m), np.arange(n + m)
    got = kernel_sums(lifted(points), splits, units, 4.0).statistics
    expected = [brute_force(points, split, units, 4.0) for split in splits.T]
    np.testing.assert_allclose(got, expected, rtol=1e-5, atol=1e-6)


def test_pairs_within_a_unit_are_no_pairs():
    rng = np.random.default_rng(1)
    units = np.sort(rng.integers(0, 25, size=90))
    points = cloud(rng, 90)
    of_unit = np.hstack(list(reference_indicators(15, 10, 20, rng)))
    splits = of_unit[units]
    got = kernel_sums(lifted(points), splits, units, 4.0, size=TileSize(16, 20)).statistics
    expected = [brute_force(points, split, units, 4.0) for split in splits.T]
    np.testing.assert_allclose(got, expected, rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize(("rows", "columns"), list(itertools.product([1, 17, 64, 5000], [1, 23, 5000])))
@pytest.mark.parametrize("array", [np.asarray, torch.from_numpy])
def test_tiles_of_any_size_give_the_same_numbers(rows, columns, array):
    rng = np.random.default_rng(2)
    points = np.concatenate([cloud(rng, 50), cloud(rng, 40, shift=1.0)])
    splits, units = random_splits(50, 40), np.arange(90) // 2
    whole = kernel_sums(lifted(points), splits, units, 4.0)
    tiled = kernel_sums(lifted(array(points)), splits, units, 4.0, size=TileSize(rows, columns))
    np.testing.assert_allclose(tiled.statistics, whole.statistics, rtol=1e-5, atol=1e-6)
    np.testing.assert_allclose(tiled.parts, whole.parts, rtol=1e-4, atol=1e-8)


@pytest.mark.parametrize(("n", "m"), [(40, 30), (100, 13), (60, 200)])
def test_the_parts_are_those_of_the_witness_and_sum_to_the_statistic(n, m):
    rng = np.random.default_rng(3)
    points = np.concatenate([cloud(rng, n), cloud(rng, m, shift=1.5)])
    sums = kernel_sums(lifted(points), random_splits(n, m, b=0), np.arange(n + m), 4.0)
    kernel = np.exp(-((points[:, None].astype(float) - points[None]) ** 2).sum(-1) / 32)
    np.fill_diagonal(kernel, 0)
    reference = kernel[:n, :n].sum(1) / (n * (n - 1)) - kernel[:n, n:].sum(1) / (n * m)
    current = kernel[n:, n:].sum(1) / (m * (m - 1)) - kernel[n:, :n].sum(1) / (n * m)
    np.testing.assert_allclose(sums.parts, np.concatenate([reference, current]), rtol=1e-5, atol=1e-7)
    # Differences of float32 means of values up to one: processors round a few units of 6e-8 apart.
    assert sums.parts.sum() == pytest.approx(sums.statistics[0], rel=1e-6, abs=3e-7)


def alibi_detector(reference, n_permutations):
    cd = pytest.importorskip("alibi_detect.cd", reason="Alibi Detect has no release for this Python")
    return cd.MMDDrift(reference, backend="pytorch", n_permutations=n_permutations, device="cpu")


ALIBI_SHAPES = [(30, 30), (64, 20), (15, 90), (200, 150)]


@pytest.mark.parametrize(("n", "m"), ALIBI_SHAPES)
def test_the_statistic_is_alibi_detects(n, m):
    rng = np.random.default_rng(n)
    reference, current = cloud(rng, n, d=32), cloud(rng, m, d=32, shift=2.0)
    # In float64, for its float32 sums know MMD²_u to six digits of the mean kernel only.
    theirs = alibi_detector(reference.astype(np.float64), 1).predict(current.astype(np.float64))["data"]["distance"]
    points = np.concatenate([reference, current])
    ours = kernel_sums(
        lifted(points), random_splits(n, m, b=0), np.arange(n + m), median_bandwidth(reference, current)
    ).statistics[0]
    assert ours == pytest.approx(theirs, rel=1e-5)


@pytest.mark.parametrize(("n", "m"), ALIBI_SHAPES)
@pytest.mark.parametrize("shift", [0.0, 0.6])
def test_on_alibi_detects_own_permutations_the_count_is_the_same(n, m, shift):
    rng = np.random.default_rng(m)
    reference, current = cloud(rng, n, d=32), cloud(rng, m, d=32, shift=shift)
    detector = alibi_detector(reference, 200)
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(17)
        theirs = round(detector.predict(current)["data"]["p_val"] * 200)
        torch.manual_seed(17)
        orders = [np.arange(n + m), *(torch.randperm(n + m).numpy() for _ in range(200))]
    splits = np.zeros((n + m, 201), dtype=np.float32)
    for b, order in enumerate(orders):
        splits[order[:n], b] = 1.0
    bandwidth = median_bandwidth(reference, current)
    statistics = kernel_sums(
        lifted(np.concatenate([reference, current])), splits, np.arange(n + m), bandwidth
    ).statistics
    assert np.count_nonzero(statistics[1:] >= statistics[0]) == theirs
