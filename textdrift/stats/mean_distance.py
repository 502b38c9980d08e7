"""How far the means of two sets of rows are apart, and what share of that distance a change of the rows takes away."""

from __future__ import annotations

from dataclasses import dataclass
from math import sqrt
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import sparse
from scipy.special import ndtri

__all__ = ["MeanDistance", "Share", "WeightedRows", "mean_distance", "share_removed"]

Numbers = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class WeightedRows:
    """Rows of features, what each counts, and which of them are no independent pairs.

    Attributes
    ----------
    features:
        Shape (n_features_rows, d), an array or a CSR matrix: the distinct rows of features.
    places:
        Shape (n_rows,), the row of ``features`` that each row has.
    weights:
        Shape (n_rows,), at least 0; 0 leaves a row out.
    units:
        Shape (n_rows,), 0, 1, …: rows of one unit stand and fall together.
    """

    features: Any
    places: NDArray[np.int64]
    weights: Numbers
    units: NDArray[np.int64]

    def sums_of_units(self, n_units: int) -> tuple[Any, Numbers]:
        """Return the weighted sum of the features of each unit, shape (n_units, d), and the weight of each."""
        shape = (n_units, self.features.shape[0])
        gathering = sparse.csr_matrix((self.weights, (self.units, self.places)), shape=shape)
        weights = np.bincount(self.units, self.weights, minlength=n_units)
        return gathering @ self.features, np.asarray(weights, dtype=np.float64)


@dataclass(frozen=True, slots=True)
class MeanDistance:
    """The squared distance of two means, without its bias, and how much each unit pulls at it.

    Attributes
    ----------
    value:
        About 0, of either sign, where both sets are draws from one law; NaN where a set has fewer than two units.
    pulls:
        Shapes (n_units,), of the reference and of the current window: the derivative of ``value`` with respect to the
        weight of each unit. Their squares add up to its variance (the infinitesimal jackknife).
    """

    value: float
    pulls: tuple[Numbers, Numbers]

    @property
    def variance(self) -> float:
        """Of ``value``; up to twice too large where the true distance is 0, never too small on average."""
        return _covariance(self, self)


@dataclass(frozen=True, slots=True)
class Share:
    """A share with its 95 % interval, all from 0 to 1."""

    value: float
    low: float
    high: float


def mean_distance(reference: WeightedRows, current: WeightedRows, *, n_units: tuple[int, int]) -> MeanDistance:
    """Return the squared distance of the mean rows of two sets, as a U-statistic.

    It is the squared maximum mean discrepancy of the linear kernel (Gretton et al. 2012, equation 3), the rows
    weighted. Products of rows of one unit are left out of the mean square of a set, so that nothing remains on average
    where the units of both sets are independent draws from one law.

    Cost: linear in what the rows hold.

    Parameters
    ----------
    reference, current:
        Rows over the same features.
    n_units:
        How many units each set has, those of weight 0 included.

    Examples
    --------
    >>> points = np.array([[0.0], [2.0], [5.0], [7.0]])
    >>> def rows(*places):
    ...     return WeightedRows(points, np.array(places), np.ones(len(places)), np.arange(len(places)))
    >>> mean_distance(rows(0, 1), rows(2, 3), n_units=(2, 2)).value  # 0 * 2 + 5 * 7 - 2 * 1 * 6
    23.0
    """
    (sums, weights), (others, other_weights) = reference.sums_of_units(n_units[0]), current.sums_of_units(n_units[1])
    first, second = _Set.of(sums, weights), _Set.of(others, other_weights)
    if min(first.pairs, second.pairs) <= 0.0:
        return MeanDistance(float("nan"), (np.zeros(n_units[0]), np.zeros(n_units[1])))
    across = float(first.total @ second.total) / (first.weight * second.weight)
    return MeanDistance(
        value=first.square + second.square - 2.0 * across,
        pulls=(_pulls(first, second, across), _pulls(second, first, across)),
    )


def share_removed(before: MeanDistance, after: MeanDistance, *, level: float = 0.05) -> Share | None:
    """Return the share of a squared distance that a change of the rows took away, 1 - after / before.

    Squared distances of changes that have nothing to do with each other add up, and so do their shares; distances would
    not. The interval is Fieller's (1954), from the pulls of the units, which are the same before and after.

    Parameters
    ----------
    before, after:
        Distances over the same units.
    level:
        The interval misses the true share in this share of cases.

    Returns
    -------
    Share | None
        Clipped to 0 and 1; ``None`` where the distance before cannot be told from 0, so that there is nothing to share
        out, where too little is left to compare, or where the distance surely grew.

    Examples
    --------
    >>> none = (np.zeros(1), np.zeros(1))
    >>> share_removed(MeanDistance(4.0, none), MeanDistance(1.0, none))
    Share(value=0.75, low=0.75, high=0.75)
    >>> share_removed(MeanDistance(0.0, none), MeanDistance(0.0, none)) is None
    True
    """
    if np.isnan(before.value) or np.isnan(after.value) or before.value <= 0.0:
        return None
    z2 = float(ndtri(1.0 - level / 2.0)) ** 2
    a = before.value**2 - z2 * before.variance
    if a <= 0.0:
        return None
    b = before.value * after.value - z2 * _covariance(before, after)
    c = after.value**2 - z2 * after.variance
    root = sqrt(max(b * b - a * c, 0.0))
    if 1.0 - (b - root) / a < 0.0:  # what both windows lost hid more than the fault made: it tells no share of it
        return None
    low, value, high = (
        min(max(1.0 - left, 0.0), 1.0) for left in ((b + root) / a, after.value / before.value, (b - root) / a)
    )
    return Share(value=value, low=min(low, value), high=max(high, value))


@dataclass(frozen=True, slots=True)
class _Set:
    """One set: its sums, its mean square over pairs of different units, and the weight of those pairs."""

    sums: Any
    weights: Numbers
    total: Numbers
    own: Numbers
    square: float
    pairs: float

    @classmethod
    def of(cls, sums: Any, weights: Numbers) -> _Set:
        total = np.asarray(sums.sum(axis=0)).ravel()
        squared = sums.multiply(sums) if sparse.issparse(sums) else sums * sums
        own = np.asarray(squared.sum(axis=1)).ravel()
        pairs = float(weights.sum() ** 2 - weights @ weights)
        square = float(total @ total - own.sum()) / pairs if pairs > 0.0 else float("nan")
        return cls(sums, weights, total, own, square, pairs)

    @property
    def weight(self) -> float:
        return float(self.weights.sum())


def _pulls(here: _Set, there: _Set, across: float) -> Numbers:
    """Return the derivative of the distance with respect to the weight of each unit of one set."""
    square = here.sums @ here.total - here.own - here.square * (here.weight * here.weights - here.weights**2)
    product = here.sums @ there.total / (here.weight * there.weight) - across * here.weights / here.weight
    return np.asarray(2.0 * square / here.pairs - 2.0 * product, dtype=np.float64)


def _covariance(one: MeanDistance, other: MeanDistance) -> float:
    return float(sum(a @ b for a, b in zip(one.pulls, other.pulls, strict=True)))
