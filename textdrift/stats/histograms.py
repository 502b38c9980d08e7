"""Two samples of numbers in common bins, to be drawn beside each other."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

__all__ = ["PairedHistogram", "paired_histogram"]

_N_BINS = 16
_TRIMMED = 0.005  # of the pooled values at either end: one odd value would leave all others in one bin


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
    """

    edges: NDArray[np.float64]
    reference: NDArray[np.float64]
    current: NDArray[np.float64]


def paired_histogram(reference: NDArray[Any], current: NDArray[Any], *, n_bins: int = _N_BINS) -> PairedHistogram:
    """Return the shares of both samples in bins of equal width, from their pooled 0.5 % to 99.5 % quantile.

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
    pooled = np.concatenate([reference, current]).astype(np.float64)
    values = np.unique(pooled)
    if len(values) <= n_bins:
        between = (values[1:] + values[:-1]) / 2
        reach = [between[0] - values[0], values[-1] - between[-1]] if len(between) else [0.5, 0.5]
        edges = np.concatenate([[values[0] - reach[0]], between, [values[-1] + reach[1]]])
    else:
        low, high = np.quantile(pooled, [_TRIMMED, 1 - _TRIMMED])
        if not low < high:  # nearly all are one value
            low, high = values[0], values[-1]
        edges = np.linspace(low, high, n_bins + 1)
    sides = [_shares(np.asarray(side, dtype=np.float64), edges) for side in (reference, current)]
    return PairedHistogram(edges, sides[0], sides[1])


def _shares(values: NDArray[np.float64], edges: NDArray[np.float64]) -> NDArray[np.float64]:
    places = np.clip(np.searchsorted(edges, values, side="right") - 1, 0, len(edges) - 2)
    return np.asarray(np.bincount(places, minlength=len(edges) - 1) / len(values))
