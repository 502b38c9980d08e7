"""DocumentVectors: the vectors of the documents of two windows, each text encoded once, when first asked for."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from textdrift.embeddings import Embeddings, Truncation
from textdrift.embeddings.encoder import Encoder
from textdrift.embeddings.encoding import encode_texts, texts_cut
from textdrift.embeddings.vector_cache import VectorCache
from textdrift.windows.duplicates import Documents
from textdrift.windows.grouping import Groups
from textdrift.windows.vectors import points_of
from textdrift.windows.window import Window

__all__ = ["DocumentVectors"]


class DocumentVectors:
    """The vectors of documents: those that came with the rows, or what the encoder makes of their texts.

    Parameters
    ----------
    windows, documents:
        Of the reference and of the current window.
    groups:
        The groups of the rows; ``None`` without a group column.
    encoder, cache:
        As in ``textdrift.drift.window_pair.WindowPair``.
    given_space:
        What to call the encoder of embeddings that came with the rows.

    Attributes
    ----------
    space:
        The encoder of the vectors, empty until some were asked for.
    """

    def __init__(
        self,
        windows: tuple[Window, Window],
        documents: tuple[Documents, Documents],
        groups: Groups | None,
        *,
        encoder: Callable[[], Encoder],
        cache: Callable[[], VectorCache | None],
        given_space: str,
    ) -> None:
        self.windows, self.documents, self.groups = windows, documents, groups
        self._encoder, self._cache, self._given_space = encoder, cache, given_space
        self._vectors: list[NDArray[Any] | None] = [None, None]
        self._encoded = [np.zeros(0, dtype=bool), np.zeros(0, dtype=bool)]
        self.space = ""

    def of(self, documents: tuple[NDArray[Any], NDArray[Any]]) -> tuple[Embeddings, Embeddings]:
        """Return the vectors of some documents of each window; a text is encoded once, whoever asks.

        Where the windows have groups, each document has that of its first row.
        """
        if self.windows[0].roles.embeddings is not None:
            return self._given(documents)
        self._encode(documents)
        points = [
            vectors[chosen] for vectors, chosen in zip(self._vectors, documents, strict=True) if vectors is not None
        ]
        return self._points(points, documents)

    def vectors_of(self, texts: pa.Array) -> NDArray[Any]:
        """Return a vector of each text, shape (n_texts, d): for texts as they might have been, which no window holds.

        Made by the encoder of the pair; texts that its cache knows are not encoded again.
        """
        return encode_texts(texts, self._encoder(), cache=self._cache()).points

    def _points(
        self, points: list[NDArray[Any]], documents: tuple[NDArray[Any], NDArray[Any]]
    ) -> tuple[Embeddings, Embeddings]:
        if self.groups is None:
            return Embeddings(points[0], self.space), Embeddings(points[1], self.space)
        groups = [
            of_row[all_documents.first_rows[chosen]]
            for of_row, all_documents, chosen in zip(self.groups.sides, self.documents, documents, strict=True)
        ]
        return Embeddings(points[0], self.space, groups[0]), Embeddings(points[1], self.space, groups[1])

    @property
    def truncation(self) -> Truncation | None:
        """Which of the encoded documents are longer than the encoder reads; ``None`` where that is not known."""
        if not self.space or self.windows[0].roles.embeddings is not None:
            return None
        encoded = [
            documents.texts.filter(pa.array(mask))
            for documents, mask in zip(self.documents, self._encoded, strict=True)
            if len(mask)
        ]
        return texts_cut(pa.concat_arrays(encoded), self._encoder(), cache=self._cache())

    def _given(self, documents: tuple[NDArray[Any], NDArray[Any]]) -> tuple[Embeddings, Embeddings]:
        """Return the vectors that came with the rows; a document has that of its first row."""
        points = []
        for side in (0, 1):
            column = self.windows[side].column(str(self.windows[side].roles.embeddings))
            points.append(points_of(column)[self.documents[side].first_rows[documents[side]]])
        self.space = self._given_space
        return self._points(points, documents)

    def _encode(self, documents: tuple[NDArray[Any], NDArray[Any]]) -> None:
        missing = []
        for side, chosen in enumerate(documents):
            if not len(self._encoded[side]):
                self._encoded[side] = np.zeros(len(self.documents[side]), dtype=bool)
            missing.append(chosen[~self._encoded[side][chosen]])
        if not sum(map(len, missing)):
            return
        texts = pa.concat_arrays([self.documents[side].texts.take(pa.array(missing[side])) for side in (0, 1)])
        encoded = encode_texts(texts, self._encoder(), cache=self._cache())
        self.space = encoded.encoder
        start = 0
        for side in (0, 1):
            rows = encoded.points[start : start + len(missing[side])]
            start += len(missing[side])
            vectors = self._vectors[side]
            if vectors is None:
                vectors = np.zeros((len(self.documents[side]), encoded.points.shape[1]), dtype=np.float32)
            vectors[missing[side]] = rows
            self._vectors[side] = vectors
            self._encoded[side][missing[side]] = True
