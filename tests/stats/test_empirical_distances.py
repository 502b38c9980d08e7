"""Distances of distributions: against scipy and brute force, on values and on bins."""

import numpy as np
import pytest
from scipy import stats

from textdrift.stats.empirical_distances import (
    anderson_darling,
    binned_distances,
    cramer_von_mises,
    empirical_distances,
    kolmogorov_smirnov,
    pooled_bins,
    reference_bins,
    wasserstein,
)

SAMPLES = [
    tuple(np.random.default_rng(seed).integers(-5, 6, size=size).astype(float) for size in sizes)
    for seed, sizes in enumerate([(1, 1), (1, 7), (4, 2), (12, 12), (30, 9), (25, 30)])
]


@pytest.mark.parametrize(("reference", "current"), SAMPLES)
def test_kolmogorov_smirnov_and_wasserstein_are_those_of_scipy_also_with_ties(reference, current):
    assert kolmogorov_smirnov(reference, current) == pytest.approx(stats.ks_2samp(reference, current).statistic)
    assert wasserstein(reference, current) == pytest.approx(stats.wasserstein_distance(reference, current), abs=1e-12)


def test_cramer_von_mises_times_the_harmonic_size_is_the_statistic_of_scipy():
    rng = np.random.default_rng(0)
    reference, current = rng.normal(size=300), rng.normal(0.2, 1.3, size=170)
    expected = stats.cramervonmises_2samp(reference, current).statistic
    assert cramer_von_mises(reference, current) * 300 * 170 / 470 == pytest.approx(expected, rel=1e-9)


@pytest.mark.parametrize(("reference", "current"), SAMPLES)
def test_anderson_darling_is_its_sum_written_out(reference, current):
    pooled = np.sort(np.concatenate([reference, current]))
    total = 0.0
    for value in pooled:
        f, g, h = (np.mean(sample <= value) for sample in (reference, current, pooled))
        total += (f - g) ** 2 / (h * (1 - h)) / len(pooled) if h < 1 else 0.0
    assert anderson_darling(reference, current) == pytest.approx(total, abs=1e-9)


@pytest.mark.parametrize(("reference", "current"), SAMPLES)
def test_a_bin_for_each_value_loses_nothing(reference, current):
    bins = pooled_bins(reference, current, 20)
    binned = binned_distances(bins.reference[None], bins.current[None], bins.means)
    exact = empirical_distances(reference, current)
    assert binned["kolmogorov_smirnov"][0] == pytest.approx(exact["kolmogorov_smirnov"])
    assert binned["cramer_von_mises"][0] ** 2 == pytest.approx(exact["cramer_von_mises"], abs=1e-12)
    assert binned["anderson_darling"][0] ** 2 == pytest.approx(exact["anderson_darling"], abs=1e-12)
    assert binned["wasserstein"][0] == pytest.approx(exact["wasserstein"], abs=1e-12)


def test_bins_hold_about_equally_many_pooled_values_and_keep_ties_together():
    rng = np.random.default_rng(1)
    reference = np.where(rng.random(5000) < 0.4, 0.0, rng.lognormal(size=5000))
    bins = pooled_bins(reference, rng.lognormal(size=3000), 64)
    assert len(bins.means) <= 64
    assert bins.pooled.sum() == 8000
    zeros = bins.pooled.argmax()
    assert bins.means[zeros] == 0.0
    assert np.delete(bins.pooled, zeros).max() <= 8000 / 64 + 1
    assert (np.diff(bins.means) > 0).all()


def test_128_bins_see_nearly_what_all_values_see():
    rng = np.random.default_rng(2)
    reference, current = rng.standard_cauchy(4000), rng.standard_cauchy(4000) + 0.3
    bins = pooled_bins(reference, current, 128)
    binned = binned_distances(bins.reference[None], bins.current[None], bins.means)
    assert binned["kolmogorov_smirnov"][0] == pytest.approx(kolmogorov_smirnov(reference, current), rel=0.05)


def test_shares_between_deciles_are_counted_by_the_reference():
    rng = np.random.default_rng(3)
    before, after = reference_bins(rng.normal(size=1000), np.full(10, 99.0))
    assert before.tolist() == [100] * 10
    assert after.tolist() == [0] * 9 + [10]
