"""Many overlapping slices of one pair of windows looked at together: permutations within slices, and the largest."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from textdrift.stats.permutations import max_standardised

__all__ = ["SplitSlice", "first_ranked", "largest_of_parts", "split_statistics", "step_down_p_values", "sum_of_squares"]

Floats = NDArray[np.float64]
Statistic = Callable[[NDArray[Any]], NDArray[Any]]

_BATCH_CELLS = 2**23
_LEAST_BATCH = 16
_TIE = 1e-9
_NOTHING = 1e-12


@dataclass(frozen=True, slots=True)
class SplitSlice:
    """Rows that belong together: those of the reference, then those of the current window.

    Attributes
    ----------
    places:
        Shape (n + m,), the rows among all rows of both windows.
    n_current:
        m, how many of them, the last ones, are of the current window.
    strata:
        Shape (n + m,), integers: only rows of one stratum may change places between the windows; ``None`` where all
        may.
    """

    places: NDArray[Any]
    n_current: int
    strata: NDArray[Any] | None = None

    @property
    def n_reference(self) -> int:
        """How many rows are of the reference."""
        return len(self.places) - self.n_current

    @property
    def blocks(self) -> list[NDArray[Any]]:
        """The rows of each stratum, counted within the slice, ascending; strata with rows of one window only left out.

        >>> [block.tolist() for block in SplitSlice(np.arange(6), 3, np.array([0, 1, 2, 1, 0, 1])).blocks]
        [[0, 4], [1, 3, 5]]
        """
        if self.strata is None:
            return [np.arange(len(self.places))]
        order = np.argsort(self.strata, kind="stable")
        blocks = np.split(order, np.flatnonzero(np.diff(self.strata[order])) + 1)
        return [block for block in blocks if block[0] < self.n_reference <= block[-1]]

    def current_of(self, block: NDArray[Any]) -> int:
        """How many rows of a block are of the current window."""
        return int((block >= self.n_reference).sum())


def first_ranked(priorities: NDArray[Any], n_first: int) -> NDArray[np.float32]:
    """Mark the ``n_first`` smallest priorities of each row by 1, all others by 0; exactly so many, whatever the ties.

    >>> first_ranked(np.array([[5, 1, 3], [2, 2, 2]], dtype=np.uint32), 2).tolist()
    [[0.0, 1.0, 1.0], [1.0, 1.0, 0.0]]
    """
    threshold = np.partition(priorities, n_first - 1, axis=1)[:, n_first - 1]
    marked = (priorities <= threshold[:, None]).astype(np.float32)
    for row in np.flatnonzero(marked.sum(axis=1) != n_first):
        marked[row] = 0.0
        marked[row, np.argsort(priorities[row], kind="stable")[:n_first]] = 1.0
    return marked


def sum_of_squares(z: NDArray[Any]) -> NDArray[Any]:
    """Return the cube root of the sum of squares over the last axis: close to normal (Wilson and Hilferty 1931).

    Shape (b, k) to (1, b).
    """
    return np.asarray(np.cbrt(np.einsum("bk,bk->b", z, z, dtype=np.float64)))[None, :]


def largest_of_parts(z: NDArray[Any]) -> NDArray[Any]:
    """Return `sum_of_squares`, which sees many features move a little, and log max z^2, which sees one move far.

    Shape (b, k) to (2, b).
    """
    most = (z * z).max(axis=1, initial=0.0).astype(np.float64)
    return np.vstack([sum_of_squares(z), np.log(np.maximum(most, np.finfo(np.float32).tiny))[None, :]])


def split_statistics(
    features: NDArray[Any],
    slices: Sequence[SplitSlice],
    n_permutations: int,
    *,
    statistic: Statistic = sum_of_squares,
    least_held: float = 0.0,
    rng: np.random.Generator,
) -> Floats:
    """Return the standardised statistic of each slice as observed, and under joint permutations within the slices.

    A permutation draws one random priority for each row; in each slice the rows with the smallest priorities, as many
    as it has of the current window, stand in for those. So within a slice every split of its own sizes is equally
    likely, whatever the mix of slices in either window; and slices that share rows are split alike, as their
    statistics hang together when nothing drifted. A slice with strata is split within each, so that each stratum
    keeps its sizes too, and a new mix of strata is no difference.

    In a slice, z_j is the difference of the means of feature j in standard errors over all splits of the slice; with
    strata it is the sum of their differences, each weighted by n m / (n + m) of the stratum (Mantel and Haenszel). The
    statistic of z is standardised over the observed and all permuted splits together, so that slices of any size
    compare, and the permutation p-value within a slice stays exact.

    Cost: O(B k) for each row of each slice, and one partition of its priorities for each permutation.

    Parameters
    ----------
    features:
        Shape (N, k), rows of both windows.
    slices:
        With at least one row of each window.
    n_permutations:
        B.
    statistic:
        From z of shape (b, k) to its parts, shape (p, b); the largest standardised part counts.
    least_held:
        Features whose absolute values sum to less in a slice are left out of it.
    rng:
        Draws the priorities.

    Returns
    -------
    Shape (slices, B + 1), column 0 as observed.
    """
    collected: list[list[NDArray[Any]]] = [[] for _ in slices]
    width = max(_LEAST_BATCH, _BATCH_CELLS // max(1, len(features)))
    for start in range(0, n_permutations + 1, width):
        b = min(width, n_permutations + 1 - start)
        priorities = rng.integers(2**32, size=(b, len(features)), dtype=np.uint32)
        for of_slice, part in zip(collected, slices, strict=True):
            marked = _split(priorities[:, part.places], part)
            if start == 0:
                marked[0], marked[0, part.n_reference :] = 0.0, 1.0
            of_slice.append(statistic(marked @ _standardised(features[part.places], part, least_held)))
    return np.array([max_standardised(np.concatenate(of_slice, axis=1))[0] for of_slice in collected])


def _split(priorities: NDArray[Any], part: SplitSlice) -> NDArray[np.float32]:
    """Mark the rows that stand in for the current window, shape (b, n + m), as many in each block as it has."""
    if part.strata is None:
        return first_ranked(priorities, part.n_current)
    marked = np.zeros(priorities.shape, dtype=np.float32)
    for block in part.blocks:
        marked[:, block] = first_ranked(priorities[:, block], part.current_of(block))
    return marked


def _standardised(rows: NDArray[Any], part: SplitSlice, least_held: float) -> NDArray[np.float32]:
    """Return the features of a slice so that the sum over its current rows has mean 0 and variance 1 over all splits.

    The sum over m of N rows drawn without replacement has variance S^2 n m / N; those of the blocks add up. Rows of no
    block say nothing: they are 0.
    """
    centred = np.zeros(rows.shape)
    variance = np.zeros(rows.shape[1])
    scatter = np.zeros(rows.shape[1])
    for block in part.blocks:
        of_block = rows[block] - rows[block].mean(axis=0, dtype=np.float64)
        centred[block] = of_block
        n_rows, m = len(block), part.current_of(block)
        of_block = np.einsum("nk,nk->k", of_block, of_block)
        scatter += of_block
        variance += of_block / max(1, n_rows - 1) * (n_rows - m) * m / n_rows
    varies = scatter > _NOTHING * len(rows) * np.maximum(1.0, np.abs(rows).max(axis=0, initial=0.0)) ** 2
    if least_held > 0:
        varies &= np.abs(rows).sum(axis=0) >= least_held
    error = np.sqrt(variance)
    return np.asarray(centred * np.divide(1.0, error, out=np.zeros_like(error), where=varies), dtype=np.float32)


def step_down_p_values(statistics: NDArray[Any]) -> Floats:
    """Return p-values that know how many slices were looked at: the step-down maxima of Westfall and Young (1993).

    The slice that stands out most is held against the largest statistic of all slices in each split, the next one
    against the largest of those that are left, and so on. With probability 1 - alpha no slice in which nothing moved
    has p <= alpha, and what hangs together costs less than Bonferroni's rule takes.

    Parameters
    ----------
    statistics:
        Shape (slices, B + 1), column 0 as observed; all on one scale.

    Returns
    -------
    Shape (slices,), in (0, 1]; the smallest is that of "nothing moved in any slice".

    Examples
    --------
    >>> step_down_p_values(np.array([[3.0, 1.0, 2.0, 0.0], [1.5, 1.0, 0.0, 2.0]])).tolist()
    [0.25, 0.5]
    """
    p = np.ones(len(statistics))
    if not len(statistics):
        return p
    order = np.argsort(-statistics[:, 0], kind="stable")
    left = np.maximum.accumulate(statistics[order[::-1]], axis=0)[::-1]  # the largest of each slice and those after it
    observed = statistics[order, 0]
    slack = _TIE * np.maximum(1.0, np.abs(observed))
    p[order] = np.maximum.accumulate((left >= (observed - slack)[:, None]).mean(axis=1))
    return p
