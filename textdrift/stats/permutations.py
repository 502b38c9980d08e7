"""Permutation tests: random splits of exchangeable rows, and p-values from them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, Protocol, TypeVar

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtri

__all__ = [
    "FIRST_ROUND",
    "HasPValue",
    "critical_value",
    "in_two_rounds",
    "max_standardised",
    "permutation_p_value",
    "reference_indicators",
    "split_counts",
]

FIRST_ROUND = 99
"""Splits of the cheap first round; enough to know that nothing is there."""

_SETTLED_FROM = 0.1
_TIE = 1e-9
_BATCH_CELLS = 2**25


class HasPValue(Protocol):
    """Anything with a p-value."""

    @property
    def p_value(self) -> float:
        """A value in (0, 1]."""
        ...


Outcome = TypeVar("Outcome", bound=HasPValue)


def permutation_p_value(observed: float, permuted: NDArray[Any]) -> float:
    """Return (1 + #{permuted >= observed}) / (1 + B), one-sided, larger is further from the null.

    The observed split counts itself, so the value is never 0 and holds its level exactly for exchangeable rows
    (Phipson and Smyth 2010). Values equal up to rounding count as ties.

    >>> permutation_p_value(2.0, np.array([0.5, 1.0, 2.0]))
    0.5
    """
    slack = _TIE * max(abs(float(observed)), float(np.abs(permuted).max(initial=0.0)))
    return float((1 + np.count_nonzero(permuted >= observed - slack)) / (1 + len(permuted)))


def in_two_rounds(run: Callable[[int], Outcome], n_permutations: int) -> Outcome:
    """Run a cheap round first; where it does not settle the matter, a fresh full round replaces it.

    ``run(n)`` must draw fresh splits at each call. The p-value that is kept holds its level for every level under
    0.1: it can only be small when the full round, which knows nothing of the first, is small.
    """
    if n_permutations <= FIRST_ROUND:
        return run(n_permutations)
    first = run(FIRST_ROUND)
    return first if first.p_value > _SETTLED_FROM else run(n_permutations)


def critical_value(permuted: NDArray[Any], level: float) -> float:
    """Return what a statistic exceeds with probability ``level`` when nothing drifted.

    The quantile of the permuted values, or of the normal curve through them where that is larger: few permutations
    know little of the far tail.

    >>> round(critical_value(np.linspace(-1, 1, 99), 0.001), 2)
    1.8
    """
    if not permuted.size:
        return float("inf")
    normal = float(permuted.mean()) + float(-ndtri(level)) * float(permuted.std())
    return max(float(np.quantile(permuted, 1 - level)), normal)


def reference_indicators(n: int, m: int, n_permutations: int, rng: np.random.Generator) -> Iterator[NDArray[Any]]:
    """Yield the splits of n + m rows as columns: 1 where a row stands in for the reference.

    The columns over all batches are B + 1; the very first is the observed split (the first n rows are the
    reference). Batches keep memory flat, whatever the number of rows.

    Yields
    ------
    Array of shape (n + m, b), ``float32``.
    """
    base = np.zeros(n + m, dtype=np.float32)
    base[:n] = 1.0
    width = max(1, _BATCH_CELLS // (n + m))
    done = 0
    while done < n_permutations + 1:
        b = min(width, n_permutations + 1 - done)
        columns = np.empty((n + m, b), dtype=np.float32, order="F")
        for j in range(b):
            columns[:, j] = base if done + j == 0 else rng.permutation(base)
        done += b
        yield np.ascontiguousarray(columns)


def split_counts(counts: NDArray[Any], n: int, n_permutations: int, rng: np.random.Generator) -> NDArray[Any]:
    """Return how many rows of each type fall into the reference under random splits.

    Rows of one type are interchangeable, so a split is one multivariate hypergeometric draw, however many rows.

    Parameters
    ----------
    counts:
        Rows of each type in both windows together, shape (k,).
    n:
        Rows of the reference.

    Returns
    -------
    Integer array of shape (B, k).
    """
    return rng.multivariate_hypergeometric(counts, n, size=n_permutations, method="marginals")


def max_standardised(statistics: NDArray[Any]) -> tuple[NDArray[Any], NDArray[Any]]:
    """Combine several statistics by the largest of their standardised values.

    Mean and spread are taken over the observed and all permuted splits together, so the combination is itself
    exchangeable and its permutation p-value exact (the aggregation of MMD-FUSE, Biggs, Schrab and Gretton 2023,
    with a hard maximum).

    Parameters
    ----------
    statistics:
        Shape (k, B + 1); column 0 is the observed split.

    Returns
    -------
    The largest standardised value of each split, shape (B + 1,), and the standardised values, shape (k, B + 1).
    """
    spread = statistics.std(axis=1, keepdims=True)
    centred = statistics - statistics.mean(axis=1, keepdims=True)
    # A statistic that varies by rounding alone says nothing; dividing by that spread would make it speak.
    varies = spread > _TIE * np.abs(statistics).max(axis=1, keepdims=True, initial=0.0)
    z = np.divide(centred, spread, out=np.zeros_like(centred), where=varies)
    return z.max(axis=0), z
