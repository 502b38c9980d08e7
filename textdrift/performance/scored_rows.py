"""ScoredRows: labels, predictions and probabilities of one window, row by row."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

__all__ = ["ScoredRows"]


@dataclass(frozen=True, slots=True, kw_only=True)
class ScoredRows:
    """The rows of one window whose documents count, with what is known of each.

    Attributes
    ----------
    label_names:
        The k classes of both windows, sorted: labels, predictions and probabilities together.
    labels, predictions:
        Shape (n,), positions in `label_names`; -1 where a row has none.
    probabilities:
        Shape (n, k), rows sum to 1, zeros for classes that the model does not know, NaN where a row lacks one;
        ``None`` without that role.
    documents:
        Shape (n,), the document of each row: copies of one text share it, and are not independent.
    rows:
        Shape (n,), the row of the window.
    """

    label_names: tuple[str, ...]
    labels: NDArray[Any]
    predictions: NDArray[Any]
    probabilities: NDArray[Any] | None
    documents: NDArray[Any]
    rows: NDArray[Any]

    def __len__(self) -> int:
        """Return the number of rows."""
        return len(self.rows)

    def where(self, chosen: NDArray[Any]) -> ScoredRows:
        """Return the rows of a boolean mask, or at some positions."""
        return ScoredRows(
            label_names=self.label_names,
            labels=self.labels[chosen],
            predictions=self.predictions[chosen],
            probabilities=None if self.probabilities is None else self.probabilities[chosen],
            documents=self.documents[chosen],
            rows=self.rows[chosen],
        )

    @property
    def weights(self) -> NDArray[Any]:
        """One over the rows of the row's document, shape (n,): each document weighs 1.

        >>> none = np.array([-1, -1, -1])
        >>> rows = ScoredRows(label_names=("a",), labels=none, predictions=none, probabilities=None,
        ...                   documents=np.array([7, 7, 8]), rows=np.arange(3))
        >>> rows.weights.tolist()
        [0.5, 0.5, 1.0]
        """
        _, position, sizes = np.unique(self.documents, return_inverse=True, return_counts=True)
        return np.asarray(1.0 / sizes[position])
