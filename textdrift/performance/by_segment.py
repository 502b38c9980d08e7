"""Where accuracy fell most: each value of each segment column, and each predicted class, in both windows."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray
from scipy import sparse
from scipy.special import ndtr

from textdrift.errors import SettingsError, WindowError
from textdrift.performance.performance_row import Figure, performance_row
from textdrift.performance.scored_rows import ScoredRows
from textdrift.performance.segment_accuracy import AccuracyBySegment, SegmentAccuracy
from textdrift.stats.contingency import hypergeometric_exact_p
from textdrift.stats.multiplicity import holm
from textdrift.stats.ratio_estimates import ratio_estimates
from textdrift.stats.saddlepoint import saddlepoint_z
from textdrift.windows.value_codes import coded_values

__all__ = ["by_segment", "coded_values"]

Codes = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class _Coded:
    """The rows of one window with label and prediction, by value of one column; a document once for each value.

    Attributes
    ----------
    right:
        Shape (cells,), the share of right predictions among the document's rows of the value.
    value:
        Shape (cells,), the value's code.
    n_rows:
        Shape (values,).
    n_without:
        Documents with rows without a value.
    """

    right: NDArray[Any]
    value: Codes
    n_rows: Codes
    n_without: int

    @classmethod
    def of(cls, rows: ScoredRows, codes: Codes, n_values: int) -> _Coded:
        used = (rows.labels >= 0) & (rows.predictions >= 0)
        n_without = len(np.unique(rows.documents[used & (codes < 0)]))
        rows, codes = rows.where(used & (codes >= 0)), codes[used & (codes >= 0)]
        _, document = np.unique(rows.documents, return_inverse=True)
        cells, cell, sizes = np.unique(document * n_values + codes, return_inverse=True, return_counts=True)
        hits = np.bincount(cell, weights=rows.labels == rows.predictions, minlength=len(cells))
        n_rows = np.bincount(codes, minlength=n_values)
        return cls(hits / sizes, (cells % n_values).astype(np.int64), n_rows, n_without)

    @property
    def n_documents(self) -> Codes:
        """Documents of each value."""
        return np.bincount(self.value, minlength=len(self.n_rows))

    def figures(self, *, confidence: float) -> list[Figure]:
        """Return the accuracy of each value."""
        at = (np.arange(len(self.value)), self.value)
        shape = (len(self.value), len(self.n_rows))
        marked = sparse.coo_matrix((self.right, at), shape=shape)
        total = sparse.coo_matrix((np.ones(len(self.value)), at), shape=shape)
        estimates = ratio_estimates(marked, total, self.n_rows)
        low, high = estimates.intervals(confidence=confidence)
        return [
            Figure(float(v), float(a), float(b)) if t > 0 else Figure()
            for v, a, b, t in zip(estimates.values, low, high, estimates.totals, strict=True)
        ]


def by_segment(
    reference: ScoredRows,
    current: ScoredRows,
    segments: Mapping[str, tuple[pa.Array, pa.Array]],
    *,
    prediction_name: str | None = "prediction",
    least_documents: int = 30,
    level: float = 0.05,
) -> AccuracyBySegment:
    """Measure accuracy in each value of each segment column, and in each predicted class, the worst fall first.

    Null hypothesis of a value: its documents of both windows are exchangeable as far as being predicted right goes.
    Where the copies of each document are all right or all wrong the p-value is Fisher's exact one, twice the smaller
    tail; else that of a saddlepoint approximation to the permuted sum. Holm's rule adjusts for every value looked at,
    so that with probability 1 - alpha no value is called changed at alpha that is not. Each document weighs 1 within a
    value; copies with different values count in each of them.

    Parameters
    ----------
    reference, current:
        Rows of both windows, over the same label names.
    segments:
        Column to its values in both windows, one for each row of the *window*: ``ScoredRows.rows`` finds them.
    prediction_name:
        What the column of predicted classes is called, whose accuracy is the class's precision; ``None`` leaves it out.
    least_documents:
        Documents with label and prediction that a value needs in each window.
    level:
        Intervals miss the true value with this probability, each for itself.

    Raises
    ------
    WindowError
        When the windows have different label names, or a row has no place in a column.
    SettingsError
        When the level is not inside (0, 1), no document is needed, or a segment has the name of the prediction.

    Notes
    -----
    Cost: a sort of the rows for each column, whatever the number of values.

    Examples
    --------
    >>> def window(n_right):
    ...     labels = np.arange(200) % 2
    ...     predictions = np.where(np.arange(200) < n_right, labels, 1 - labels)
    ...     return ScoredRows(label_names=("bad", "good"), labels=labels, predictions=predictions, probabilities=None,
    ...                       documents=np.arange(200), rows=np.arange(200))
    >>> region = pa.array(["north"] * 100 + ["south"] * 100)
    >>> found = by_segment(window(190), window(150), {"region": (region, region)}, prediction_name=None)
    >>> [(row.value, round(row.change.value, 2), row.p_value < 0.001) for row in found.rows]
    [('south', -0.4, True), ('north', 0.0, False)]
    """
    if reference.label_names != current.label_names:
        raise WindowError(
            f"the reference has the labels {reference.label_names}, the current window {current.label_names}; "
            "build both with the labels of both windows"
        )
    if not 0.0 < level < 1.0:
        raise SettingsError(f"level must lie between 0 and 1; got {level}: 0.05 gives 95 % intervals")
    if least_documents < 1:
        raise SettingsError(f"least_documents must be at least 1; got {least_documents}")
    if prediction_name in segments:
        raise SettingsError(
            f"a segment and the prediction are both called {prediction_name!r}; give another prediction_name, or None"
        )
    windows = (reference, current)
    rows: list[SegmentAccuracy] = []
    not_judged: list[dict[str, Any]] = []
    for column, names, codes in _columns(windows, segments, prediction_name):
        coded = [_Coded.of(side, of_side, len(names)) for side, of_side in zip(windows, codes, strict=True)]
        sizes = np.stack([side.n_documents for side in coded])
        enough = sizes.min(axis=0, initial=np.iinfo(np.int64).max) >= least_documents
        rows += _judged(column, names, (coded[0], coded[1]), np.flatnonzero(enough), 1.0 - level)
        not_judged += [
            _not_judged(column, names[i], (int(sizes[0, i]), int(sizes[1, i])), least_documents)
            for i in np.flatnonzero(~enough)
        ]
        without = (coded[0].n_without, coded[1].n_without)
        if any(without):
            not_judged.append(_left_out(column, None, without, f"these documents have no value of {column!r}"))
    adjusted = holm([row.own_p_value for row in rows])
    judged = [replace(row, p_value=float(p)) for row, p in zip(rows, adjusted, strict=True)]
    return AccuracyBySegment(
        rows=tuple(sorted(judged, key=lambda row: (row.change.value, row.own_p_value, row.column, row.value))),
        not_judged=tuple(sorted(not_judged, key=lambda row: -row["n_reference"] - row["n_current"])),
    )


def _columns(
    windows: tuple[ScoredRows, ScoredRows],
    segments: Mapping[str, tuple[pa.Array, pa.Array]],
    prediction_name: str | None,
) -> Iterator[tuple[str, tuple[str, ...], list[Codes]]]:
    """Yield each column with its values, and the code of each scored row."""
    for column, values in segments.items():
        for name, side, rows in zip(("reference", "current"), values, windows, strict=True):
            if len(rows) and int(rows.rows.max()) >= len(side):
                raise WindowError(
                    f"segment {column!r} has {len(side)} values of the {name} window, but row {int(rows.rows.max())} "
                    "was asked for; give one value for each row of the window"
                )
        names, codes = coded_values(*values)
        yield column, names, [of_side[rows.rows] for of_side, rows in zip(codes, windows, strict=True)]
    if prediction_name is not None:
        yield prediction_name, windows[0].label_names, [rows.predictions for rows in windows]


def _judged(
    column: str, names: tuple[str, ...], coded: tuple[_Coded, _Coded], kept: NDArray[Any], confidence: float
) -> Iterator[SegmentAccuracy]:
    figures = [side.figures(confidence=confidence) for side in coded]
    sizes = [side.n_documents for side in coded]
    for i, p in zip(kept.tolist(), _p_values(coded, kept), strict=True):
        n_documents = int(sizes[0][i]), int(sizes[1][i])
        row = performance_row("accuracy", None, (figures[0][i], figures[1][i]), n_documents, ("", ""))
        yield SegmentAccuracy(
            column=column,
            value=names[i],
            reference=row.reference,
            current=row.current,
            change=row.change,
            n_documents=n_documents,
            own_p_value=float(p),
        )


def _p_values(coded: tuple[_Coded, _Coded], kept: NDArray[Any]) -> NDArray[Any]:
    k = len(coded[0].n_rows)
    right = [np.bincount(side.value, weights=side.right, minlength=k) for side in coded]
    n, m = (side.n_documents for side in coded)
    split = sum(np.bincount(side.value[(side.right > 0) & (side.right < 1)], minlength=k) for side in coded)
    marked = [np.rint(sums).astype(np.int64)[kept] for sums in right]
    p = hypergeometric_exact_p(marked[0], marked[0] + marked[1], n[kept], (n + m)[kept])
    for place in np.flatnonzero(np.asarray(split)[kept]).tolist():
        p[place] = _permuted_p(*(side.right[side.value == kept[place]] for side in coded))
    return np.asarray(p)


def _permuted_p(reference: NDArray[Any], current: NDArray[Any]) -> float:
    """Two-sided p-value of the difference of two means, values dealt at random.

    With centred weights a deal of fixed size is as good as one coin a document, to first order.
    """
    right = np.concatenate([reference, current])
    is_current = np.repeat([0.0, 1.0], [len(reference), len(current)])
    weights, share = right - right.mean(), is_current.mean()
    z = saddlepoint_z(weights, np.full(len(right), share), float(weights @ (is_current - share)))
    return float(max(2.0 * ndtr(-abs(z)), np.finfo(float).tiny))


def _not_judged(column: str, value: str, n_documents: tuple[int, int], least: int) -> dict[str, Any]:
    if sum(n_documents) == 0:
        reason = "no document of this value has a label and a prediction"
    else:
        found = " and ".join(f"{n:,}" for n in n_documents)
        reason = f"{found} documents have a label and a prediction; {least:,} are needed in each window"
    return _left_out(column, value, n_documents, reason)


def _left_out(column: str, value: str | None, n_documents: tuple[int, int], reason: str) -> dict[str, Any]:
    return {
        "column": column,
        "value": value,
        "n_reference": n_documents[0],
        "n_current": n_documents[1],
        "reason": reason,
    }
