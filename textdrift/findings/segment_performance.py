"""Segments in which the model is right less often, or more often, than before: values, topics, classes and pairs."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import combinations
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from textdrift.drift.preparing_slices import named_topics, topic_column
from textdrift.drift.slices import MINIMUM_SEGMENT, Slice
from textdrift.drift.window_pair import WindowPair
from textdrift.findings.segment_slices import prediction_column, segment_slices
from textdrift.performance.by_segment import by_segment
from textdrift.performance.scoring import scored_rows
from textdrift.performance.segment_accuracy import SegmentAccuracy
from textdrift.windows.value_codes import coded_values

__all__ = ["accuracy_of_segments"]

_PAIR = "\x00pair "  # begins no name of a column: files cannot hold it
_NOBODY = (np.zeros(0, dtype=np.int64), np.zeros(0, dtype=np.int64))

Row = dict[str, Any]
Codes = NDArray[np.int64]
Columns = dict[str, tuple[pa.Array, pa.Array]]


def accuracy_of_segments(pair: WindowPair, *, topics: bool) -> tuple[list[Row], list[Row]]:
    """Return how accuracy changed in each slice, p-values not adjusted, and the values not looked at.

    Slices are values of segment columns, predicted classes, topics where vectors were made, and pairs of two of them,
    with 30 documents with label and prediction in each window. Cost: a sort of the rows for each column and pair.

    Parameters
    ----------
    pair:
        Two windows with labels and predictions.
    topics:
        Whether vectors were made.

    Returns
    -------
    Rows with ``column``, ``value``, ``within`` for a pair, ``kind``, ``effect``, ``change`` with its interval ``low``,
    ``high``, both accuracies, ``n_reference``, ``n_current`` and ``p_value``; rows of `not_judged`.
    """
    singles = _columns(pair, topics=topics)
    coded = {column: coded_values(*values) for column, values in singles.items()}
    pairs = {f"{_PAIR}{number}": names for number, names in enumerate(combinations(singles, 2))}
    joined = {key: _joined(coded[first][1], coded[second][1]) for key, (first, second) in pairs.items()}
    found = by_segment(
        *scored_rows(pair), {**singles, **joined}, prediction_name=None, least_documents=MINIMUM_SEGMENT
    )  # fmt: skip
    large = {(part.column, part.value) for part in segment_slices(pair)[0]}

    def is_slice(column: str, value: str | None) -> bool:
        return column not in pair.windows[0].roles.segments or (column, value) in large

    names = [_names_of(row, pairs, coded) for row in found.rows]
    sizes = {of_row: row.n_documents for of_row, row in zip(names, found.rows, strict=True)}
    rows = [
        {
            **Slice(*of_row[0], _NOBODY, of_row[1] if len(of_row) > 1 else None).name,
            "kind": "performance",
            "effect": abs(row.change.value or 0.0),
            "change": row.change.value,
            "low": row.change.low,
            "high": row.change.high,
            "reference_accuracy": row.reference.value,
            "current_accuracy": row.current.value,
            "n_reference": row.n_documents[0],
            "n_current": row.n_documents[1],
            "p_value": row.own_p_value,
        }
        for of_row, row in zip(names, found.rows, strict=True)
        # A pair that holds all documents of one of its parts says nothing more.
        if all(is_slice(*name) for name in of_row)
        and (len(of_row) == 1 or all(row.n_documents != sizes.get((name,)) for name in of_row))
    ]
    # What is no slice at all has been told for every kind; pairs are too many to be told.
    missing = [
        {**row, "kind": "performance"}
        for row in found.not_judged
        if row["column"] not in pairs and row["column"] != topic_column(pair) and is_slice(row["column"], row["value"])
    ]
    return rows, missing


def _joined(first: tuple[Codes, Codes], second: tuple[Codes, Codes]) -> tuple[pa.Array, pa.Array]:
    """Return the values of a pair of columns, as the numbers of both values; null where either is missing."""
    sides = []
    for a, b in zip(first, second, strict=True):
        of_pair = pc.binary_join_element_wise(
            *(pa.array(codes).cast(pa.large_string()) for codes in (a, b)), pa.scalar(" ", pa.large_string())
        )
        sides.append(pc.if_else(pa.array((a >= 0) & (b >= 0)), of_pair, pa.scalar(None, pa.large_string())))
    return sides[0], sides[1]


def _names_of(
    row: SegmentAccuracy,
    pairs: Mapping[str, tuple[str, str]],
    coded: Mapping[str, tuple[tuple[str, ...], tuple[Codes, Codes]]],
) -> tuple[tuple[str, str], ...]:
    """Return column and value of a slice, and of a pair those of both parts."""
    if row.column not in pairs:
        return ((row.column, row.value),)
    codes = map(int, row.value.split())
    return tuple((column, coded[column][0][code]) for column, code in zip(pairs[row.column], codes, strict=True))


def _columns(pair: WindowPair, *, topics: bool) -> Columns:
    """Return each column with its values in both windows, one for each row."""
    reference, current = pair.windows
    columns: Columns = {name: (reference.column(name), current.column(name)) for name in reference.roles.segments}
    predicted = prediction_column(pair)
    if predicted is not None:
        columns[predicted] = reference.column(predicted), current.column(predicted)
    if topics:
        known = named_topics(pair)
        sides = []
        for documents, chosen, codes in zip(pair.documents, known.documents, known.codes, strict=True):
            of_document = np.full(len(documents), len(known.names), dtype=np.int64)
            of_document[chosen] = codes
            # Rows without a text belong to no document.
            of_row = np.where(documents.document_of_row < 0, len(known.names), of_document[documents.document_of_row])
            sides.append(pa.array([*known.names, None], pa.large_string()).take(pa.array(of_row)))
        columns[topic_column(pair)] = sides[0], sides[1]
    return columns
