"""Two samples of numbers in common bins, to be drawn beside each other."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from textdrift.stats.magnitudes import moderate, restored

__all__ = ["PairedHistogram", "paired_histogram"]

_N_BINS = 16
_TRIMMED = 0.005  # of the pooled values at either end: one odd value would leave all others in one bin
_CLIPPED = 0.025  # of them at the end of a heavy tail
_TAIL = 0.05  # beyond this share of the values begins a tail
_HEAVY = 1.0  # a tail is heavy that reaches farther than all values between the tails


@dataclass(frozen=True, slots=True)
class PairedHistogram:
    """Shares of the values of two samples in common bins.

    Attributes
    ----------
    edges:
        Shape (k + 1,). The first and the last bin also hold what lies beyond them; where each bin is one value, all
        edges lie between values.
    reference, current:
        Shape (k,), shares that sum to 1.
    beyond:
        Whether values lie below the first edge and above the last one.
    """

    edges: NDArray[np.float64]
    reference: NDArray[np.float64]
    current: NDArray[np.float64]
    beyond: tuple[bool, bool]


def paired_histogram(reference: NDArray[Any], current: NDArray[Any], *, n_bins: int = _N_BINS) -> PairedHistogram:
    """Return the shares of both samples in bins of equal width, from their pooled 0.5 % to 99.5 % quantile.

    A heavy tail, one that would take more room than the middle nine tenths of the values, is cut at its 2.5 % quantile.
    Numbers of at most ``n_bins`` values get a bin for each value. Cost: a sort.

    Parameters
    ----------
    reference, current:
        Shapes (n,) and (m,), finite, neither empty.
    n_bins:
        At most so many.

    Examples
    --------
    >>> drawn = paired_histogram(np.array([0.0, 0.0, 1.0, 1.0]), np.array([1.0, 2.0]))
    >>> drawn.edges.tolist(), drawn.reference.tolist(), drawn.current.tolist()
    ([-0.5, 0.5, 1.5, 2.5], [0.5, 0.5, 0.0], [0.0, 0.5, 0.5])
    """
    of_sides, power = moderate(*(np.asarray(side, dtype=np.float64) for side in (reference, current)))
    pooled = np.concatenate(of_sides)
    values = np.unique(pooled)
    if len(values) <= n_bins:
        between = (values[1:] + values[:-1]) / 2
        reach = [between[0] - values[0], values[-1] - between[-1]] if len(between) else [0.5, 0.5]
        edges = np.concatenate([[values[0] - reach[0]], between, [values[-1] + reach[1]]])
    else:
        low, high = _range(pooled)
        if not low < high:  # nearly all are one value
            low, high = float(values[0]), float(values[-1])
        edges = np.linspace(low, high, n_bins + 1)
    sides = [_shares(side, edges) for side in of_sides]
    beyond = bool(values[0] < edges[0]), bool(values[-1] > edges[-1])
    return PairedHistogram(restored(edges, power), sides[0], sides[1], beyond)


def _range(pooled: NDArray[np.float64]) -> tuple[float, float]:
    shares = [_TRIMMED, _CLIPPED, _TAIL, 1 - _TAIL, 1 - _CLIPPED, 1 - _TRIMMED]
    low, low_clipped, low_tail, high_tail, high_clipped, high = np.quantile(pooled, shares).tolist()
    room = _HEAVY * (high_tail - low_tail)
    return low_clipped if low_tail - low > room else low, high_clipped if high - high_tail > room else high


def _shares(values: NDArray[np.float64], edges: NDArray[np.float64]) -> NDArray[np.float64]:
    places = np.clip(np.searchsorted(edges, values, side="right") - 1, 0, len(edges) - 2)
    return np.asarray(np.bincount(places, minlength=len(edges) - 1) / len(values))
