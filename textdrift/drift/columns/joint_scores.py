"""Columns of any type as scores that correlate: normal scores of ranks, marks of frequent categories and of nulls."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtri
from scipy.stats import rankdata

from textdrift.drift.columns.column_values import MISSING, ColumnTable

__all__ = ["Scores", "scores_of"]

_MOST_MARKS = 8
_LEAST_MARKS = 2
_MOST_SCORES = 400
_RARE = 0.01
_FEW = 5
_MOST_PAIRED = 200
_MOST_FOLDED = 30
_TWO_VALUES = 2


@dataclass(frozen=True, slots=True)
class Scores:
    """Scores of the rows of both windows, made without knowing which window a row is of.

    Attributes
    ----------
    values:
        Shape (N, d), ``float32``, each of mean 0 and variance 1 over both windows; the reference's rows come first.
    labels:
        What each score is of: a column, ``column = category`` or ``column is missing``.
    columns:
        Shape (d,), the number of the column that each is of.
    first:
        Shape (d,), whether it is the first score of its column.
    """

    values: NDArray[np.float32]
    labels: tuple[str, ...]
    columns: NDArray[np.int64]
    first: NDArray[np.bool_]

    def pairs(self) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Return the scores whose products are looked at, shape (q,) each: all of different columns.

        Where that would be more than 20,000, only the first score of each column takes part, of 200 columns at most.
        """
        chosen = np.arange(len(self.labels))
        if len(chosen) > _MOST_PAIRED:
            chosen = np.flatnonzero(self.first)[:_MOST_PAIRED]
        first, second = np.triu_indices(len(chosen), 1)
        one, other = chosen[first], chosen[second]
        apart = self.columns[one] != self.columns[other]
        return one[apart], other[apart]

    def folded(self) -> tuple[NDArray[np.float32], NDArray[np.int64], NDArray[np.int64]]:
        """Return |score| of each score, and the pairs with it whose products are looked at.

        A relation that bends, as of a number and its distance from the middle, leaves the correlation at 0. A score of
        two values cannot bend: it is 0 here. With more than thirty scores there would be too many pairs: none is made.

        Returns
        -------
        Shape (N, d), standardised, and two arrays of places among the d scores and the d folded ones after them; at
        least one of a pair is folded, and they are of different columns.
        """
        d = len(self.labels)
        bends = np.array([len(np.unique(score)) > _TWO_VALUES for score in self.values.T], dtype=bool)
        if d > _MOST_FOLDED or not bends.any():
            return self.values[:, :0], np.zeros(0, dtype=np.int64), np.zeros(0, dtype=np.int64)
        folded = np.abs(self.values) * bends
        folded -= folded.mean(axis=0)
        spread = folded.std(axis=0)
        folded /= np.where(spread > 0.0, spread, 1.0)
        first, second = np.triu_indices(2 * d, 1)
        used = (self.columns[first % d] != self.columns[second % d]) & (second >= d) & bends[second % d]
        used &= (first < d) | bends[first % d]
        return folded, first[used], second[used]


def scores_of(reference: ColumnTable, current: ColumnTable) -> Scores:
    """Return the scores of two windows over the same columns.

    A number becomes the normal quantile of its pooled rank (van der Waerden 1952), so that no outlier and no unit
    counts; a missing one 0, the middle, and a mark of its own where 1 % of the rows or more miss it. The eight most
    frequent categories of a column have a mark each, fewer where there are more than 50 columns. Scores that are equal
    in all rows are left out.

    >>> def table(values, codes):
    ...     return ColumnTable(("x",), np.array(values)[:, None], ("y",), (("a", "b"),), np.array(codes)[:, None])
    >>> scores = scores_of(table([1.0, 2.0] * 4, [0, 1] * 4), table([3.0, 9.0] * 4, [0, 1] * 4))
    >>> scores.labels, scores.values.shape
    (('x', 'y = b'), (16, 2))
    """
    numeric = np.concatenate([reference.numeric, current.numeric])
    codes = np.concatenate([reference.codes, current.codes])
    n_rows = len(numeric)
    most = int(np.clip(_MOST_SCORES // max(1, len(reference.names)), _LEAST_MARKS, _MOST_MARKS))
    values: list[NDArray[np.float64]] = []
    labels: list[str] = []
    columns: list[int] = []

    def add(score: NDArray[np.float64], label: str, column: int) -> None:
        spread = float(score.std())
        if spread > 0.0:
            values.append((score - score.mean()) / spread)
            labels.append(label)
            columns.append(column)

    def add_missing(missing: NDArray[np.bool_], name: str, column: int) -> None:
        if min(missing.sum(), n_rows - missing.sum()) >= max(_FEW, _RARE * n_rows):
            add(missing.astype(np.float64), f"{name} is missing", column)

    for place, name in enumerate(reference.numeric_names):
        missing = np.isnan(numeric[:, place])
        score = np.zeros(n_rows)
        held = numeric[~missing, place]
        score[~missing] = ndtri((rankdata(held) - 0.5) / max(1, len(held)))
        add(score, name, place)
        add_missing(missing, name, place)
    for place, (name, categories) in enumerate(zip(reference.categorical_names, reference.categories, strict=True)):
        column = len(reference.numeric_names) + place
        missing = codes[:, place] == MISSING
        counts = np.bincount(codes[~missing, place], minlength=len(categories))
        order = np.argsort(-counts, kind="stable")[:most]
        frequent = order[counts[order] >= _FEW]
        # Of two categories one mark says all.
        if np.count_nonzero(counts) == len(frequent) > 1:
            frequent = frequent[1:] if len(frequent) == 2 else frequent  # noqa: PLR2004
        for code in frequent.tolist():
            add((codes[:, place] == code).astype(np.float64), f"{name} = {categories[code]}", column)
        add_missing(missing, name, column)
    of = np.array(columns, dtype=np.int64)
    return Scores(
        values=np.column_stack(values).astype(np.float32) if values else np.zeros((n_rows, 0), dtype=np.float32),
        labels=tuple(labels),
        columns=of,
        first=np.diff(of, prepend=-1) != 0,
    )
