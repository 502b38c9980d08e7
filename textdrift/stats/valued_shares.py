"""The mean of a value that comes in a few kinds, such as what a mistake costs, with an interval for rare ones, too."""

from __future__ import annotations

from dataclasses import dataclass
from math import sqrt

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import betaincinv

__all__ = ["MeanInterval", "difference_interval", "mean_interval"]

Floats = NDArray[np.float64]

_NONE = 1e-12


@dataclass(frozen=True, slots=True)
class MeanInterval:
    """A mean and the ends of its interval."""

    mean: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class _OneSign:
    """A mean of values of one sign, without the sign, and the distances to its ends.

    Attributes
    ----------
    share:
        Of the one value that stands for all.
    """

    mean: float
    share: float
    down: float
    up: float


def mean_interval(values: ArrayLike, counts: ArrayLike, n: float, *, confidence: float = 0.95) -> MeanInterval:
    """Return the mean of a value over n independent things, with an interval that is never without width.

    The value v_j occurs with share p_j, and the mean is the sum of v_j p_j. Fay and Feuer (1997) bound such a sum of
    rare counts by that of one count with one value: s = sum c_j v_j^2 / sum c_j v_j has, seen y / s times of n, the
    same mean y / n and the same variance; for the upper end one more thing of the largest value is counted. Here that
    one count is binomial, so that with one value other than 0 the interval is that of Clopper and Pearson (1934), and a
    dear mistake that was never seen in 300 documents keeps the upper end that nearly four in 300 would have. Values
    above and below 0 are bounded apart, and the distances of their ends are combined as standard errors would be (Zou
    and Donner 2008), with the correlation that shares of one total have.

    Each end is meant to be missed in (1 - confidence) / 2 of the cases, also where few things of a value are seen: an
    interval of the score (Wilson 1927) has the right width in all, but its end towards 0 is missed up to four times as
    often as that.

    Parameters
    ----------
    values:
        Shape (j,). Equal values are one kind; a value of 0 adds nothing.
    counts:
        Shape (j,), how often each value was seen; a value may be possible and not seen, with count 0. Need not be
        whole; things not counted have the value 0.
    n:
        Things in all, above 0.

    Examples
    --------
    >>> unseen = mean_interval([100.0], [0], 300)
    >>> unseen.mean, unseen.low, round(unseen.high, 2)
    (0.0, 0.0, 1.22)
    """
    kinds = np.asarray(values, dtype=np.float64).ravel()
    seen = np.asarray(counts, dtype=np.float64).ravel()
    cost, gain = (_one_sign(np.maximum(sign * kinds, 0.0), seen, n, (1.0 - confidence) / 2.0) for sign in (1.0, -1.0))
    # Shares p and q of one total have the correlation -sqrt(p q / ((1 - p) (1 - q))); a gain turns the sign.
    odds = [side.share / (1.0 - side.share) if side.share < 1.0 else 0.0 for side in (cost, gain)]
    together = 2.0 * min(1.0, sqrt(odds[0] * odds[1]))
    mean = cost.mean - gain.mean
    return MeanInterval(
        mean=mean,
        low=mean - sqrt(cost.down**2 + gain.up**2 + together * cost.down * gain.up),
        high=mean + sqrt(cost.up**2 + gain.down**2 + together * cost.up * gain.down),
    )


def _one_sign(kinds: Floats, seen: Floats, n: float, tail: float) -> _OneSign:
    """Bound the mean of values that are 0 or more, each end missed with probability `tail` at most."""
    total, squares, most = float(seen @ kinds), float(seen @ kinds**2), float(kinds.max(initial=0.0))
    if most == 0.0:
        return _OneSign(mean=0.0, share=0.0, down=0.0, up=0.0)
    mean, low, times = total / n, 0.0, 0.0
    if total > 0.0:
        value = squares / total
        times = total / value
        low = value * float(betaincinv(times, n - times + 1.0, tail))
    value = high = (squares + most**2) / (total + most)
    others = n + 1.0 - (total + most) / value
    if others > _NONE * n:  # else all have the one value
        high = value * float(betaincinv(n + 1.0 - others, others, 1.0 - tail))
    return _OneSign(mean=mean, share=min(1.0, times / n), down=max(0.0, mean - low), up=max(0.0, high - mean))


def difference_interval(reference: MeanInterval, current: MeanInterval) -> MeanInterval:
    """Return current minus reference of two independent means; the distances to the ends add up as squares.

    Zou and Donner (2008). It is as good as the ends that come in: where one window is much larger than the other, the
    end of the difference is missed as often as that of the small window's mean.

    >>> before, after = mean_interval([1.0], [48], 80), mean_interval([1.0], [56], 70)
    >>> change = difference_interval(before, after)
    >>> round(change.mean, 2), round(change.low, 2), round(change.high, 2)
    (0.2, 0.04, 0.34)
    """
    change = current.mean - reference.mean
    return MeanInterval(
        mean=change,
        low=change - float(np.hypot(current.mean - current.low, reference.high - reference.mean)),
        high=change + float(np.hypot(current.high - current.mean, reference.mean - reference.low)),
    )
