"""Splits of rows, or of bins of rows, by what the scores of several columns hold together."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from textdrift.drift.columns.joint_scores import Scores
from textdrift.stats.beyond_permutations import smallest_exact_p, tail_quantile
from textdrift.stats.max_statistic import first_ranked
from textdrift.stats.permutations import max_standardised, permutation_p_value

__all__ = ["STATISTICS", "JointRound", "JointUnits", "exact_bound", "joint_units", "permuted_units"]

STATISTICS = ("mean", "mean_ridge", "pairs", "largest_pair", "folded_pairs")
"""What is looked at: the mean scores, the same where what varies little counts more, all products of two scores, the
product that moved most, and products with scores folded at their middle, which see a relation that bends."""

Matrix = NDArray[np.float32]

_MOST_UNITS = 1024
_LEAST_BINS = 64
_BATCH = 512
_RIDGE = 0.1
_PRINCIPAL = 20


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
    products, folded:
        Shapes (k, q) and (k, f).
    n_current:
        How many units, the last ones, are of the current window.
    rows_of_unit:
        1 where rows are permuted.
    """

    means: Matrix
    weights: NDArray[np.float64]
    products: Matrix
    folded: Matrix
    n_current: int
    rows_of_unit: int


@dataclass(frozen=True, slots=True)
class JointRound:
    """What one round of permutations found.

    Attributes
    ----------
    p_value:
        Share of the splits whose largest standardised statistic is as large.
    standardised:
        Shape (5,), as observed.
    n_permutations:
        Splits beside the observed one.
    largest_pair:
        The mean over the splits of the largest standardised product, folded ones among them.
    critical_pair:
        What the largest standardised product must exceed for a finding at the level asked for.
    """

    p_value: float
    standardised: NDArray[np.float64]
    n_permutations: int
    largest_pair: float
    critical_pair: float


def joint_units(scores: Scores, n: int, rng: np.random.Generator) -> JointUnits:
    """Sum the features of rows in bins of equally many rows, drawn by lot within each window.

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
    extended = np.concatenate([values, folded_scores], axis=1)[np.concatenate(chosen)]
    products, folded = np.empty((k, len(one)), dtype=np.float32), np.empty((k, len(first)), dtype=np.float32)
    for unit, block in enumerate(extended.reshape(k, size, -1)):
        gram = block.T @ block
        products[unit], folded[unit] = gram[one, other], gram[first, second]
    components = (rows @ vectors.astype(np.float32)).reshape(k, size, d).sum(axis=1)
    return JointUnits(
        means=_standardised(components, n_current),
        weights=np.maximum(eigenvalues, 0.0),
        products=_standardised(products, n_current),
        folded=_standardised(folded, n_current),
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
        of_products = (marked @ units.products) ** 2
        of_folded = (marked @ units.folded) ** 2
        ridge = units.weights / (units.weights + _RIDGE * units.weights.mean())
        most = of_products.max(axis=1, initial=0.0).astype(np.float64)
        largest.append(np.maximum(most, of_folded.max(axis=1, initial=0.0)))
        # The cube root of a sum of squares is nearly normal (Wilson and Hilferty 1931).
        collected.append(
            np.stack(
                [
                    np.cbrt(of_means @ units.weights),
                    np.cbrt(of_means @ ridge),
                    np.cbrt(of_products.sum(axis=1, dtype=np.float64)),
                    np.cbrt(most),
                    np.cbrt(of_folded.sum(axis=1, dtype=np.float64)),
                ]
            )
        )
    statistics = np.concatenate(collected, axis=1)
    combined, standardised = max_standardised(statistics)
    return JointRound(
        p_value=permutation_p_value(float(combined[0]), combined[1:]),
        standardised=standardised[:, 0],
        n_permutations=n_permutations,
        largest_pair=float(np.sqrt(np.concatenate(largest)[1:]).mean()),
        critical_pair=_critical_pair(statistics, tail_quantile(combined[1:], level), units.products.shape[1]),
    )


def _critical_pair(statistics: NDArray[np.float64], critical: float, n_pairs: int) -> float:
    """Return what one standardised product must be so that the sum of all squares, or the largest, is called drift."""
    of_sum, of_largest = (statistics[STATISTICS.index(name)] for name in ("pairs", "largest_pair"))
    largest = (of_largest.mean() + critical * of_largest.std()) ** 3
    others = (of_sum**3).mean() * (1.0 - 1.0 / n_pairs)
    alone = max(0.0, (of_sum.mean() + critical * of_sum.std()) ** 3 - others)
    return float(np.sqrt(min(largest, alone)))


def exact_bound(scores: Scores, n: int) -> float:
    """Return the smallest exact p-value of marks that do not know the window, times their number (Bonferroni).

    A mark is that a score, a principal component or a product of two scores is positive.
    """
    values = scores.values
    n_rows, d = values.shape
    _, vectors = np.linalg.eigh(np.cov(values.T, bias=True).reshape(d, d))
    components = values @ vectors[:, -_PRINCIPAL:].astype(np.float32)
    alone = np.concatenate([values, components], axis=1) > 0
    positive, negative = (values > 0).astype(np.float32), (values < 0).astype(np.float32)
    one, other = scores.pairs()

    def alike(rows: slice) -> NDArray[np.int64]:
        both = positive[rows].T @ positive[rows] + negative[rows].T @ negative[rows]
        return np.asarray(np.rint(both[one, other]), dtype=np.int64)

    in_reference = np.concatenate([alone[:n].sum(axis=0), alike(slice(0, n))])
    in_both = np.concatenate([alone.sum(axis=0), alike(slice(0, n_rows))])
    return smallest_exact_p(in_reference, in_both, n, n_rows)


def _standardised(sums: NDArray[np.float32], n_current: int) -> Matrix:
    """Return the sums so that the total over the current units has mean 0 and variance 1 over all splits."""
    k = len(sums)
    centred = sums - sums.mean(axis=0, dtype=np.float64)
    scatter = np.einsum("kd,kd->d", centred, centred)
    error = np.sqrt(scatter / max(1, k - 1) * (k - n_current) * n_current / k)
    varies = scatter > 1e-9 * np.einsum("kd,kd->d", sums, sums, dtype=np.float64)
    return np.asarray(centred * np.divide(1.0, error, out=np.zeros_like(error), where=varies), dtype=np.float32)
