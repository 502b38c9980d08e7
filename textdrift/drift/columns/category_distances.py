"""How far shares of categories moved beyond chance, and which distance would show."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import optimize
from scipy.special import chdtri, chndtr

from textdrift.stats.contingency import hypergeometric_exact_p

__all__ = ["beyond_chance", "detectable_variation", "plainly_moved", "variation_beyond_chance"]

_POWER = 0.8
_TWO_SIDED_95 = 1.959963984540054
_LEVEL_OF_ONE = 0.05
"""That some category is taken for one that moved when none did; nothing is decided by it."""


def beyond_chance(distance: NDArray[Any], by_chance: float) -> NDArray[Any]:
    """Take out what two samples of one source differ by, as if noise added in squares.

    It does where the change is spread as the noise is. Of a sum of many absolute differences it may take too much or
    too little, see `variation_beyond_chance`.

    >>> beyond_chance(np.array([0.5, 0.2]), 0.3).round(3).tolist()
    [0.4, 0.0]
    """
    return np.asarray(np.sqrt(np.maximum(0.0, distance**2 - by_chance**2)))


def plainly_moved(reference: NDArray[Any], current: NDArray[Any]) -> NDArray[np.bool_]:
    """Return which categories moved for certain: by an exact test of each, 0.05 for all of them together.

    Parameters
    ----------
    reference, current:
        Rows of each category, shape (k,). One row is never enough.

    Examples
    --------
    >>> plainly_moved(np.array([60, 40, 1]), np.array([20, 40, 40])).tolist()
    [True, False, True]
    """
    pooled = reference + current
    p_values = hypergeometric_exact_p(reference, pooled, reference.sum(), pooled.sum())
    return np.asarray((p_values <= _LEVEL_OF_ONE / max(1, np.count_nonzero(pooled))) & (pooled > 1))


def variation_beyond_chance(
    reference: NDArray[Any], current: NDArray[Any], n: int, m: int, moved: NDArray[np.bool_], by_chance: float
) -> tuple[float, float, float]:
    """Return the total variation of two sources beyond chance, and a 95 % interval of it.

    Of a category that moved for certain the change counts as it is. Of the others, D = 0.5 sum |d_i| holds the change
    and the noise, c when nothing moved, and their sum says little of how they mix: E D is at least the change, since
    noise takes nothing away on average (Jensen), and at most the change plus c. So the interval goes from D - c to D,
    each end 1.96 standard errors further out; with hundreds of rare categories it is wide, and no method can narrow it
    much. The value lies between, sqrt(D^2 - c^2), which is right where a change is spread over the categories as the
    noise is, and low where it is spread over more of them than have rows; it is no less than half of the change of
    their rows together.

    Parameters
    ----------
    reference, current:
        Share of each category, shape (k,).
    n, m:
        Rows of each window. Documents whose copies are in several categories vary less than rows with one each; the
        interval is then a little wide.
    moved:
        Those that moved for certain, shape (k,).
    by_chance:
        c, of the other categories.

    Returns
    -------
    The value, and the lower and the upper end; each in [0, 1].

    Examples
    --------
    >>> p, q = np.array([0.5, 0.3, 0.2]), np.array([0.7, 0.1, 0.2])
    >>> value, low, high = variation_beyond_chance(p, q, 400, 400, np.array([True, True, False]), 0.01)
    >>> round(value, 3), round(low, 3), round(high, 3)
    (0.2, 0.135, 0.254)
    """
    difference = reference - current
    still = ~moved
    plain, rest = (0.5 * float(np.abs(difference[of]).sum()) for of in (moved, still))
    together = 0.5 * abs(float(difference[still].sum()))
    value = plain + max(together, float(beyond_chance(np.array(rest), by_chance)))
    signs = np.sign(difference)
    # Where a share is the same in both windows either way is as good: one up, one down.
    ties = np.flatnonzero(signs == 0.0)
    signs[ties] = np.where(np.arange(len(ties)) % 2, 1.0, -1.0)
    variance = sum((1.0 - float(signs @ shares) ** 2) / rows for shares, rows in ((reference, n), (current, m)))
    half = _TWO_SIDED_95 * 0.5 * float(np.sqrt(max(0.0, variance)))
    # Splits of both windows know the noise of their mixture; that of the smaller window may be more than that.
    variances = reference * (1.0 - reference) / n + current * (1.0 - current) / m
    noise = max(by_chance, float(0.5 * np.sqrt(2.0 / np.pi * variances[still]).sum()))
    low, high = plain + rest - noise - half, plain + rest + half
    return value, min(value, max(0.0, low)), max(value, min(1.0, high))


def detectable_variation(n: int, m: int, k: int, level: float) -> float:
    """Return a total variation that shows with power 0.8 at least, whichever of k categories it moves.

    A change of total variation t has a chi-square distance of at least (2t)^2, by Cauchy and Schwarz, so its
    noncentrality is at least (2t)^2 / (1/n + 1/m).

    >>> round(detectable_variation(400, 400, 2, 0.05), 3)
    0.099
    """
    freedom = max(1, k - 1)
    critical = chdtri(freedom, level)
    noncentrality = optimize.brentq(lambda x: 1.0 - chndtr(critical, freedom, x) - _POWER, 1e-6, 1e4)
    size = 0.5 * float(np.sqrt(noncentrality * (1 / n + 1 / m)))
    return size if size <= 1.0 else float("inf")
