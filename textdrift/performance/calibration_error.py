"""Do the model's probabilities keep their word? Their distance from what came true, and the losses they earn."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtri

from textdrift.performance.scored_rows import ScoredRows
from textdrift.stats.contingency import wilson_intervals
from textdrift.stats.ratio_estimates import FORETOLD_UNITS, mean_interval

__all__ = ["LEAST_PROBABILITY", "brier_score", "calibration_error", "log_loss", "with_probabilities"]

Floats = NDArray[np.float64]
Interval = tuple[float, float, float]

LEAST_PROBABILITY = 1e-15
"""A probability of 0 for what came true counts as this: a log loss of 34.5, not of infinity."""

_DOUBT = 2.0
"""A model that is certain is not believed to the last digit: beside n documents, so many more of each class."""

_MOST_BINS = 15
_FEWEST_IN_BIN = 10
_BINARY = 2
_ROUNDING = 1e-3


def with_probabilities(rows: ScoredRows) -> NDArray[Any]:
    """Return which rows have probabilities, shape (n,), boolean: finite, and summing to 1."""
    if rows.probabilities is None:
        return np.zeros(len(rows), dtype=bool)
    # A row of nan compares as False.
    return np.asarray(np.abs(rows.probabilities.sum(axis=1) - 1.0) <= _ROUNDING)


def brier_score(rows: ScoredRows, *, confidence: float) -> Interval:
    """Return the Brier score of rows that all have label and probabilities: value, low, high.

    The squared distance of the probabilities from the label, 0 at best: Σ (p − y)² over the classes, and half of it
    where there are two, which is the (p − y)² of one of them (Brier 1950; scikit-learn counts so too). The mean over
    documents, with a score interval.

    Examples
    --------
    >>> rows = ScoredRows(label_names=("bad", "good"), labels=np.array([0, 1] * 20), predictions=np.array([0, 1] * 20),
    ...                   probabilities=np.array([[0.9, 0.1], [0.5, 0.5]] * 20), documents=np.arange(40),
    ...                   rows=np.arange(40))
    >>> round(brier_score(rows, confidence=0.95)[0], 2)
    0.13
    """
    p = _probabilities(rows)
    scale = 0.5 if p.shape[1] <= _BINARY else 1.0
    square = (p**2).sum(axis=1)
    own = p[np.arange(len(p)), rows.labels]
    # |p - e_c|^2 = |p|^2 - 2 p_c + 1, for the class that came and for any that might have come.
    expected = scale * (square[:, None] - 2.0 * p + 1.0)
    values = scale * (square - 2.0 * own + 1.0)
    return _mean_loss(rows, values, expected, confidence=confidence, most=2.0 * scale)


def log_loss(rows: ScoredRows, *, confidence: float) -> Interval:
    """Return the mean of −log(probability of the label), in nats, of rows that all have both: value, low, high.

    Probabilities under `LEAST_PROBABILITY` count as that.

    Examples
    --------
    >>> rows = ScoredRows(label_names=("bad", "good"), labels=np.array([0, 1] * 20), predictions=np.array([0, 1] * 20),
    ...                   probabilities=np.full((40, 2), 0.5), documents=np.arange(40), rows=np.arange(40))
    >>> round(log_loss(rows, confidence=0.95)[0], 3)
    0.693
    """
    expected = -np.log(np.clip(_probabilities(rows), LEAST_PROBABILITY, 1.0))
    values = expected[np.arange(len(expected)), rows.labels]
    return _mean_loss(rows, values, expected, confidence=confidence, most=-math.log(LEAST_PROBABILITY))


def calibration_error(rows: ScoredRows, *, confidence: float) -> Interval:
    """Return by how much the confidence misses, of rows that all have label and probabilities: value, low, high.

    Documents are sorted by the probability of the most probable class into at most 15 bins of equally many, 10 or
    more in each. In a bin d is the share of right answers less the mean confidence. The figure is the root of the mean
    of d², each freed of the variance that chance adds to it: without that, a perfectly calibrated model would seem
    worse the fewer documents there are (Kumar, Liang and Ma 2019, the debiased estimator of the squared error). Where
    less is left than chance makes it is 0. Bins hide what cancels within them, so the true error may be larger.

    Cost: O(n log n).

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> said = rng.uniform(0.5, 1.0, 5000)
    >>> labels = (rng.random(5000) < said - 0.1).astype(int)
    >>> rows = ScoredRows(label_names=("bad", "good"), labels=labels, predictions=np.ones(5000, dtype=int),
    ...                   probabilities=np.column_stack([1 - said, said]), documents=np.arange(5000),
    ...                   rows=np.arange(5000))
    >>> round(calibration_error(rows, confidence=0.95)[0], 1)
    0.1
    """
    p = _probabilities(rows)
    top = p.argmax(axis=1)
    said = p[np.arange(len(p)), top]
    # Of two equally probable classes the model's own answer is the one it stands for.
    known = np.maximum(rows.predictions, 0)
    chosen = (rows.predictions >= 0) & (p[np.arange(len(p)), known] >= said)
    right = np.where(chosen, rows.predictions, top) == rows.labels
    weights = rows.weights
    _, document = np.unique(rows.documents, return_inverse=True)
    n = int(document.max()) + 1
    bins = _equal_bins(said, weights, max(1, min(_MOST_BINS, n // _FEWEST_IN_BIN)))
    # One cell for each document in each bin: copies of one text may differ in what the model said.
    cells, cell = np.unique(document * _MOST_BINS + bins, return_inverse=True)
    bin_of_cell = cells % _MOST_BINS
    mass: Floats = np.asarray(np.bincount(cell, weights=weights), dtype=np.float64)
    gap: Floats = np.asarray(np.bincount(cell, weights=weights * (right - said)), dtype=np.float64)

    def per_bin(values: Floats) -> Floats:
        return np.asarray(np.bincount(bin_of_cell, weights=values, minlength=_MOST_BINS), dtype=np.float64)

    in_bin = per_bin(mass)
    used = in_bin > 0
    total = np.where(used, in_bin, 1.0)
    d = per_bin(gap) / total
    count = per_bin(np.ones(len(cells)))
    residual = gap - d[bin_of_cell] * mass
    variance = per_bin(residual**2) / total**2 * np.where(count > 1, count / np.maximum(count - 1, 1), 1.0)
    share = in_bin / n
    square = float(share @ (d**2 - variance))
    # As in `mean_interval`: more documents, as the model expects them, so that few alike ones are not certain.
    doubted = (n * said + _DOUBT) / (n + _BINARY * _DOUBT)
    foretold = np.bincount(bins, weights=weights * doubted * (1.0 - doubted), minlength=_MOST_BINS) / total
    safe = (n * variance + FORETOLD_UNITS * foretold / total) / (n + FORETOLD_UNITS)
    error = float(np.sqrt((share**2) @ np.where(used, 4.0 * d**2 * safe + 2.0 * safe**2, 0.0)))
    reach = float(ndtri(0.5 + confidence / 2.0)) * error
    value = float(np.sqrt(max(0.0, square)))
    # The mean of d² is at least the square of the mean gap, so what accuracy may be bounds it from below.
    sure = float(weights @ said) / n
    accuracy = float(weights @ right) / n
    ends = [float(end) for end in wilson_intervals(accuracy, n, confidence=confidence)]
    high = max(float(np.sqrt(max(0.0, square + reach))), *(abs(end - sure) for end in ends))
    return value, float(np.sqrt(max(0.0, square - reach))), min(1.0, high)


def _probabilities(rows: ScoredRows) -> Floats:
    return np.asarray(rows.probabilities, dtype=np.float64)


def _mean_loss(rows: ScoredRows, values: Floats, expected: Floats, *, confidence: float, most: float) -> Interval:
    """Return the mean over documents; `expected` holds the loss of each class, had it come, shape (n, k)."""
    weights = rows.weights
    _, document = np.unique(rows.documents, return_inverse=True)
    by_document = np.bincount(document, weights=weights * values)
    n, k = len(by_document), expected.shape[1]
    p = (n * _probabilities(rows) + _DOUBT) / (n + k * _DOUBT)
    mean = (p * expected).sum(axis=1)
    variance = (p * expected**2).sum(axis=1) - mean**2
    foretold = (float(weights @ mean) / n, float(weights @ variance) / n)
    return mean_interval(by_document, foretold, confidence=confidence, most=most)


def _equal_bins(values: Floats, weights: Floats, n_bins: int) -> NDArray[Any]:
    """Return a bin for each value, equally heavy as far as ties let them; equal values share a bin."""
    order = np.argsort(values, kind="stable")
    before = np.cumsum(weights[order]) - weights[order]
    cuts = np.searchsorted(before, before[-1] * np.arange(1, n_bins) / n_bins + weights[order[-1]] / n_bins)
    edges = values[order][np.minimum(cuts, len(values) - 1)]
    return np.asarray(np.searchsorted(np.unique(edges), values, side="right"))
