"""How every correlation of two scores changed, with errors that hold for rare marks too."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from textdrift.drift.columns.joint_scores import Scores

__all__ = ["CorrelationChanges", "changed_correlations"]

Floats = NDArray[np.float64]
Places = NDArray[np.int64]

_BATCH = 4096


@dataclass(frozen=True, slots=True, kw_only=True)
class CorrelationChanges:
    """The correlations of pairs of scores in both windows, folded scores among them; all of shape (q,).

    Attributes
    ----------
    labels:
        What each score is of, the d plain ones first, then those folded.
    columns:
        Shape (2 d,), the number of the column that each is of.
    one, other:
        The places of the two scores of each pair.
    reference, current:
        Their correlation.
    error:
        The standard error of the change, for intervals.
    noise:
        The standard deviation of the change by chance.
    """

    labels: tuple[str, ...]
    columns: Places
    one: Places
    other: Places
    reference: Floats
    current: Floats
    error: Floats
    noise: Floats

    @property
    def change(self) -> Floats:
        """Current minus reference."""
        return self.current - self.reference

    def strongest(self, largest_pair: float, likely_pair: float) -> tuple[Places, Floats]:
        """Return the pairs worth telling, one for each two columns, and the sizes of all.

        Those that changed surely come first, the largest before others; then the rest, what stands out most before
        others. Of two columns the folded scores are told where they alone show a change: where no plain correlation
        changed surely, and the folded one stands out more.

        Parameters
        ----------
        largest_pair, likely_pair:
            What the largest standardised change of so many is by chance, on average and in one case of twenty.
        """
        size = np.sqrt(np.maximum(0.0, self.change**2 - (largest_pair * self.noise) ** 2))  # noise adds in squares
        stands_out = np.abs(self.change) / np.where(self.error > 0.0, self.error, np.inf)
        folded = np.maximum(self.one, self.other) >= len(self.columns) // 2
        of = np.sort(np.stack([self.columns[self.one], self.columns[self.other]]), axis=0)
        _, of_columns = np.unique(of, axis=1, return_inverse=True)
        of_columns = np.ravel(of_columns)
        plain = np.zeros(int(of_columns.max(initial=-1)) + 1)
        np.maximum.at(plain, of_columns[~folded], stands_out[~folded])
        best = plain[of_columns]
        told = np.flatnonzero(~folded | ((best <= likely_pair) & (stands_out > best)))
        unsure = stands_out <= likely_pair
        order = told[np.lexsort((np.where(unsure, -stands_out, -size)[told], unsure[told]))]
        _, first = np.unique(of_columns[order], return_index=True)
        return order[np.sort(first)], size


def changed_correlations(scores: Scores, n: int) -> CorrelationChanges:
    """Compare the correlations of both windows, whatever the distribution of the scores.

    The standard error is that of the pulls on a correlation (see `joint_units`; the delta method), of each window or of
    both together, whichever is larger. The latter is what chance moves a correlation by. Where two marks are rare, a
    window that holds no row with both says little of how often such rows come: one more row is counted, in which both
    scores lie as far out as their variance does (of Agresti and Caffo's kind, 2000). Of scores without such weight far
    out it changes next to nothing.

    Cost: O(N d^2).

    Parameters
    ----------
    scores:
        Of the rows of both windows.
    n:
        Rows of the reference, which come first.

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> values = rng.normal(size=(800, 2)).astype(np.float32)
    >>> values[400:, 1] = 0.6 * values[400:, 0] + 0.8 * values[400:, 1]
    >>> scores = Scores(values, ("x", "y"), np.array([0, 1]), np.array([True, True]))
    >>> changes = changed_correlations(scores, 400)
    >>> float(changes.change[0].round(1)), float(changes.error[0].round(2)), changes.labels[changes.one[-1]]
    (0.6, 0.07, 'distance of x from its middle')
    """
    folded, first, second = scores.folded()
    plain = scores.pairs()
    one, other = np.append(plain[0], first), np.append(plain[1], second)
    values = np.concatenate([scores.values, folded], axis=1)
    m = len(values) - n
    _, pooled_pulls, fourth = _moments(values)
    (before, pulls_before, _), (after, pulls_after, _) = _moments(values[:n]), _moments(values[n:])
    chance = pooled_pulls * (1.0 / n + 1.0 / m)
    own = pulls_before / n + pulls_after / m
    one_more = np.outer(fourth, fourth) * (1.0 / n**2 + 1.0 / m**2)
    noise, error = np.sqrt(np.maximum(chance, own)), np.sqrt(np.maximum(chance, own + one_more))
    return CorrelationChanges(
        labels=(*scores.labels, *(f"distance of {label} from its middle" for label in scores.labels)),
        columns=np.append(scores.columns, scores.columns),
        one=one, other=other, reference=before[one, other], current=after[one, other],
        error=error[one, other], noise=noise[one, other],
    )  # fmt: skip


def _moments(rows: NDArray[np.float32]) -> tuple[Floats, Floats, Floats]:
    """Return all correlations, the variances of the pulls on them, and the fourth moment of each score, standardised.

    Of standardised x and y with the correlation r the pull is x y - r (x^2 + y^2) / 2, with mean 0 and the variance
    E x^2 y^2 - r (E x^3 y + E x y^3) + r^2 (E x^4 + E y^4 + 2 E x^2 y^2) / 4.
    """
    n_rows, d = rows.shape
    mean, spread = rows.mean(axis=0, dtype=np.float64), rows.std(axis=0, dtype=np.float64)
    scale = np.divide(1.0, spread, out=np.zeros_like(spread), where=spread > 0.0)
    ones, squares, cubes = np.zeros((d, d)), np.zeros((d, d)), np.zeros((d, d))
    for start in range(0, n_rows, _BATCH):
        x = (rows[start : start + _BATCH] - mean) * scale
        squared = x**2
        ones += x.T @ x
        squares += squared.T @ squared
        cubes += (squared * x).T @ x
    correlation, squares, cubes = ones / n_rows, squares / n_rows, cubes / n_rows
    fourth = np.diag(squares)
    of_both = fourth[:, None] + fourth[None, :] + 2.0 * squares
    variance = squares - correlation * (cubes + cubes.T) + 0.25 * correlation**2 * of_both
    return correlation, np.maximum(variance, 0.0), fourth
