"""The weighted covariances of label and window, given the text."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.special import stdtr

from textdrift.drift.concept.pooled_fit import PooledFit
from textdrift.stats.multiplicity import bonferroni

__all__ = ["covariance_p_values"]


def covariance_p_values(
    fit: PooledFit, topics: NDArray[Any], *, among_copies: NDArray[Any] | None = None
) -> NDArray[Any]:
    """Return the three p-values of each label: on average, of texts that cross over, in the topics; shape (k, 3).

    With R = (y - f)(w - g) and a weight h that knows neither y nor w, Z = sum(R h) / sqrt(sum(s^2 (w - g)^2 h^2)) is
    standard normal under the null hypothesis when many texts share in it; s^2 is the variance of y - f that reference
    texts of alike f show (`PooledFit.label_variance`). Where few texts share in it (a topic of a small window) its
    tails are heavier, so p is Student's with as many degrees of freedom as texts that count: (sum (R h)^2)^2 /
    sum (R h)^4. For h = 1, p is two-sided, and the variance is inflated by what f and g learned from the same texts.
    For h = `PooledFit.crossing`, p is one-sided: texts that change label pull it down, labels that became surer push
    it up, and those are no other labels. In topics both are looked at.

    Parameters
    ----------
    fit:
        The cross-fitted guesses.
    topics:
        Shape (N,), integers: clusters of the texts, made without labels and windows.
    among_copies:
        Shape (N, k), for `PooledFit.label_variance`: needed where y is not the share of a label.
    """
    member = (topics[:, None] == np.unique(topics)[None, :]).astype(np.float64)
    v = fit.window_residual
    rows = []
    for residual, variance, crossing, inflation in zip(
        fit.label_residual.T, fit.label_variance(among_copies).T, fit.crossing.T, fit.inflation, strict=True
    ):
        weights = np.column_stack([v, v * crossing, v[:, None] * member, (v * crossing)[:, None] * member])
        terms = residual[:, None] * weights
        spread = np.sqrt(variance @ weights**2)
        spread[0] *= np.sqrt(inflation)
        z = np.divide(terms.sum(axis=0), spread, out=np.zeros_like(spread), where=spread > 0)
        freedom = _texts_that_count(terms)
        either, fell = 2 * stdtr(freedom, -np.abs(z)), stdtr(freedom, z)
        k = member.shape[1]
        rows.append([either[0], fell[1], bonferroni(np.concatenate([either[2 : 2 + k], fell[2 + k :]]))])
    return np.array(rows)


def _texts_that_count(terms: NDArray[Any]) -> NDArray[Any]:
    """Return the number of equal terms that would vary as these do, at least 1."""
    squares = terms**2
    fourth = (squares**2).sum(axis=0)
    count = np.divide(squares.sum(axis=0) ** 2, fourth, out=np.ones_like(fourth), where=fourth > 0)
    return np.asarray(np.maximum(1.0, count))
