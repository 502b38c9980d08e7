"""Feature points: the features of rows that have no text, as vectors for what otherwise looks at embeddings."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import special

from textdrift.drift.columns.column_values import MISSING
from textdrift.drift.feature_tables import FeatureTables

__all__ = ["feature_points"]

_MOST_CATEGORIES = 30  # of a column, the most frequent
_FEWEST_ROWS = 5  # of a category, in both windows together
_LEAST_SPREAD = 0.1


def feature_points(tables: FeatureTables) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Return the features of both windows as points, shapes (n, d) and (m, d).

    A column of numbers becomes its normal scores (of ranks over both windows, so that no value is too far) and their
    squares, and a mark of missing values; a column of names a mark of each of its most frequent ones. All have about
    unit spread over both windows together. Cost: a sort a column.

    Examples
    --------
    >>> from textdrift.drift.columns.column_values import ColumnTable
    >>> side = ColumnTable(("x",), np.array([[1.0], [2.0]]), (), (), np.zeros((2, 0), dtype=np.int64))
    >>> before, now = feature_points(FeatureTables(side, side, (np.arange(2), np.arange(2)), {}, {}))
    >>> before.shape, bool((before == now).all())
    ((2, 2), True)
    """
    from scipy.stats import rankdata

    reference, current = tables.sides
    numbers = np.concatenate([reference.numeric, current.numeric])
    codes = np.concatenate([reference.codes, current.codes])
    parts: list[NDArray[Any]] = []
    for place in range(numbers.shape[1]):
        values = numbers[:, place]
        held = np.isfinite(values)
        score = np.zeros(len(values))
        score[held] = special.ndtri(rankdata(values[held]) / (held.sum() + 1))
        parts += [score, np.where(held, score**2 - 1.0, 0.0) / np.sqrt(2.0)]
        if not held.all():
            parts.append(_spread(~held))
    for place in range(codes.shape[1]):
        counts = np.bincount(
            codes[codes[:, place] != MISSING, place], minlength=len(tables.reference.categories[place])
        )
        frequent = np.argsort(-counts, kind="stable")[:_MOST_CATEGORIES]
        parts += [_spread(codes[:, place] == code) for code in frequent.tolist() if counts[code] >= _FEWEST_ROWS]
    points = np.column_stack(parts) if parts else np.zeros((len(numbers), 1))
    n = len(reference)
    return points[:n].astype(np.float32), points[n:].astype(np.float32)


def _spread(mark: NDArray[np.bool_]) -> NDArray[np.float64]:
    share = float(mark.mean())
    return np.asarray((mark - share) / max(_LEAST_SPREAD, np.sqrt(share * (1.0 - share))))
