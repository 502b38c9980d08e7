"""The catalogue: every test by name, the roles it needs, and what it is given."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields, replace
from types import MappingProxyType
from typing import Any

import numpy as np
from numpy.typing import NDArray

from textdrift.drift.columns.accuracy import Accuracy
from textdrift.drift.columns.categorical import Categorical
from textdrift.drift.concept.label_given_text import LabelGivenText
from textdrift.drift.concept.label_shift import LabelShift
from textdrift.drift.concept.text_given_label import TextGivenLabel
from textdrift.drift.contract import Evidence
from textdrift.drift.embedding import AlibiMmd, MeanEmbedding, Mmd
from textdrift.drift.embedding.alibi_detectors import ALIBI_DETECTORS
from textdrift.drift.embedding.domain_classifier import DomainClassifier
from textdrift.drift.embedding.encoder_canary import EncoderCanary
from textdrift.drift.embedding.explaining import explain
from textdrift.drift.lexical.covered_counts import CoveredCounts
from textdrift.drift.lexical.explaining import explain_words
from textdrift.drift.lexical.label_words import LabelWords
from textdrift.drift.lexical.leaning import LabelledCounts
from textdrift.drift.lexical.model_coverage import ModelCoverage
from textdrift.drift.lexical.token_frequency import TokenFrequency
from textdrift.drift.lexical.vocabulary import Vocabulary
from textdrift.drift.quality.casing import Casing
from textdrift.drift.quality.copies import Copies
from textdrift.drift.quality.encoding import Encoding
from textdrift.drift.quality.length import Length
from textdrift.drift.quality.markup import Markup
from textdrift.drift.quality.missing import Missing
from textdrift.drift.window_pair import Prepared, WindowPair
from textdrift.embeddings.word_pieces import tokenizer_of, word_pieces
from textdrift.tokens.counting import unit_names
from textdrift.tokens.known_words import unknown_words
from textdrift.tokens.token_counts import BinnedCounts

__all__ = ["CATALOG", "FAMILIES", "CatalogEntry"]

_NOTHING: Mapping[str, Any] = MappingProxyType({})
_MANY_SHARED = 0.01
_MOST_FOR_A_KERNEL = 20_000  # documents of a window: its cost is quadratic
_MOST_LABELLED = 10_000  # labelled documents of a window: beyond it the fits cost more than they find


@dataclass(frozen=True, slots=True, kw_only=True)
class CatalogEntry:
    """One test: its name, its kind of drift, and how to run it on a pair of windows.

    Attributes
    ----------
    name:
        ``family.file``.
    kind:
        The kind of drift it speaks of.
    roles:
        The roles it cannot do without.
    test:
        The dataclass; its fields are the options of a job file.
    prepare:
        Makes the two representations that the test compares.
    fixed:
        Fields that the catalogue sets.
    presets:
        Fields that the catalogue sets unless the user does.
    explain:
        Makes the tables that say what moved, beside those of the test.
    supporting:
        True where the test explains (naming, evidence) and never decides.
    optional:
        True where the test runs only when a user names it.
    is_fact:
        True where the result is no matter of chance: it has no p-value and is judged by its size.
    """

    name: str
    kind: str
    roles: tuple[str, ...]
    test: type[Any]
    prepare: Callable[[WindowPair, Any], Prepared]
    fixed: Mapping[str, Any] = field(default_factory=lambda: _NOTHING)
    presets: Mapping[str, Any] = field(default_factory=lambda: _NOTHING)
    explain: Callable[[WindowPair, Prepared, np.random.Generator], tuple[Evidence, ...]] | None = None
    supporting: bool = False
    optional: bool = False
    is_fact: bool = False

    @property
    def decides(self) -> bool:
        """Whether its p-value takes a share of the false alarms of the run."""
        return not (self.supporting or self.is_fact)

    @property
    def key(self) -> str:
        """The name, and what tells apart entries of one name: the kind, or the unit that is not words."""
        parts = [self.name]
        if "kind" in self.fixed:
            parts.append(self.kind)
        if self.fixed.get("unit", "words") != "words":
            parts.append(str(self.fixed["unit"]))
        if "reader" in self.fixed:
            parts.append(str(self.fixed["reader"]))
        return ".".join(parts)

    @property
    def family(self) -> str:
        """The first half of the name."""
        return self.name.partition(".")[0]

    def default(self, name: str) -> Any:
        """Return the default of an option."""
        return next(f.default for f in fields(self.test) if f.name == name)

    @property
    def options(self) -> tuple[str, ...]:
        """The options that a user may set."""
        return tuple(f.name for f in fields(self.test) if f.name not in ("level", *self.fixed))


def _tokens(pair: WindowPair, test: Any) -> Prepared:
    documents = pair.every_document
    if not all(map(len, documents)):
        return Prepared(reference=None, current=None, documents=documents, notes=_group_note(pair))
    reference, current = pair.rows_of(getattr(test, "unit", "words"))
    notes: tuple[str, ...] = ()
    if isinstance(reference, BinnedCounts):
        n, m = len(reference), len(current)
        notes = (f"The documents were summed in bins drawn at random, {n} and {m}, and bins were permuted.",)
    if pair.n_shared > _MANY_SHARED * min(map(len, pair.documents)):
        notes += (f"{pair.n_shared} texts occur in both windows; each counts in one of them, drawn by its copies.",)
    return Prepared(reference=reference, current=current, documents=documents, notes=(*notes, *_group_note(pair)))


def _group_note(pair: WindowPair) -> tuple[str, ...]:
    """Say that a test that does not know groups looked at one document of each."""
    if pair.groups is None:
        return ()
    return (f"One document of each of {pair.groups.n_groups} groups was looked at, drawn from both windows.",)


def _vectors(pair: WindowPair, test: Any) -> Prepared:
    """Give the vectors of every independent document, or of as many as the test can look at."""
    prepared = _vectors_of(pair, test, pair.every_document)
    return replace(prepared, notes=(*prepared.notes, *_group_note(pair)))


def _grouped_vectors(pair: WindowPair, test: Any) -> Prepared:
    """Give all vectors, and which group each belongs to, to a test that moves the rows of a group together."""
    return _vectors_of(pair, test, pair.placed_documents)


def _vectors_of(pair: WindowPair, test: Any, eligible: tuple[NDArray[Any], NDArray[Any]]) -> Prepared:
    documents = eligible
    if getattr(test, "max_documents", None) is not None:
        documents = pair.sample(test.max_documents, eligible)
    if not all(map(len, documents)):
        return Prepared(reference=None, current=None, documents=documents)
    reference, current = pair.embeddings(documents)
    notes = tuple(
        f"A random sample of {len(documents[side])} of the {len(eligible[side])} {name} documents."
        for side, name in enumerate(("reference", "current"))
        if len(documents[side]) < len(eligible[side])
    )
    return Prepared(reference=reference, current=current, documents=documents, notes=notes)


def _explained(pair: WindowPair, prepared: Prepared, rng: np.random.Generator) -> tuple[Evidence, ...]:
    """Say which topics moved, with their words where there are texts."""
    counts = None
    if pair.windows[0].roles.text is not None:
        first, second = (
            tokens.taken(chosen) for tokens, chosen in zip(pair.token_counts, prepared.documents, strict=True)
        )
        counts = first, second
    return explain(prepared.reference, prepared.current, counts=counts, rng=rng)


def _explained_words(pair: WindowPair, _prepared: Prepared, _rng: np.random.Generator) -> tuple[Evidence, ...]:
    """Say which words moved together, what carries the divergence, and which documents hold the words."""
    reference, current = (
        counts.taken(chosen) for counts, chosen in zip(pair.token_counts, pair.every_document, strict=True)
    )
    if pair.windows[0].roles.label is None:
        return explain_words(reference, current)
    shares, names = pair.label_shares
    return explain_words(reference, current, shares=shares[0], label_names=names)


def _covered(pair: WindowPair, test: Any) -> Prepared:
    """Give the counts of words, and what the encoder or the monitored model can read of them."""
    documents = pair.every_document
    if not all(map(len, documents)):
        return Prepared(reference=None, current=None, documents=documents)
    reference, current = pair.rows_of("words")
    if test.reader == "vocabulary":
        unknown = unknown_words(reference.terms, pair.known_words)
        sides = [CoveredCounts(side, unknown, np.zeros_like(unknown)) for side in (reference, current)]
        return Prepared(reference=sides[0], current=sides[1], documents=documents)
    tokenizer = tokenizer_of(pair.encoder)
    if tokenizer is None:
        reason = "the encoder has no tokenizer that could be asked."
        return Prepared(reference=None, current=None, documents=documents, reason=reason)
    pieces = word_pieces(reference.terms, tokenizer)
    sides = [CoveredCounts(side, pieces.unknown, pieces.split, pieces.n_pieces) for side in (reference, current)]
    return Prepared(reference=sides[0], current=sides[1], documents=documents)


def _labelled_words(pair: WindowPair, _test: Any) -> Prepared:
    """Give counted documents with their labels; of very many a sample, as to the tests of concept drift."""
    documents = pair.sample(_MOST_LABELLED, pair.every_document)
    if not all(map(len, documents)):
        return Prepared(reference=None, current=None, documents=documents)
    shares, names = pair.label_shares
    sides = [
        LabelledCounts(counts.taken(chosen), of_label[np.searchsorted(every, chosen)], names)
        for counts, chosen, of_label, every in zip(
            pair.token_counts, documents, shares, pair.every_document, strict=True
        )
    ]
    notes = tuple(
        f"A random sample of {len(documents[side])} of the {len(pair.every_document[side])} {name} documents."
        for side, name in enumerate(("reference", "current"))
        if len(documents[side]) < len(pair.every_document[side])
    )
    return Prepared(reference=sides[0], current=sides[1], documents=documents, notes=(*notes, *_group_note(pair)))


def _canaries(pair: WindowPair, _test: Any) -> Prepared:
    """Give the canary beside the reference, and that of the encoder in use."""
    none = np.zeros(0, dtype=np.int64)
    reference, current = pair.canaries
    return Prepared(reference=reference, current=current, documents=(none, none))


def _audits(pair: WindowPair, _test: Any) -> Prepared:
    reference, current = pair.audits_of_groups
    notes: tuple[str, ...] = ()
    if pair.groups is not None:
        notes = (f"One row of each of {pair.groups.n_groups} groups was looked at, drawn from both windows.",)
    return Prepared(reference=reference, current=current, documents=pair.every_document, notes=notes)


def _all_audits(pair: WindowPair, _test: Any) -> Prepared:
    """Give every row, whatever its group: rows repeat others whoever wrote them, and bursts are a null of their own."""
    reference, current = pair.audits
    return Prepared(reference=reference, current=current, documents=pair.every_document)


def _categories(role: str) -> Callable[[WindowPair, Any], Prepared]:
    def prepare(pair: WindowPair, _test: Any) -> Prepared:
        reference, current = pair.categories(role)
        notes = []
        for name, categories, all_documents in zip(
            ("reference", "current"), (reference, current), pair.every_document, strict=True
        ):
            without = len(all_documents) - len(categories.documents)
            if without:
                notes.append(f"{without} of {len(all_documents)} {name} documents have no {role} and were left out.")
        return Prepared(
            reference=reference,
            current=current,
            documents=(reference.documents, current.documents),
            notes=(*notes, *_group_note(pair)),
        )

    return prepare


def _correctness(pair: WindowPair, _test: Any) -> Prepared:
    reference, current = pair.correctness
    none = np.zeros(0, dtype=np.int64)
    return Prepared(reference=reference, current=current, documents=(none, none), notes=_group_note(pair))


def _labelled(pair: WindowPair, _test: Any) -> Prepared:
    prepared = pair.labelled(_MOST_LABELLED)
    return replace(prepared, notes=(*prepared.notes, *_group_note(pair)))


def _entry(
    name: str, kind: str, roles: tuple[str, ...], test: type[Any], prepare: Callable[[WindowPair, Any], Prepared]
) -> CatalogEntry:
    return CatalogEntry(name=name, kind=kind, roles=roles, test=test, prepare=prepare)


_TEXT, _VECTORS, _LABELLED = ("text",), ("vectors",), ("text", "label")

CATALOG: tuple[CatalogEntry, ...] = (
    _entry("lexical.vocabulary", "lexical", _TEXT, Vocabulary, _tokens),
    CatalogEntry(
        name="lexical.token_frequency", kind="lexical", roles=_TEXT, test=TokenFrequency, prepare=_tokens,
        fixed={"unit": "words"}, explain=_explained_words,
    ),
    *(
        CatalogEntry(
            name="lexical.token_frequency", kind="lexical", roles=_TEXT, test=TokenFrequency, prepare=_tokens,
            fixed={"unit": unit}, optional=True,
        )
        for unit in unit_names()[1:]
    ),
    *(
        CatalogEntry(
            name="lexical.model_coverage", kind="lexical", roles=_TEXT, test=ModelCoverage, prepare=_covered,
            fixed={"reader": reader}, supporting=True,
        )
        for reader in ("encoder", "vocabulary")
    ),
    CatalogEntry(
        name="lexical.label_words", kind="lexical", roles=_LABELLED, test=LabelWords, prepare=_labelled_words,
        supporting=True,
    ),
    CatalogEntry(
        name="embedding.mean_embedding", kind="semantic", roles=_VECTORS, test=MeanEmbedding, prepare=_grouped_vectors,
        fixed={"basis": None}, explain=_explained,
    ),
    CatalogEntry(
        name="embedding.alibi_mmd", kind="semantic", roles=_VECTORS, test=AlibiMmd, prepare=_vectors,
        explain=_explained,
    ),
    CatalogEntry(
        name="embedding.mmd", kind="semantic", roles=_VECTORS, test=Mmd, prepare=_grouped_vectors,
        presets={"max_documents": _MOST_FOR_A_KERNEL}, explain=_explained,
    ),
    *(
        CatalogEntry(
            name=f"embedding.{name}", kind="semantic", roles=_VECTORS, test=test, prepare=_vectors, optional=True,
        )
        for name, test in ALIBI_DETECTORS.items()
    ),
    CatalogEntry(
        name="embedding.domain_classifier", kind="semantic", roles=_VECTORS, test=DomainClassifier,
        prepare=_grouped_vectors, supporting=True,
    ),
    CatalogEntry(
        name="embedding.encoder_canary", kind="encoder", roles=(), test=EncoderCanary, prepare=_canaries,
        optional=True, is_fact=True,
    ),
    CatalogEntry(
        name="columns.categorical", kind="label", roles=("label",), test=Categorical, prepare=_categories("label"),
        fixed={"kind": "label"},
    ),
    CatalogEntry(
        name="columns.categorical", kind="prediction", roles=("prediction",), test=Categorical,
        prepare=_categories("prediction"), fixed={"kind": "prediction"},
    ),
    _entry("columns.accuracy", "performance", ("label", "prediction"), Accuracy, _correctness),
    _entry("concept.label_given_text", "concept", _LABELLED, LabelGivenText, _labelled),
    CatalogEntry(
        name="concept.text_given_label", kind="concept", roles=_LABELLED, test=TextGivenLabel, prepare=_labelled,
        supporting=True,
    ),
    CatalogEntry(
        name="concept.label_shift", kind="concept", roles=_LABELLED, test=LabelShift, prepare=_labelled,
        supporting=True,
    ),
    _entry("quality.missing", "quality", _TEXT, Missing, _audits),
    _entry("quality.copies", "quality", _TEXT, Copies, _all_audits),
    _entry("quality.length", "quality", _TEXT, Length, _audits),
    _entry("quality.markup", "quality", _TEXT, Markup, _audits),
    _entry("quality.encoding", "quality", _TEXT, Encoding, _audits),
    _entry("quality.casing", "quality", _TEXT, Casing, _audits),
)  # fmt: skip

FAMILIES: tuple[str, ...] = tuple(dict.fromkeys(entry.family for entry in CATALOG))
