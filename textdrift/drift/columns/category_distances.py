"""How far shares of categories moved beyond chance, and which distance would show."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import optimize, stats

__all__ = ["beyond_chance", "detectable_variation"]

_POWER = 0.8


def beyond_chance(distance: NDArray[Any], by_chance: float) -> NDArray[Any]:
    """Take out what two samples of one source differ by: noise adds in squares.

    >>> beyond_chance(np.array([0.5, 0.2]), 0.3).round(3).tolist()
    [0.4, 0.0]
    """
    return np.asarray(np.sqrt(np.maximum(0.0, distance**2 - by_chance**2)))


def detectable_variation(n: int, m: int, k: int, level: float) -> float:
    """Return a total variation that shows with power 0.8 at least, whichever of k categories it moves.

    A change of total variation t has a chi-square distance of at least (2t)^2, by Cauchy and Schwarz, so its
    noncentrality is at least (2t)^2 / (1/n + 1/m).

    >>> round(detectable_variation(400, 400, 2, 0.05), 3)
    0.099
    """
    freedom = max(1, k - 1)
    critical = stats.chi2.isf(level, freedom)
    noncentrality = optimize.brentq(lambda x: stats.ncx2.sf(critical, freedom, x) - _POWER, 1e-6, 1e4)
    size = 0.5 * float(np.sqrt(noncentrality * (1 / n + 1 / m)))
    return size if size <= 1.0 else float("inf")
