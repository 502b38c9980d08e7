"""Splits of a column counted in bins: the statistics of each, which of them count, and what they could have shown."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from math import isfinite

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtr, ndtri

from textdrift.stats.beyond_permutations import smallest_exact_p, tail_quantile
from textdrift.stats.contingency import detectable_share_difference
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
_N_PLANTED = 200
_POWER = 0.8
_COARSE = 32
_FARTHEST = 8.0
_HALVINGS = 5
_MOSTLY = 0.5
_FEW_ELSEWHERE = 20
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

    The shift moves the normal scores of all values by one amount; that which shows is found by halving, upwards and
    downwards, and the larger distance counts. Samples are drawn with it from the pooled bins, at most 32 of them, and
    held against splits of the same bins. Where half of the values or more are one, a share of rows may also come to it
    or leave it: the distance is that which shows either way, and of that alone where fewer than twenty are another.

    >>> ones = BinnedSamples(np.array([2000]), np.array([2000]), np.array([1.0]))
    >>> round(detectable_distance(ones, ("kolmogorov_smirnov",), 0.05, np.random.default_rng(0)), 4)
    0.0049
    """
    n, m = int(bins.reference.sum()), int(bins.current.sum())
    elsewhere = n + m - int(bins.pooled.max())
    of_one_value = 0.0
    if elsewhere <= _MOSTLY * (n + m):
        of_one_value = detectable_share_difference(elsewhere / (n + m), n, m, level)
        if elsewhere < _FEW_ELSEWHERE:
            return of_one_value
    merged = _coarse(bins)
    split = split_counts(merged.pooled, n, _N_NULL, rng)
    null = _stacked(names, split, merged.pooled - split, merged)
    mean, spread = null.mean(axis=1, keepdims=True), null.std(axis=1, keepdims=True)
    if not (spread > 0.0).all():
        return float("inf")
    critical = tail_quantile(((null - mean) / spread).max(axis=0), level)
    below = np.cumsum(merged.pooled) / merged.pooled.sum()

    def is_shown(shift: float) -> bool:
        reference, current = (
            rng.multinomial(size, np.diff(at, prepend=0.0), size=_N_PLANTED)
            for size, at in ((n, below), (m, _shifted(below, shift)))
        )
        statistics = _stacked(names, reference, current, merged)
        return bool((((statistics - mean) / spread).max(axis=0) > critical).mean() >= _POWER)

    unit = float(np.sqrt(1.0 / n + 1.0 / m))
    shifts = [_least_shown(is_shown, sign * unit) for sign in (-1.0, 1.0)]
    if not any(map(isfinite, shifts)):
        return float("inf")
    # A way in which nothing shows is blind to what can go that way at all.
    reaches = (shift if isfinite(shift) else np.copysign(_FARTHEST, shift) for shift in shifts)
    return float(max(of_one_value, *(np.abs(below - _shifted(below, shift)).max() for shift in reaches)))


def _least_shown(is_shown: Callable[[float], bool], unit: float) -> float:
    """Return the least shift in the direction of ``unit`` that shows, in steps of a few per cent; or infinity."""
    high = 2.0 * unit
    while not is_shown(high):
        if abs(high) >= _FARTHEST:
            return float(np.copysign(np.inf, unit))
        high = float(np.clip(2.0 * high, -_FARTHEST, _FARTHEST))
    low = 0.5 * high if abs(high) > 2.0 * abs(unit) else 0.0
    for _ in range(_HALVINGS):
        middle = 0.5 * (low + high)
        low, high = (low, middle) if is_shown(middle) else (middle, high)
    return high


def _shifted(below: NDArray[np.float64], shift: float) -> NDArray[np.float64]:
    """Return the distribution function at the same places after the normal scores moved."""
    return np.asarray(ndtr(ndtri(below) - shift))


def _stacked(
    names: tuple[str, ...], reference: NDArray[np.int64], current: NDArray[np.int64], bins: BinnedSamples
) -> NDArray[np.float64]:
    found = binned_distances(reference, current, bins.means)
    return np.stack([found[name] for name in names])


def _coarse(bins: BinnedSamples) -> BinnedSamples:
    """Merge neighbouring bins until about 32 hold equally many values; a value that many rows have stays alone."""
    if len(bins.means) <= _COARSE:
        return bins
    # A merged bin begins where the running share of the values passes another 32nd, and around what holds so much.
    share = bins.pooled / bins.pooled.sum()
    number = np.ceil(np.cumsum(share) * _COARSE - _ROUNDING).astype(np.int64)
    is_large = share * _COARSE > 1.0
    starts = np.flatnonzero((np.diff(number, prepend=-1) > 0) | is_large | np.append(True, is_large[:-1]))
    pooled = np.add.reduceat(bins.pooled, starts)
    return BinnedSamples(
        reference=np.add.reduceat(bins.reference, starts),
        current=np.add.reduceat(bins.current, starts),
        means=np.add.reduceat(bins.pooled * bins.means, starts) / pooled,
    )
