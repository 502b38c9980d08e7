"""How many different things a stream holds, from the smallest of their hashes: sketches that merge by union."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

__all__ = ["distinct_estimate", "smallest_hashes"]

Hashes = NDArray[np.uint64]

KEPT = 1024
"""Hashes that are kept: up to as many different things the count is exact, beyond it errs by 3 %."""


def smallest_hashes(*streams: Hashes, kept: int = KEPT) -> Hashes:
    """Return the smallest different hashes of all streams together, ascending: at most ``kept``.

    The smallest of the union are the smallest of what was kept of its parts, so sketches of shards merge into that of
    the whole, in any order.

    >>> first = smallest_hashes(np.array([5, 9, 5], dtype=np.uint64), kept=2)
    >>> smallest_hashes(first, np.array([7, 1], dtype=np.uint64), kept=2).tolist()
    [1, 5]
    """
    return np.asarray(np.unique(np.concatenate([np.zeros(0, dtype=np.uint64), *streams]))[:kept])


def distinct_estimate(hashes: Hashes, *, kept: int = KEPT) -> float:
    """Return how many different things were hashed, from the smallest hashes.

    Fewer than ``kept`` are all there are. Of more, the k-th smallest of uniform hashes lies at about k / (n + 1) of
    their range, and (k − 1) / its place is an unbiased estimate of n with a relative error of 1 / sqrt(k − 2)
    (Bar-Yossef et al. 2002; Beyer et al. 2007).

    >>> rng = np.random.default_rng(0)
    >>> hashes = rng.integers(0, 2**64, size=100_000, dtype=np.uint64, endpoint=False)
    >>> round(distinct_estimate(smallest_hashes(hashes)) / 100_000, 1)
    1.0
    """
    if len(hashes) < kept:
        return float(len(hashes))
    return float((kept - 1) / ((float(hashes[kept - 1]) + 1.0) / 2.0**64))
