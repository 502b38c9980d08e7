"""Tails of weighted sums of yes and no, right where few of them count."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import brentq

__all__ = ["saddlepoint_z"]

_FURTHEST = 40.0
_REACHED = 0.999
_STEEPEST = 50.0
_NEAR = 0.1


def saddlepoint_z(weights: NDArray[Any], probabilities: NDArray[Any], observed: float) -> float:
    """Return z so that P(sum of q (y - p) is as far out as observed, on its side) is nearly the normal tail of z.

    The y are independent, 1 with probability p, else 0. The normal approximation is wrong in the far tail of a skew
    sum: of 25 texts that carry a label with probability 0.05, six do by chance a hundred times as often as it says.
    This is the modified signed root r* = r + log(u / r) / r of the cumulant function K, with r^2 / 2 = s x - K(s) and
    u = s sqrt(K''(s)) at the saddlepoint K'(s) = x (Barndorff-Nielsen 1986; Daniels 1987). Cost: some twenty sums.

    Parameters
    ----------
    weights:
        q, shape (n,).
    probabilities:
        p, shape (n,), in (0, 1).
    observed:
        x, the sum of q (y - p) that was seen.

    Returns
    -------
    With the sign of ``observed``; at most 40 in size.

    Examples
    --------
    >>> from scipy import stats
    >>> z = saddlepoint_z(np.ones(25), np.full(25, 0.05), 6 - 1.25)
    >>> exact = (stats.binom.sf(5, 25, 0.05) + stats.binom.sf(6, 25, 0.05)) / 2  # six or more, six counted half
    >>> normal = stats.norm.sf(4.75 / (25 * 0.05 * 0.95) ** 0.5)
    >>> [round(1e4 * float(tail), 2) for tail in (exact, stats.norm.sf(z), normal)]
    [6.91, 5.37, 0.07]
    """
    side = 1.0 if observed >= 0 else -1.0
    q, p, x = side * np.asarray(weights), np.asarray(probabilities), abs(float(observed))
    if x <= 0 or not np.any(q):
        return 0.0
    if x >= _REACHED * float(np.where(q > 0, q * (1 - p), -q * p).sum()):
        return side * _FURTHEST

    def tilted(s: float) -> tuple[NDArray[Any], NDArray[Any]]:
        grown = p * np.exp(np.clip(s * q, -_STEEPEST, _STEEPEST))
        total = 1 - p + grown
        return grown / total, total

    def slope(s: float) -> float:
        return float((q * (tilted(s)[0] - p)).sum() - x)

    upper = 1.0
    while slope(upper) < 0:
        upper *= 2
        if upper * float(np.abs(q).max()) > _STEEPEST:
            return side * _FURTHEST
    s = float(brentq(slope, 0.0, upper))
    probability, total = tilted(s)
    cumulant = float((np.log(total) - s * q * p).sum())
    r = float(np.sqrt(max(2 * (s * x - cumulant), 0.0)))
    u = s * float(np.sqrt((q**2 * probability * (1 - probability)).sum()))
    # Near the middle log(u / r) / r is 0 / 0; there the normal approximation is good.
    return side * min(_FURTHEST, r if r < _NEAR else r + float(np.log(u / r)) / r)
