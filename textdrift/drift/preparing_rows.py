"""What the tests of loads, schemas, leaks and loops are given of two windows: rows, and their columns."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from textdrift.drift.columns.categories import categories_of
from textdrift.drift.labelled_documents import MOST_LABELLED
from textdrift.drift.prepared import Prepared
from textdrift.drift.quality.giveaways import LabelledWords
from textdrift.drift.quality.late import Times
from textdrift.drift.quality.leakage import AuditedRows
from textdrift.drift.quality.loop import AnsweredDocuments
from textdrift.drift.quality.role_columns import role_columns
from textdrift.drift.window_pair import WindowPair

__all__ = ["answered_documents", "audited_rows", "columns_with_roles", "times_of_rows", "words_of_labels"]

_MOST_ANSWERED = 20_000  # of a window: more would show no echo that matters any better
_MOST_CELLS = 5_000_000  # documents x classes x parameters of a window
_MICROSECONDS = 1e6


def columns_with_roles(pair: WindowPair, _test: Any) -> Prepared:
    """Give the columns that have a role, each independent document by its first row."""
    reference, current = (
        role_columns(
            window,
            documents.first_rows[counting],
            features={name: feature.sides[side] for name, feature in pair.features.items()},
        )
        for side, (window, documents, counting) in enumerate(
            zip(pair.windows, pair.documents, pair.every_document, strict=True)
        )
    )
    return Prepared(reference=reference, current=current, documents=pair.every_document)


def times_of_rows(pair: WindowPair, _test: Any) -> Prepared:
    """Give the times of all rows; with groups, that of one row of each group."""
    sides = []
    for window, documents, counting in zip(pair.windows, pair.documents, pair.every_document, strict=True):
        column = window.column(str(window.roles.time))
        if pair.groups is not None:
            column = column.take(pa.array(documents.first_rows[counting]))
        microseconds = column.drop_null().cast(pa.int64()).to_numpy(zero_copy_only=False)
        sides.append(Times(np.sort(microseconds) / _MICROSECONDS, int(column.null_count)))
    return Prepared(reference=sides[0], current=sides[1], documents=pair.every_document)


def audited_rows(pair: WindowPair, _test: Any) -> Prepared:
    """Give every row, whatever its group, and its id where a column has that role."""
    name = pair.windows[0].roles.id
    if name is None:
        reference, current = (AuditedRows(audit) for audit in pair.audits)
        return Prepared(reference=reference, current=current, documents=pair.every_document)
    # The types of an id may differ between the windows: what it says is compared.
    columns = [window.column(name).cast(pa.large_string()) for window in pair.windows]
    codes = pa.concat_arrays(columns).dictionary_encode().indices.fill_null(-1)
    numbers = np.asarray(codes.to_numpy(zero_copy_only=False), dtype=np.int64)
    sides = numbers[: len(columns[0])], numbers[len(columns[0]) :]
    reference, current = (AuditedRows(audit, ids) for audit, ids in zip(pair.audits, sides, strict=True))
    return Prepared(reference=reference, current=current, documents=pair.every_document)


def words_of_labels(pair: WindowPair, _test: Any) -> Prepared:
    """Give the words of the labelled documents; of very many a sample."""
    categories = pair.categories("label")
    documents = pair.sample(MOST_LABELLED, (categories[0].documents, categories[1].documents))
    if not all(map(len, documents)):
        return Prepared(reference=None, current=None, documents=documents)
    reference, current = (
        LabelledWords(counts.taken(chosen), side.shares[np.searchsorted(side.documents, chosen)], side.names)
        for counts, chosen, side in zip(pair.token_counts, documents, categories, strict=True)
    )
    return Prepared(reference=reference, current=current, documents=documents)


def answered_documents(pair: WindowPair, _test: Any) -> Prepared:
    """Give label, prediction and probabilities of the documents that have them; of very many a sample."""
    roles = pair.windows[0].roles
    columns = [[window.column(str(name)) for name in (roles.label, roles.prediction)] for window in pair.windows]
    names = tuple(sorted({*categories_of(*columns[0], *columns[1]), *roles.probabilities}))
    k = max(2, len(names))
    eligible = [
        counting[_both_valid(labels, predictions)[documents.first_rows[counting]]]
        for (labels, predictions), documents, counting in zip(columns, pair.documents, pair.every_document, strict=True)
    ]
    eligible, notes = _with_probabilities(pair, eligible)
    at_most = min(_MOST_ANSWERED, _MOST_CELLS // (k * (2 * k - 1)))
    chosen = pair.sample(at_most, (eligible[0], eligible[1]))
    sides = []
    for side, window in enumerate(pair.windows):
        rows = pair.documents[side].first_rows[chosen[side]]
        labels, predictions = (_codes(column, names)[rows] for column in columns[side])
        probabilities = np.zeros((len(rows), len(names)))
        probabilities[:, [names.index(label) for label in roles.probabilities]] = window.probabilities[rows]
        given = probabilities if roles.probabilities and np.isfinite(probabilities).all() else None
        sides.append(AnsweredDocuments(labels, predictions, given, len(names)))
    return Prepared(reference=sides[0], current=sides[1], documents=chosen, notes=notes)


def _with_probabilities(pair: WindowPair, eligible: list[NDArray[Any]]) -> tuple[list[NDArray[Any]], tuple[str, ...]]:
    """Leave out documents that lack probabilities, where in both windows most have them; else none are used."""
    if not pair.windows[0].roles.probabilities:
        return eligible, ()
    held = [
        counting[np.isfinite(window.probabilities).all(axis=1)[documents.first_rows[counting]]]
        for window, documents, counting in zip(pair.windows, pair.documents, eligible, strict=True)
    ]
    left_out = [len(before) - len(after) for before, after in zip(eligible, held, strict=True)]
    if any(2 * n > len(before) for n, before in zip(left_out, eligible, strict=True)):
        return eligible, ("Too many documents lack probabilities, and so none were used.",)
    notes = (f"{left_out[0]} and {left_out[1]} documents lack probabilities, and were left out.",)
    return held, notes if any(left_out) else ()


def _both_valid(first: pa.Array, second: pa.Array) -> NDArray[np.bool_]:
    return np.asarray(pc.and_(first.is_valid(), second.is_valid()).to_numpy(zero_copy_only=False), dtype=bool)


def _codes(column: pa.Array, names: tuple[str, ...]) -> NDArray[np.int64]:
    position = pc.index_in(column, value_set=pa.array(names, pa.large_string()))
    return np.asarray(position.fill_null(-1).to_numpy(zero_copy_only=False), dtype=np.int64)
