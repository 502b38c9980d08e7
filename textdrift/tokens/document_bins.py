"""Many counted documents into bins of equally many, so that a test permutes hundreds of rows and not millions."""

from __future__ import annotations

import numpy as np
from scipy import sparse

from textdrift.tokens.token_counts import BinnedCounts, TokenCounts

__all__ = ["documents_in_bins"]

_BINS = 256
_FEWEST_BINS = 32


def documents_in_bins(
    reference: TokenCounts, current: TokenCounts, *, rng: np.random.Generator
) -> tuple[BinnedCounts, BinnedCounts]:
    """Sum the documents of both windows in bins of equally many, each document in a bin drawn at random.

    Where the documents of both windows are exchangeable, so are such bins. There are about 256 bins in both windows
    together, and 32 or more in the smaller one as far as its documents reach. Cost: O(stored counts).

    Parameters
    ----------
    reference, current:
        Documents that may count as independent; both windows hold some.
    rng:
        Draws which documents meet in a bin.

    Examples
    --------
    >>> counts = TokenCounts(sparse.csr_matrix(np.ones((1000, 1), dtype=np.int32)), ("good",))
    >>> few, many = documents_in_bins(counts.taken(np.arange(100)), counts, rng=np.random.default_rng(0))
    >>> len(few), len(many), set(few.sizes.tolist()), int(many.holders.sum())
    (32, 320, {3, 4}, 1000)
    """
    n, m = len(reference), len(current)
    size = max(1.0, min((n + m) / _BINS, min(n, m) / _FEWEST_BINS))
    first, second = (_binned(side, max(1, round(len(side) / size)), rng) for side in (reference, current))
    return first, second


def _binned(counts: TokenCounts, n_bins: int, rng: np.random.Generator) -> BinnedCounts:
    n = len(counts)
    bins = np.arange(n) * n_bins // n
    documents = rng.permutation(n)
    gather = sparse.csr_matrix((np.ones(n, dtype=np.int32), (bins, documents)), shape=(n_bins, n))
    holders = _canonical(gather @ counts.holders)
    # Most terms occur once in a text that holds them, so what is counted beyond that is small.
    repeats = counts.counts.copy()
    repeats.data -= 1
    repeats.eliminate_zeros()
    return BinnedCounts(
        occurrences=_canonical(holders + gather @ repeats),
        holders=holders,
        sizes=np.bincount(bins, minlength=n_bins).astype(np.int64),
        terms=counts.terms,
    )


def _canonical(sums: sparse.csr_matrix) -> sparse.csr_matrix:
    sums = sums.astype(np.int64)
    sums.sort_indices()
    return sums
