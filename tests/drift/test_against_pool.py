"""One window against a pool: the statistics by brute force, the bins that small windows get, and a uniform p-value."""

import numpy as np
import pytest
from scipy import stats

from textdrift.drift.against_pool import bins_of_pool_and_window, compare_with_pool
from textdrift.drift.slow_drift_profile import slow_drift_profile
from textdrift.embeddings.features import Basis
from textdrift.stats.permutations import max_standardised
from textdrift.tokens.aligning import aligned, in_coarser_bins

WORDS = [f"{a}{b}{c}" for a in "bdfgk" for b in "aeiou" for c in "lmnr"]


def texts(rng, n, words=WORDS):
    return [" ".join(rng.choice(words, size=8)) for _ in range(n)]


def window(rng, n, name, basis, shift=0.0, words=WORDS):
    points = rng.normal(size=(n, 6)) + shift
    return slow_drift_profile(texts(rng, n, words), window=name, points=points, basis=basis, encoder="e", n_bins=256)


@pytest.fixture
def basis():
    return Basis.fit(np.random.default_rng(99).normal(size=(500, 6)))


def by_hand(earlier, current, n_bins, chosen):
    """Return the words' two statistics of one split, computed document by document for each term."""
    sides = [in_coarser_bins(side, n) for side, n in zip(aligned(earlier.counts, current.counts), n_bins, strict=True)]
    held = np.vstack([side.holders.toarray() for side in sides]).astype(float)
    sizes = np.concatenate([side.sizes for side in sides]).astype(float)
    held = held[:, (held.sum(axis=0) >= 5) & (held.sum(axis=0) < sizes.sum())]
    n, share = sizes[chosen].sum(), held.sum(axis=0) / sizes.sum()
    spread = ((held - np.outer(sizes, share)) ** 2).sum(axis=0)
    noise = 1 / n + 1 / (sizes.sum() - n)
    t2 = (held[chosen].sum(axis=0) - n * share) ** 2 * noise / spread
    return t2.sum(), np.log(t2.max())


def test_the_statistic_of_words_is_that_of_brute_force(basis):
    rng, n_bins = np.random.default_rng(0), (64, 32)
    earlier, current = window(rng, 200, "a", basis), window(rng, 100, "b", basis, words=[*WORDS, *(["zap"] * 4)])
    result = compare_with_pool(earlier, current, n_bins=n_bins, n_permutations=399, rng=np.random.default_rng(1))
    # Other splits of the same bins, each by hand: the p-value must agree as far as chance lets it.
    places = [np.arange(64, 96), *(rng.permutation(96)[:32] for _ in range(399))]
    values = np.array([by_hand(earlier, current, n_bins, chosen) for chosen in places]).T
    largest = max_standardised(values)[0]
    p_value = np.mean(largest >= largest[0])
    assert result.by_kind["lexical"] == pytest.approx(
        p_value, abs=4 * np.sqrt(2 * p_value * (1 - p_value) / 400) + 0.01
    )


@pytest.mark.parametrize(
    ("n_units", "expected"),
    [((20, 20), (20, 20)), ((19, 300), None), ((300, 19), None), ((300, 200), (96, 64)), ((2048 * 30, 30), (2048, 1))],
)
def test_a_window_of_twenty_documents_is_enough_and_a_year_may_lie_before_it(n_units, expected):
    assert bins_of_pool_and_window(n_units, 2048) == expected


def test_bins_of_both_hold_equally_much_whatever_their_sizes():
    rng = np.random.default_rng(5)
    for pool, current in rng.integers(20, 200_000, size=(300, 2)).tolist():
        if (n_bins := bins_of_pool_and_window((pool, current), 2048)) is not None:
            assert (pool / n_bins[0]) / (current / n_bins[1]) == pytest.approx(1.0, abs=0.03)
            assert max(n_bins) <= 2048


def test_a_shift_of_meaning_alone_and_one_of_words_alone_are_both_found(basis):
    rng = np.random.default_rng(2)
    earlier = window(rng, 600, "a", basis)
    by_meaning, by_words = window(rng, 150, "b", basis, shift=0.3), window(rng, 150, "c", basis, words=WORDS[20:])
    for current, kind, other in ((by_meaning, "semantic", "lexical"), (by_words, "lexical", "semantic")):
        result = compare_with_pool(earlier, current, n_bins=(256, 64), n_permutations=499, rng=rng)
        assert result.p_value < 0.01
        assert result.by_kind[kind] < 0.01 < result.by_kind[other]


@pytest.mark.slow
@pytest.mark.parametrize(("pool", "n", "n_bins"), [(100, 100, (64, 64)), (2560, 40, (256, 4)), (5120, 20, (256, 1))])
def test_p_values_of_one_law_are_uniform_down_to_a_single_bin(basis, pool, n, n_bins):
    rng, repeats = np.random.default_rng([7, n]), 200
    earlier = [window(rng, pool, "a", basis) for _ in range(repeats // 10)]
    p = np.array(
        [
            compare_with_pool(
                earlier[i // 10], window(rng, n, "b", basis), n_bins=n_bins, n_permutations=99, rng=rng
            ).p_value
            for i in range(repeats)
        ]
    )
    assert stats.kstest(p, "uniform").pvalue > 0.005
    assert np.mean(p <= 0.05) <= 0.05 + 3 * np.sqrt(0.05 * 0.95 / repeats)
