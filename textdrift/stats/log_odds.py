"""How strongly a mark goes with one set of rows: log-odds against the other rows, shrunken towards no difference."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

__all__ = ["LogOdds", "shrunken_log_odds"]


class LogOdds(NamedTuple):
    """A log-odds ratio and its size in standard errors, elementwise."""

    value: NDArray[Any]
    z: NDArray[Any]


def shrunken_log_odds(
    marked: ArrayLike, n: ArrayLike, others: ArrayLike, n_others: ArrayLike, *, prior: float
) -> LogOdds:
    """Return the log of the odds of a mark among some rows over its odds among the others, elementwise.

    Both sides start with ``prior`` rows that carry the mark as often as all rows do, so that a mark of few rows is no
    extreme one (Monroe, Colaresi and Quinn 2008, with rows in the place of tokens). Its variance is the sum of
    1 / count over the four counts.

    Parameters
    ----------
    marked, n:
        Rows of the set that carry the mark, and all its rows; any shapes that broadcast.
    others, n_others:
        The same of the other rows.
    prior:
        Rows that each side starts with, positive.

    Examples
    --------
    >>> odds = shrunken_log_odds([9, 1], 10, [9, 0], 90, prior=10.0)
    >>> odds.value.round(2).tolist(), odds.z.round(2).tolist()
    ([2.27, 4.06], [4.11, 1.23])
    """
    marked, n, others, n_others = (np.asarray(a, dtype=np.float64) for a in (marked, n, others, n_others))
    expected = prior * (marked + others) / (n + n_others)
    counts = (marked + expected, n - marked + prior - expected, others + expected, n_others - others + prior - expected)
    with np.errstate(divide="ignore", invalid="ignore"):  # a mark of no row or of every row says nothing: 0 below
        value = np.log(counts[0]) - np.log(counts[1]) - np.log(counts[2]) + np.log(counts[3])
        z = value / np.sqrt(sum(1.0 / count for count in counts))
    telling = (expected > 0.0) & (expected < prior)
    return LogOdds(np.where(telling, value, 0.0), np.where(telling, z, 0.0))
