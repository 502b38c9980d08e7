"""How far apart the distributions of two samples of numbers are: from all values, or from counts in pooled bins."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

__all__ = [
    "BinnedSamples",
    "anderson_darling",
    "binned_distances",
    "cramer_von_mises",
    "empirical_distances",
    "kolmogorov_smirnov",
    "pooled_bins",
    "reference_bins",
    "wasserstein",
]

Floats = NDArray[np.float64]


def empirical_distances(reference: Floats, current: Floats) -> dict[str, float]:
    """Return all four distances of two samples by name, from one sorting of their values.

    >>> found = empirical_distances(np.array([1.0, 2.0]), np.array([3.0, 4.0]))
    >>> {name: round(distance, 3) for name, distance in found.items()}
    {'kolmogorov_smirnov': 1.0, 'cramer_von_mises': 0.375, 'anderson_darling': 1.667, 'wasserstein': 2.0}
    """
    pooled = np.concatenate([reference, current])
    values, place, counts = np.unique(pooled, return_inverse=True, return_counts=True)
    n = len(reference)
    in_reference = np.bincount(place.ravel()[:n], minlength=len(values))
    difference = np.cumsum(in_reference) / n - np.cumsum(counts - in_reference) / len(current)
    mass = counts / len(pooled)
    return {
        "kolmogorov_smirnov": float(np.abs(difference).max(initial=0.0)),
        "cramer_von_mises": float(difference**2 @ mass),
        "anderson_darling": float(_weighted_squares(difference[None], mass[None])[0]),
        "wasserstein": float(np.abs(difference[:-1]) @ np.diff(values)),
    }


def kolmogorov_smirnov(reference: Floats, current: Floats) -> float:
    """Return the largest difference of the distribution functions, 0 to 1 (Smirnov 1939).

    >>> kolmogorov_smirnov(np.array([1.0, 2.0, 3.0, 4.0]), np.array([3.0, 4.0, 5.0, 6.0]))
    0.5
    """
    return empirical_distances(reference, current)["kolmogorov_smirnov"]


def cramer_von_mises(reference: Floats, current: Floats) -> float:
    """Return the mean squared difference of the distribution functions over the pooled values, 0 to 1/3.

    The two-sample statistic (Anderson 1962) is this times n m / (n + m) where no values are tied, so that the size does
    not grow with the samples.

    >>> cramer_von_mises(np.array([1.0, 2.0]), np.array([3.0, 4.0]))
    0.375
    """
    return empirical_distances(reference, current)["cramer_von_mises"]


def anderson_darling(reference: Floats, current: Floats) -> float:
    """Return the mean of (F - G)^2 / (H (1 - H)) over the pooled values, H their distribution: it looks at the tails.

    The two-sample statistic (Pettitt 1976) is this times n m / (n + m).

    >>> round(anderson_darling(np.array([1.0, 2.0]), np.array([3.0, 4.0])), 4)
    1.6667
    """
    return empirical_distances(reference, current)["anderson_darling"]


def wasserstein(reference: Floats, current: Floats) -> float:
    """Return how far a value must be moved on average to turn one sample into the other, in the unit of the values.

    >>> wasserstein(np.array([0.0, 1.0]), np.array([2.0, 3.0]))
    2.0
    """
    return empirical_distances(reference, current)["wasserstein"]


@dataclass(frozen=True, slots=True)
class BinnedSamples:
    """Two samples counted in bins that are made from both together, so that they do not know which is which.

    Attributes
    ----------
    reference, current:
        Values in each bin, shape (k,), in the order of the values; no bin is empty in both.
    means:
        The mean of the pooled values of each bin, ascending.
    """

    reference: NDArray[np.int64]
    current: NDArray[np.int64]
    means: Floats

    @property
    def pooled(self) -> NDArray[np.int64]:
        """Values of both samples in each bin."""
        return self.reference + self.current


def pooled_bins(reference: Floats, current: Floats, most: int) -> BinnedSamples:
    """Count two samples in bins of about equally many pooled values; a value is never split over two bins.

    Where the samples hold at most ``most`` different values, each has a bin of its own, and nothing is lost. A value
    that more than a share 1 / most of the rows have ends a bin.

    Parameters
    ----------
    reference, current:
        Finite values, any number of them tied.
    most:
        Bins at most.

    Examples
    --------
    >>> bins = pooled_bins(np.array([0.0, 0.0, 1.0]), np.array([0.0, 5.0]), 8)
    >>> bins.reference.tolist(), bins.current.tolist(), bins.means.tolist()
    ([2, 1, 0], [1, 0, 1], [0.0, 1.0, 5.0])
    """
    pooled = np.concatenate([reference, current])
    values, place = np.unique(pooled, return_inverse=True)
    place = place.ravel()
    if len(values) > most:
        below = np.cumsum(np.bincount(place))
        # The bins end at the first value at or above each of the quantiles j / most.
        ends = np.unique(np.searchsorted(below, len(pooled) * np.arange(1, most + 1) / most, side="left"))
        place = np.searchsorted(ends, place, side="left")
    k, n = int(place.max(initial=-1)) + 1, len(reference)
    counts = np.bincount(place, minlength=k)
    return BinnedSamples(
        reference=np.bincount(place[:n], minlength=k).astype(np.int64),
        current=np.bincount(place[n:], minlength=k).astype(np.int64),
        means=np.bincount(place, pooled, minlength=k) / np.maximum(counts, 1),
    )


def reference_bins(reference: Floats, current: Floats, k: int = 10) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Count two samples between the quantiles of the reference, as the population stability index is used to.

    Quantiles that are tied make fewer bins.

    >>> before, after = reference_bins(np.arange(10.0), np.array([0.0, 99.0]), 2)
    >>> before.tolist(), after.tolist()
    ([5, 5], [1, 1])
    """
    edges = np.unique(np.quantile(reference, np.arange(1, k) / k))
    counts = (np.bincount(np.searchsorted(edges, sample), minlength=len(edges) + 1) for sample in (reference, current))
    before, after = counts
    return before, after


