"""A share of all things that rows hold, such as words of documents: how it changed, where rows are what is drawn."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from textdrift.stats.contingency import detectable_share_difference, wilson_intervals

__all__ = ["RatioChange", "ratio_change"]

Floats = NDArray[np.float64]

_FEWEST_ROWS = 2
_NOTHING = 1e-12


@dataclass(frozen=True, slots=True, kw_only=True)
class RatioChange:
    """A share in two windows.

    Attributes
    ----------
    reference_share, current_share:
        Things with the mark over all things; 0 where there are none.
    low, high:
        A 95 % interval of the change, current minus reference, within [-1, 1].
    detectable:
        The smallest change that a two-sided test at the given level shows with power 0.8; infinity where none could.
    """

    reference_share: float
    current_share: float
    low: float
    high: float
    detectable: float

    @property
    def value(self) -> float:
        """The change, current minus reference."""
        return self.current_share - self.reference_share


def ratio_change(
    reference_marked: ArrayLike,
    reference_total: ArrayLike,
    current_marked: ArrayLike,
    current_total: ArrayLike,
    *,
    level: float,
) -> RatioChange:
    """Return how a share of things changed that come in rows, such as the share of words that are misspelt.

    The things of one row are not independent: one text in another language brings dozens of odd words. With b_i of the
    t_i things of row i marked and p = Σb / Σt, the ratio estimator p has variance n / (n − 1) Σ (b_i − p t_i)² / (Σt)²
    (Cochran 1977, section 6.4). Over the variance p (1 − p) / Σt of independent things that is the design effect d,
    and Σt / d things are as good as independent: Wilson's interval of each window on those (Korn and Graubard 1998),
    Newcombe's hybrid of the two, so that a share near 0 has an honest interval and not one that begins below 0. Where
    a window has no mark, d is that of both windows; where neither has, that of rows that are marked as a whole.

    Parameters
    ----------
    reference_marked, reference_total:
        Things with the mark and all things of each row of the reference, shapes (n,), not negative.
    current_marked, current_total:
        Those of the current window, shapes (m,).
    level:
        Significance level for the detectable change.

    Examples
    --------
    >>> change = ratio_change([1, 0, 2, 1], [10, 10, 20, 10], [5, 4, 9, 6], [10, 10, 20, 10], level=0.05)
    >>> round(change.value, 2), round(change.low, 2), round(change.high, 2)
    (0.4, 0.31, 0.48)
    """
    sides = [
        (np.asarray(marked, dtype=np.float64), np.asarray(total, dtype=np.float64))
        for marked, total in ((reference_marked, reference_total), (current_marked, current_total))
    ]
    things = np.array([total.sum() for _, total in sides])
    if min(len(total) for _, total in sides) < _FEWEST_ROWS or not things.all():
        shares = [float(marked.sum() / max(1.0, total.sum())) for marked, total in sides]
        nobody_knows = {"low": -1.0, "high": 1.0, "detectable": float("inf")}
        return RatioChange(reference_share=shares[0], current_share=shares[1], **nobody_knows)
    share = np.array([marked.sum() for marked, _ in sides]) / things
    spread = np.array([_spread(marked, total, p) for (marked, total), p in zip(sides, share, strict=True)])
    independent = share * (1.0 - share) * things
    if independent.sum() > _NOTHING:
        common = spread.sum() / independent.sum()
    else:
        common = sum(float(total @ total) for _, total in sides) / things.sum()
    # Rows marked more evenly than by chance are no more than certain.
    common = max(common, _NOTHING)
    own = np.divide(spread, independent, out=np.full(2, common), where=independent > _NOTHING)
    (low1, low2), (high1, high2) = wilson_intervals(share, things / np.maximum(own, _NOTHING))
    change = share[1] - share[0]
    effective = np.maximum(1.0, things / common)
    return RatioChange(
        reference_share=float(share[0]),
        current_share=float(share[1]),
        low=float(max(-1.0, change - np.hypot(share[1] - low2, high1 - share[0]))),
        high=float(min(1.0, change + np.hypot(high2 - share[1], share[0] - low1))),
        detectable=detectable_share_difference(float(share[0]), int(effective[0]), int(effective[1]), level),
    )


def _spread(marked: Floats, total: Floats, share: float) -> float:
    """Return n / (n − 1) Σ (b_i − p t_i)²: (Σt)² times the variance of the ratio."""
    residual = marked - share * total
    return float(residual @ residual) * len(total) / (len(total) - 1)
