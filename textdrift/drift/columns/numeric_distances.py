"""Splits of a column counted in bins: the statistics of each, which of them count, and what they could have shown."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtr, ndtri

from textdrift.stats.beyond_permutations import smallest_exact_p, tail_quantile
from textdrift.stats.empirical_distances import BinnedSamples, binned_distances
from textdrift.stats.permutations import max_standardised, permutation_p_value, split_counts

__all__ = ["STATISTICS", "Splits", "detectable_distance", "exact_bound", "interval_of_distance", "permuted_bins"]

STATISTICS = {
    "auto": ("kolmogorov_smirnov", "cramer_von_mises", "anderson_darling", "wasserstein"),
    "kolmogorov_smirnov": ("kolmogorov_smirnov",),
    "cramer_von_mises": ("cramer_von_mises",),
    "wasserstein": ("wasserstein",),
}
"""The distances of which the largest standardised one is the statistic, by the name of the option."""

_N_BOOTSTRAP = 999
_N_NULL = 999
_N_PLANTED = 300
_POWER = 0.8
_COARSE = 32
_FARTHEST = 8.0
_HALVINGS = 9
_ROUNDING = 1e-9


@dataclass(frozen=True, slots=True)
class Splits:
    """What one round of permutations found.

    Attributes
    ----------
    statistic:
        The largest standardised distance, as observed.
    p_value:
        Its share among the splits.
    n_permutations:
        Splits beside the observed one.
    by_chance:
        The mean Kolmogorov-Smirnov distance of the splits.
    """

    statistic: float
    p_value: float
    n_permutations: int
    by_chance: float


def permuted_bins(bins: BinnedSamples, names: tuple[str, ...], n_permutations: int, rng: np.random.Generator) -> Splits:
    """Split the pooled values anew, by one multivariate hypergeometric draw for each split.

    Parameters
    ----------
    bins:
        Made from both samples together, so that they do not know which value came from which.
    names:
        Of `binned_distances`; the largest standardised one counts.
    n_permutations:
        Splits.
    rng:
        Draws them.
    """
    draws = np.vstack([bins.reference, split_counts(bins.pooled, int(bins.reference.sum()), n_permutations, rng)])
    found = binned_distances(draws, bins.pooled - draws, bins.means)
    combined, _ = max_standardised(np.stack([found[name] for name in names]))
    return Splits(
        statistic=float(combined[0]),
        p_value=permutation_p_value(float(combined[0]), combined[1:]),
        n_permutations=n_permutations,
        by_chance=float(found["kolmogorov_smirnov"][1:].mean()),
    )


def exact_bound(bins: BinnedSamples) -> float:
    """Return the p-value of the edge of a bin that parts the samples most, times the number of edges."""
    below_reference, below = np.cumsum(bins.reference)[:-1], np.cumsum(bins.pooled)[:-1]
    return smallest_exact_p(below_reference, below, int(bins.reference.sum()), int(bins.pooled.sum()))


def interval_of_distance(bins: BinnedSamples, by_chance: float, rng: np.random.Generator) -> tuple[float, float]:
    """Return a 95 % interval of the Kolmogorov-Smirnov distance beyond chance, from values drawn anew.

    A drawn distance holds the chance of the samples and that of the draw: the noise of both is taken off, in squares.
    """
    n, m = int(bins.reference.sum()), int(bins.current.sum())
    before = np.cumsum(rng.multinomial(n, bins.reference / n, size=_N_BOOTSTRAP), axis=1) / n
    after = np.cumsum(rng.multinomial(m, bins.current / m, size=_N_BOOTSTRAP), axis=1) / m
    distances = np.abs(before - after).max(axis=1)
    low, high = np.quantile(np.sqrt(np.maximum(0.0, distances**2 - 2.0 * by_chance**2)), [0.025, 0.975])
    return float(low), min(1.0, float(high))


def detectable_distance(bins: BinnedSamples, names: tuple[str, ...], level: float, rng: np.random.Generator) -> float:
    """Return the Kolmogorov-Smirnov distance of a shift that shows at ``level`` with power 0.8, infinity where none.

    The shift moves the normal scores of all values by one amount, up or down; that which shows is found by halving.
    Samples are drawn with it from the pooled bins, at most 32 of them, and held against splits of the same bins.
    """
    n, m = int(bins.reference.sum()), int(bins.current.sum())
    merged = _coarse(bins)
    split = split_counts(merged.pooled, n, _N_NULL, rng)
    null = _stacked(names, split, merged.pooled - split, merged)
    mean, spread = null.mean(axis=1, keepdims=True), null.std(axis=1, keepdims=True)
    if not (spread > 0.0).all():
        return float("inf")
    critical = tail_quantile(((null - mean) / spread).max(axis=0), level)
    below = np.cumsum(merged.pooled) / merged.pooled.sum()

    def shown(shift: float) -> bool:
        after = [ndtr(ndtri(below) + sign * shift) for sign in (-1.0, 1.0)]
        reference = rng.multinomial(n, np.diff(below, prepend=0.0), size=_N_PLANTED)
        current = np.vstack([rng.multinomial(m, np.diff(at, prepend=0.0), size=_N_PLANTED // 2) for at in after])
        statistics = _stacked(names, reference, current, merged)
        return bool((((statistics - mean) / spread).max(axis=0) > critical).mean() >= _POWER)

    if not shown(_FARTHEST):
        return float("inf")
    low, high = 0.0, _FARTHEST
    for _ in range(_HALVINGS):
        middle = 0.5 * (low + high)
        low, high = (low, middle) if shown(middle) else (middle, high)
    return float(max(np.abs(below - ndtr(ndtri(below) + sign * high)).max() for sign in (-1.0, 1.0)))


def _stacked(
    names: tuple[str, ...], reference: NDArray[np.int64], current: NDArray[np.int64], bins: BinnedSamples
) -> NDArray[np.float64]:
    found = binned_distances(reference, current, bins.means)
    return np.stack([found[name] for name in names])


def _coarse(bins: BinnedSamples) -> BinnedSamples:
    """Merge neighbouring bins until about 32 hold equally many values."""
    if len(bins.means) <= _COARSE:
        return bins
    # A merged bin begins where the running share of the values passes another 32nd.
    share = np.cumsum(bins.pooled) / bins.pooled.sum()
    number = np.ceil(share * _COARSE - _ROUNDING).astype(np.int64)
    starts = np.flatnonzero(np.diff(number, prepend=-1))
    pooled = np.add.reduceat(bins.pooled, starts)
    return BinnedSamples(
        reference=np.add.reduceat(bins.reference, starts),
        current=np.add.reduceat(bins.current, starts),
        means=np.add.reduceat(bins.pooled * bins.means, starts) / pooled,
    )
