"""The standardised shift against known truths: unbiased, covering, and its detectable size honest."""

import numpy as np
import pytest

from textdrift.stats.shifts import standardised_shift


def clouds(rng, n, m, d, shift):
    scales = np.linspace(2.0, 0.2, d)  # an elongated cloud, as sentence embeddings are
    reference = rng.normal(size=(n, d)) * scales
    current = rng.normal(size=(m, d)) * scales
    current[:, 0] += shift * np.sqrt((scales**2).sum())
    return reference, current


def test_the_estimate_equals_its_formula_written_out():
    rng = np.random.default_rng(0)
    reference, current = clouds(rng, 30, 20, 4, 0.5)
    difference = current.mean(0) - reference.mean(0)
    u = (difference**2).sum() - reference.var(0, ddof=1).sum() / 30 - current.var(0, ddof=1).sum() / 20
    expected = np.sign(u) * np.sqrt(abs(u) / reference.var(0, ddof=1).sum())
    assert standardised_shift(reference, current, level=0.05).value == pytest.approx(expected, rel=1e-9)


@pytest.mark.parametrize(("n", "m"), [(100, 100), (1000, 200)])
def test_the_squared_estimate_is_unbiased_whatever_the_sizes(n, m):
    rng = np.random.default_rng(1)
    values = []
    for _ in range(300):
        value = standardised_shift(*clouds(rng, n, m, 8, 0.2), level=0.05).value
        values.append(np.sign(value) * value**2)
    error = np.std(values) / np.sqrt(len(values))
    assert abs(np.mean(values) - 0.04) < 4 * error


def test_the_interval_covers_the_true_shift():
    rng = np.random.default_rng(2)
    hits = 0
    for _ in range(300):
        shift = standardised_shift(*clouds(rng, 200, 200, 8, 0.3), level=0.05)
        hits += shift.low <= 0.3 <= shift.high
    assert 0.90 <= hits / 300 <= 0.99


@pytest.mark.parametrize("n", [150, 500])
def test_a_mean_test_shows_the_detectable_shift_with_the_stated_power(n):
    rng = np.random.default_rng(3)
    level, found, repeats, n_permutations = 0.05, 0, 120, 199
    reference, current = clouds(rng, n, n, 8, 0.0)
    detectable = standardised_shift(reference, current, level=level).detectable
    for _ in range(repeats):
        reference, current = clouds(rng, n, n, 8, detectable)
        pooled = np.vstack([reference, current])
        splits = np.array([rng.permutation(2 * n) < n for _ in range(n_permutations)], dtype=float)
        sums = splits @ pooled
        distances = ((2 * sums - pooled.sum(0)) ** 2).sum(1)
        observed = ((reference.sum(0) - current.sum(0)) ** 2).sum()
        found += (1 + (distances >= observed).sum()) / (1 + n_permutations) <= level
    assert 0.68 <= found / repeats <= 0.97


def test_one_point_or_a_single_place_says_that_nothing_can_be_seen():
    one = np.ones((1, 3))
    assert standardised_shift(one, np.zeros((5, 3)), level=0.05).detectable == float("inf")
    assert standardised_shift(np.ones((5, 3)), np.zeros((5, 3)), level=0.05).value == 0.0


def test_groups_of_one_row_change_nothing():
    reference, current = clouds(np.random.default_rng(4), 60, 40, 4, 0.3)
    plain = standardised_shift(reference, current, level=0.05)
    grouped = standardised_shift(reference, current, level=0.05, groups=(np.arange(60), np.arange(40)))
    for name in ("value", "low", "high", "detectable"):
        assert getattr(grouped, name) == pytest.approx(getattr(plain, name), rel=1e-9)


def test_the_squared_estimate_stays_unbiased_when_every_point_comes_five_times():
    rng = np.random.default_rng(5)
    values = {"grouped": [], "plain": []}
    for _ in range(200):
        reference, current = (np.repeat(c, 5, axis=0) for c in clouds(rng, 60, 40, 8, 0.0))
        groups = np.repeat(np.arange(60), 5), np.repeat(np.arange(40), 5)
        for name, given in (("grouped", groups), ("plain", None)):
            value = standardised_shift(reference, current, level=0.05, groups=given).value
            values[name].append(np.sign(value) * value**2)
    error = np.std(values["grouped"]) / np.sqrt(200)
    assert abs(np.mean(values["grouped"])) < 4 * error
    assert np.mean(values["plain"]) > 10 * error  # what the groups are for


def test_one_group_alone_says_that_nothing_can_be_seen():
    rng = np.random.default_rng(6)
    groups = np.zeros(20, dtype=int), np.arange(20)
    assert standardised_shift(*clouds(rng, 20, 20, 3, 0.0), level=0.05, groups=groups).detectable == float("inf")
