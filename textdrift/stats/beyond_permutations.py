"""What permutations cannot count: p-values under 1 / (B + 1), by an exact bound; critical values of skewed tails."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import optimize
from scipy.special import expit, gammaln

from textdrift.stats.contingency import hypergeometric_exact_p

__all__ = ["below_the_floor", "log_tail_of_sum", "smallest_exact_p", "tail_quantile"]

_UPPER = 0.1
_ROUNDING = 1e-9
_TINY = float(np.finfo(np.float64).tiny)


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
    return min(p_value, max(bound, _TINY))


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


def log_tail_of_sum(values: NDArray[Any], n_last: int) -> float:
    """Return the logarithm of a bound of the tail of a sum under all splits: one-sided, towards what was observed.

    Let S be the sum of ``n_last`` of the N values, drawn without replacement, and s that of the last ones. By Chernoff
    P(S >= s) <= E exp(t S - t s) for any t >= 0. The expectation is the elementary symmetric polynomial of the
    exp(t values), over the number of splits. It is exact: with independent draws of probability p_i = expit(a + t x_i)
    it is P(n_last are drawn) prod(1 + exp(a + t x_i)) exp(-a n_last) for any a. The best a and t are those of the
    logistic regression of the window on the value, so that the bound is a likelihood ratio. Near the middle it is
    larger than the normal tail by the factor of t sqrt(2 pi); far out it needs no permutation and no normal law.

    Cost: O(N n_last), milliseconds for a thousand values.

    Parameters
    ----------
    values:
        Shape (N,), those of the current window last.
    n_last:
        Values of the current window.

    Examples
    --------
    >>> values = np.arange(8.0)  # the last four are the largest: one split of 70
    >>> round(float(np.exp(log_tail_of_sum(values, 4))) * 70, 2)
    1.0
    """
    x = np.asarray(values, dtype=np.float64) - np.mean(values, dtype=np.float64)
    n_rows = len(x)
    largest = float(np.abs(x).max(initial=0.0))
    if largest == 0.0 or not 0 < n_last < n_rows:
        return 0.0
    x = x / (largest if x[n_rows - n_last :].sum() >= 0.0 else -largest)
    total = float(x[n_rows - n_last :].sum())

    def loss(at: NDArray[np.float64]) -> tuple[float, NDArray[np.float64]]:
        linear = at[0] + at[1] * x
        drawn = expit(linear)
        value = np.logaddexp(0.0, linear).sum() - at[0] * n_last - at[1] * total
        return float(value), np.array([drawn.sum() - n_last, drawn @ x - total])

    start = np.array([np.log(n_last / (n_rows - n_last)), 0.0])
    best = optimize.minimize(loss, start, jac=True, method="L-BFGS-B", bounds=[(None, None), (0.0, None)]).x
    n_drawn = np.zeros(n_last + 1)  # the probability of each number of draws, up to n_last
    n_drawn[0] = 1.0
    for share in expit(best[0] + best[1] * x).tolist():
        n_drawn[1:] = n_drawn[1:] * (1.0 - share) + n_drawn[:-1] * share
        n_drawn[0] *= 1.0 - share
    splits = gammaln(n_rows + 1.0) - gammaln(n_last + 1.0) - gammaln(n_rows - n_last + 1.0)
    return float(min(0.0, loss(best)[0] + np.log(max(n_drawn[-1], _TINY)) - splits))


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
