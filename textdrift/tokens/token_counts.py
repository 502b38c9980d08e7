"""Counted terms: rows x terms over a vocabulary that both windows share; a row is a document, or a bin of many."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from textdrift.errors import TokenizerError

__all__ = ["BinnedCounts", "RowCounts", "TokenCounts", "check_shared_terms"]


class RowCounts(Protocol):
    """Rows x terms, whatever a row is: what the lexical tests compare, and all that they permute are its rows."""

    @property
    def terms(self) -> tuple[str, ...]:
        """The vocabulary, shape (n_terms,), sorted; both windows of a comparison share one and the same tuple."""
        ...

    @property
    def occurrences(self) -> sparse.csr_matrix:
        """How often each row holds each term, shape (n_rows, n_terms)."""
        ...

    @property
    def holders(self) -> sparse.csr_matrix:
        """How many documents of each row hold each term, shape (n_rows, n_terms)."""
        ...

    @property
    def sizes(self) -> NDArray[np.int64]:
        """How many documents each row is, shape (n_rows,)."""
        ...

    @property
    def n_documents(self) -> int:
        """Documents in all rows together."""
        ...

    def __len__(self) -> int:
        """Return the number of rows."""
        ...


@dataclass(frozen=True, slots=True)
class TokenCounts:
    """How often each document holds each term: a row is a document.

    Attributes
    ----------
    counts:
        Sparse CSR matrix, shape (n_documents, n_terms), ``int32``, canonical (sorted indices, no stored zeros).
    terms:
        The vocabulary, shape (n_terms,), sorted; both windows of a comparison share one and the same tuple.
    """

    counts: sparse.csr_matrix
    terms: tuple[str, ...]

    @property
    def occurrences(self) -> sparse.csr_matrix:
        """How often each document holds each term, shape (n_documents, n_terms)."""
        return self.counts

    @property
    def holders(self) -> sparse.csr_matrix:
        """1 where a document holds a term, shape (n_documents, n_terms)."""
        ones = np.ones_like(self.counts.data)
        return sparse.csr_matrix((ones, self.counts.indices, self.counts.indptr), shape=self.counts.shape)

    @property
    def sizes(self) -> NDArray[np.int64]:
        """One document a row, shape (n_documents,)."""
        return np.ones(len(self), dtype=np.int64)

    @property
    def n_documents(self) -> int:
        """Documents."""
        return len(self)

    def taken(self, documents: NDArray[Any]) -> TokenCounts:
        """Return the counts of some documents, in the order asked for, over the same vocabulary.

        >>> counts = TokenCounts(sparse.csr_matrix([[1, 0], [0, 2]]), ("a", "b"))
        >>> counts.taken(np.array([1])).counts.toarray().tolist()
        [[0, 2]]
        """
        return TokenCounts(self.counts[documents], self.terms)

    def __len__(self) -> int:
        """Return the number of documents."""
        return int(self.counts.shape[0])


@dataclass(frozen=True, slots=True)
class BinnedCounts:
    """The counts of many documents, summed in bins: a row is a bin, and sums of shards merge by addition.

    Attributes
    ----------
    occurrences:
        How often each bin holds each term, CSR, shape (n_bins, n_terms), ``int64``, canonical.
    holders:
        How many documents of each bin hold each term, CSR, same shape and type.
    sizes:
        Documents of each bin, shape (n_bins,), ``int64``.
    terms:
        The vocabulary, shape (n_terms,), sorted.
    of_independent:
        The documents were independent before they were summed, so that their number says how much is known; else some
        may be copies of others, or of one author, and only the bins are independent.
    """

    occurrences: sparse.csr_matrix
    holders: sparse.csr_matrix
    sizes: NDArray[np.int64]
    terms: tuple[str, ...]
    of_independent: bool = False

    @property
    def n_documents(self) -> int:
        """Documents in all bins together."""
        return int(self.sizes.sum())

    def __len__(self) -> int:
        """Return the number of bins."""
        return len(self.sizes)


def check_shared_terms(reference: RowCounts, current: RowCounts) -> None:
    """Refuse counts over two vocabularies.

    Raises
    ------
    TokenizerError
        The windows were counted apart.
    """
    if reference.terms is not current.terms and reference.terms != current.terms:
        raise TokenizerError(
            f"the windows were counted over two vocabularies ({len(reference.terms)} and {len(current.terms)} terms); "
            f"one shared vocabulary was needed: count both in one call of count_tokens(reference, current)"
        )
