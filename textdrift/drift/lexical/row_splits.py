"""Random splits of rows of counted terms: the rows of both windows, and what falls into the reference each time."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from textdrift.stats.permutations import reference_indicators
from textdrift.tokens.token_counts import RowCounts

__all__ = ["PooledRows", "TermChunk"]

Floats = NDArray[np.float64]
Indices = NDArray[np.intp]

# A chunk of terms by a block of splits fits a processor's cache.
_CELLS = 2**19
_SPLITS_OF_DOCUMENTS = 128
_SPLITS_OF_BINS = 2048
_DENSE_ROWS = 1024  # rows that many documents were summed in: hardly a cell of such a matrix is empty
_WHOLE_NUMBERS = 2**24  # float32 holds them up to here


@dataclass(frozen=True, slots=True)
class TermChunk:
    """Some terms in some splits.

    Attributes
    ----------
    terms:
        Which of the kept terms, a slice.
    splits:
        Which of the splits, a slice; split 0 is the observed one.
    in_reference:
        Documents of the rows that stand in for the reference which hold each term, shape (n_terms, n_splits).
    documents:
        Documents of those rows, shape (n_splits,).
    rows:
        1 for the rows that stand in for the reference, shape (n_rows, n_splits).
    """

    terms: slice
    splits: slice
    in_reference: NDArray[Any]
    documents: Floats
    rows: NDArray[Any]

    @property
    def is_first(self) -> bool:
        """Whether these splits have not been met before: what is a sum over rows is to be counted once."""
        return bool(self.terms.start == 0)


@dataclass(frozen=True, slots=True)
class PooledRows:
    """The rows of both windows one after the other, over the terms that are looked at.

    Attributes
    ----------
    by_term:
        CSR, shape (n_terms, n_rows): documents of each row that hold each term, or how often the row holds it.
    sizes:
        Documents of each row, shape (n_rows,).
    n_reference:
        Rows of the reference; they come first.
    """

    by_term: sparse.csr_matrix
    sizes: Floats
    n_reference: int

    @classmethod
    def holding(cls, reference: RowCounts, current: RowCounts, terms: Indices) -> PooledRows:
        """Pool how many documents of each row hold some terms."""
        return cls._pooled([side.holders for side in (reference, current)], reference, current, terms)

    @classmethod
    def occurring(cls, reference: RowCounts, current: RowCounts, terms: Indices) -> PooledRows:
        """Pool how often each row holds some terms."""
        return cls._pooled([side.occurrences for side in (reference, current)], reference, current, terms)

    @classmethod
    def _pooled(
        cls, matrices: list[sparse.csr_matrix], reference: RowCounts, current: RowCounts, terms: Indices
    ) -> PooledRows:
        pooled = sparse.vstack(matrices, format="csc")[:, terms]
        sizes = np.concatenate([reference.sizes, current.sizes]).astype(np.float64)
        # float32 holds the whole numbers of most windows, and is half the work.
        exact = np.float32 if pooled.sum() < _WHOLE_NUMBERS and sizes.sum() < _WHOLE_NUMBERS else np.float64
        return cls(sparse.csr_matrix(pooled.T, dtype=exact), sizes, len(reference))

    @property
    def n_rows(self) -> tuple[int, int]:
        """Rows of the reference and of the current window."""
        return self.n_reference, len(self.sizes) - self.n_reference

    @property
    def in_bins(self) -> bool:
        """Whether a row is many documents, so that there are few of them and hardly a cell is empty."""
        return len(self.sizes) <= _DENSE_ROWS and bool(self.sizes.max(initial=1) > 1)

    @property
    def words_of_rows(self) -> Floats:
        """Occurrences in each row, shape (n_rows,)."""
        return np.asarray(self.by_term.sum(axis=0, dtype=np.float64)).ravel()

    @property
    def held(self) -> Floats:
        """Documents of all rows that hold each term, shape (n_terms,)."""
        return np.asarray(self.by_term.sum(axis=1, dtype=np.float64)).ravel()

    @property
    def n_holding_rows(self) -> NDArray[np.int64]:
        """Rows that hold each term at all, shape (n_terms,)."""
        return np.asarray(np.diff(self.by_term.indptr), dtype=np.int64)

    def residual_variance(self) -> Floats:
        """Return the variance, over random splits, of a term's documents in the reference beyond its share of them.

        With x_i the documents of row i that hold the term, s_i those of the row and p = Σx / Σs, a split moves
        D = Σ (x_i − p s_i) over the rows of the reference; D sums to zero over all rows, so its variance over splits of
        k + l rows is k l / ((k + l)(k + l − 1)) Σ (x_i − p s_i)², exactly. Shape (n_terms,).
        """
        k, others = self.n_rows
        share = self.held / self.sizes.sum()
        squares = self.by_term.astype(np.float64)
        crossed = squares @ self.sizes
        squares.data **= 2
        spread = np.asarray(squares.sum(axis=1)).ravel() - 2 * share * crossed + share**2 * (self.sizes @ self.sizes)
        total = k + others
        return np.asarray(np.maximum(spread, 0.0) * k * others / (total * max(1, total - 1)))

    def chunks(self, n_permutations: int, rng: np.random.Generator) -> Iterator[TermChunk]:
        """Yield every term in the observed split and in ``n_permutations`` random ones, cell by cell once.

        Splits come in blocks, and each block passes over all terms, chunk by chunk; where there are no terms, one empty
        chunk still tells the rows of each split.
        """
        dense = self.in_bins
        width = _SPLITS_OF_BINS if dense else _SPLITS_OF_DOCUMENTS
        done = 0
        for columns in reference_indicators(*self.n_rows, n_permutations, rng):
            for start in range(0, columns.shape[1], width):
                block = np.ascontiguousarray(columns[:, start : start + width], dtype=self.by_term.dtype)
                documents = self.sizes @ block.astype(np.float64)
                splits = slice(done, done + block.shape[1])
                yield from self._terms_in(block, documents, splits, dense=dense)
                done += block.shape[1]

    def _terms_in(self, block: NDArray[Any], documents: Floats, splits: slice, *, dense: bool) -> Iterator[TermChunk]:
        n_terms = self.by_term.shape[0]
        step = max(1, _CELLS // block.shape[1])
        for start in range(0, max(1, n_terms), step):
            part = self.by_term[start : start + step]
            in_reference = (part.toarray() if dense else part) @ block
            yield TermChunk(slice(start, min(start + step, n_terms)), splits, in_reference, documents, block)
