"""What else the documents of a slice are: strata within which the windows can be compared, and rows of one mix."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import special

from textdrift.drift.slices import SegmentCodes, Slice

__all__ = ["SliceMix", "mixes_of"]

_LEAST_STRATUM = 8  # documents of both windows: each stratum costs about one of them
_LEAST_LEFT = 0.5
_MIX_MOVED = 0.05

Rows = tuple[NDArray[Any], NDArray[Any]]


@dataclass(frozen=True, slots=True)
class SliceMix:
    """The strata of one slice: documents that have the same values in the other segment columns.

    Attributes
    ----------
    strata:
        Shape (n + m,), the stratum of each document, those of the reference first; ``None`` where there is but one.
    n_reference:
        n.
    not_held:
        Columns whose mix cannot be held fixed, since hardly a value of them is in both windows.
    """

    strata: NDArray[np.int64] | None
    n_reference: int
    not_held: tuple[str, ...] = ()

    @property
    def moved(self) -> bool:
        """Whether the shares of the strata surely changed (chi squared, 5 %)."""
        return self.strata is not None and _p_value(self.strata, self.n_reference) <= _MIX_MOVED

    def thinned(self, rows: Rows, rng: np.random.Generator) -> Rows:
        """Return rows that have one mix of strata in both windows, drawn at random; all where the mix did not move.

        Of each stratum as many are kept as the window that holds less of it can match.
        """
        if self.strata is None or not self.moved:
            return rows
        counts = _counts(self.strata, self.n_reference)
        n, m = counts.sum(axis=1)
        rate = np.minimum(counts[0] / n, counts[1] / m)
        kept: list[NDArray[Any]] = []
        for side, strata, total in zip(rows, np.split(self.strata, [self.n_reference]), (n, m), strict=True):
            order = rng.permutation(len(strata))
            order = order[np.argsort(strata[order], kind="stable")]
            held = np.bincount(strata, minlength=len(rate))
            place = np.arange(len(order)) - np.repeat(np.cumsum(held) - held, held)
            kept.append(side[np.sort(order[place < np.repeat(np.rint(rate * total), held)])])
        return kept[0], kept[1]


def mixes_of(slices: Sequence[Slice], reference: SegmentCodes, current: SegmentCodes) -> list[SliceMix]:
    """Return the strata of each slice, by the values of all columns but its own.

    Else a new mix of regions would look like drift in every plan. Columns made from the texts are left out: a region
    whose texts turn to another topic did drift. Columns whose mix moved most come first; values that hold fewer than 8
    documents of a stratum stay together, so that strata cost an eighth of the documents at most. Where a column would
    leave less than half of what there is to compare, its mix is not held.

    Cost: two sorts of the documents of each slice for each column.

    Examples
    --------
    >>> codes = SegmentCodes(("plan", "region"), (("free",), ("n", "s")), np.repeat([[0, 0], [0, 1]], 20, axis=0))
    >>> mixes_of([Slice("plan", "free", (np.arange(40), np.arange(40)))], codes, codes)[0].strata[[0, 39]].tolist()
    [0, 1]
    """
    told = [column for column in reference.columns if column not in reference.of_texts]
    codes = np.concatenate([reference.codes, current.codes])
    places = {column: reference.columns.index(column) for column in told}
    moved = {column: _excess(codes[:, places[column]] + 1, len(reference)) for column in told}
    told.sort(key=lambda column: -moved[column])
    found = []
    for part in slices:
        own = {part.column, *(name for name, _ in part.parts)}
        others = [column for column in told if column not in own]
        rows = np.concatenate([part.rows[0], part.rows[1] + len(reference)])
        found.append(_mix({column: codes[rows, places[column]] for column in others}, len(part.rows[0])))
    return found


def _mix(columns: dict[str, NDArray[Any]], n_reference: int) -> SliceMix:
    strata: NDArray[np.int64] | None = None
    not_held = []
    for column, values in columns.items():
        before = np.zeros(len(values), dtype=np.int64) if strata is None else strata
        finer = _numbered(before * (int(values.max(initial=0)) + 2) + values + 1)
        few = np.bincount(finer)[finer] < _LEAST_STRATUM
        finer = _numbered(np.where(few, before, before.max(initial=0) + 1 + finer))
        if _comparable(finer, n_reference) < _LEAST_LEFT * _comparable(before, n_reference):
            not_held.append(column)
        elif len(np.unique(finer)) > 1:
            strata = finer
    return SliceMix(strata, n_reference, tuple(not_held))


def _numbered(keys: NDArray[Any]) -> NDArray[np.int64]:
    return np.asarray(np.unique(keys, return_inverse=True)[1].reshape(-1), dtype=np.int64)


def _counts(strata: NDArray[Any], n_reference: int) -> NDArray[np.int64]:
    """Return the documents of each stratum in each window, shape (2, strata)."""
    k = int(strata.max(initial=0)) + 1
    return np.array([np.bincount(side, minlength=k) for side in np.split(strata, [n_reference])])


def _comparable(strata: NDArray[Any], n_reference: int) -> float:
    """Return the sum of n m / (n + m) over strata: what a difference of means within them goes by."""
    n, m = _counts(strata, n_reference)
    return float((n * m / np.maximum(1, n + m)).sum())


def _chi_squared(strata: NDArray[Any], n_reference: int) -> tuple[float, int]:
    counts = _counts(strata, n_reference).astype(np.float64)
    counts = counts[:, counts.sum(axis=0) > 0]
    total = counts.sum()
    if total == 0 or not counts.sum(axis=1).all():
        return 0.0, 0
    expected = counts.sum(axis=1, keepdims=True) * counts.sum(axis=0) / total
    return float(((counts - expected) ** 2 / expected).sum()), counts.shape[1] - 1


def _p_value(strata: NDArray[Any], n_reference: int) -> float:
    statistic, freedom = _chi_squared(strata, n_reference)
    return float(special.chdtrc(freedom, statistic)) if freedom else 1.0


def _excess(strata: NDArray[Any], n_reference: int) -> float:
    """Return how far the mix moved, in standard deviations of what chance makes of it."""
    statistic, freedom = _chi_squared(strata, n_reference)
    return (statistic - freedom) / np.sqrt(2 * freedom) if freedom else -np.inf
