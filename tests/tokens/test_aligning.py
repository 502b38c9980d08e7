"""Two windows of binned counts over one vocabulary and in bins of equal size: nothing is lost, nothing moves."""

import numpy as np
import pytest
from scipy import sparse

from textdrift.errors import SettingsError
from textdrift.tokens.aligning import aligned, in_coarser_bins, in_equal_bins
from textdrift.tokens.token_counts import BinnedCounts
from textdrift.tokens.unnamed import unnamed


def random_counts(seed, terms, n_bins=32):
    rng = np.random.default_rng(seed)
    holders = rng.poisson(0.7, (n_bins, len(terms)))
    occurrences = holders + (holders > 0) * rng.poisson(0.5, holders.shape)
    sizes = holders.max(axis=1) + rng.integers(0, 4, n_bins)
    return BinnedCounts(
        sparse.csr_matrix(occurrences, dtype=np.int64), sparse.csr_matrix(holders, dtype=np.int64), sizes, terms
    )


def cells(counts, matrix="occurrences"):
    """Return (bin, term) -> count."""
    found = getattr(counts, matrix).tocoo()
    return {(b, counts.terms[t]): n for b, t, n in zip(found.row, found.col, found.data, strict=True)}


def test_aligned_windows_share_one_tuple_and_keep_every_count():
    reference, current = random_counts(0, ("b", "c", "e")), random_counts(1, ("a", "c", "d", "e"))
    first, second = aligned(reference, current)
    assert first.terms is second.terms
    assert first.terms == ("a", "b", "c", "d", "e")
    for before, after in ((reference, first), (current, second)):
        for matrix in ("occurrences", "holders"):
            assert cells(before, matrix) == cells(after, matrix)
            assert getattr(after, matrix).has_canonical_format
        assert after.sizes.tolist() == before.sizes.tolist()


def test_equal_vocabularies_become_one_tuple():
    reference, current = random_counts(0, ("a", "b")), random_counts(1, tuple("ab"))
    first, second = aligned(reference, current)
    assert first is reference
    assert second.terms is first.terms
    assert cells(second) == cells(current)


def test_a_word_that_one_window_does_not_name_is_no_difference_between_them():
    named = random_counts(0, ("film", "zoe"))
    other = BinnedCounts(named.occurrences[:, [1, 0]], named.holders[:, [1, 0]], named.sizes, (unnamed("zoe"), "film"))
    first, second = aligned(named, other)
    assert first.terms == ("film", "zoe")
    assert cells(first) == cells(second)
    assert aligned(other, named)[0].terms == ("film", "zoe")


@pytest.mark.parametrize("n_bins", [1, 3, 16, 31, 32])
def test_coarser_bins_are_sums_of_neighbours(n_bins):
    counts = random_counts(2, ("a", "b", "c"))
    coarse = in_coarser_bins(counts, n_bins)
    run = np.arange(32) * n_bins // 32
    for matrix in ("occurrences", "holders"):
        expected = np.zeros((n_bins, 3), dtype=np.int64)
        np.add.at(expected, run, getattr(counts, matrix).toarray())
        assert np.array_equal(getattr(coarse, matrix).toarray(), expected)
        assert getattr(coarse, matrix).has_canonical_format
        assert getattr(coarse, matrix).dtype == np.int64
    assert coarse.sizes.tolist() == np.bincount(run, counts.sizes).tolist()


def test_more_bins_than_there_are_cannot_be_had():
    with pytest.raises(SettingsError, match="1 to 32"):
        in_coarser_bins(random_counts(0, ("a",)), 64)


def test_windows_of_any_size_come_to_bins_of_equal_mean_size():
    ones = sparse.csr_matrix(np.ones((256, 1), dtype=np.int64))
    large, small = (BinnedCounts(ones, ones, np.full(256, size), ("a",)) for size in (700, 100))
    for reference, current in ((large, small), (small, large), (small, small)):
        first, second = in_equal_bins(reference, current)
        assert first.n_documents == reference.n_documents
        assert first.sizes.mean() == pytest.approx(second.sizes.mean(), rel=0.02)
        assert min(len(first), len(second)) >= 32
    with pytest.raises(SettingsError, match="both windows need documents"):
        in_equal_bins(large, BinnedCounts(ones, ones, np.zeros(256, dtype=np.int64), ("a",)))
