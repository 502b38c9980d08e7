"""How many rows of a window hold what the reference does not, and how many would when nothing changed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.special import betaincinv, gammaln, ndtri

from textdrift.stats.contingency import wilson_intervals

__all__ = [
    "CategoryCounts",
    "all_in_current",
    "chance_of_unseen",
    "detectable_move",
    "detectable_unseen",
    "excess_interval",
    "excess_of_new",
    "least_surprising",
]

_POWER = 0.8


def all_in_current(held: NDArray[Any], n: int, m: int) -> NDArray[np.float64]:
    """Return the probability that given rows of n + m all fall into the current window, C(N - c, n) / C(N, n).

    It is that of a category with c rows to be absent from the reference, and that of the c largest values to be all of
    the current window: when rows are exchangeable, "c values at least beyond the largest of the reference" has this
    probability, or less where values are tied.

    Parameters
    ----------
    held:
        c, any shape.
    n, m:
        Rows of the reference and of the current window.

    Examples
    --------
    >>> all_in_current(np.array([0, 1, 2, 11]), 10, 10).round(4).tolist()
    [1.0, 0.5, 0.2368, 0.0]
    """
    held = np.asarray(held, dtype=np.float64)
    within = np.minimum(held, m)
    logarithm = gammaln(m + 1.0) - gammaln(m - within + 1.0) - gammaln(n + m + 1.0) + gammaln(n + m - within + 1.0)
    return np.where(held <= m, np.exp(np.minimum(logarithm, 0.0)), 0.0)


def least_surprising(n: int, m: int, level: float) -> int | None:
    """Return the fewest rows that all fall into the current window with at most this probability, None where none do.

    >>> least_surprising(100, 100, 0.05), least_surprising(2, 3, 0.05)
    (5, None)
    """
    enough = np.flatnonzero(all_in_current(np.arange(m + 1), n, m) <= level)
    return int(enough[0]) if len(enough) else None


def detectable_unseen(n_rows: float, m: int) -> float:
    """Return the share of rows of which m draws hold at least so many with probability 0.8; infinity beyond m.

    >>> round(detectable_unseen(5, 1000), 4)
    0.0067
    """
    if not 0.0 < n_rows <= m:
        return float("inf")
    return float(betaincinv(n_rows, m - n_rows + 1.0, _POWER))


def chance_of_unseen(counts: NDArray[Any]) -> tuple[float, float]:
    """Return the share of further rows of the same source that no category holds, and its standard error.

    The share is that of the rows whose category has one row (Good 1953); its error is Esty's (1983), and never less
    than that of one such row, since a window without any may still have missed one.

    >>> share, error = chance_of_unseen(np.array([50, 40, 2, 2, 1, 1, 1, 1, 1, 1]))
    >>> share, round(error, 3)
    (0.06, 0.031)
    """
    n = int(counts.sum())
    once, twice = (int(np.count_nonzero(counts == rows)) for rows in (1, 2))
    variance = max(once * (1.0 - once / n) + 2.0 * twice, 1.0)
    return once / n, float(np.sqrt(variance)) / n


def excess_interval(
    unseen: float, m: int, chance: float, error: float, *, confidence: float = 0.95
) -> tuple[float, float]:
    """Return the interval of a share of m rows less the share that chance brings, which has a standard error.

    Wilson's interval of the share and that of chance, added in squares (as Newcombe 1998 adds two of Wilson's). Either
    end may be negative.

    >>> low, high = excess_interval(0.15, 400, 0.06, 0.02)
    >>> round(low, 3), round(high, 3)
    (0.04, 0.145)
    """
    low, high = (float(end) for end in wilson_intervals(unseen, m, confidence=confidence))
    of_chance = float(ndtri(0.5 + confidence / 2.0)) * error
    excess = unseen - chance
    return excess - float(np.hypot(unseen - low, of_chance)), excess + float(np.hypot(high - unseen, of_chance))


def excess_of_new(known: NDArray[Any], other: NDArray[Any], *, confidence: float = 0.95) -> tuple[float, float, float]:
    """Return the share of the other window's rows in categories that ``known`` lacks, beyond chance, and its interval.

    It is no more than the total variation of the sources: it is the change of the share of one set of categories.

    Parameters
    ----------
    known, other:
        Rows of each category, shape (k,).
    confidence:
        In (0, 1).

    Examples
    --------
    >>> share, low, high = excess_of_new(np.array([60, 40, 0]), np.array([50, 30, 20]))
    >>> share, round(low, 2), round(high, 2)
    (0.2, 0.13, 0.29)
    """
    m = int(other.sum())
    chance, error = chance_of_unseen(known)
    unseen = float(other[known == 0].sum()) / m
    return unseen - chance, *excess_interval(unseen, m, chance, error, confidence=confidence)


def detectable_move(reference: NDArray[Any], spread: float, m: int, level: float) -> float:
    """Return the share of the current window's rows that, moved to one new category, show with power 0.8, or infinity.

    Of s m rows that move, a share u would have been unseen anyway, that of the reference's rows in categories of one
    row. And a split of both windows holds the new category in its reference, so that it has fewer other rows: fewer
    that would be unseen in the current window, s m u m / (n + m), and more for want of those in the reference, where
    the share w of rows in categories of two tells how fast u falls. So

        s m (1 - (n u + m w) / (n + m)) = z spread + 0.84 sqrt(spread^2 + m s (1 - s)).

    Parameters
    ----------
    reference:
        Rows of each category, shape (k,).
    spread:
        Standard deviation of the number of unseen rows.
    m:
        Rows of the current window.
    level:
        One-sided.

    Examples
    --------
    >>> known = np.array([500, 400, *[1] * 100])
    >>> round(detectable_move(known, 9.0, 1000, 0.05), 4)
    0.0247
    """
    n = int(reference.sum())
    once, twice = (rows * np.count_nonzero(reference == rows) / n for rows in (1, 2))
    gained = m * (1.0 - (n * once + m * twice) / (n + m))
    needed, power = float(-ndtri(level)) * spread, float(ndtri(_POWER)) ** 2
    square, linear = gained**2 + power * m, 2.0 * gained * needed + power * m
    rest = max(0.0, linear**2 - 4.0 * square * (needed**2 - power * spread**2))
    share = (linear + float(np.sqrt(rest))) / (2.0 * square)
    return share if share <= 1.0 and gained * share >= needed else float("inf")


@dataclass(frozen=True, slots=True)
class CategoryCounts:
    """Rows of each category of both windows; those of one row are one type, the last, of ``n_single`` rows.

    Attributes
    ----------
    pooled:
        Shape (k,), rows of both windows.
    n_single:
        Categories of one row.
    """

    pooled: NDArray[np.int64]
    n_single: int

    @classmethod
    def of(cls, pooled: NDArray[np.int64]) -> CategoryCounts:
        """Merge the categories of one row: the number of them in either window is all that counts."""
        n_single = int(np.count_nonzero(pooled == 1))
        return cls(np.append(pooled[pooled > 1], n_single), n_single)

    def unseen_rows(self, in_reference: NDArray[np.int64]) -> NDArray[np.int64]:
        """Return the rows of categories that the reference lacks, for each split, shape (b, k) to (b,).

        >>> CategoryCounts.of(np.array([3, 1, 1])).unseen_rows(np.array([[0, 1], [2, 0]])).tolist()
        [4, 2]
        """
        several = (in_reference[:, :-1] == 0) @ self.pooled[:-1]
        return np.asarray(several + self.n_single - in_reference[:, -1])

    def moments(self, n: int, m: int) -> tuple[float, float]:
        """Return the exact mean of the unseen rows over all splits, and an upper bound of their standard deviation.

        That one category is absent from the reference makes it less probable of others, so that the variance of the sum
        is at most the sum of the variances; that of the categories of one row is known, their number is hypergeometric.
        """
        absent, total = all_in_current(self.pooled[:-1], n, m), n + m
        mean = float(self.pooled[:-1] @ absent) + self.n_single * m / total
        apart = (total - self.n_single) / max(1, total - 1)
        variance = float(self.pooled[:-1] ** 2 @ (absent * (1.0 - absent))) + self.n_single * m * n / total**2 * apart
        return mean, float(np.sqrt(variance))
