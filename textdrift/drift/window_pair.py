"""WindowPair: two windows and every representation of them, each made once, when first asked for."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import replace
from functools import cached_property
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from textdrift.drift.audited_windows import AuditedWindows
from textdrift.drift.columns.categories import Categories, Correctness, categories_of, category_shares
from textdrift.drift.document_vectors import DocumentVectors
from textdrift.drift.feature_points import feature_points
from textdrift.drift.feature_tables import FeatureTables, feature_tables
from textdrift.drift.model_answers import ModelAnswers
from textdrift.drift.paired_features import PairedFeature, paired_feature
from textdrift.embeddings import Canary, Embeddings, Truncation
from textdrift.embeddings.encoder import Encoder
from textdrift.embeddings.vector_cache import VectorCache
from textdrift.tokens.counted_windows import CountedWindows
from textdrift.tokens.token_counts import RowCounts, TokenCounts
from textdrift.tokens.tokenization import Tokenization
from textdrift.windows.auditing import Audit
from textdrift.windows.duplicates import Documents
from textdrift.windows.feature_columns import FeatureType
from textdrift.windows.grouping import Groups
from textdrift.windows.paired_documents import PairedDocuments, copies_with_other_vectors, paired_documents
from textdrift.windows.window import Window

__all__ = ["WindowPair"]


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
    feature_categories:
        Features whose numbers are codes, and so names.
    feature_unit:
        What counts once in tests of features: ``documents``, or ``rows``, each for itself.

    Attributes
    ----------
    windows:
        (reference, current).
    known_words, feature_categories, feature_unit:
        As given.
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
        feature_categories: Collection[str] = (),
        feature_unit: str = "documents",
    ) -> None:
        self.windows = (reference, current)
        self._encoder, self._cache = encoder, cache
        self._tokenization = tokenization or Tokenization()
        self._seed, self._given_space = seed, given_space
        self._canary, self.known_words = canary, known_words
        self.feature_categories = frozenset(feature_categories)
        self.feature_unit = feature_unit

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

    @cached_property
    def rows_of_features(self) -> tuple[NDArray[Any], NDArray[Any]]:
        """The rows that count in tests of features: one of each document (or each row), one of each group."""
        rng = np.random.default_rng([self._seed, 3])
        return self._paired.one_row_of_each(rng, of_texts=self.feature_unit == "documents")

    @cached_property
    def features(self) -> dict[str, PairedFeature]:
        """Each feature, of the type that both windows together hold."""
        return {
            name: paired_feature(*self.windows, name, categories=self.feature_categories)
            for name in self.windows[0].roles.features
        }

    @property
    def feature_types(self) -> dict[str, FeatureType]:
        """What each feature holds in both windows together."""
        return {name: feature.type for name, feature in self.features.items()}

    def feature_type(self, name: str) -> FeatureType:
        """Return what one feature holds in both windows together."""
        return self.features[name].type

    @cached_property
    def feature_tables(self) -> FeatureTables:
        """The features of both windows, in the rows that count."""
        return feature_tables(self.features, self.rows_of_features)

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

    @property
    def audits(self) -> tuple[Audit, Audit]:
        """What is wrong with the rows of both windows, every row looked at."""
        return self._audited.of_every_row

    @property
    def audits_of_groups(self) -> tuple[Audit, Audit]:
        """What is wrong with one row of each group, drawn from its rows in both windows; every row without groups."""
        return self._audited.of_groups

    @cached_property
    def _audited(self) -> AuditedWindows:
        return AuditedWindows(self.windows, self._paired, seed=self._seed)

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

        Where the windows have groups, each document has that of its first row. In windows with features alone they are
        made from these.
        """
        if self.has_feature_points:
            sides = zip(self._feature_points, documents, strict=True)
            reference, current = (Embeddings(points[chosen], encoder="features") for points, chosen in sides)
            return reference, current
        return self._vectors.of(documents)

    @property
    def has_feature_points(self) -> bool:
        """Whether the vectors are made from features: there is neither text nor embeddings."""
        roles = self.windows[0].roles
        return roles.vectors is None and bool(roles.features)

    @cached_property
    def _feature_points(self) -> tuple[NDArray[Any], NDArray[Any]]:
        rows = np.arange(self.windows[0].n_rows), np.arange(self.windows[1].n_rows)
        return feature_points(feature_tables(self.features, rows))

    def vectors_of(self, texts: pa.Array) -> NDArray[Any]:
        """Return the vector of each text, shape (n_texts, d): for texts as they might have been, which no window holds.

        Made by the encoder of the pair; texts that its cache knows are not encoded again.
        """
        return self._vectors.vectors_of(texts)

    def words_of(self, texts: pa.Array) -> TokenCounts:
        """Return the counts of words, as a model meets them, of texts that no window holds."""
        plain = replace(self._tokenization, stemmer=None, stop_words=None)
        return CountedWindows((texts, texts.slice(0, 0)), plain).counts_of("words")[0]

    @property
    def space(self) -> str:
        """The encoder of the vectors, empty until a test has asked for some."""
        return self._vectors.space

    @property
    def truncation(self) -> Truncation | None:
        """Which of the encoded documents are longer than the encoder reads; ``None`` where that is not known."""
        return self._vectors.truncation

    @cached_property
    def _vectors(self) -> DocumentVectors:
        return DocumentVectors(
            self.windows,
            self.documents,
            self.groups,
            encoder=self._encoder,
            cache=self._cache,
            given_space=self._given_space,
        )

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

    @cached_property
    def model_answers(self) -> ModelAnswers:
        """The monitored model's probabilities, and whether one model gave them in both windows."""
        return ModelAnswers(self.windows, self.documents, self._paired.shared)
