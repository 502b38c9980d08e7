"""What permutations cannot count: p-values under 1 / (B + 1), by an exact bound; critical values of skewed tails."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from textdrift.stats.contingency import hypergeometric_exact_p

__all__ = ["below_the_floor", "smallest_exact_p", "tail_quantile"]

_UPPER = 0.1
_ROUNDING = 1e-9


def below_the_floor(p_value: float, n_permutations: int, bound: float) -> float:
    """Return the p-value, or an exact bound where no permutation came up to what was observed.

    B permutations cannot tell apart what is rarer than 1 / (B + 1), and where many tests are corrected for each other
    that is too coarse. ``bound`` is a second p-value of the same null hypothesis, from another statistic. It counts
    only where the first one is 1 / (B + 1), so that it costs nothing: for a >= 1 / (B + 1) the event "p <= a" is that
    of the permutations, and for smaller ones it lies within "bound <= a", which has a probability of at most a.

    Examples
    --------
    >>> below_the_floor(0.01, 99, 1e-9), below_the_floor(0.01, 99, 0.3), below_the_floor(0.02, 99, 1e-9)
    (1e-09, 0.01, 0.02)
    """
    if p_value > (1.0 + _ROUNDING) / (n_permutations + 1.0):
        return p_value
    return min(p_value, max(bound, float(np.finfo(np.float64).tiny)))


def smallest_exact_p(in_reference: NDArray[Any], in_both: NDArray[Any], n: int, n_both: int) -> float:
    """Return the smallest two-sided exact p-value of many marks, times their number (Bonferroni).

    Null hypothesis: rows are exchangeable. Marks must not know the window of a row, as being below a pooled quantile.

    Parameters
    ----------
    in_reference, in_both:
        Marked rows of the reference and of both windows, one count for each mark.
    n, n_both:
        Rows of the reference and of both windows.

    Examples
    --------
    >>> round(smallest_exact_p(np.array([0, 5]), np.array([10, 10]), 50, 100), 5)
    0.00237
    """
    if not len(in_both):
        return 1.0
    return float(min(1.0, hypergeometric_exact_p(in_reference, in_both, n, n_both).min() * len(in_both)))


def tail_quantile(permuted: NDArray[Any], level: float) -> float:
    """Return what a statistic with a skewed tail exceeds with probability ``level``, by an exponential upper tenth.

    Distances of distributions are skewed, so that a normal curve through them ends too early; their tails fall like
    an exponential or faster, and the line through the upper tenth errs towards the larger value.

    >>> values = -np.log(np.linspace(0.001, 1, 1000))
    >>> round(tail_quantile(values, 1e-6), 1), round(tail_quantile(values, 0.05), 1)
    (13.5, 3.0)
    """
    if not permuted.size:
        return float("inf")
    if level >= _UPPER:
        return float(np.quantile(permuted, 1.0 - level))
    start = float(np.quantile(permuted, 1.0 - _UPPER))
    beyond = permuted[permuted > start] - start
    slope = float(beyond.mean()) if beyond.size else 0.0
    return start + slope * float(np.log(_UPPER / level))
