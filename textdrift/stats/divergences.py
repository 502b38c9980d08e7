"""How far apart two discrete distributions are: sizes without a null."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

__all__ = ["cramers_v", "jensen_shannon", "population_stability_index", "total_variation"]


def total_variation(p: NDArray[Any], q: NDArray[Any]) -> float:
    """Return half the sum of absolute differences: the share of rows that must change to turn p into q.

    >>> total_variation(np.array([0.5, 0.5]), np.array([0.8, 0.2])).__round__(3)
    0.3
    """
    return float(0.5 * np.abs(p - q).sum())


def jensen_shannon(p: NDArray[Any], q: NDArray[Any]) -> float:
    """Return the Jensen-Shannon divergence in bits (Lin 1991), 0 to 1.

    >>> jensen_shannon(np.array([1.0, 0.0]), np.array([0.0, 1.0]))
    1.0
    """
    middle = (p + q) / 2

    def relative_entropy(a: NDArray[Any]) -> float:
        held = a > 0
        return float((a[held] * np.log2(a[held] / middle[held])).sum())

    return max(0.0, 0.5 * relative_entropy(p) + 0.5 * relative_entropy(q))


def population_stability_index(counts_p: NDArray[Any], counts_q: NDArray[Any]) -> float:
    """Return the population stability index, with half a count added to each cell so that none is empty.

    The usual bands (0.1, 0.25) are not calibrated: two samples of one source exceed them when they are small.

    >>> round(population_stability_index(np.array([50, 50]), np.array([80, 20])), 2)
    0.41
    """
    p = (counts_p + 0.5) / (counts_p + 0.5).sum()
    q = (counts_q + 0.5) / (counts_q + 0.5).sum()
    return float(((q - p) * np.log(q / p)).sum())


def cramers_v(counts_p: NDArray[Any], counts_q: NDArray[Any]) -> float:
    """Return Cramér's V of two rows of counts, the root of chi-square over the number counted: 0 to 1.

    Two samples of one source give about the root of the number of cells over the number counted, so it is no test.

    >>> round(cramers_v(np.array([50, 50]), np.array([80, 20])), 2)
    0.31
    """
    p, q = np.asarray(counts_p, dtype=np.float64), np.asarray(counts_q, dtype=np.float64)
    pooled, n, m = p + q, p.sum(), q.sum()
    if not (n and m):
        return 0.0
    share = pooled / (n + m)
    held = share > 0
    expected = [(side[held], size * share[held]) for side, size in ((p, n), (q, m))]
    chi_square = sum(float(((counted - by_chance) ** 2 / by_chance).sum()) for counted, by_chance in expected)
    return float(np.sqrt(chi_square / (n + m)))
