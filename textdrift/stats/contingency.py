"""Two windows and one mark: exact tests, an interval and the reach of a comparison of two shares.

The 2 x 2 table has ``n`` reference rows and ``m = N - n`` current rows, of which ``n_marked`` carry the mark. When the
windows do not differ, the number ``k`` of marked reference rows is hypergeometric (Fisher 1934).
"""

from __future__ import annotations

from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import gammaln, ndtri

__all__ = [
    "detectable_share_difference",
    "hypergeometric_at_least",
    "hypergeometric_at_most",
    "hypergeometric_exact_p",
    "hypergeometric_mid_p",
    "share_difference_interval",
    "wilson_intervals",
]

Floats = NDArray[np.float64]

_NEGLIGIBLE = 1e-18
"""A term this small beside the sum so far no longer changes a double."""


def hypergeometric_mid_p(k: ArrayLike, n_marked: ArrayLike, n: ArrayLike, N: ArrayLike) -> Floats:
    """Return the two-sided mid-p value of ``k`` marked reference rows, elementwise.

    Null hypothesis: the ``n_marked`` marked rows are a random draw from the ``N`` rows. The mid-p value is twice the
    smaller tail, of which the observed count weighs one half: unlike the exact p-value it is not conservative when
    the mark is rare, and it may exceed its level slightly (Lancaster 1961).

    Parameters
    ----------
    k, n_marked, n, N:
        Marked reference rows, marked rows, reference rows, all rows; any shapes that broadcast.

    Returns
    -------
    Array of the broadcast shape, in (0, 1].

    Notes
    -----
    Tails are summed outwards from ``k``, so a small one keeps its digits down to 1e-300. Cost: a few standard
    deviations of the count, one vectorised step each; ten thousand words of a thousand documents take milliseconds.

    Examples
    --------
    >>> hypergeometric_mid_p([5, 9], 10, 100, 200).round(4).tolist()
    [1.0, 0.01]
    """
    pmf, below, above = _tails(k, n_marked, n, N)
    return _as_p_value(2.0 * np.minimum(below, above) + pmf)


def hypergeometric_exact_p(k: ArrayLike, n_marked: ArrayLike, n: ArrayLike, N: ArrayLike) -> Floats:
    """Return the two-sided exact p-value, twice the smaller tail, elementwise.

    It never exceeds its level, at the price of some power when the mark is rare. Parameters as in
    ``hypergeometric_mid_p``.

    >>> hypergeometric_exact_p([5, 9], 10, 100, 200).round(4).tolist()
    [1.0, 0.0185]
    """
    pmf, below, above = _tails(k, n_marked, n, N)
    return _as_p_value(2.0 * (np.minimum(below, above) + pmf))


def hypergeometric_at_most(k: ArrayLike, n_marked: ArrayLike, n: ArrayLike, N: ArrayLike) -> Floats:
    """Return the exact probability of at most ``k`` marked reference rows: small when the mark *rose*.

    >>> float(hypergeometric_at_most(0, 1, 1, 2))
    0.5
    """
    pmf, below, _ = _tails(k, n_marked, n, N)
    return _as_p_value(below + pmf)


def hypergeometric_at_least(k: ArrayLike, n_marked: ArrayLike, n: ArrayLike, N: ArrayLike) -> Floats:
    """Return the exact probability of at least ``k`` marked reference rows: small when the mark *fell*.

    >>> float(hypergeometric_at_least(0, 1, 1, 2))
    1.0
    """
    pmf, _, above = _tails(k, n_marked, n, N)
    return _as_p_value(above + pmf)


