"""The documents of each segment, topic, predicted class and pair of them, and what is too small to be looked at."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from textdrift.drift.preparing_slices import segments_of, with_topics
from textdrift.drift.slices import MINIMUM_SEGMENT, SegmentCodes, Slice, slices_of
from textdrift.drift.window_pair import WindowPair

__all__ = [
    "MINIMUM_SEGMENT",
    "SegmentSlice",
    "not_judged",
    "places_among",
    "prediction_column",
    "segment_slices",
    "sliced_codes",
    "slices_among",
]


@dataclass(frozen=True, slots=True)
class SegmentSlice:
    """One value of a segment column, and the independent documents of both windows that carry it, ascending.

    ``within`` is the second column and value of a pair; ``None`` where the slice is no pair.
    """

    column: str
    value: str
    documents: tuple[NDArray[Any], NDArray[Any]]
    within: tuple[str, str] | None = None

    @property
    def columns(self) -> tuple[str, ...]:
        """The column, or both columns of a pair."""
        return (self.column,) if self.within is None else (self.column, self.within[0])

    @property
    def name(self) -> dict[str, Any]:
        """The keys ``column``, ``value`` and, of a pair, ``within``."""
        return Slice(self.column, self.value, self.documents, self.within).name


def segment_slices(pair: WindowPair) -> tuple[list[SegmentSlice], list[dict[str, Any]]]:
    """Return the values with enough documents in both windows, and a row of `not_judged` for each other one.

    The first row of a document says its value. Documents without a value belong to none. Cost: a sort a column.
    """
    found = slices_of(*segments_of(pair, pair.every_document), with_pairs=False)
    return _of_documents(pair, found.judged), [{**row, "kind": None} for row in found.too_small]


def sliced_codes(pair: WindowPair, *, topics: bool, classes: bool) -> tuple[SegmentCodes, SegmentCodes]:
    """Return the segments of every document that counts, with its topic and its predicted class where asked for.

    Parameters
    ----------
    pair:
        The two windows.
    topics:
        Whether vectors were made, so that topics cost no encoding.
    classes:
        Whether the predicted class is a slice; left out where a segment column has its name.
    """
    documents = pair.every_document
    codes = segments_of(pair, documents)
    if topics:
        codes = with_topics(pair, documents, codes)
    column = prediction_column(pair)
    if classes and column is not None:
        sides = []
        for side, categories, every in zip(codes, pair.categories("prediction"), documents, strict=True):
            of_document = np.full(len(every), -1, dtype=np.int64)
            of_document[places_among(every, categories.documents)] = categories.shares.argmax(axis=1)
            sides.append(side.with_column(column, categories.names, of_document))
        codes = sides[0], sides[1]
    return codes


def prediction_column(pair: WindowPair) -> str | None:
    """Return the column of predicted classes; ``None`` without one, or where it is a segment column already."""
    roles = pair.windows[0].roles
    return None if roles.prediction in roles.segments else roles.prediction


def slices_among(pair: WindowPair, codes: tuple[SegmentCodes, SegmentCodes]) -> list[SegmentSlice]:
    """Return every slice and pair of slices that is large enough."""
    return _of_documents(pair, slices_of(*codes).judged)


def _of_documents(pair: WindowPair, slices: tuple[Slice, ...]) -> list[SegmentSlice]:
    first, second = pair.every_document
    return [
        SegmentSlice(part.column, part.value, (first[part.rows[0]], second[part.rows[1]]), part.within)
        for part in slices
    ]


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
