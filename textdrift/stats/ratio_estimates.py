"""Intervals of many ratios at once, of means, and of their changes, where whole documents are what is drawn."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import sparse

from textdrift.stats.contingency import wilson_intervals

__all__ = ["FORETOLD_UNITS", "RatioEstimates", "mean_interval", "ratio_estimates", "share_estimates", "square_and_add"]

Floats = NDArray[np.float64]

_NOTHING = 1e-12

FORETOLD_UNITS = 20.0
"""Units beyond those seen, with losses as the forecaster's own probabilities foretell, that tell how losses vary."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RatioEstimates:
    """Ratios in [0, 1] of sums over units, one per column.

    Attributes
    ----------
    values:
        Marked over all, shape (k,); 0 where there is nothing to be marked.
    totals:
        Shape (k,), what the ratio stands on: 0 where it stands on nothing.
    variances:
        Shape (k,), by linearisation.
    effective:
        Shape (k,): as many independent marks would be as sure.
    """

    values: Floats
    totals: Floats
    variances: Floats
    effective: Floats

    def intervals(self, *, confidence: float) -> tuple[Floats, Floats]:
        """Return Wilson's intervals on the effective numbers (Korn and Graubard 1998), lower and upper ends."""
        return wilson_intervals(self.values, self.effective, confidence=confidence)


def ratio_estimates(marked: Any, total: Any, n_rows: ArrayLike) -> RatioEstimates:
    """Return the ratio of each column's sums, and how sure it is where rows are what is drawn.

    With b_i of t_i marked in unit i and p = Σb / Σt, the ratio has variance n / (n − 1) Σ (b_i − p t_i)² / (Σt)²
    (Cochran 1977, section 6.4), n the units with t_i > 0; p (1 − p) over that is the effective number. It is at most
    the number of rows: units that are marked more evenly than by chance say no more than their rows. Where nothing
    or everything is marked no unit shows how it varies: it is (Σt)² / Σt² there, that of units marked as a whole.

    Parameters
    ----------
    marked, total:
        Shape (n, k), sparse, not negative, marked at most total.
    n_rows:
        Shape (k,): the rows that a column's total is a sum over.

    Examples
    --------
    >>> from scipy import sparse
    >>> marked, total = (sparse.csr_matrix(np.array([column]).T) for column in ([1.0, 0, 1, 1], [1.0, 1, 1, 1]))
    >>> estimates = ratio_estimates(marked, total, 4)
    >>> estimates.values.tolist(), estimates.effective.round(6).tolist()
    ([0.75], [4.0])
    """
    b, t = (sparse.csc_matrix(part, dtype=np.float64) for part in (marked, total))
    return _estimates(
        (_sums(b), _sums(b.multiply(b))),
        (_sums(t), _sums(t.multiply(t))),
        _sums(b.multiply(t)),
        np.diff(t.indptr),
        n_rows,
    )


def share_estimates(marked: Any, n_rows: ArrayLike) -> RatioEstimates:
    """Return each column's mean over all n units: `ratio_estimates` with a total of 1 for every unit.

    Examples
    --------
    >>> share_estimates(sparse.csr_matrix([[1.0], [0.0], [0.5], [1.0]]), 5).values.tolist()
    [0.625]
    """
    b = sparse.csc_matrix(marked, dtype=np.float64)
    n = np.full(b.shape[1], float(b.shape[0]))
    sums = _sums(b)
    return _estimates((sums, _sums(b.multiply(b))), (n, n), sums, n, n_rows)


def mean_interval(
    values: NDArray[Any], foretold: tuple[float, float], *, confidence: float, most: float
) -> tuple[float, float, float]:
    """Return the mean of losses in [0, most] with a score interval: value, low, high.

    Wilson's interval for a share, on n m (most − m) / variance units: the variance grows with the mean, as it does
    where a loss is mostly that of rare gross errors, and the interval is right for such skew. Few alike losses do not
    show how they vary, so `FORETOLD_UNITS` more are counted in m and in the variance there; the value is the plain
    mean.

    Parameters
    ----------
    values:
        Shape (n,), n ≥ 1, one per unit.
    foretold:
        Mean and variance of the loss of a unit that is yet to come.
    confidence:
        In (0, 1).
    most:
        The largest possible loss.

    Examples
    --------
    >>> [round(end, 3) for end in mean_interval(np.zeros(20), (0.08, 0.08), confidence=0.95, most=1.0)]
    [0.0, 0.0, 0.167]
    """
    n = len(values)
    mean = float(values.mean())
    share = n / (n + FORETOLD_UNITS)
    level = share * mean + (1.0 - share) * foretold[0]
    variance = share * float(values.var()) + (1.0 - share) * foretold[1]
    if variance <= _NOTHING * most**2 or not 0.0 < level < most:
        return mean, mean, mean
    low, high = wilson_intervals(mean / most, n * level * (most - level) / variance, confidence=confidence)
    return mean, float(low) * most, float(high) * most


def square_and_add(
    reference: tuple[float, float, float], current: tuple[float, float, float]
) -> tuple[float, float, float]:
    """Return the change of a figure, current minus reference, with its interval: value, low, high.

    Both are (value, low, high) of independent windows. Newcombe's way with two shares, for any two figures (Zou and
    Donner 2008): as wide as the two intervals together, and lopsided where they are.

    Examples
    --------
    >>> [round(end, 2) for end in square_and_add((0.5, 0.4, 0.6), (0.9, 0.8, 0.93))]
    [0.4, 0.26, 0.5]
    """
    (value1, low1, high1), (value2, low2, high2) = reference, current
    change = value2 - value1
    return (
        change,
        change - float(np.hypot(value2 - low2, high1 - value1)),
        change + float(np.hypot(high2 - value2, value1 - low1)),
    )


def _estimates(
    marked: tuple[Floats, Floats], total: tuple[Floats, Floats], both: Floats, n_units: NDArray[Any], n_rows: ArrayLike
) -> RatioEstimates:
    """Return the estimates from the columns' sums of b and b², of t and t², and of b t."""
    (b, b_square), (t, t_square) = marked, total
    stands = t > 0
    values = np.clip(np.divide(b, t, out=np.zeros_like(t), where=stands), 0.0, 1.0)
    residual = np.maximum(b_square - 2.0 * values * both + values**2 * t_square, 0.0)
    n = n_units.astype(np.float64)
    plain = residual / np.where(stands, t, 1.0) ** 2
    units = np.divide(t**2, t_square, out=np.zeros_like(t), where=stands)
    spread = values * (1.0 - values)
    varies = (spread > _NOTHING) & (n > 1)
    # At most the rows: a unit that is marked more evenly than by chance says no more than they do.
    most = np.maximum(np.asarray(n_rows, dtype=np.float64), 1.0)
    # Both variances with n, not n − 1: then n units of 0 or 1 are as good as n marks, and the interval is Wilson's.
    own = np.divide(spread, np.maximum(plain, spread / most), out=np.zeros_like(t), where=varies)
    return RatioEstimates(
        values=values,
        totals=t,
        variances=plain * n / np.maximum(n - 1.0, 1.0),
        effective=np.where(varies, own, units),
    )


def _sums(matrix: Any) -> Floats:
    return np.asarray(matrix.sum(axis=0), dtype=np.float64).ravel()
