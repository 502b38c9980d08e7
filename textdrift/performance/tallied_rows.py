"""TalliedRows: the documents of one window that have a label and a prediction, counted class by class."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from textdrift.performance.performance_row import Figure
from textdrift.performance.scored_rows import ScoredRows
from textdrift.stats.contingency import wilson_intervals
from textdrift.stats.ratio_estimates import RatioEstimates, ratio_estimates, share_estimates

__all__ = ["TalliedRows"]

_NOTHING = 1e-12


@dataclass(frozen=True, slots=True)
class TalliedRows:
    """The documents of one window that have label and prediction, counted.

    Attributes
    ----------
    rows:
        Those of the window's rows that have both.
    hits, labelled, predicted:
        Shape (documents, k), sparse: how much of each document is right as, is labelled, is predicted the class.
    counts:
        Shape (2, k), the rows labelled and the rows predicted each class.
    confidence:
        Of the intervals.
    """

    rows: ScoredRows
    hits: sparse.csr_matrix
    labelled: sparse.csr_matrix
    predicted: sparse.csr_matrix
    counts: NDArray[Any]
    confidence: float

    @classmethod
    def of(cls, rows: ScoredRows, confidence: float) -> TalliedRows:
        """Count a window; rows without a label or a prediction are left out."""
        rows = rows.where((rows.labels >= 0) & (rows.predictions >= 0))
        weights, k = rows.weights, len(rows.label_names)
        documents, document = np.unique(rows.documents, return_inverse=True)
        right = rows.labels == rows.predictions

        def spread(kept: NDArray[Any], classes: NDArray[Any]) -> sparse.csr_matrix:
            matrix = sparse.coo_matrix((weights[kept], (document[kept], classes[kept])), shape=(len(documents), k))
            return matrix.tocsr()

        every = np.ones(len(rows), dtype=bool)
        return cls(
            rows=rows,
            hits=spread(right, rows.labels),
            labelled=spread(every, rows.labels),
            predicted=spread(every, rows.predictions),
            counts=np.stack([np.bincount(c, minlength=k) for c in (rows.labels, rows.predictions)]),
            confidence=confidence,
        )

    @property
    def n_documents(self) -> int:
        """Documents with a label and a prediction."""
        return int(self.hits.shape[0])

    @property
    def confusion(self) -> NDArray[np.float64]:
        """Shares of documents, shape (k, k), label x prediction."""
        k = len(self.rows.label_names)
        cell = self.rows.labels * k + self.rows.predictions
        shares = np.bincount(cell, weights=self.rows.weights, minlength=k * k).reshape(k, k)
        return np.asarray(shares / max(1, self.n_documents))

    @property
    def has_label(self) -> NDArray[Any]:
        """Whether some document carries the class as label, shape (k,)."""
        return np.asarray(self.counts[0] > 0)

    def accuracy(self) -> Figure:
        """Return the share of right documents."""
        right = sparse.csr_matrix(self.hits.sum(axis=1))
        return _figures(share_estimates(right, len(self.rows)), self.confidence)[0]

    def of_classes(self) -> dict[str, tuple[list[Figure], NDArray[Any]]]:
        """Return the figures of the classes by metric, with the number of documents that each stands on."""
        labels, predictions = self.counts
        either = self.labelled + self.predicted
        estimates = {
            "precision": (ratio_estimates(self.hits, self.predicted, predictions), self.predicted),
            "recall": (ratio_estimates(self.hits, self.labelled, labels), self.labelled),
            "f1": (ratio_estimates(2 * self.hits, either, labels + predictions), either),
            "support": (share_estimates(self.labelled, len(self.rows)), self.labelled),
        }
        return {
            metric: (_figures(estimate, self.confidence), np.diff(sparse.csc_matrix(stands_on).indptr))
            for metric, (estimate, stands_on) in estimates.items()
        }

    def macro_f1(self, classes: NDArray[Any]) -> Figure:
        """Return the mean F1 of some classes.

        Its error is that of the sum of the linearised F1s. The effective number is at most the one that the classes
        have together, so that a class of two documents, both right, does not count as certain.
        """
        hits, either = self.hits[:, classes], (self.labelled + self.predicted)[:, classes]
        each = ratio_estimates(2 * hits, either, self.counts[:, classes].sum(axis=0))
        k = len(each.values)
        influence = hits @ (2.0 / (k * each.totals)) - either @ (each.values / (k * each.totals))
        value = float(each.values.mean())
        variance = float(influence @ influence)
        together = k**2 / float((1.0 / each.effective).sum())
        effective = together if variance <= _NOTHING else min(together, value * (1.0 - value) / variance)
        low, high = wilson_intervals(value, effective, confidence=self.confidence)
        return Figure(value, float(low), float(high))


def _figures(estimates: RatioEstimates, confidence: float) -> list[Figure]:
    lows, highs = estimates.intervals(confidence=confidence)
    return [
        Figure(float(value), float(low), float(high)) if total > 0 else Figure()
        for value, low, high, total in zip(estimates.values, lows, highs, estimates.totals, strict=True)
    ]
