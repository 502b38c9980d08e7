"""WindowPair: two windows and every representation of them, each made once, when first asked for."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from textdrift.drift.columns.categories import Categories, Correctness, categories_of, category_shares
from textdrift.drift.concept.labelled import LabelledEmbeddings
from textdrift.embeddings import Canary, Embeddings, Truncation
from textdrift.embeddings.encoder import Encoder
from textdrift.embeddings.encoding import encode_texts, texts_cut
from textdrift.embeddings.vector_cache import VectorCache
from textdrift.tokens.counted_windows import CountedWindows
from textdrift.tokens.token_counts import RowCounts, TokenCounts
from textdrift.tokens.tokenization import Tokenization
from textdrift.windows.auditing import Audit, audit
from textdrift.windows.duplicates import Documents, distinct_documents
from textdrift.windows.grouping import Groups, one_row_of_each
from textdrift.windows.paired_documents import PairedDocuments, copies_with_other_vectors, paired_documents
from textdrift.windows.vectors import points_of
from textdrift.windows.window import Window

__all__ = ["Prepared", "WindowPair"]

_LEAST_PROBABILITY = 1e-4
_ENOUGH_SHARED = 20
_ROUNDING = 1e-4


@dataclass(frozen=True, slots=True, kw_only=True)
class Prepared:
    """What one test is given: two representations, and which documents their rows are.

    Without representations there is nothing to compare, and ``reason`` may say why.
    """

    reference: Any
    current: Any
    documents: tuple[NDArray[Any], NDArray[Any]]
    notes: tuple[str, ...] = ()
    reason: str = ""


class WindowPair:
    """Two windows seen as documents, tokens, vectors, categories: copies of a text are one document in all of them.

    So are near-copies, and that holds across the windows too: see ``every_document`` and ``near_copy_clusters``.

    Where a test cannot look at every document, the documents it takes are the first of one random order per window, so
    that the samples of different tests nest and no text is encoded for one test alone.

    Parameters
    ----------
    reference, current:
        Two windows with the same roles.
    encoder:
        Makes the vectors; it is asked for only when a test needs vectors.
    cache:
        Where vectors are kept between runs; ``None`` keeps them for this pair only.
    tokenization:
        How texts become words.
    seed:
        Seeds the random order of the documents.
    given_space:
        What to call the encoder of embeddings that came with the rows.
    canary:
        Kept beside the reference: what its encoder made of the probe texts.
    known_words:
        The vocabulary of the monitored model, see ``textdrift.tokens.known_words``.

    Attributes
    ----------
    windows:
        (reference, current).
    known_words:
        As given.
    space:
        The encoder of the vectors, empty until a test has asked for some.
    """

    def __init__(
        self,
        reference: Window,
        current: Window,
        *,
        encoder: Callable[[], Encoder],
        cache: Callable[[], VectorCache | None],
        tokenization: Tokenization | None = None,
        seed: int = 0,
        given_space: str = "given",
        canary: Canary | None = None,
        known_words: Any = None,
    ) -> None:
        self.windows = (reference, current)
        self._encoder, self._cache = encoder, cache
        self._tokenization = tokenization or Tokenization()
        self._seed, self._given_space = seed, given_space
        self._canary, self.known_words = canary, known_words
        self._vectors: list[NDArray[Any] | None] = [None, None]
        self._encoded = [np.zeros(0, dtype=bool), np.zeros(0, dtype=bool)]
        self.space = ""

    @cached_property
    def _paired(self) -> PairedDocuments:
        return paired_documents(*self.windows)

    @property
    def documents(self) -> tuple[Documents, Documents]:
        """The documents of both windows: distinct texts, near-copies taken together."""
        return self._paired.merged

    @property
    def n_distinct(self) -> tuple[int, int]:
        """How many texts of each window differ in a character at least."""
        reference, current = self._paired.distinct
        return len(reference), len(current)

    @property
    def templated(self) -> bool:
        """Whether nearly all texts are near-copies of a few, and so had to count one by one."""
        return self._paired.templated

    @property
    def n_other_vectors(self) -> tuple[int, int]:
        """Rows of each window whose given vector is not that of the first copy of their text."""
        roles = self.windows[0].roles
        if roles.text is None or roles.embeddings is None:
            return 0, 0
        first, second = (
            copies_with_other_vectors(window, documents)
            for window, documents in zip(self.windows, self._paired.distinct, strict=True)
        )
        return first, second

    @property
    def groups(self) -> Groups | None:
        """The groups of the rows, numbered over both windows; ``None`` without a group column."""
        return self._paired.groups

    @cached_property
    def placed_documents(self) -> tuple[NDArray[Any], NDArray[Any]]:
        """The numbers of the documents that count, of each window: a document of both windows counts in one of them.

        They are for tests that know what to do with several documents of one group, see ``embeddings``.
        """
        return self._paired.placed(np.random.default_rng([self._seed, 1]))

    @cached_property
    def every_document(self) -> tuple[NDArray[Any], NDArray[Any]]:
        """The numbers of the documents that count as independent: with groups, one document of each group.

        A document of both windows, or a group of both windows, counts in one of them.
        """
        if self.groups is None:
            return self.placed_documents
        return self._paired.one_of_each_group(self.groups, np.random.default_rng([self._seed, 1]))

    @property
    def n_shared(self) -> int:
        """Documents that occur in both windows."""
        return len(self._paired.shared[0])

    def _counting(self, categories: Categories, side: int) -> Categories:
        """Keep the rows of the documents that count."""
        held = np.isin(categories.documents, self.every_document[side])
        return Categories(categories.names, categories.shares[held], categories.documents[held])

    @property
    def token_counts(self) -> tuple[TokenCounts, TokenCounts]:
        """Documents x words over one vocabulary."""
        return self.counts_of("words")

    def counts_of(self, unit: str) -> tuple[TokenCounts, TokenCounts]:
        """Return documents x terms over one vocabulary, of words or of another unit."""
        return self._counted.counts_of(unit)

    def rows_of(self, unit: str) -> tuple[RowCounts, RowCounts]:
        """Return the counts of the documents that count as independent, in bins where there are very many of them."""
        return self._counted.rows_of(unit, self.every_document, seed=self._seed)

    @cached_property
    def words_as_read(self) -> tuple[RowCounts, RowCounts]:
        """The counts of words as a model meets them: neither stemmed nor without stop words."""
        plain = replace(self._tokenization, stemmer=None, stop_words=None)
        if plain == self._tokenization:
            return self.rows_of("words")
        windows = CountedWindows(self._counted.texts, plain)
        return windows.rows_of("words", self.every_document, seed=self._seed)

    @cached_property
    def _counted(self) -> CountedWindows:
        reference, current = self.documents
        return CountedWindows((reference.texts, current.texts), self._tokenization)

    @cached_property
    def audits(self) -> tuple[Audit, Audit]:
        """What is wrong with the rows of both windows, every row looked at."""
        distinct, clusters = self._paired.distinct, self._paired.clusters_of_distinct
        return audit(self.windows[0], distinct[0], clusters[0]), audit(self.windows[1], distinct[1], clusters[1])

    @cached_property
    def audits_of_groups(self) -> tuple[Audit, Audit]:
        """What is wrong with one row of each group, drawn from its rows in both windows; every row without groups."""
        if self.groups is None:
            return self.audits
        rng = np.random.default_rng([self._seed, 2])
        n = self.windows[0].n_rows
        rows = one_row_of_each(np.concatenate(self.groups.sides), rng.random(n + self.windows[1].n_rows))
        return self._audit_of_rows(0, rows[rows < n]), self._audit_of_rows(1, rows[rows >= n] - n)

    def _audit_of_rows(self, side: int, rows: NDArray[Any]) -> Audit:
        window = self.windows[side]
        part = Window(window.table.take(pa.array(rows)), window.roles, window.name)
        documents = distinct_documents(part)
        distinct_of_row = self._paired.distinct[side].document_of_row
        clusters = self._paired.clusters_of_distinct[side][distinct_of_row[rows[documents.first_rows]]]
        return audit(part, documents, clusters)

    @cached_property
    def _orders(self) -> tuple[NDArray[Any], NDArray[Any]]:
        n, m = (len(d) for d in self.documents)
        rng = np.random.default_rng([self._seed, 0])
        return rng.permutation(n), rng.permutation(m)

    def sample(self, at_most: int, eligible: tuple[NDArray[Any], NDArray[Any]]) -> tuple[NDArray[Any], NDArray[Any]]:
        """Return the eligible documents, or a random sample of ``at_most``, in ascending order."""

        def chosen(order: NDArray[Any], documents: NDArray[Any]) -> NDArray[Any]:
            allowed = np.zeros(len(order), dtype=bool)
            allowed[documents] = True
            return np.sort(order[allowed[order]][:at_most])

        return chosen(self._orders[0], eligible[0]), chosen(self._orders[1], eligible[1])

    def embeddings(self, documents: tuple[NDArray[Any], NDArray[Any]]) -> tuple[Embeddings, Embeddings]:
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

    @property
    def encoder(self) -> Encoder:
        """The encoder, found when it is first asked for."""
        return self._encoder()

    @cached_property
    def canaries(self) -> tuple[Canary | None, Canary | None]:
        """The canary beside the reference and that of the encoder in use; ``None`` where none is kept."""
        if self._canary is None:
            return None, None
        return self._canary, Canary.of(self._encoder())

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

    def categories(self, role: str) -> tuple[Categories, Categories]:
        """Return the labels or predictions of both windows over the categories of both."""
        column = str(getattr(self.windows[0].roles, role))
        values = [window.column(column) for window in self.windows]
        names = categories_of(*values)
        reference, current = (
            self._counting(category_shares(values[side], names, self.documents[side].document_of_row), side)
            for side in (0, 1)
        )
        return reference, current

    @cached_property
    def label_shares(self) -> tuple[tuple[NDArray[Any], NDArray[Any]], tuple[str, ...]]:
        """The share of each label among the copies of each independent document, zeros without one; and the labels."""
        reference, current = self.categories("label")
        shares = []
        for categories, documents in zip((reference, current), self.every_document, strict=True):
            of_document = np.zeros((len(documents), len(categories.names)))
            of_document[np.searchsorted(documents, categories.documents)] = categories.shares
            shares.append(of_document)
        return (shares[0], shares[1]), reference.names

    @cached_property
    def correctness(self) -> tuple[Correctness, Correctness]:
        """The share of right predictions of each document that has both a label and a prediction."""
        return self._correctness(0), self._correctness(1)

    def _correctness(self, side: int) -> Correctness:
        window, documents = self.windows[side], self.documents[side]
        label, prediction = window.column(str(window.roles.label)), window.column(str(window.roles.prediction))
        right = pc.equal(label, prediction)
        verdicts = category_shares(right.cast(pa.large_string()), ("false", "true"), documents.document_of_row)
        return Correctness(self._counting(verdicts, side).shares[:, 1])

    def _model_scores(self, side: int, documents: NDArray[Any]) -> NDArray[Any] | None:
        """Return the monitored model's log-odds of each class but the last, against all classes.

        ``None`` without probabilities, and where nothing shows that one model answered in both windows: the answers of
        two models are no property of the text, and a test would take the change of the model for one of the labels.
        """
        if not self.one_model_answered:
            return None
        logs = np.log(np.clip(self._probabilities(side, documents), _LEAST_PROBABILITY, 1.0))
        return np.asarray((logs - logs.mean(axis=1, keepdims=True))[:, :-1])

    def _probabilities(self, side: int, documents: NDArray[Any]) -> NDArray[Any]:
        """Return the model's probabilities of documents, each by its first row, shape (n, k)."""
        window, rows = self.windows[side], self.documents[side].first_rows[documents]
        return np.column_stack([window.column(c).to_numpy()[rows] for c in window.roles.probabilities.values()])

    @cached_property
    def one_model_answered(self) -> bool:
        """Whether texts of both windows show that one model answered: 20 at least, all with the same probabilities."""
        in_reference, in_current = self._paired.shared
        if not self.windows[0].roles.probabilities or len(in_reference) < _ENOUGH_SHARED:
            return False
        return bool(
            np.allclose(self._probabilities(0, in_reference), self._probabilities(1, in_current), atol=_ROUNDING)
        )

    def labelled(self, at_most: int, role: str = "label") -> Prepared:
        """Return labelled vectors and tokens, over the labels (or predictions) of both windows."""
        reference, current = self.categories(role)
        names = reference.names
        in_both = reference.shares.any(axis=0) & current.shares.any(axis=0)
        notes = []
        if not in_both.all():
            alone = ", ".join(repr(name) for name, both in zip(names, in_both, strict=True) if not both)
            notes.append(f"One window alone holds the {role}s {alone}; texts with them count among the other {role}s.")
        kept = [(categories.documents, categories.shares) for categories in (reference, current)]
        documents = self.sample(at_most, (kept[0][0], kept[1][0]))
        for side, name in enumerate(("reference", "current")):
            if len(documents[side]) < len(kept[side][0]):
                notes.append(
                    f"Concept drift looked at a random sample of {len(documents[side])} of the {len(kept[side][0])} "
                    f"{name} documents with a {role}."
                )
        if not all(map(len, documents)) or not in_both.any():
            return Prepared(reference=None, current=None, documents=documents, notes=tuple(notes))
        embeddings = self.embeddings(documents)
        sides = []
        for side in (0, 1):
            of_document = np.zeros((len(self.documents[side]), len(names)))
            of_document[kept[side][0]] = kept[side][1]
            counts = self.token_counts[side]
            sides.append(
                LabelledEmbeddings(
                    embeddings=embeddings[side],
                    shares=of_document[documents[side]],
                    label_names=names,
                    counts=TokenCounts(counts.counts[documents[side]], counts.terms),
                    scores=self._model_scores(side, documents[side]) if role == "label" else None,
                )
            )
        return Prepared(reference=sides[0], current=sides[1], documents=documents, notes=tuple(notes))
