"""MeanEmbedding: its statistics by brute force, its level for documents, groups and bins, and its power."""

import os

import numpy as np
import pytest

from textdrift.drift.contract import DriftTest
from textdrift.drift.embedding.clouds import SHARE_OF_LEVEL
from textdrift.drift.embedding.mean_embedding import MeanEmbedding
from textdrift.embeddings import Embeddings
from textdrift.embeddings.features import Basis, FeatureSums, sum_features
from textdrift.errors import EmbeddingsError, SettingsError
from textdrift.stats.shifts import standardised_shift
from textdrift.windows.binning import bins_of

REPEATS = 100 if os.environ.get("TEXTDRIFT_CALIBRATION") == "small" else 400
SCALES = np.linspace(2.0, 0.2, 24)  # an elongated cloud, as sentence embeddings are


def points_of(rng, n, shift=0.0, spread=1.0, d=24):
    points = rng.normal(size=(n, d)) * SCALES[:d]
    points[:, d // 2] += shift
    points[:, 0] *= spread
    return points.astype(np.float32)


def cloud(rng, n, groups=None, **change):
    return Embeddings(points_of(rng, n, **change), "test", groups=groups)


def rejected(p_values, level=0.05):
    return np.mean(np.array(p_values) <= level)


def at_level(p_values, level=0.05):
    return rejected(p_values, level) <= level + 3 * np.sqrt(level * (1 - level) / len(p_values))


def by_definition(reference, current):
    """The five statistics in double precision, nothing shared with the code but the formula."""
    together = np.vstack([reference, current]).astype(float)
    centred = together - together.mean(axis=0)
    eigenvalues, vectors = np.linalg.eigh(np.cov(together, rowvar=False))
    n = len(reference)

    def shift(features):
        return features[:n].mean(axis=0) - features[n:].mean(axis=0)

    along = centred @ vectors
    quadratic = np.column_stack([np.clip(along / np.sqrt(eigenvalues), -4, 4) ** 2, (centred**2).sum(axis=1)])
    quadratic /= quadratic.std(axis=0)
    squared, mean = shift(along) ** 2, eigenvalues.mean()
    return {
        "ridge_0.1": (squared / (eigenvalues + 0.1 * mean)).sum(),
        "ridge_1": (squared / (eigenvalues + mean)).sum(),
        "ridge_10": (squared / (eigenvalues + 10 * mean)).sum(),
        "mean": squared.sum(),
        "spread": (shift(quadratic) ** 2).sum(),
    }


def test_the_statistics_equal_their_definitions():
    rng = np.random.default_rng(0)
    reference, current = points_of(rng, 60, d=6), points_of(rng, 45, shift=0.3, spread=1.4, d=6)
    result = MeanEmbedding(n_permutations=19).compare(Embeddings(reference, "e"), Embeddings(current, "e"), rng=rng)
    for name, value in by_definition(reference, current).items():
        assert result.sizes[name] == pytest.approx(value, rel=1e-4), name


def test_the_mean_statistic_is_the_linear_kernel_maximum_mean_discrepancy():
    rng = np.random.default_rng(1)
    x, y = points_of(rng, 40), points_of(rng, 30, shift=0.5)
    mmd = (x @ x.T).mean() + (y @ y.T).mean() - 2 * (x @ y.T).mean()
    result = MeanEmbedding(n_permutations=19).compare(Embeddings(x, "e"), Embeddings(y, "e"), rng=rng)
    assert result.sizes["mean"] == pytest.approx(mmd, rel=1e-3)


@pytest.mark.parametrize("statistic", ["ridge_0.1", "ridge_1", "ridge_10", "mean", "spread"])
def test_the_parts_of_the_documents_sum_to_the_statistic(statistic):
    rng = np.random.default_rng(2)
    windows = cloud(rng, 300), cloud(rng, 170, shift=0.4)
    test = MeanEmbedding(n_permutations=19)
    whole = test.compare(*windows, rng=rng).sizes[statistic]
    assert test.parts(*windows, statistic=statistic).total == pytest.approx(whole, rel=1e-5)


def test_the_documents_that_came_from_elsewhere_stand_first():
    rng = np.random.default_rng(3)
    points = points_of(rng, 200)
    points[:15, 3] += 9.0
    rows = (
        MeanEmbedding(n_permutations=99)
        .compare(cloud(rng, 200), Embeddings(points, "test"), rng=rng)
        .table("documents")
    )
    assert {row["document"] for row in rows[:10] if row["window"] == "current"} <= set(range(15))
    assert rows[0]["window"] == "current"


def test_the_p_value_counts_the_observed_split_and_grows_finer_where_it_is_small():
    rng = np.random.default_rng(4)
    result = MeanEmbedding(n_permutations=199).compare(cloud(rng, 80), cloud(rng, 80, shift=6.0), rng=rng)
    assert result.p_value == pytest.approx(1 / 2000)
    assert result.notes == ("Engine: textdrift MeanEmbedding, 1999 permutations over 160 documents, every document.",)
    assert isinstance(MeanEmbedding(), DriftTest)


def test_the_same_seed_gives_the_same_result():
    rng = np.random.default_rng(5)
    windows = cloud(rng, 90), cloud(rng, 70, shift=0.3)
    first, second = (MeanEmbedding(n_permutations=99).compare(*windows, rng=np.random.default_rng(9)) for _ in "12")
    assert first == second


def test_level_on_documents_of_uneven_windows():
    rng = np.random.default_rng(6)
    test = MeanEmbedding(n_permutations=99)
    assert at_level([test.compare(cloud(rng, 100), cloud(rng, 30), rng=rng).p_value for _ in range(120)])


def in_groups_of_five(rng, n, first):
    """A fifth of the rows are in groups of five near-copies."""
    n_grouped = n // 5
    groups = np.concatenate([np.repeat(np.arange(n_grouped // 5), 5), np.arange(n_grouped, n)]) + first
    centres = points_of(rng, n)
    points = centres[np.unique(groups, return_inverse=True)[1]] + 0.05 * points_of(rng, n)
    return points.astype(np.float32), groups


def grouped_p_values(rng, repeats, n, m, **options):
    test = MeanEmbedding(n_permutations=99, **options)
    p_values = []
    for _ in range(repeats):
        (x, first), (y, second) = in_groups_of_five(rng, n, 0), in_groups_of_five(rng, m, 10**6)
        windows = Embeddings(x, "e", groups=first), Embeddings(y, "e", groups=second)
        p_values.append(test.compare(*windows, rng=rng).p_value)
    return p_values


def test_level_on_groups():
    assert at_level(grouped_p_values(np.random.default_rng(7), 100, 150, 100))


@pytest.mark.slow
@pytest.mark.parametrize(("n", "m", "max_units"), [(400, 400, 4096), (2000, 200, 4096), (2000, 2000, 64)])
def test_level_on_many_pairs_in_groups(n, m, max_units):
    """The last case puts the groups into bins."""
    assert at_level(grouped_p_values(np.random.default_rng(8), REPEATS, n, m, max_units=max_units))


@pytest.mark.slow
@pytest.mark.parametrize(("n", "m"), [(2000, 200), (3000, 3000), (5000, 3700)])
@pytest.mark.parametrize("max_units", [64, 10_000])
def test_level_on_many_pairs_of_documents_and_bins(n, m, max_units):
    rng = np.random.default_rng(9)
    test = MeanEmbedding(n_permutations=99, max_units=max_units)
    assert at_level([test.compare(cloud(rng, n), cloud(rng, m), rng=rng).p_value for _ in range(REPEATS)])


def test_a_burst_of_copies_from_one_author_does_not_alarm():
    rng = np.random.default_rng(10)
    alarms_with, alarms_without = [], []
    test = MeanEmbedding(n_permutations=99)
    for _ in range(30):
        reference, current = points_of(rng, 120), points_of(rng, 120)
        current[:30] = current[0]
        authors = np.concatenate([np.zeros(30, dtype=int), np.arange(1, 91)])
        grouped = Embeddings(reference, "e", groups=np.arange(1000, 1120)), Embeddings(current, "e", groups=authors)
        alarms_with.append(test.compare(*grouped, rng=rng).p_value)
        plain = Embeddings(reference, "e"), Embeddings(current, "e")
        alarms_without.append(test.compare(*plain, rng=rng).p_value)
    assert rejected(alarms_with) <= 0.2
    assert rejected(alarms_without) >= 0.9


@pytest.mark.parametrize("max_units", [4096, 64])
def test_power_on_a_moved_mean(max_units):
    rng = np.random.default_rng(11)
    test = MeanEmbedding(n_permutations=99, max_units=max_units)
    p_values, directions = [], []
    for _ in range(20):
        result = test.compare(cloud(rng, 500), cloud(rng, 500, shift=0.5), rng=rng)
        p_values.append(result.p_value)
        directions.append(result.table("statistics")[0]["direction"])
    assert rejected(p_values) >= 0.9
    assert np.mean([d == "mean along many weak directions" for d in directions]) >= 0.9


@pytest.mark.parametrize("max_units", [4096, 64])
def test_power_on_a_spread_that_grew_around_the_same_mean(max_units):
    rng = np.random.default_rng(12)
    test = MeanEmbedding(n_permutations=99, max_units=max_units)
    results = [test.compare(cloud(rng, 500), cloud(rng, 500, spread=1.4), rng=rng) for _ in range(20)]
    assert rejected([r.p_value for r in results]) >= 0.9
    assert np.mean([r.table("statistics")[0]["direction"] == "spread" for r in results]) >= 0.9
    std_shift, spread_shift = (np.median([r.effects[k].value for r in results]) for k in (0, 1))
    assert spread_shift > 0.07
    assert abs(std_shift) < 0.03
    assert results[0].effects[1].name == "spread_shift"


def test_the_spread_shift_does_not_grow_with_the_number_of_documents():
    rng = np.random.default_rng(13)
    values = [
        np.median([
            MeanEmbedding(n_permutations=1).compare(cloud(rng, n), cloud(rng, n, spread=1.5), rng=rng).effects[1].value
            for _ in range(10)
        ])
        for n in (300, 3000)
    ]  # fmt: skip
    assert values[0] == pytest.approx(values[1], rel=0.15)


def streamed(points, basis, n_bins=1024):
    return sum_features([points[i : i + 700] for i in range(0, len(points), 700)], basis, n_bins=n_bins)


def test_streamed_windows_give_what_windows_in_memory_give():
    rng = np.random.default_rng(14)
    x, y, basis = points_of(rng, 3000), points_of(rng, 2000, shift=0.1), Basis.fit(points_of(rng, 500))
    test = MeanEmbedding(n_permutations=99, max_units=64, basis=basis)
    in_memory = test.compare(Embeddings(x, "e"), Embeddings(y, "e"), rng=np.random.default_rng(1))
    from_sums = test.compare_sums(streamed(x, basis), streamed(y, basis), rng=np.random.default_rng(1))
    assert from_sums.p_value == in_memory.p_value
    assert from_sums.statistic == pytest.approx(in_memory.statistic, rel=1e-4)
    assert from_sums.n_documents == in_memory.n_documents == (3000, 2000)
    assert from_sums.sizes["n_bins"] == 102 + 153
    exact = standardised_shift(x, y, level=0.05 * SHARE_OF_LEVEL)
    for effect in (from_sums.effects[0], in_memory.effects[0]):
        assert effect.value == pytest.approx(exact.value, abs=0.002)
        assert (effect.low, effect.high) == pytest.approx((exact.low, exact.high), abs=0.015)
        assert effect.detectable == pytest.approx(exact.detectable, rel=0.1)


def test_groups_are_kept_together_in_bins():
    rng = np.random.default_rng(15)
    names = np.array([f"author {i}" for i in rng.integers(0, 300, 3000)])
    x, y = points_of(rng, 3000), points_of(rng, 3000)
    basis = Basis.fit(x, y)
    sums = FeatureSums(basis), FeatureSums(basis)
    for side, points in zip(sums, (x, y), strict=True):
        side.add(points, bins_of(names, 1024))
    test = MeanEmbedding(n_permutations=99, max_units=64, max_groups=64)
    windows = Embeddings(x, "e", groups=names), Embeddings(y, "e", groups=names)
    in_memory = test.compare(*windows, rng=np.random.default_rng(2))
    assert in_memory.p_value == test.compare_sums(*sums, rng=np.random.default_rng(2)).p_value
    assert in_memory.n_documents == (300, 300)


@pytest.mark.parametrize(("n", "m"), [(1, 1), (1, 30), (2, 2), (5, 3)])
def test_very_small_windows_give_a_p_value_of_no_consequence(n, m):
    rng = np.random.default_rng(16)
    result = MeanEmbedding(n_permutations=99).compare(cloud(rng, n), cloud(rng, m), rng=rng)
    assert 0.01 <= result.p_value <= 1
    basis = Basis.fit(points_of(rng, 100))
    sums = streamed(points_of(rng, n), basis), streamed(points_of(rng, m), basis)
    assert 0.01 <= MeanEmbedding(n_permutations=99).compare_sums(*sums, rng=rng).p_value <= 1


def test_one_dimension_is_enough():
    rng = np.random.default_rng(17)
    x, y = (Embeddings(rng.normal(size=(100, 1)) * scale, "e") for scale in (1, 2))
    result = MeanEmbedding(n_permutations=99).compare(x, y, rng=rng)
    assert result.p_value == pytest.approx(1 / 1000)
    assert result.table("statistics")[0]["direction"] == "spread"


def test_windows_in_one_place_do_not_drift_and_two_places_do():
    here, there = Embeddings(np.full((30, 3), 0.1), "e"), Embeddings(np.zeros((30, 3)), "e")
    test = MeanEmbedding(n_permutations=99)
    assert test.compare(here, here, rng=np.random.default_rng(0)).p_value == 1.0
    assert test.compare(here, there, rng=np.random.default_rng(0)).p_value == pytest.approx(1 / 1000)


def test_identical_windows_do_not_drift():
    window = cloud(np.random.default_rng(18), 200)
    result = MeanEmbedding(n_permutations=99).compare(window, window, rng=np.random.default_rng(0))
    assert result.p_value == 1.0
    assert result.table("documents") == () or result.table("documents")[0]["score"] == 0.0


def test_what_cannot_be_compared_is_refused():
    rng = np.random.default_rng(19)
    test, basis = MeanEmbedding(n_permutations=19), Basis.fit(points_of(rng, 50))
    with pytest.raises(EmbeddingsError, match="two encoders"):
        test.compare(Embeddings(np.eye(3), "a"), Embeddings(np.eye(3), "b"), rng=rng)
    with pytest.raises(EmbeddingsError, match="24 dimensions"):
        MeanEmbedding(basis=basis).compare(Embeddings(np.eye(3), "a"), Embeddings(np.eye(3), "a"), rng=rng)
    with pytest.raises(EmbeddingsError, match="two bases"):
        test.compare_sums(FeatureSums(basis), FeatureSums(Basis.fit(points_of(rng, 50))), rng=rng)
    with pytest.raises(EmbeddingsError, match="0 and 0"):
        test.compare_sums(FeatureSums(basis), FeatureSums(basis), rng=rng)
    with pytest.raises(SettingsError, match="ridge_1"):
        test.parts(Embeddings(np.eye(3), "a"), Embeddings(np.eye(3), "a"), statistic="variance")


@pytest.mark.parametrize("field", [{"n_permutations": 0}, {"max_units": 1}])
def test_bad_settings_are_refused(field):
    with pytest.raises(SettingsError):
        MeanEmbedding(**field)


def test_a_sample_is_drawn_where_one_is_asked_for_and_its_documents_keep_their_rows():
    rng = np.random.default_rng(8)
    reference, current = rng.normal(size=(400, 6)), rng.normal(size=(300, 6))
    current[::2, 0] += 3.0
    before, after = Embeddings(reference, "an encoder"), Embeddings(current, "an encoder")
    result = MeanEmbedding(n_permutations=99, max_documents=200).compare(before, after, rng=np.random.default_rng(0))
    assert result.n_documents == (200, 200)
    assert "a random sample of 200 of 400 reference and 200 of 300 current" in result.notes[0]
    moved = [row["document"] for row in result.table("documents") if row["window"] == "current"]
    assert np.mean([document % 2 == 0 for document in moved]) > 0.9


def test_a_heavy_author_among_many_single_texts_is_permuted_as_one_group_and_hides_nothing():
    rng = np.random.default_rng(9)
    authors = np.concatenate([np.zeros(1500, dtype=int), np.arange(1, 2801)])
    reference = Embeddings(rng.normal(size=(4300, 4)), "an encoder", groups=authors)
    current = Embeddings(rng.normal(size=(2500, 4)) + 0.25, "an encoder", groups=10_000 + np.arange(2500))
    result = MeanEmbedding(n_permutations=99).compare(reference, current, rng=rng)
    assert result.n_documents == (2801, 2500)
    assert "5301 groups" in result.notes[0]
    assert result.p_value <= 0.01
