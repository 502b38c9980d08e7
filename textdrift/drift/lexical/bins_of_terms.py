"""Single words in bins whose documents may be copies of each other: p-values and how much more their shares vary."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy import special

from textdrift.drift.lexical.row_splits import PooledRows
from textdrift.tokens.token_counts import RowCounts

__all__ = ["p_values_of_bins"]

Floats = NDArray[np.float64]


def p_values_of_bins(
    reference: RowCounts, current: RowCounts, tested: NDArray[np.intp], p_values: Floats
) -> tuple[Floats, Floats]:
    """Return p-values that hold where documents of one bin depend on each other, and how much more their sums vary.

    The normal p-value of a sum over a few of many bins is wrong where a term lives in a few of them. Bennett's bound
    holds for every such sum drawn without replacement (Hoeffding 1963): with k of K bins, variance v and no bin beyond
    b, P(sum >= t) <= exp(-k v / b² h(b t / (k v))), h(u) = (1 + u) log(1 + u) - u. The smaller window is looked at.
    """
    rows = PooledRows.holding(reference, current, tested)
    n, total = reference.n_documents, float(rows.sizes.sum())
    held, variance = rows.held, rows.residual_variance()
    in_reference = np.asarray(rows.by_term[:, : rows.n_reference].sum(axis=1, dtype=np.float64)).ravel()
    moved_by = in_reference - held / total * n
    z = np.divide(np.abs(moved_by), np.sqrt(variance), out=np.zeros(len(held)), where=variance > 0)
    # Rounding of ever smaller tails ends at the smallest double.
    normal = np.maximum(2 * special.ndtr(-z), np.finfo(np.float64).tiny)
    bounds = _bennett(rows, moved_by if rows.n_rows[0] <= rows.n_rows[1] else -moved_by, variance)
    return np.maximum(np.maximum(p_values, normal), bounds), _inflation_within(rows, in_reference)


def _bennett(rows: PooledRows, moved_by: Floats, variance: Floats) -> Floats:
    """Return twice Bennett's bound on the sum of the smaller window's residuals, shape (n_terms,), in (0, 1]."""
    k, n_rows = min(rows.n_rows), sum(rows.n_rows)
    share = rows.held / rows.sizes.sum()
    residuals = rows.by_term.astype(np.float64)
    term = np.repeat(np.arange(len(share)), np.diff(residuals.indptr))
    residuals.data -= share[term] * rows.sizes[residuals.indices]
    highest = np.maximum(np.asarray(residuals.max(axis=1).todense()).ravel(), 0.0)
    lowest = np.maximum(-np.asarray(residuals.min(axis=1).todense()).ravel(), share * rows.sizes.max())
    largest = np.where(moved_by > 0, highest, lowest)
    # Of residual_variance, the variance of one bin: k v with v the mean square of the residuals.
    spread = variance * n_rows * (n_rows - 1) / (k * (n_rows - k)) * k / n_rows
    possible = (largest > 0) & (spread > 0)
    ratio = np.divide(largest * np.abs(moved_by), spread, out=np.zeros(len(share)), where=possible)
    exponent = np.divide(spread, largest**2, out=np.zeros(len(share)), where=possible)
    bound = 2 * np.exp(-exponent * ((1 + ratio) * np.log1p(ratio) - ratio))
    return np.asarray(np.clip(bound, np.finfo(np.float64).tiny, 1.0))


def _inflation_within(rows: PooledRows, in_reference: Floats) -> Floats:
    """Return the spread of the bins around the share of their own window, over that of independent documents."""
    observed, independent = np.zeros(len(in_reference)), np.zeros(len(in_reference))
    k = rows.n_reference
    for side, held in ((slice(None, k), in_reference), (slice(k, None), rows.held - in_reference)):
        sizes, part = rows.sizes[side], rows.by_term[:, side].astype(np.float64)
        share = held / max(1.0, sizes.sum())
        crossed = part @ sizes
        part.data **= 2
        squares = np.asarray(part.sum(axis=1)).ravel()
        observed += np.maximum(squares - 2 * share * crossed + share**2 * (sizes @ sizes), 0.0)
        independent += share * (1 - share) * max(0.0, sizes.sum() - sizes @ sizes / max(1.0, sizes.sum()))
    ratio = np.divide(observed, independent, out=np.ones(len(in_reference)), where=independent > 0)
    return np.maximum(ratio, 1.0)
