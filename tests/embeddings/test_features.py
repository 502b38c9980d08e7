"""Basis and sums: against their formulas, at the edges of shape, and merged from shards."""

import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from textdrift.embeddings.features import Basis, FeatureSums, sum_features
from textdrift.errors import EmbeddingsError, SettingsError


def cloud(seed, n, d=12):
    rng = np.random.default_rng(seed)
    return (rng.normal(size=(n, d)) * np.linspace(3, 0.3, d) + 2.0).astype(np.float32)


def test_the_basis_holds_the_mean_and_the_eigenpairs_of_the_covariance():
    points = cloud(0, 500)
    basis = Basis.fit(points[:200], points[200:])
    covariance = np.cov(points.astype(float), rowvar=False)
    np.testing.assert_allclose(basis.mean, points.mean(axis=0, dtype=float), rtol=1e-9)
    np.testing.assert_allclose(basis.directions * basis.eigenvalues @ basis.directions.T, covariance, atol=1e-9)
    assert (np.diff(basis.eigenvalues) <= 0).all()


def test_the_quadratic_features_equal_their_formula():
    points = cloud(1, 400, d=50)
    points[0] += 100.0  # clipped
    basis = Basis.fit(points)
    outward = (points.astype(float) - basis.mean) @ basis.directions[:, :32] / np.sqrt(basis.eigenvalues[:32])
    raw = np.column_stack([np.clip(outward, -4, 4) ** 2, ((points.astype(float) - basis.mean) ** 2).sum(axis=1)])
    expected = (raw - raw.mean(axis=0)) / raw.std(axis=0)
    np.testing.assert_allclose(basis.quadratic(points), expected, atol=2e-3)
    assert basis.n_quadratic == 33


@pytest.mark.parametrize(("n", "d"), [(1, 5), (2, 5), (10, 64), (50, 1), (1, 1)])
def test_few_points_and_few_dimensions_give_finite_features(n, d):
    points = cloud(2, n, d)
    basis = Basis.fit(points)
    assert np.count_nonzero(basis.eigenvalues) <= min(n - 1, d)
    assert basis.n_quadratic == min(32, np.count_nonzero(basis.eigenvalues)) + 1
    assert np.isfinite(basis.linear(points)).all()
    assert np.isfinite(basis.quadratic(points)).all()


def test_constant_dimensions_and_constant_clouds_are_no_directions():
    points = cloud(3, 100, 4)
    points[:, 2] = 1000.3
    basis = Basis.fit(points)
    assert np.count_nonzero(basis.eigenvalues) == 3
    still = Basis.fit(np.full((50, 6), 0.1, dtype=np.float32))
    assert not still.eigenvalues.any()
    assert not still.quadratic(np.full((50, 6), 0.1, dtype=np.float32)).any()


def test_a_basis_of_nothing_is_refused():
    with pytest.raises(EmbeddingsError, match="needs points"):
        Basis.fit(np.zeros((0, 3)))
    with pytest.raises(EmbeddingsError, match="one dimension"):
        Basis.fit(np.zeros((2, 3)), np.zeros((2, 4)))


def test_sums_equal_the_features_summed():
    points, bins = cloud(4, 10_000), np.random.default_rng(5).integers(0, 64, 10_000)
    basis = Basis.fit(points)
    sums = FeatureSums(basis, 64)
    sums.add(points, bins)
    linear, quadratic = basis.linear(points).astype(float), basis.quadratic(points).astype(float)
    for b in (0, 31, 63):
        np.testing.assert_allclose(sums.turned[b], linear[bins == b].sum(axis=0), atol=1e-2)
        np.testing.assert_allclose(sums.quadratic[b], quadratic[bins == b].sum(axis=0), atol=1e-2)
    assert sums.counts.tolist() == np.bincount(bins).tolist()
    assert sums.squared_distance == pytest.approx((linear**2).sum(), rel=1e-5)
    assert sums.squared_quadratic == pytest.approx((quadratic**2).sum(), rel=1e-5)


@given(st.lists(st.integers(0, 300), max_size=5))
def test_sums_merged_from_shards_equal_the_sums_of_the_whole(cuts):
    points, bins = cloud(6, 300), np.arange(300) % 16
    basis = Basis.fit(points)
    whole = FeatureSums(basis, 16)
    whole.add(points, bins)
    edges = [0, *sorted(cuts), 300]
    merged = FeatureSums(basis, 16)
    for start, stop in itertools.pairwise(edges):
        shard = FeatureSums(basis, 16)
        shard.add(points[start:stop], bins[start:stop])
        merged = merged + shard
    assert same_sums(merged, whole)


def same_sums(first, second):
    np.testing.assert_allclose(first.linear, second.linear, atol=1e-3)
    np.testing.assert_allclose(first.quadratic, second.quadratic, atol=1e-3)
    assert first.squared_distance == pytest.approx(second.squared_distance, rel=1e-5)
    return first.counts.tolist() == second.counts.tolist()


def test_coarser_bins_equal_bins_that_were_coarse_from_the_start():
    points = cloud(7, 3000)
    basis = Basis.fit(points)
    fine, coarse = sum_features([points], basis, n_bins=256), sum_features([points], basis, n_bins=32)
    assert same_sums(fine.merged(32), coarse)


def test_a_stream_of_batches_from_a_file_equals_the_points_in_memory(tmp_path):
    points = cloud(8, 5000)
    np.save(tmp_path / "points.npy", points.astype(np.float16))
    on_disk = np.load(tmp_path / "points.npy", mmap_mode="r")
    basis = Basis.fit(points)
    streamed = sum_features((on_disk[i : i + 700] for i in range(0, 5000, 700)), basis)
    assert same_sums(streamed, sum_features([points.astype(np.float16)], basis))


def test_what_cannot_be_summed_leaves_the_sums_as_they_were():
    points = cloud(9, 20, 3)
    sums = sum_features([points], Basis.fit(points), n_bins=4)
    before = sums.linear.copy(), sums.counts.copy()
    broken = points.copy()
    broken[7, 1] = np.nan
    for bad, bins, message in (
        (broken, np.zeros(20, int), "finite"),
        (points, np.full(20, 4), "0 to 3"),
        (points[:, :2], np.zeros(20, int), "shape"),
        (points, np.zeros(19, int), "one bin for each"),
    ):
        with pytest.raises(EmbeddingsError, match=message):
            sums.add(bad, bins)
    assert (sums.linear == before[0]).all()
    assert (sums.counts == before[1]).all()


def test_sums_over_other_bins_or_another_basis_do_not_add():
    points = cloud(10, 20, 3)
    basis, other = Basis.fit(points), Basis.fit(points * 2)
    with pytest.raises(EmbeddingsError, match="4 and 8 bins"):
        FeatureSums(basis, 4) + FeatureSums(basis, 8)
    with pytest.raises(EmbeddingsError, match="two bases"):
        FeatureSums(basis, 4) + FeatureSums(other, 4)
    with pytest.raises(SettingsError):
        FeatureSums(basis, 0)
