"""The documents of each value of each segment column, and the values that are too small to be looked at."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from textdrift.drift.window_pair import WindowPair
from textdrift.performance.by_segment import coded_values

__all__ = ["MINIMUM_SEGMENT", "SegmentSlice", "not_judged", "places_among", "segment_slices"]

MINIMUM_SEGMENT = 30
"""Documents that a value needs in both windows to be looked at."""


@dataclass(frozen=True, slots=True)
class SegmentSlice:
    """One value of a segment column, and the independent documents of both windows that carry it, ascending."""

    column: str
    value: str
    documents: tuple[NDArray[Any], NDArray[Any]]


def segment_slices(pair: WindowPair) -> tuple[list[SegmentSlice], list[dict[str, Any]]]:
    """Return the values with enough documents in both windows, and a row of `not_judged` for each other one.

    The first row of a document says its value. Documents without a value belong to none. Cost: a sort a column.
    """
    slices: list[SegmentSlice] = []
    too_small: list[dict[str, Any]] = []
    for column in pair.windows[0].roles.segments:
        values = [
            pair.windows[side].column(column).take(pa.array(pair.documents[side].first_rows[counting]))
            for side, counting in enumerate(pair.every_document)
        ]
        names, codes = coded_values(values[0], values[1])
        members = [
            _by_value(of_side, counting, len(names))
            for of_side, counting in zip(codes, pair.every_document, strict=True)
        ]
        for value, first, second in zip(names, *members, strict=True):
            if min(len(first), len(second)) >= MINIMUM_SEGMENT:
                slices.append(SegmentSlice(column, value, (first, second)))
            else:
                too_small.append(not_judged(column, value, None, (len(first), len(second)), "of this value"))
        without = [int((of_side < 0).sum()) for of_side in codes]
        if any(without):
            row = not_judged(column, None, None, (without[0], without[1]), "")
            too_small.append({**row, "reason": f"these documents have no value of {column!r}"})
    return slices, too_small


def not_judged(
    column: str, value: str | None, kind: str | None, n_documents: tuple[int, int], what: str
) -> dict[str, Any]:
    """Return the row of a value that could not be looked at; without a kind it is not looked at for any.

    >>> not_judged("region", "south", "concept", (12, 40), "with a label")["reason"]
    '12 and 40 documents with a label; 30 are needed in each window'
    """
    found = " and ".join(f"{n:,}" for n in n_documents)
    return {
        "column": column,
        "value": value,
        "kind": kind,
        "n_reference": n_documents[0],
        "n_current": n_documents[1],
        "reason": f"{found} documents {what}; {MINIMUM_SEGMENT} are needed in each window",
    }


def places_among(held: NDArray[Any], documents: NDArray[Any]) -> NDArray[Any]:
    """Return where those of some documents that are held stand among the held ones; both ascending.

    >>> places_among(np.array([2, 5, 9]), np.array([3, 5, 9, 11])).tolist()
    [1, 2]
    """
    if not len(held):
        return np.zeros(0, dtype=np.int64)
    places = np.minimum(np.searchsorted(held, documents), len(held) - 1)
    return np.asarray(places[held[places] == documents])


def _by_value(codes: NDArray[Any], documents: NDArray[Any], n_values: int) -> list[NDArray[Any]]:
    order = np.argsort(codes, kind="stable")
    edges = np.searchsorted(codes[order], np.arange(n_values + 1))
    return [documents[order[start:stop]] for start, stop in pairwise(edges)]
