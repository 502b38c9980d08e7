"""The documents of two windows, copies and near-copies and groups taken together: which of them count, and where."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from textdrift.errors import EmbeddingsError
from textdrift.windows.content_order import content_order, one_row_of_each_by_content
from textdrift.windows.duplicates import Documents, distinct_documents, merged_documents
from textdrift.windows.grouping import Groups, groups_of
from textdrift.windows.near_copies import near_copy_clusters
from textdrift.windows.vectors import points_of
from textdrift.windows.window import Window

__all__ = ["PairedDocuments", "copies_with_other_vectors", "paired_documents"]

Numbers = NDArray[np.int64]

_FEWEST_CLUSTERS = 40  # fewer could not be compared, 20 in each window
_TEXTS_OF_A_TEMPLATE = 10
_ROUNDING = 0.01  # one text in another batch, or in half precision, has a vector that differs by less


@dataclass(frozen=True, slots=True)
class PairedDocuments:
    """What may count as independent in two windows; every pair is (reference, current).

    What is drawn is drawn by what the rows hold: the same rows in another order give the same documents.

    Attributes
    ----------
    windows:
        (reference, current).
    distinct:
        The distinct texts of each window.
    clusters_of_distinct:
        The cluster of near-copies of each distinct text, numbered over both windows.
    merged:
        The documents of each window: clusters of copies and near-copies.
    clusters:
        The cluster that each document is.
    groups:
        The groups of the rows; ``None`` where the windows have no group column.
    templated:
        Nearly all texts of both windows, or of one, are near-copies of a few, so that nothing would be left to compare:
        only copies equal character by character were taken together.
    """

    windows: tuple[Window, Window]
    distinct: tuple[Documents, Documents]
    clusters_of_distinct: tuple[Numbers, Numbers]
    merged: tuple[Documents, Documents]
    clusters: tuple[Numbers, Numbers]
    groups: Groups | None
    templated: bool = False

    @property
    def shared(self) -> tuple[Numbers, Numbers]:
        """The numbers of the documents that lie in both windows, in the reference and in the current window."""
        _, in_reference, in_current = np.intersect1d(*self.clusters, assume_unique=True, return_indices=True)
        order = np.argsort(in_current)
        return in_reference[order], in_current[order]

    def placed(self, rng: np.random.Generator) -> tuple[Numbers, Numbers]:
        """Return the documents that count in each window: one of both windows counts in one of them.

        Where the rows of both windows are exchangeable, so are their documents once each is placed where one of its
        rows, drawn from all of them, lies. Counting a popular text once in each window instead would give it more
        weight in the smaller window, and two samples of one source would differ.
        """
        reference, current = self.merged
        in_reference, in_current = self.shared
        copies, others = current.sizes[in_current], reference.sizes[in_reference]
        draws = np.empty(len(copies))
        draws[self._order_of_shared(in_reference, in_current)] = rng.random(len(copies))
        goes_to_current = draws * (copies + others) < copies
        return (
            np.delete(np.arange(len(reference)), in_reference[goes_to_current]),
            np.delete(np.arange(len(current)), in_current[~goes_to_current]),
        )

    def one_of_each_group(self, groups: Groups, rng: np.random.Generator) -> tuple[Numbers, Numbers]:
        """Return the documents that count where every group counts once: a row is drawn from all rows of the group.

        Of the rows drawn that are copies of each other one is drawn again. So each group, and each document, counts at
        most once and in one window, and where groups are exchangeable so are the documents that are left.
        """
        documents = np.concatenate([d.document_of_row for d in self.merged])
        held = np.flatnonzero(documents >= 0)
        in_current = held >= len(groups.reference)
        documents = documents[held]
        group = np.concatenate(groups.sides)[held]
        first_of_current = len(self.clusters[0])
        cluster = np.concatenate(self.clusters)[documents + np.where(in_current, first_of_current, 0)]
        drawn = self._one_of_each(held, group, rng)
        kept = np.isin(held, drawn)
        drawn = self._one_of_each(drawn, cluster[kept], rng)
        kept = np.isin(held, drawn)
        return np.sort(documents[kept & ~in_current]), np.sort(documents[kept & in_current])

    def one_row_of_each(self, rng: np.random.Generator, *, of_texts: bool) -> tuple[Numbers, Numbers]:
        """Return the rows that count where every document counts once, and every group: a row is drawn from all of its.

        What is not in the text differs among the copies of one, so a row stands for its document. A row without a text
        is one of its own. Where rows of one source are exchangeable, so are those that are left.

        Parameters
        ----------
        rng:
            Draws the rows.
        of_texts:
            Whether copies of a text count once; else each row counts, or one of each group.
        """
        n = len(self.merged[0].document_of_row)
        rows = np.arange(n + len(self.merged[1].document_of_row))
        if self.groups is not None:
            rows = self.one_row_of_each_group(self.groups, rng)
        if of_texts:
            clusters = []
            for documents, of_document in zip(self.merged, self.clusters, strict=True):
                of_row = np.append(of_document, -1)[documents.document_of_row]
                clusters.append(of_row)
            cluster = np.concatenate(clusters)
            alone = cluster < 0
            cluster[alone] = 1 + cluster.max(initial=0) + np.arange(np.count_nonzero(alone))
            rows = self._one_of_each(rows, cluster[rows], rng)
        return rows[rows < n], rows[rows >= n] - n

    def one_row_of_each_group(self, groups: Groups, rng: np.random.Generator) -> Numbers:
        """Return one row of each group, drawn from its rows in both windows; the current rows are numbered on."""
        of_row = np.concatenate(groups.sides)
        return self._one_of_each(np.arange(len(of_row)), of_row, rng)

    def _one_of_each(self, rows: Numbers, keys: Numbers, rng: np.random.Generator) -> Numbers:
        return one_row_of_each_by_content(self.windows, rows, keys, rng)

    def _order_of_shared(self, in_reference: Numbers, in_current: Numbers) -> Numbers:
        """Return the order of documents of both windows, each by the first of its rows in the order of content."""
        number = np.full(sum(map(len, self.merged)), -1)
        number[in_reference] = np.arange(len(in_reference))
        number[len(self.merged[0]) + in_current] = np.arange(len(in_current))
        of_row = np.concatenate([d.document_of_row for d in self.merged])
        of_row[len(self.merged[0].document_of_row) :] += len(self.merged[0])
        held = np.concatenate([d.document_of_row >= 0 for d in self.merged])
        rows = np.flatnonzero(held)
        rows = rows[number[of_row[rows]] >= 0]
        shared = number[of_row[rows]][content_order(self.windows, rows)]
        _, first = np.unique(shared, return_index=True)
        return np.argsort(first)


def paired_documents(reference: Window, current: Window) -> PairedDocuments:
    """Return the documents of two windows with the same roles.

    Copies and near-copies are looked for among the texts of both windows together, so that which texts are taken
    together does not depend on which window a text came from.

    >>> from textdrift.windows.window import Roles
    >>> def window(texts):
    ...     return Window(pa.table({"text": pa.array(texts, pa.large_string())}), Roles(), "window")
    >>> pair = paired_documents(window(["thanks", "good", "thanks!"]), window(["Thanks.", "bad"]))
    >>> [len(documents) for documents in pair.merged], [side.tolist() for side in pair.shared]
    ([2, 2], [[0], [0]])
    """
    distinct = distinct_documents(reference), distinct_documents(current)
    n = len(distinct[0])
    every, templated = _clusters(reference, current, distinct)
    of_distinct = every[:n], every[n:]
    merged = (
        merged_documents(distinct[0], of_distinct[0]),
        merged_documents(distinct[1], of_distinct[1]),
    )
    clusters = (
        of_distinct[0][distinct[0].document_of_row[merged[0].first_rows]],
        of_distinct[1][distinct[1].document_of_row[merged[1].first_rows]],
    )
    groups = groups_of(reference, current)
    return PairedDocuments((reference, current), distinct, of_distinct, merged, clusters, groups, templated)


def copies_with_other_vectors(window: Window, documents: Documents) -> int:
    """Return how many documents have copies whose vectors, given with the rows, are not that of their first row.

    Vectors made of the text alone agree for all copies; those made of the text and something else need not, and
    a document has the vector of its first row. Differences below a hundredth of the length of that vector are rounding.
    Cost: one look at the vectors of the copies.

    Parameters
    ----------
    window:
        With a text and an embeddings role.
    documents:
        Its distinct texts: near-copies are different texts, and so have different vectors anyway.

    Examples
    --------
    >>> from textdrift.windows.reading import read_window
    >>> from textdrift.windows.window import Roles
    >>> vectors = np.array([[1, 0], [0, 1], [1, 1], [0, 1]])
    >>> roles = Roles(text="text", embeddings="v")
    >>> window = read_window(["good", "bad", "good", "bad"], roles, name="today", vectors=vectors)
    >>> copies_with_other_vectors(window, distinct_documents(window))
    1
    """
    copies = np.flatnonzero(documents.document_of_row >= 0)
    copies = copies[documents.first_rows[documents.document_of_row[copies]] != copies]
    of_copy = documents.document_of_row[copies]
    points = points_of(window.column(str(window.roles.embeddings)))
    first = points[documents.first_rows[of_copy]]
    differs = np.linalg.norm(points[copies] - first, axis=1) > _ROUNDING * np.linalg.norm(first, axis=1)
    return len(np.unique(of_copy[differs]))


def _clusters(reference: Window, current: Window, distinct: tuple[Documents, Documents]) -> tuple[Numbers, bool]:
    """Return the cluster of each document of both windows, and whether near-copies had to be kept apart."""
    if reference.roles.text is None and reference.roles.embeddings is None:
        return np.arange(sum(map(len, distinct))), False
    if reference.roles.text is None:
        columns = [window.column(str(reference.roles.embeddings)) for window in (reference, current)]
        d, e = (column.type.list_size for column in columns)
        if d != e:
            raise EmbeddingsError(f"points of {d} and {e} dimensions cannot be compared; encode both windows with one")
        return _copies([_bytes_of_vectors(column) for column in columns]), False
    texts = [documents.texts for documents in distinct]
    near, exact = near_copy_clusters(pa.concat_arrays(texts)), _copies(texts)
    n = len(texts[0])
    sides = [(len(np.unique(near[side])), len(np.unique(exact[side]))) for side in (slice(n), slice(n, None))]
    n_near, n_exact = int(near.max()) + 1, int(exact.max()) + 1
    # Nothing would be left of both windows, or of one: a long footer, new in one window, makes its texts near-copies.
    templated = _collapses(n_near, n_exact, _FEWEST_CLUSTERS) or any(
        _collapses(*side, _FEWEST_CLUSTERS // 2) for side in sides
    )
    return (exact, True) if templated else (near, False)


def _collapses(n_near: int, n_exact: int, fewest: int) -> bool:
    """Tell whether near-copies taken together leave too few documents to compare, of texts that are many."""
    return n_near < fewest and n_exact >= _TEXTS_OF_A_TEMPLATE * n_near


def _copies(columns: list[pa.Array]) -> Numbers:
    codes = pc.dictionary_encode(pa.concat_arrays(columns)).indices
    return np.asarray(codes.to_numpy(zero_copy_only=False), dtype=np.int64)


def _bytes_of_vectors(column: pa.Array) -> pa.Array:
    points = points_of(column)
    return pa.FixedSizeBinaryArray.from_buffers(
        pa.binary(points.shape[1] * points.itemsize), len(points), [None, pa.py_buffer(np.ascontiguousarray(points))]
    )
