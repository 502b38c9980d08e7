"""How far two clouds of points lie apart, in units that do not depend on how many points there are."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import stats

__all__ = ["StandardisedShift", "standardised_shift"]

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


def standardised_shift(reference: NDArray[Any], current: NDArray[Any], *, level: float) -> StandardisedShift:
    """Return how far the mean moved, in standard deviations of the reference.

    With D the difference of means and S the covariances, u = |D|^2 - tr S_reference / n - tr S_current / m has
    expectation |mean difference|^2 whatever n and m. Its variance is 2 tr(V^2) + 4 D'VD with V = S_reference / n +
    S_current / m (Chen and Qin 2010). The null distribution of |D|^2 is a weighted sum of chi-squares, matched here in
    mean and variance (Satterthwaite 1946); the detectable shift solves "expectation = critical value + 0.84 standard
    deviations" for the worst direction, the first principal axis.

    Parameters
    ----------
    reference, current:
        Points, shapes (n, d) and (m, d).
    level:
        Two clouds are called different at this level.

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> near, far = rng.normal(size=(500, 8)), rng.normal(size=(500, 8)) + 0.5
    >>> round(standardised_shift(near, far, level=0.05).value, 1)
    0.5
    """
    n, m = len(reference), len(current)
    if min(n, m) < 2:  # noqa: PLR2004 - a variance needs two points
        return StandardisedShift(value=0.0, low=0.0, high=float("inf"), detectable=float("inf"))
    difference = current.mean(axis=0, dtype=np.float64) - reference.mean(axis=0, dtype=np.float64)
    covariance_reference = np.cov(reference, rowvar=False, dtype=np.float64).reshape(len(difference), -1)
    covariance_current = np.cov(current, rowvar=False, dtype=np.float64).reshape(len(difference), -1)
    trace = float(np.trace(covariance_reference))
    if trace <= 0.0:
        return StandardisedShift(value=0.0, low=0.0, high=float("inf"), detectable=float("inf"))

    noise = covariance_reference / n + covariance_current / m
    unbiased = float(difference @ difference - np.trace(noise))
    spread = np.sqrt(2 * float((noise**2).sum()) + 4 * float(difference @ noise @ difference))

    def in_deviations(squared: float) -> float:
        return float(np.sign(squared) * np.sqrt(abs(squared) / trace))

    return StandardisedShift(
        value=in_deviations(unbiased),
        low=in_deviations(unbiased - _TWO_SIDED_95 * spread),
        high=in_deviations(unbiased + _TWO_SIDED_95 * spread),
        detectable=_detectable(covariance_reference, n, m, level),
    )


def _detectable(covariance: NDArray[Any], n: int, m: int, level: float) -> float:
    """Solve x = A + z sqrt(B + C x) for x, the squared distance that shows with power 0.8."""
    c = 1 / n + 1 / m
    trace, trace_squared = float(np.trace(covariance)), float((covariance**2).sum())
    largest = float(np.linalg.eigvalsh(covariance)[-1])
    scale, freedom = c * trace_squared / trace, trace**2 / trace_squared
    a = scale * float(stats.chi2.isf(level, freedom)) - c * trace
    b, slope = 2 * c**2 * trace_squared, 4 * c * largest
    z = _POWER_QUANTILE
    half = a + z**2 * slope / 2
    x = half + np.sqrt(max(0.0, half**2 - a**2 + z**2 * b))
    return float(np.sqrt(x / trace))
