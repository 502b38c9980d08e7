"""TokenCounts: documents x terms over a vocabulary that both windows share."""

from __future__ import annotations

from dataclasses import dataclass

from scipy import sparse

__all__ = ["TokenCounts"]


@dataclass(frozen=True, slots=True)
class TokenCounts:
    """How often each document holds each term.

    Attributes
    ----------
    counts:
        Sparse CSR matrix, shape (n_documents, n_terms), ``int32``, canonical (sorted indices, no stored zeros).
    terms:
        The vocabulary, shape (n_terms,), sorted; both windows of a comparison share one and the same tuple.
    """

    counts: sparse.csr_matrix
    terms: tuple[str, ...]

    def __len__(self) -> int:
        """Return the number of documents."""
        return int(self.counts.shape[0])
