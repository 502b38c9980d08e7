"""Binned counts of two windows brought together: one vocabulary, and bins of equal mean size."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray
from scipy import sparse

from textdrift.tokens.growing_vocabulary import united_vocabulary
from textdrift.tokens.token_counts import BinnedCounts
from textdrift.windows.binning import BinCounts, coarser_bins, equal_sized_bins

__all__ = ["aligned", "in_coarser_bins", "in_equal_bins", "moved", "with_columns"]


def aligned(reference: BinnedCounts, current: BinnedCounts) -> tuple[BinnedCounts, BinnedCounts]:
    """Return the counts of both windows over one sorted vocabulary, the union of theirs.

    A term that one window names and the other holds as a hash is one term, under its name. Cost: linear in the stored
    counts and the terms.

    Examples
    --------
    >>> def window(terms, row):
    ...     return BinnedCounts(sparse.csr_matrix([row]), sparse.csr_matrix([row]), np.array([3]), terms)
    >>> reference, current = aligned(window(("film", "good"), [1, 2]), window(("bad", "film"), [3, 1]))
    >>> reference.terms, reference.occurrences.toarray().tolist(), current.occurrences.toarray().tolist()
    (('bad', 'film', 'good'), [[0, 1, 2]], [[3, 1, 0]])
    >>> reference.terms is current.terms
    True
    """
    if reference.terms == current.terms:
        return reference, BinnedCounts(current.occurrences, current.holders, current.sizes, reference.terms)
    vocabularies = [pa.array(window.terms, pa.large_string()) for window in (reference, current)]
    terms, (of_reference, of_current) = united_vocabulary(*vocabularies)
    return with_columns(reference, of_reference, terms), with_columns(current, of_current, terms)


def in_coarser_bins(counts: BinnedCounts, n_bins: int) -> BinnedCounts:
    """Return the same counts in fewer bins, each a run of neighbours.

    Raises
    ------
    SettingsError
        When there are fewer bins than asked for.

    Examples
    --------
    >>> one = sparse.csr_matrix(np.array([[1], [0], [2], [4]]))
    >>> coarse = in_coarser_bins(BinnedCounts(one, one, np.array([1, 1, 2, 5]), ("film",)), 2)
    >>> coarse.occurrences.toarray().tolist(), coarse.sizes.tolist()
    ([[1], [6]], [2, 7])
    """
    runs = coarser_bins(len(counts), n_bins)
    if n_bins == len(counts):
        return counts
    of_run = sparse.csr_matrix((np.ones(len(runs), dtype=np.int64), (runs, np.arange(len(runs)))))
    occurrences, holders = (of_run @ matrix for matrix in (counts.occurrences, counts.holders))
    for matrix in (occurrences, holders):
        matrix.sort_indices()
    return BinnedCounts(occurrences, holders, (of_run @ counts.sizes).astype(np.int64), counts.terms)


def in_equal_bins(
    reference: BinnedCounts, current: BinnedCounts, *, n_units: tuple[int, int] | None = None, wanted: int = 256
) -> tuple[BinnedCounts, BinnedCounts]:
    """Return both windows in bins that hold equally many units on average, as a permutation of bins needs.

    Parameters
    ----------
    reference, current:
        Windows of any size, over one vocabulary or two.
    n_units:
        How many independent things each window holds, such as texts whose copies do not count; ``None`` where every
        document is one.
    wanted:
        Bins of both windows together; see ``equal_sized_bins``.

    Raises
    ------
    SettingsError
        When a window is empty, or the larger one has too few bins for the smaller.

    Examples
    --------
    >>> def window(n_documents):
    ...     ones = sparse.csr_matrix(np.ones((256, 1), dtype=np.int64))
    ...     return BinnedCounts(ones, ones, np.full(256, n_documents // 256), ("film",))
    >>> [len(counts) for counts in in_equal_bins(window(25_600), window(6_400))]
    [204, 51]
    """
    available = BinCounts(len(reference), len(current))
    n, m = n_units or (reference.n_documents, current.n_documents)
    n_bins = equal_sized_bins(n, m, available, wanted=wanted)
    return in_coarser_bins(reference, n_bins.reference), in_coarser_bins(current, n_bins.current)


def with_columns(counts: BinnedCounts, columns: NDArray[np.int64], terms: tuple[str, ...]) -> BinnedCounts:
    """Return the counts over another vocabulary; columns that go to one place are added. Cost: linear.

    Parameters
    ----------
    counts:
        Of ``v`` terms.
    columns:
        Shape (v,), where the column of each goes.
    terms:
        The vocabulary they go to.

    Examples
    --------
    >>> one = sparse.csr_matrix([[1, 2]])
    >>> moved = with_columns(BinnedCounts(one, one, np.array([3]), ("a", "b")), np.array([1, 0]), ("b", "a", "c"))
    >>> moved.occurrences.toarray().tolist()
    [[2, 1, 0]]
    """
    occurrences, holders = (moved(m, columns, len(terms)) for m in (counts.occurrences, counts.holders))
    return BinnedCounts(occurrences, holders, counts.sizes, terms)


def moved(matrix: sparse.csr_matrix, columns: NDArray[np.int64], n_columns: int) -> sparse.csr_matrix:
    """Return a canonical matrix with each column in a new place; columns that go to one place are added."""
    unsorted = sparse.csr_matrix(
        (matrix.data, columns[matrix.indices], matrix.indptr), shape=(matrix.shape[0], n_columns)
    )
    # Turned twice it is sorted by counting; in between, what shares a cell lies side by side.
    turned = unsorted.tocsc()
    turned.sum_duplicates()
    return turned.tocsr()
