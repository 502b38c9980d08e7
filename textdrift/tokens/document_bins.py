"""Many counted documents into bins of equally many, so that a test permutes hundreds of rows and not millions."""

from __future__ import annotations

from itertools import pairwise

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
    n, n_terms = len(counts), len(counts.terms)
    rows = counts.counts[rng.permutation(n)]
    ends = np.arange(n_bins + 1) * n // n_bins  # of the documents of each bin
    terms, holders, occurrences = [], [], []
    for first, last in pairwise(rows.indptr[ends].tolist()):
        indices, data = rows.indices[first:last], rows.data[first:last]
        held = np.bincount(indices, minlength=n_terms)
        terms.append(np.flatnonzero(held))
        holders.append(held[terms[-1]])
        # Most terms occur once in a text that holds them, so what is counted beyond that is small.
        again = data > 1
        held += np.bincount(indices[again], weights=data[again] - 1, minlength=n_terms).astype(np.int64)
        occurrences.append(held[terms[-1]])
    stored = np.concatenate([[0], np.cumsum([len(held) for held in terms])])
    columns = np.concatenate(terms).astype(np.int32)
    matrices = [
        sparse.csr_matrix((np.concatenate(values).astype(np.int64), columns, stored), shape=(n_bins, n_terms))
        for values in (occurrences, holders)
    ]
    for matrix in matrices:
        matrix.has_canonical_format = True
    return BinnedCounts(
        occurrences=matrices[0], holders=matrices[1], sizes=np.diff(ends).astype(np.int64), terms=counts.terms,
        of_independent=True,
    )  # fmt: skip