def binned_distances(counts_reference: NDArray[Any], counts_current: NDArray[Any], means: Floats) -> dict[str, Floats]:
    """Return four distances of many pairs of binned samples: each of the power one of a difference.

    The Kolmogorov-Smirnov distance, the roots of Cramér-von Mises and Anderson-Darling, and Wasserstein's, with every
    value moved to the mean of its bin.

    Parameters
    ----------
    counts_reference, counts_current:
        Shape (b, k), the values of either sample in each bin; in all rows they have the same sums.
    means:
        Shape (k,), where the bins lie.

    Returns
    -------
    By name, shape (b,) each.

    Examples
    --------
    >>> found = binned_distances(np.array([[2, 0]]), np.array([[0, 2]]), np.array([0.0, 3.0]))
    >>> {name: float(distance[0].round(3)) for name, distance in found.items()}
    {'kolmogorov_smirnov': 1.0, 'cramer_von_mises': 0.707, 'anderson_darling': 1.414, 'wasserstein': 3.0}
    """
    pooled = counts_reference + counts_current
    below = np.cumsum(counts_reference, axis=1) / counts_reference[0].sum()
    difference = below - np.cumsum(counts_current, axis=1) / counts_current[0].sum()
    mass, absolute = pooled / pooled[0].sum(), np.abs(difference)
    return {
        "kolmogorov_smirnov": absolute.max(axis=1),
        "cramer_von_mises": np.sqrt((difference**2 * mass).sum(axis=1)),
        "anderson_darling": np.sqrt(_weighted_squares(difference, mass)),
        "wasserstein": absolute[:, :-1] @ np.diff(means),
    }


def _weighted_squares(difference: Floats, mass: Floats) -> Floats:
    """Return the sums of mass difference^2 / (H (1 - H)) over the last axis, H the running sum of the mass."""
    below = np.cumsum(mass, axis=1)
    # At the last value both functions are 1: it says nothing. Before the first mass both are 0.
    inside = (below * (1.0 - below))[:, :-1]
    terms = difference[:, :-1] ** 2 * mass[:, :-1]
    return np.asarray(np.divide(terms, inside, out=np.zeros_like(terms), where=inside > 0.0).sum(axis=1))
