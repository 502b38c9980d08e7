"""Which rows of a window are copies of one text: the documents that a test may treat as independent."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from textdrift.windows.window import Window

__all__ = ["Documents", "distinct_documents", "merged_documents"]


@dataclass(frozen=True, slots=True)
class Documents:
    """The texts of one window that may count as independent, in order of first appearance.

    Copies of one text are one document: retweets, templates and bots are not independent draws, and a test that
    counts them as such alarms on every window that holds some. ``distinct_documents`` takes copies together that are
    equal character by character, ``merged_documents`` near-copies too.

    Attributes
    ----------
    texts:
        Shape (n_documents,), ``large_string``, no nulls: the text of the first row of each document. Empty where the
        window has no text.
    document_of_row:
        Shape (n_rows,), the document each row belongs to, -1 for a row without a usable text. In a window without
        a text role every row is a document of its own.
    first_rows:
        Shape (n_documents,), the first row of each document.
    """

    texts: pa.Array
    document_of_row: NDArray[Any]
    first_rows: NDArray[Any]

    def __len__(self) -> int:
        """Return the number of documents."""
        return len(self.first_rows)

    @property
    def sizes(self) -> NDArray[Any]:
        """Copies of each document, shape (n_documents,)."""
        owned = self.document_of_row[self.document_of_row >= 0]
        return np.bincount(owned, minlength=len(self))


def distinct_documents(window: Window) -> Documents:
    """Return the distinct texts of a window.

    Two texts are copies when they are equal character by character.

    >>> import pyarrow as pa
    >>> from textdrift.windows.window import Roles, Window
    >>> table = pa.table({"text": pa.array(["good", "bad", None, "good"], pa.large_string())})
    >>> documents = distinct_documents(Window(table, Roles(text="text"), "today"))
    >>> documents.texts.to_pylist(), documents.document_of_row.tolist(), documents.sizes.tolist()
    (['good', 'bad'], [0, 1, -1, 0], [2, 1])
    """
    n_rows = window.n_rows
    if window.roles.text is None:
        every_row = np.arange(n_rows)
        return Documents(pa.array([], pa.large_string()), every_row, every_row)
    rows = np.flatnonzero(window.usable)
    encoded = pc.dictionary_encode(window.texts.take(pa.array(rows)))
    codes = np.asarray(encoded.indices.to_numpy(zero_copy_only=False), dtype=np.int64)
    document_of_row = np.full(n_rows, -1, dtype=np.int64)
    document_of_row[rows] = codes
    first = np.full(len(encoded.dictionary), n_rows, dtype=np.int64)
    np.minimum.at(first, codes, rows)
    return Documents(encoded.dictionary, document_of_row, first)


def merged_documents(documents: Documents, clusters: NDArray[np.int64]) -> Documents:
    """Return the documents with those of one cluster made one; its text is that of its first row.

    Parameters
    ----------
    documents:
        The distinct texts of a window.
    clusters:
        Shape (n_documents,), the cluster of each, any numbers; see ``near_copy_clusters``.

    Examples
    --------
    >>> distinct = Documents(pa.array(["ok", "bad", "ok!"]), np.array([0, 1, -1, 2, 0]), np.array([0, 1, 3]))
    >>> merged = merged_documents(distinct, np.array([4, 7, 4]))
    >>> merged.texts.to_pylist(), merged.document_of_row.tolist()
    (['ok', 'bad'], [0, 1, -1, 0, 0])
    """
    _, first, code = np.unique(clusters, return_index=True, return_inverse=True)
    kept = np.sort(first)
    if len(kept) == len(documents):
        return documents
    # Documents stand in the order of their first rows, so the first of a cluster has its first row.
    merged = np.searchsorted(kept, first[code])
    document_of_row = np.where(documents.document_of_row < 0, -1, merged[documents.document_of_row])
    texts = documents.texts.take(pa.array(kept)) if len(documents.texts) else documents.texts
    return Documents(texts, document_of_row, documents.first_rows[kept])
