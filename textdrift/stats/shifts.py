"""How far two clouds of points lie apart, in units that do not depend on how many points there are."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.special import chdtri

__all__ = ["StandardisedShift", "shift_of_moments", "standardised_shift"]

_POWER_QUANTILE = 0.8416212335729143
_TWO_SIDED_95 = 1.959963984540054


@dataclass(frozen=True, slots=True, kw_only=True)
class StandardisedShift:
    """The distance of two means in standard deviations of the reference cloud.

    Attributes
    ----------
    value:
        sign(u) sqrt(|u| / tr S_reference), where u is the unbiased estimate of the squared distance of the means.
        Near 0, on either side, when nothing moved.
    low, high:
        A 95 % interval.
    detectable:
        The smallest true value that a test of the mean at the given level shows with power 0.8.
    """

    value: float
    low: float
    high: float
    detectable: float


def standardised_shift(
    reference: NDArray[Any],
    current: NDArray[Any],
    *,
    level: float,
    groups: tuple[NDArray[Any], NDArray[Any]] | None = None,
) -> StandardisedShift:
    """Return how far the mean moved, in standard deviations of the reference.

    With D the difference of means and S the covariances, u = |D|^2 - tr S_reference / n - tr S_current / m has
    expectation |mean difference|^2 whatever n and m. Its variance is 2 tr(V^2) + 4 D'VD with V = S_reference / n +
    S_current / m (Chen and Qin 2010). The null distribution of |D|^2 is a weighted sum of chi-squares, matched here in
    mean and variance (Satterthwaite 1946); the detectable shift solves "expectation = critical value + 0.84 standard
    deviations" for the worst direction, the first principal axis. With groups, V is the covariance of means over
    clusters: the residuals of a group are summed before they are squared (Liang and Zeger 1986).

    Parameters
    ----------
    reference, current:
        Points, shapes (n, d) and (m, d).
    level:
        Two clouds are called different at this level.
    groups:
        Integers, shapes (n,) and (m,): rows that are not independent of each other; ``None`` where all are.

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> near, far = rng.normal(size=(500, 8)), rng.normal(size=(500, 8)) + 0.5
    >>> round(standardised_shift(near, far, level=0.05).value, 1)
    0.5
    """
    n, m = len(reference), len(current)
    nobody_knows = StandardisedShift(value=0.0, low=0.0, high=float("inf"), detectable=float("inf"))
    if min(n, m) < 2:  # noqa: PLR2004 - a variance needs two points
        return nobody_knows
    clusters = (None, None) if groups is None else groups
    mean_reference, noise_reference = _mean_and_noise(reference, clusters[0])
    mean_current, noise_current = _mean_and_noise(current, clusters[1])
    trace = float(np.var(reference, axis=0, dtype=np.float64, ddof=1).sum())
    if noise_reference is None or noise_current is None or trace <= 0.0:
        return nobody_knows
    return shift_of_moments(
        mean_current - mean_reference,
        noise_reference + noise_current,
        # Had the current window come from the reference: its noise, at the current window's size.
        noise_reference * (1 + n / m),
        trace,
        level=level,
    )


def shift_of_moments(
    difference: NDArray[Any], noise: NDArray[Any], noise_of_no_change: NDArray[Any], trace: float, *, level: float
) -> StandardisedShift:
    """Return the standardised shift from sums alone.

    Parameters
    ----------
    difference:
        Current mean - reference mean, shape (d,).
    noise:
        The covariance of that difference, shape (d, d).
    noise_of_no_change:
        What it would be if both windows came from the reference, shape (d, d).
    trace:
        Trace of the covariance of the reference points, positive.
    level:
        Two clouds are called different at this level.

    Examples
    --------
    >>> round(shift_of_moments(np.array([3.0]), np.eye(1), np.eye(1), 8.0, level=0.05).value, 2)
    1.0
    """
    unbiased = float(difference @ difference - np.trace(noise))
    spread = np.sqrt(2 * float((noise**2).sum()) + 4 * float(difference @ noise @ difference))

    def in_deviations(squared: float) -> float:
        return float(np.sign(squared) * np.sqrt(abs(squared) / trace))

    return StandardisedShift(
        value=in_deviations(unbiased),
        low=in_deviations(unbiased - _TWO_SIDED_95 * spread),
        high=in_deviations(unbiased + _TWO_SIDED_95 * spread),
        detectable=in_deviations(_detectable_square(noise_of_no_change, level)),
    )


def _mean_and_noise(points: NDArray[Any], groups: NDArray[Any] | None) -> tuple[NDArray[Any], NDArray[Any] | None]:
    """Return the mean of the points and the covariance of that mean; None where there is but one group."""
    n, d = points.shape
    if groups is None:
        return points.mean(axis=0, dtype=np.float64), np.cov(points, rowvar=False, dtype=np.float64).reshape(d, d) / n
    _, cluster = np.unique(groups, return_inverse=True)
    sizes = np.bincount(cluster)
    k = len(sizes)
    mean = points.mean(axis=0, dtype=np.float64)
    if k < 2:  # noqa: PLR2004 - a variance needs two groups
        return mean, None
    order = np.argsort(cluster, kind="stable")
    starts = np.concatenate([[0], np.cumsum(sizes)[:-1]])
    residuals = np.add.reduceat(points[order].astype(np.float64), starts, axis=0) - sizes[:, None] * mean
    return mean, residuals.T @ residuals / n**2 * (k / (k - 1))


def _detectable_square(noise: NDArray[Any], level: float) -> float:
    """Solve x = A + z sqrt(B + C x) for x, the squared distance that shows with power 0.8."""
    trace, trace_squared = float(np.trace(noise)), float((noise**2).sum())
    if trace_squared <= 0.0:
        return 0.0
    largest = float(np.linalg.eigvalsh(noise)[-1])
    scale, freedom = trace_squared / trace, trace**2 / trace_squared
    a = scale * float(chdtri(freedom, level)) - trace
    b, slope = 2 * trace_squared, 4 * largest
    z = _POWER_QUANTILE
    half = a + z**2 * slope / 2
    return float(half + np.sqrt(max(0.0, half**2 - a**2 + z**2 * b)))
