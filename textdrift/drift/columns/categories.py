"""Categories: which label or prediction each document carries."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

__all__ = ["Categories", "Correctness", "categories_of", "category_shares"]


@dataclass(frozen=True, slots=True)
class Categories:
    """One row per document and one column per category; a document whose copies disagree holds fractions.

    Attributes
    ----------
    names:
        The categories of both windows together, sorted.
    shares:
        Shape (n_documents, n_categories), rows sum to 1. Documents without a category are not rows.
    documents:
        Shape (n_documents,), which document of the window each row is.
    """

    names: tuple[str, ...]
    shares: NDArray[Any]
    documents: NDArray[Any]


@dataclass(frozen=True, slots=True)
class Correctness:
    """The share of right predictions among the copies of each document, shape (n_documents,)."""

    shares: NDArray[Any]


def categories_of(*columns: pa.Array) -> tuple[str, ...]:
    """Return the sorted distinct values of the columns, nulls left out."""
    found: set[str] = set()
    for column in columns:
        found.update(value for value in column.unique().to_pylist() if value is not None)
    return tuple(sorted(found))


def category_shares(column: pa.Array, names: tuple[str, ...], document_of_row: NDArray[Any]) -> Categories:
    """Average the one-hot categories of each document's rows; copies of one text are one row.

    Rows whose category is null or not among ``names``, and rows without a document, do not count.

    >>> labels = pa.array(["bad", "good", "good", None], pa.large_string())
    >>> category_shares(labels, ("bad", "good"), np.array([0, 0, 1, 1])).shares.tolist()
    [[0.5, 0.5], [0.0, 1.0]]
    """
    position = {name: i for i, name in enumerate(names)}
    encoded = column.dictionary_encode()
    lookup = np.array([position.get(value, -1) for value in encoded.dictionary.to_pylist()] + [-1], dtype=np.int64)
    codes = lookup[np.asarray(encoded.indices.fill_null(len(lookup) - 1).to_numpy(zero_copy_only=False))]
    held = (codes >= 0) & (document_of_row >= 0)
    n_documents = int(document_of_row.max(initial=-1)) + 1
    cells = document_of_row[held] * len(names) + codes[held]
    counts = np.bincount(cells, minlength=n_documents * len(names)).reshape(n_documents, len(names))
    totals = counts.sum(axis=1)
    documents = np.flatnonzero(totals > 0)
    return Categories(names, counts[documents] / totals[documents, None], documents)
