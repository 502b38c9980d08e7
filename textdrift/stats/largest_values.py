"""Is the largest value of one sample beyond what the tail of another makes plausible?"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

__all__ = ["beyond_the_largest"]

_THINNEST = 3.0
_ERRORS = 1.645


def beyond_the_largest(reference: NDArray[np.float64], current: NDArray[np.float64]) -> float:
    """Return how probable a largest value as far beyond the reference's is, where both have one tail.

    Null hypothesis: the values of both samples are independent draws of one distribution whose tail falls like
    x^-a, or faster. With such a tail the reference's largest value R and the current one C obey exactly
    P(C > r R) = c / (c + r^a), where c is the ratio of the sample sizes. The exponent is Hill's estimate (1975) from
    the largest sqrt(n) values of the reference, less 1.645 of its standard errors, and at most 3: a tail thinner than
    that is not believed of any sample, which costs power and never the level.

    Parameters
    ----------
    reference, current:
        Shapes (n,) and (m,), positive.

    Returns
    -------
    In (0, 1]; 1 where the current window holds no larger value than the reference.

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> gaps = rng.exponential(size=1000)
    >>> one, other = gaps[:500], gaps[500:]
    >>> beyond_the_largest(one, other) > 0.1, beyond_the_largest(one, np.r_[other, 900.0]) < 1e-4
    (True, True)
    """
    largest, found = float(reference.max()), float(current.max())
    if found <= largest:
        return 1.0
    n, k = len(reference), max(2, int(np.sqrt(len(reference))))
    top = np.sort(reference)[-min(n, k + 1) :]
    spread = float(np.log(top[1:] / top[0]).mean()) if len(top) > 1 else 1.0
    exponent = _THINNEST if spread <= 0.0 else min(_THINNEST, (1.0 - _ERRORS / np.sqrt(k)) / spread)
    ratio = len(current) / n
    return float(ratio / (ratio + (found / largest) ** max(exponent, np.finfo(np.float64).tiny)))
