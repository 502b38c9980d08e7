"""Splits of rows, or of bins of rows, by what the scores of several columns hold together."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from textdrift.drift.columns.joint_scores import Scores
from textdrift.stats.beyond_permutations import log_tail_of_sum, tail_quantile
from textdrift.stats.max_statistic import first_ranked
from textdrift.stats.permutations import max_standardised, permutation_p_value

__all__ = [
    "STATISTICS",
    "JointRound",
    "JointUnits",
    "exact_bound",
    "joint_units",
    "pair_beyond_permutations",
    "permuted_units",
]

STATISTICS = ("mean", "mean_ridge", "pairs", "largest_pair", "folded_pairs")
"""What is looked at: the mean scores, the same where what varies little counts more, all pulls on a correlation of two
scores, the pull that moved most, and pulls with scores folded at their middle, which see a relation that bends."""

Matrix = NDArray[np.float32]

_MOST_UNITS = 1024
_LEAST_BINS = 64
_BATCH = 512
_RIDGE = 0.1
_OF_MEANS = 2
_LIKELY = 0.95
_BOUNDED = 5
_ROUNDING = 1e-9


@dataclass(frozen=True, slots=True)
class JointUnits:
    """What is permuted: rows, or bins of equally many rows of one window each.

    Attributes
    ----------
    means:
        Shape (k, d): the principal components of the scores, so standardised that their sum over the current units has
        variance 1 over all splits; as all three.
    weights:
        Shape (d,), the variance of each component.
    pulls, folded:
        Shapes (k, q) and (k, f): what the rows of a unit pull on each correlation of two scores, and of folded ones.
    n_current:
        How many units, the last ones, are of the current window.
    rows_of_unit:
        1 where rows are permuted.
    """

    means: Matrix
    weights: NDArray[np.float64]
    pulls: Matrix
    folded: Matrix
    n_current: int
    rows_of_unit: int


@dataclass(frozen=True, slots=True)
class JointRound:
    """What one round of permutations found.

    Attributes
    ----------
    p_of_means, p_of_pairs:
        Share of the splits whose largest standardised statistic, of all five, is as large as the observed one of the
        means, or of the pairs: each p-value knows of the other (Westfall and Young 1993).
    standardised:
        Shape (5,), as observed.
    n_permutations:
        Splits beside the observed one.
    largest_pair, likely_pair:
        The mean over the splits of the largest standardised pull, folded ones among them; and what it exceeds in one
        split of twenty.
    critical_pair:
        What the largest standardised pull must exceed for a finding at the level asked for.
    """

    p_of_means: float
    p_of_pairs: float
    standardised: NDArray[np.float64]
    n_permutations: int
    largest_pair: float
    likely_pair: float
    critical_pair: float

    @property
    def p_value(self) -> float:
        """Share of the splits whose largest standardised statistic is as large."""
        return min(self.p_of_means, self.p_of_pairs)


def joint_units(scores: Scores, n: int, rng: np.random.Generator) -> JointUnits:
    """Sum the features of rows in bins of equally many rows, drawn by lot within each window.

    A row with the scores x and y pulls on their correlation r by x y - r (x^2 + y^2) / 2, its influence function
    (Devlin, Gnanadesikan and Kettenring 1975). The variance of that is (1 - r^2)^2 in normal data, that of the bare
    product 1 + r^2: between columns that go along closely the product hides what the pull shows. r is of both windows
    together, so that it knows no window and the permutation stays exact.

    Bins of equal size are exchangeable as rows are, so that the permutation of bins is exact; the rows that fill no
    bin, fewer than one bin of each window holds, are left out.

    Parameters
    ----------
    scores:
        Of the rows of both windows.
    n:
        Rows of the reference, which come first.
    rng:
        Draws the bins.
    """
    values = scores.values
    n_rows, d = values.shape
    size = max(1, min(-(-n_rows // _MOST_UNITS), min(n, n_rows - n) // _LEAST_BINS))
    chosen = [start + rng.permutation(length)[: length // size * size] for start, length in ((0, n), (n, n_rows - n))]
    rows = values[np.concatenate(chosen)]
    eigenvalues, vectors = np.linalg.eigh(np.cov(values.T, bias=True).reshape(d, d))
    one, other = scores.pairs()
    n_current = len(chosen[1]) // size
    k = len(rows) // size
    folded_scores, first, second = scores.folded()
    extended = np.concatenate([values, folded_scores], axis=1)
    half = 0.5 * (extended.T @ extended) / np.float32(n_rows)
    half_plain, half_folded = half[one, other], half[first, second]
    pulls, folded = np.empty((k, len(one)), dtype=np.float32), np.empty((k, len(first)), dtype=np.float32)
    largest = np.zeros_like(half)
    for unit, block in enumerate(extended[np.concatenate(chosen)].reshape(k, size, -1)):
        gram = block.T @ block
        squares = np.diag(gram)
        pulls[unit] = gram[one, other] - half_plain * (squares[one] + squares[other])
        folded[unit] = gram[first, second] - half_folded * (squares[first] + squares[second])
        largest = np.maximum(largest, np.abs(gram))
    components = (rows @ vectors.astype(np.float32)).reshape(k, size, d).sum(axis=1)
    return JointUnits(
        means=_standardised(components, n_current, np.abs(components).max(axis=0)),
        weights=np.maximum(eigenvalues, 0.0),
        pulls=_standardised(pulls, n_current, largest[one, other]),
        folded=_standardised(folded, n_current, largest[first, second]),
        n_current=n_current,
        rows_of_unit=size,
    )


def permuted_units(units: JointUnits, n_permutations: int, level: float, rng: np.random.Generator) -> JointRound:
    """Split the units anew and return what the observed split is among the others.

    Cost: O(B k (d + q)), in products of matrices.
    """
    k = len(units.means)
    collected, largest = [], []
    for start in range(0, n_permutations + 1, _BATCH):
        b = min(_BATCH, n_permutations + 1 - start)
        marked = first_ranked(rng.integers(2**32, size=(b, k), dtype=np.uint32), units.n_current)
        if start == 0:
            marked[0], marked[0, k - units.n_current :] = 0.0, 1.0
        of_means = (marked @ units.means).astype(np.float64) ** 2
        of_pulls = (marked @ units.pulls) ** 2
        of_folded = (marked @ units.folded) ** 2
        ridge = units.weights / (units.weights + _RIDGE * units.weights.mean())
        most = of_pulls.max(axis=1, initial=0.0).astype(np.float64)
        largest.append(np.maximum(most, of_folded.max(axis=1, initial=0.0)))
        # The cube root of a sum of squares is nearly normal (Wilson and Hilferty 1931).
        collected.append(
            np.stack(
                [
                    np.cbrt(of_means @ units.weights),
                    np.cbrt(of_means @ ridge),
                    np.cbrt(of_pulls.sum(axis=1, dtype=np.float64)),
                    np.cbrt(most),
                    np.cbrt(of_folded.sum(axis=1, dtype=np.float64)),
                ]
            )
        )
    statistics = np.concatenate(collected, axis=1)
    combined, standardised = max_standardised(statistics)
    of_largest = np.sqrt(np.concatenate(largest)[1:])
    return JointRound(
        p_of_means=permutation_p_value(float(standardised[:_OF_MEANS, 0].max()), combined[1:]),
        p_of_pairs=permutation_p_value(float(standardised[_OF_MEANS:, 0].max()), combined[1:]),
        standardised=standardised[:, 0],
        n_permutations=n_permutations,
        largest_pair=float(of_largest.mean()),
        likely_pair=float(np.quantile(of_largest, _LIKELY, method="weibull")),
        critical_pair=_critical_pair(statistics, tail_quantile(combined[1:], level), units.pulls.shape[1]),
    )


def _critical_pair(statistics: NDArray[np.float64], critical: float, n_pairs: int) -> float:
    """Return what one standardised pull must be so that the sum of all squares, or the largest, is called drift."""
    of_sum, of_largest = (statistics[STATISTICS.index(name)] for name in ("pairs", "largest_pair"))
    largest = (of_largest.mean() + critical * of_largest.std()) ** 3
    others = (of_sum**3).mean() * (1.0 - 1.0 / n_pairs)
    alone = max(0.0, (of_sum.mean() + critical * of_sum.std()) ** 3 - others)
    return float(np.sqrt(min(largest, alone)))


def exact_bound(units: JointUnits) -> float:
    """Return a p-value of the one component or pull that moved most, which no number of permutations bounds from below.

    The tail of its sum over the current units, times the number of them all (Bonferroni), times two for both sides. Of
    the five that moved most the smallest counts: those left out could only have lowered what the bound is a bound of.
    """
    features = (units.means, units.pulls, units.folded)
    tails = []
    for rows in features:
        moved = np.abs(rows[len(rows) - units.n_current :].sum(axis=0, dtype=np.float64))
        places = np.argsort(-moved, kind="stable")[:_BOUNDED].tolist()
        tails += [log_tail_of_sum(rows[:, place], units.n_current) for place in places]
    return float(np.exp(min(0.0, min(tails) + np.log(2 * sum(rows.shape[1] for rows in features)))))


def pair_beyond_permutations(units: JointUnits, level: float) -> float:
    """Return what a standardised pull must exceed so that `exact_bound` is under the level, were it normal.

    >>> units = JointUnits(np.zeros((4, 10)), np.ones(10), np.zeros((4, 45)), np.zeros((4, 0)), 2, 1)
    >>> round(pair_beyond_permutations(units, 0.001), 2)
    4.82
    """
    n_features = sum(rows.shape[1] for rows in (units.means, units.pulls, units.folded))
    return float(np.sqrt(2.0 * np.log(2 * n_features / level)))


def _standardised(sums: NDArray[np.float32], n_current: int, largest: NDArray[np.float32]) -> Matrix:
    """Return the sums so that the total over the current units has mean 0 and variance 1 over all splits.

    A sum that differs from its mean by rounding alone, measured by the ``largest`` number that went into it, is 0.
    """
    k = len(sums)
    centred = sums - sums.mean(axis=0, dtype=np.float64)
    scatter = np.einsum("kd,kd->d", centred, centred)
    error = np.sqrt(scatter / max(1, k - 1) * (k - n_current) * n_current / k)
    varies = scatter > _ROUNDING * largest.astype(np.float64) ** 2
    return np.asarray(centred * np.divide(1.0, error, out=np.zeros_like(error), where=varies), dtype=np.float32)
