"""The exact p-value of the chi-square statistic of two rows of counts, by all tables that could have been."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.special import gammaln

__all__ = ["exact_chi_square_p", "split_deviation"]

_MOST_TABLES = 100_000
_TIE = 1e-9


def exact_chi_square_p(counts_reference: NDArray[Any], counts_current: NDArray[Any]) -> float | None:
    """Return P(chi-square at least as large) over all tables with the same margins, None where there are too many.

    Null hypothesis: the reference is a random draw of its size from the rows of both. Each table has its multivariate
    hypergeometric probability (Freeman and Halton 1951, ordered by Pearson's statistic). Two categories have
    one table more than the smaller has rows: too many only where both have more than 100,000.

    Cost: at most 100,000 tables.

    Parameters
    ----------
    counts_reference, counts_current:
        Rows in each category, shape (k,).

    Examples
    --------
    >>> round(exact_chi_square_p(np.array([3, 0]), np.array([0, 3])), 12)  # 2 of the 20 splits
    0.1
    >>> exact_chi_square_p(np.full(40, 3), np.full(40, 5)) is None
    True
    """
    pooled = np.asarray(counts_reference + counts_current)
    held = pooled > 0
    order = np.argsort(pooled[held], kind="stable")
    pooled, observed = pooled[held][order], np.asarray(counts_reference)[held][order]
    n, total = int(observed.sum()), int(pooled.sum())
    if len(pooled) <= 1:
        return 1.0
    room = np.minimum(pooled, n) + 1
    if np.log(room[:-1]).sum() > np.log(_MOST_TABLES):
        return None
    free = np.indices(room[:-1].tolist()).reshape(len(pooled) - 1, -1)
    rest = n - free.sum(axis=0)
    tables = np.vstack([free, rest])[:, (rest >= 0) & (rest <= pooled[-1])].astype(np.float64)
    share = n / total
    statistic = split_deviation(tables.T, pooled, share)
    logarithm = _log_binomial(pooled[:, None], tables).sum(axis=0) - _log_binomial(np.float64(total), np.float64(n))
    seen = float(split_deviation(observed[None], pooled, share)[0])
    p = float(np.exp(logarithm[statistic >= seen - _TIE * max(1.0, seen)]).sum())
    return min(1.0, max(p, float(np.finfo(np.float64).tiny)))


def split_deviation(in_reference: NDArray[Any], pooled: NDArray[Any], share: float) -> NDArray[np.float64]:
    """Return Pearson's chi-square of splits of the same pooled counts.

    Parameters
    ----------
    in_reference:
        Shape (b, k).
    pooled:
        Shape (k,), each at least 1.
    share:
        Of the reference among all rows.

    Examples
    --------
    >>> split_deviation(np.array([[3, 0], [2, 1]]), np.array([3, 3]), 0.5).round(4).tolist()
    [6.0, 0.6667]
    """
    difference = in_reference - share * pooled
    return np.asarray((difference**2 / pooled).sum(axis=1) / (share * (1.0 - share)))


def _log_binomial(total: Any, chosen: Any) -> Any:
    return gammaln(total + 1.0) - gammaln(chosen + 1.0) - gammaln(total - chosen + 1.0)