def share_difference_interval(
    k1: float, n: float, k2: float, m: float, *, confidence: float = 0.95
) -> tuple[float, float]:
    """Return the interval of the change of a share, current minus reference.

    Newcombe's hybrid of two Wilson intervals (Newcombe 1998, method 10); it stays inside [-1, 1] and has a width
    when a share is 0 or 1. A window of no rows says nothing: (-1, 1).

    Parameters
    ----------
    k1, n:
        Marked rows and rows of the reference; effective numbers need not be whole.
    k2, m:
        Marked rows and rows of the current window.
    confidence:
        In (0, 1).

    Examples
    --------
    >>> low, high = share_difference_interval(48, 80, 56, 70)
    >>> round(low, 4), round(high, 4)
    (0.0524, 0.3339)
    """
    if n == 0 or m == 0:
        return -1.0, 1.0
    (low1, low2), (high1, high2) = wilson_intervals([k1 / n, k2 / m], [n, m], confidence=confidence)
    share1, share2 = k1 / n, k2 / m
    change = share2 - share1
    low = change - np.hypot(share2 - low2, high1 - share1)
    high = change + np.hypot(high2 - share2, share1 - low1)
    return float(max(low, -1.0)), float(min(high, 1.0))


def wilson_intervals(share: ArrayLike, n: ArrayLike, *, confidence: float = 0.95) -> tuple[Floats, Floats]:
    """Return Wilson's score interval of each share (Wilson 1927), elementwise: its lower and its upper end.

    Parameters
    ----------
    share:
        In [0, 1].
    n:
        Rows that each is a share of; need not be whole, for an effective number of rows. No row says nothing: (0, 1).
    confidence:
        In (0, 1).

    Examples
    --------
    >>> low, high = wilson_intervals([0.0, 0.5], 20)
    >>> low.round(3).tolist(), high.round(3).tolist()
    ([0.0, 0.299], [0.161, 0.701])
    """
    share, n = np.broadcast_arrays(np.asarray(share, dtype=np.float64), np.asarray(n, dtype=np.float64))
    rows = np.where(n > 0, n, 1.0)
    z = float(ndtri(0.5 + confidence / 2.0))
    centre = share + z * z / (2.0 * rows)
    half = z * np.sqrt(share * (1.0 - share) / rows + z * z / (4.0 * rows * rows))
    scale = 1.0 + z * z / rows
    low, high = np.maximum((centre - half) / scale, 0.0), np.minimum((centre + half) / scale, 1.0)
    # No rounding where no row carries the mark, or every one does.
    return np.where((n > 0) & (share > 0), low, 0.0), np.where((n > 0) & (share < 1), high, 1.0)


def detectable_share_difference(
    p0: float,
    n: float,
    m: float,
    level: float,
    power: float = 0.8,
    *,
    direction: Literal["either", "up", "down"] = "either",
) -> float:
    """Return the smallest change of a share ``p0`` that a two-sided test at ``level`` shows with that power.

    The normal formula with the continuity correction of the exact test (Casagrande, Pike and Smith 1978). Against
    simulated exact tests of 250 to 2,000 rows it is right within 0.04 of the power for shares between 0.05 and 0.95 of
    even windows; a rare mark in uneven windows shows with power 0.72 to 1.

    Parameters
    ----------
    p0:
        The share in the reference, in [0, 1].
    n, m:
        Rows of the reference and of the current window.
    level, power:
        Of the two-sided test, in (0, 1).
    direction:
        The way that the share may move; ``either`` asks for a change that shows whichever possible way it moves.

    Returns
    -------
    A difference in (0, 1], infinity where no possible change would show.

    Examples
    --------
    >>> round(detectable_share_difference(0.05, 1000, 1000, 0.05), 3)
    0.032
    >>> detectable_share_difference(0.0, 3, 3, 0.05)
    inf
    """
    if n == 0 or m == 0:
        return float("inf")
    rooms = {"up": 1.0 - p0, "down": p0}
    signs = {"up": 1.0, "down": -1.0}
    asked = ("up", "down") if direction == "either" else (direction,)
    found = [_detectable_one_way(p0, n, m, level, power, sign=signs[way], room=rooms[way]) for way in asked]
    possible = [difference for difference in found if np.isfinite(difference)]
    return max(possible, default=float("inf"))


