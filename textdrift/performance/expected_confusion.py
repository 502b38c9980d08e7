"""ExpectedConfusion: how many documents of each label get each prediction, as calibrated probabilities expect it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from textdrift.performance.calibrating_probabilities import Calibration
from textdrift.performance.scored_rows import ScoredRows
from textdrift.stats.contingency import wilson_intervals

__all__ = ["Estimate", "ExpectedConfusion", "expect_confusion"]

Floats = NDArray[np.float64]

_EDGE = 1e-9


@dataclass(frozen=True, slots=True, kw_only=True)
class Estimate:
    """A share in [0, 1] with its 95 % interval; (0, 1) where nothing is known of its error."""

    value: float
    low: float
    high: float

    def described(self) -> dict[str, float]:
        """Return plain values for the report."""
        return {"value": self.value, "low": self.low, "high": self.high}


@dataclass(frozen=True, slots=True, kw_only=True)
class ExpectedConfusion:
    """Expected share of each pair of label and prediction among the documents of one window, k classes.

    Attributes
    ----------
    label_names:
        The k classes.
    shares:
        Shape (k, k), label x prediction; sums to 1.
    squares:
        Shape (k, k, k), for each prediction the sum over documents of q q' / m^2, with q the calibrated probabilities.
    slopes:
        Shape (k, k, r), d(shares) / d(parameters of the calibration).
    covariance:
        Shape (r, r), of the error of those parameters; NaN where it is not known.
    n_documents:
        m, the documents.
    n_labelled:
        The labelled documents of the calibration.
    """

    label_names: tuple[str, ...]
    shares: Floats
    squares: Floats
    slopes: Floats
    covariance: Floats
    n_documents: int
    n_labelled: float

    @property
    def accuracy(self) -> Estimate:
        """The share of right predictions; with Wilson's interval on as many documents as its variance amounts to."""
        return self._share(float(np.trace(self.shares)), np.eye(len(self.label_names)))

    def variance(self, value_of: NDArray[Any]) -> float:
        """Return the variance of the mean over documents of a value that a label and a prediction have.

        Two errors add up: of the sample, and of the calibration, whose reference is finite, too. The sample's is the
        larger of two: that of the labels that *these* documents turn out to have, given their probabilities, and that
        of having drawn these documents from the source. For accuracy, with predictions that are right more often than
        not, the first is always the larger: E q (1 - q) >= (1 - E q) / 2 >= Var q for q in [1/2, 1].

        Parameters
        ----------
        value_of:
            Shape (k, k), label x prediction.
        """
        value_of = np.asarray(value_of, dtype=np.float64)
        of_labels = float((value_of**2 * self.shares).sum()) / self.n_documents - self._explained(value_of)
        slope = self._slope(value_of)
        return max(of_labels, self._of_draw(value_of)) + float(slope @ self.covariance @ slope)

    def change_variance(self, reference: ExpectedConfusion, value_of: NDArray[Any]) -> float:
        """Return the variance of the mean of a value in this window minus that of the reference, both expected.

        Both windows meet one calibration, whose error mostly cancels; what remains is that of the draws. Labels are not
        drawn: it is the change of the two sources, not of the labels that these documents turn out to have.
        """
        value_of = np.asarray(value_of, dtype=np.float64)
        slope = self._slope(value_of) - reference._slope(value_of)
        of_draws = self._of_draw(value_of) + reference._of_draw(value_of)
        return of_draws + float(slope @ self.covariance @ slope)

    def by_class(self) -> list[dict[str, object]]:
        """Return share, recall, precision and F1 of each class; ``None`` where a class has no share to divide by."""
        of_label, of_prediction = self.shares.sum(axis=1), self.shares.sum(axis=0)
        rows: list[dict[str, object]] = []
        for c, name in enumerate(self.label_names):
            hit = float(self.shares[c, c])
            both = float(of_label[c] + of_prediction[c])
            recall = self._ratio(c, float(of_label[c]), by_label=True)
            precision = self._ratio(c, float(of_prediction[c]), by_label=False)
            rows.append(
                {
                    "label": name,
                    "share": float(of_label[c]),
                    "recall": recall.described() if recall else None,
                    "precision": precision.described() if precision else None,
                    "f1": 2 * hit / both if both > _EDGE else None,
                }
            )
        return rows

    @property
    def macro_f1(self) -> float:
        """The mean F1 of the classes that have a label or a prediction."""
        both = self.shares.sum(axis=1) + self.shares.sum(axis=0)
        present = both > _EDGE
        return float((2 * np.diag(self.shares)[present] / both[present]).mean())

    def _explained(self, value_of: Floats) -> float:
        return float(np.einsum("yp,pyz,zp->", value_of, self.squares, value_of))

    def _of_draw(self, value_of: Floats) -> float:
        mean = float((value_of * self.shares).sum())
        return max(0.0, self._explained(value_of) - mean**2 / self.n_documents)

    def _slope(self, value_of: Floats) -> Floats:
        return np.asarray(np.einsum("yp,ypr->r", value_of, self.slopes))

    def _ratio(self, c: int, whole: float, *, by_label: bool) -> Estimate | None:
        """Return recall or precision; the ratio's error is that of its linear part."""
        if whole <= _EDGE:
            return None
        ratio = float(self.shares[c, c]) / whole
        part = np.zeros_like(self.shares)
        part[(c, slice(None)) if by_label else (slice(None), c)] = -ratio / whole
        part[c, c] += 1 / whole
        return self._share(ratio, part, whole)

    def _share(self, value: float, value_of: Floats, whole: float = 1.0) -> Estimate:
        """Return Wilson's interval on the number of documents that would have this variance.

        They are never more than carry the labels that the calibration learned from: where next to none of these is
        wrong the inverse Hessian promises more than labels can.
        """
        variance = self.variance(value_of)
        if not np.isfinite(variance):
            return Estimate(value=value, low=0.0, high=1.0)
        inside = min(max(value, 0.0), 1.0)
        most = self.n_labelled * whole
        alike = min(most, inside * (1.0 - inside) / variance) if variance > 0 else most
        low, high = wilson_intervals(inside, alike)
        return Estimate(value=inside, low=float(low), high=float(high))


def expect_confusion(rows: ScoredRows, calibration: Calibration) -> ExpectedConfusion:
    """Add up the calibrated probabilities by prediction; copies of a text are one document, whose label is one draw.

    Every row needs a prediction and probabilities. Cost: O(n k^2).
    """
    given = np.asarray(rows.probabilities)
    k = len(rows.label_names)
    q = calibration.probabilities(given, rows.predictions)
    weights = rows.weights
    n_documents = len(np.unique(rows.documents))
    shares, squares = np.zeros((k, k)), np.zeros((k, k, k))
    slopes = np.zeros((k, k, 2 * k + 1))
    for p in np.unique(rows.predictions):
        chosen = rows.predictions == p
        _, document = np.unique(rows.documents[chosen], return_inverse=True)
        summed = np.zeros((int(document.max()) + 1, k))
        np.add.at(summed, document, q[chosen] * weights[chosen, None])
        shares[:, p] = summed.sum(axis=0) / n_documents
        squares[p] = summed.T @ summed / n_documents**2
        slopes[:, p] = calibration.slope(given[chosen], int(p), weights[chosen]) / n_documents
    return ExpectedConfusion(
        label_names=rows.label_names,
        shares=shares,
        squares=squares,
        slopes=slopes,
        covariance=calibration.covariance,
        n_documents=n_documents,
        n_labelled=calibration.n_documents,
    )
