"""Several p-values in, honest ones out."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

__all__ = ["benjamini_hochberg", "bonferroni", "cauchy_combination", "holm"]

_CAP = 0.9
_FLOOR = 1e-300


def bonferroni(p_values: ArrayLike, weights: ArrayLike | None = None) -> float:
    """Return one p-value for "at least one of these is false": the smallest, each divided by its share.

    The weights say beforehand how much of the level each test may spend; they are equal where they are left out, and
    need not sum to 1. Test i has the share s_i of their sum, and P(some p_i <= a s_i) <= the sum of a s_i = a, under
    any dependence (Genovese, Roeder and Wasserman 2006). Weights that were chosen after a look at the p-values break
    that.

    Parameters
    ----------
    p_values:
        Shape (k,); none give 1.
    weights:
        Shape (k,), positive.

    Examples
    --------
    >>> bonferroni([0.01, 0.5]), bonferroni([0.01, 0.5], [4, 1])
    (0.02, 0.0125)
    """
    p = np.asarray(p_values, dtype=float)
    weight = np.ones_like(p) if weights is None else np.asarray(weights, dtype=float)
    return float(min(1.0, (p * (weight.sum() / weight)).min(initial=1.0)))


def holm(p_values: ArrayLike) -> NDArray[Any]:
    """Return Holm's adjusted p-values (1979): the family-wise error stays at alpha under any dependence.

    >>> holm([0.01, 0.04, 0.03]).round(3).tolist()
    [0.03, 0.06, 0.06]
    """
    p = np.asarray(p_values, dtype=float)
    order = np.argsort(p, kind="stable")
    steps = np.maximum.accumulate(p[order] * np.arange(p.size, 0, -1))
    adjusted = np.empty_like(p)
    adjusted[order] = np.minimum(1.0, steps)
    return adjusted


def benjamini_hochberg(p_values: ArrayLike) -> NDArray[Any]:
    """Return Benjamini and Hochberg's adjusted p-values (1995): the expected share of false discoveries.

    >>> benjamini_hochberg([0.01, 0.04, 0.03]).round(3).tolist()
    [0.03, 0.04, 0.04]
    """
    p = np.asarray(p_values, dtype=float)
    order = np.argsort(p, kind="stable")[::-1]
    steps = np.minimum.accumulate(p[order] * p.size / np.arange(p.size, 0, -1))
    adjusted = np.empty_like(p)
    adjusted[order] = np.minimum(1.0, steps)
    return adjusted


def cauchy_combination(p_values: ArrayLike, weights: ArrayLike | None = None) -> float:
    """Return one p-value by the Cauchy combination (Liu and Xie 2020), valid under dependence in the far tail.

    Parts are capped at 0.9: one part of exactly 1 would otherwise wipe out all others. The weights say beforehand which
    part is likely to see more; they are equal where they are left out, and need not sum to 1.

    >>> round(cauchy_combination([0.01, 0.5, 1.0]), 3), round(cauchy_combination([0.01, 0.5, 1.0], [2, 1, 1]), 3)
    (0.033, 0.021)
    """
    p = np.clip(np.asarray(p_values, dtype=float), _FLOOR, _CAP)
    # tan((1/2 - p) pi) = 1 / tan(p pi); the right side keeps its digits for tiny p.
    mean = float(np.average(1.0 / np.tan(p * np.pi), weights=None if weights is None else np.asarray(weights)))
    combined = np.arctan2(1.0, mean) / np.pi
    return float(min(1.0, max(combined, np.finfo(float).tiny)))
