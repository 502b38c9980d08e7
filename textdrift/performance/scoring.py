"""Two windows in, their labels, predictions and probabilities out."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from textdrift.drift.columns.categories import categories_of
from textdrift.drift.window_pair import WindowPair
from textdrift.performance.scored_rows import ScoredRows

__all__ = ["scored_rows"]


def scored_rows(pair: WindowPair) -> tuple[ScoredRows, ScoredRows]:
    """Return the rows of both windows whose documents count, over the classes of both windows together.

    A document, or a group, that lives in both windows counts in one of them, as in every test. Where there is no
    prediction column, the likeliest class of the probabilities is the prediction.
    """
    roles = pair.windows[0].roles
    columns = [str(column) for column in (roles.label, roles.prediction) if column is not None]
    seen = categories_of(*(window.column(column) for window in pair.windows for column in columns))
    names = tuple(sorted({*seen, *roles.probabilities}))
    reference, current = (_scored(pair, side, names) for side in (0, 1))
    return reference, current


def _scored(pair: WindowPair, side: int, names: tuple[str, ...]) -> ScoredRows:
    window, documents = pair.windows[side], pair.documents[side]
    roles = window.roles
    counts = np.zeros(len(documents) + 1, dtype=bool)
    counts[pair.every_document[side]] = True
    rows = np.flatnonzero(counts[documents.document_of_row])  # a row without a text is document -1, which never counts
    probabilities = None
    if roles.probabilities:
        probabilities = np.zeros((len(rows), len(names)))
        probabilities[:, [names.index(label) for label in roles.probabilities]] = window.probabilities[rows]
        probabilities /= probabilities.sum(axis=1, keepdims=True)
    if roles.prediction is not None:
        predictions = _codes(window.column(roles.prediction), names)[rows]
    elif probabilities is not None:
        predictions = np.where(np.isfinite(probabilities).all(axis=1), probabilities.argmax(axis=1), -1)
    else:
        predictions = np.full(len(rows), -1, dtype=np.int64)
    labels = np.full(len(rows), -1, dtype=np.int64)
    if roles.label is not None:
        labels = _codes(window.column(roles.label), names)[rows]
    return ScoredRows(
        label_names=names,
        labels=labels,
        predictions=predictions,
        probabilities=probabilities,
        documents=documents.document_of_row[rows],
        rows=rows,
    )


def _codes(column: pa.Array, names: tuple[str, ...]) -> NDArray[np.int64]:
    position = {name: code for code, name in enumerate(names)}
    encoded = column.dictionary_encode()
    lookup = np.array([position.get(value, -1) for value in encoded.dictionary.to_pylist()] + [-1], dtype=np.int64)
    return np.asarray(lookup[np.asarray(encoded.indices.fill_null(len(lookup) - 1).to_numpy(zero_copy_only=False))])
