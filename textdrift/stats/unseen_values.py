"""How many rows of a window hold what the reference does not, and how many would when nothing changed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.special import betaincinv, gammaln

__all__ = ["CategoryCounts", "all_in_current", "detectable_unseen", "least_surprising"]

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
        is at most the sum of the variances.
        """
        absent = all_in_current(self.pooled[:-1], n, m)
        mean = float(self.pooled[:-1] @ absent) + self.n_single * m / (n + m)
        share = m / (n + m)
        variance = float(self.pooled[:-1] ** 2 @ (absent * (1.0 - absent))) + self.n_single * share * (1.0 - share)
        return mean, float(np.sqrt(variance))