def _tails(k: ArrayLike, n_marked: ArrayLike, n: ArrayLike, N: ArrayLike) -> tuple[Floats, Floats, Floats]:
    """Return P(K = k), P(K < k), P(K > k); the tail that leads away from the mode is summed, the other is the rest."""
    k, n_marked, n, N = np.broadcast_arrays(*(np.asarray(a, dtype=np.float64) for a in (k, n_marked, n, N)))
    mode = np.floor((n + 1.0) * (n_marked + 1.0) / (N + 2.0))
    above_mode = k > mode
    # P(K > k) among n reference rows is P(K' < n_marked - k) among the N - n current rows: one sum serves both tails.
    count = np.where(above_mode, n_marked - k, k)
    rows = np.where(above_mode, N - n, n)
    pmf = np.exp(_log_binomial(n_marked, count) + _log_binomial(N - n_marked, rows - count) - _log_binomial(N, rows))
    outer = pmf * _sum_of_ratios_downwards(count, n_marked, rows, N)
    inner = np.clip(1.0 - outer - pmf, 0.0, 1.0)
    return pmf, np.where(above_mode, inner, outer), np.where(above_mode, outer, inner)


def _sum_of_ratios_downwards(count: Floats, n_marked: Floats, rows: Floats, N: Floats) -> Floats:
    """Return the sum over j < count of P(K = j) / P(K = count), for counts at or under the mode.

    P(j - 1) / P(j) = j (N - n_marked - rows + j) / ((n_marked - j + 1) (rows - j + 1)), which is at most one there.
    """
    shape = count.shape
    j, n_marked, rows, N = (np.ravel(a).astype(np.float64) for a in (count, n_marked, rows, N))
    sums = np.zeros(j.shape)
    active = np.arange(j.size)
    term = np.ones(j.shape)
    while active.size:
        ratio = j * (N - n_marked - rows + j) / ((n_marked - j + 1.0) * (rows - j + 1.0))
        term = term * ratio
        sums[active] += term
        going = term > _NEGLIGIBLE * sums[active]
        active, j, term = active[going], j[going] - 1.0, term[going]
        n_marked, rows, N = n_marked[going], rows[going], N[going]
    return sums.reshape(shape)


def _log_binomial(total: Floats, chosen: Floats) -> Floats:
    """Return log(total choose chosen)."""
    return np.asarray(gammaln(total + 1.0) - gammaln(chosen + 1.0) - gammaln(total - chosen + 1.0), dtype=np.float64)


def _as_p_value(p: Floats) -> Floats:
    """Return p inside (0, 1]: a sum may round above one, and a p-value under the smallest double is still not zero."""
    return np.clip(p, np.finfo(np.float64).tiny, 1.0)


def _detectable_one_way(
    p0: float, n: float, m: float, level: float, power: float, *, sign: float, room: float
) -> float:
    """Return the smallest difference in (0, room] that exceeds what its test needs, by bisection."""
    z_level, z_power = float(ndtri(1.0 - level / 2.0)), float(ndtri(power))

    def shortfall(difference: float) -> float:
        p1 = p0 + sign * difference
        pooled = (n * p0 + m * p1) / (n + m)
        null_error = np.sqrt(max(pooled * (1.0 - pooled), 0.0) * (1.0 / n + 1.0 / m))
        true_error = np.sqrt(max(p0 * (1.0 - p0), 0.0) / n + max(p1 * (1.0 - p1), 0.0) / m)
        continuity = 0.5 * (1.0 / n + 1.0 / m)
        return float(z_level * null_error + z_power * true_error + continuity - difference)

    if room <= 0.0 or shortfall(room) > 0.0:
        return float("inf")
    low, high = 0.0, room
    while high - low > 1e-9:  # noqa: PLR2004 - far under one row of any window
        middle = 0.5 * (low + high)
        low, high = (middle, high) if shortfall(middle) > 0.0 else (low, middle)
    return high
