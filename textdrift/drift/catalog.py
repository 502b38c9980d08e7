"""The catalogue: every test by name, the roles it needs, and what it is given."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields, replace
from types import MappingProxyType
from typing import Any, Literal

import numpy as np

from textdrift.drift import preparing, preparing_columns, preparing_rows, preparing_slices, preparing_texts
from textdrift.drift.columns.accuracy import Accuracy
from textdrift.drift.columns.categorical import Categorical
from textdrift.drift.columns.joint import Joint
from textdrift.drift.columns.numeric import Numeric
from textdrift.drift.columns.unseen import Unseen
from textdrift.drift.concept.label_given_text import LabelGivenText
from textdrift.drift.concept.label_shift import LabelShift
from textdrift.drift.concept.prediction_given_text import PredictionGivenText
from textdrift.drift.concept.text_given_label import TextGivenLabel
from textdrift.drift.contract import Evidence
from textdrift.drift.embedding import AlibiMmd, MeanEmbedding, Mmd
from textdrift.drift.embedding.alibi_detectors import ALIBI_DETECTORS
from textdrift.drift.embedding.domain_classifier import DomainClassifier
from textdrift.drift.embedding.encoder_canary import EncoderCanary
from textdrift.drift.embedding.segments import MeaningInSegments
from textdrift.drift.lexical.label_words import LabelWords
from textdrift.drift.lexical.model_coverage import ModelCoverage
from textdrift.drift.lexical.segments import WordsInSegments
from textdrift.drift.lexical.token_frequency import TokenFrequency
from textdrift.drift.lexical.vocabulary import Vocabulary
from textdrift.drift.prepared import Prepared
from textdrift.drift.quality.casing import Casing
from textdrift.drift.quality.copies import Copies
from textdrift.drift.quality.encoding import Encoding
from textdrift.drift.quality.giveaways import Giveaways
from textdrift.drift.quality.language import Language
from textdrift.drift.quality.late import Late
from textdrift.drift.quality.leakage import Leakage
from textdrift.drift.quality.length import Length
from textdrift.drift.quality.loop import Loop
from textdrift.drift.quality.markup import Markup
from textdrift.drift.quality.missing import Missing
from textdrift.drift.quality.missing_values import MissingValues
from textdrift.drift.quality.placeholder import Placeholder
from textdrift.drift.quality.schema import Schema
from textdrift.drift.quality.template import Template
from textdrift.drift.window_pair import WindowPair
from textdrift.tokens.tokenization import unit_names

__all__ = ["CATALOG", "FAMILIES", "CatalogEntry"]

_NOTHING: Mapping[str, Any] = MappingProxyType({})
_MOST_FOR_A_KERNEL = 20_000  # documents of a window: its cost is quadratic


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
    any_of:
        Roles of which it needs one at least; empty where it needs none beside ``roles``.
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
    states_facts:
        True where the test has a p-value, but for what no p-value can speak of: then it states a fact.
    weight:
        How much of the false alarms of its kind the test may spend, beside the other tests of the kind: 1, or less for
        a fault that few pipelines can have. Entries of one name and kind have one weight.
    per_column:
        True where the test is made once for each feature of its type; an entry of `for_column` knows its ``column``.
    """

    name: str
    kind: str
    roles: tuple[str, ...]
    test: type[Any]
    prepare: Callable[[WindowPair, Any], Prepared]
    any_of: tuple[str, ...] = ()
    fixed: Mapping[str, Any] = field(default_factory=lambda: _NOTHING)
    presets: Mapping[str, Any] = field(default_factory=lambda: _NOTHING)
    explain: Callable[[WindowPair, Prepared, Any, np.random.Generator], tuple[Evidence, ...]] | None = None
    supporting: bool = False
    optional: bool = False
    is_fact: bool = False
    states_facts: bool = False
    weight: float = 1.0
    per_column: Literal["numeric", "categorical"] | None = None
    column: str = ""

    @property
    def decides(self) -> bool:
        """Whether its p-value takes a share of the false alarms of the run."""
        return not (self.supporting or self.is_fact)

    @property
    def can_state_facts(self) -> bool:
        """Whether a result without a p-value is a fact, and not a size that decides nothing."""
        return self.is_fact or self.states_facts

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
        if self.column:
            parts.append(self.column)
        return ".".join(parts)

    def for_column(self, name: str) -> CatalogEntry:
        """Return the entry for one feature."""
        return replace(self, column=name, prepare=preparing_columns.one_column(name))

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


def _entry(
    name: str, kind: str, roles: tuple[str, ...], test: type[Any], prepare: Callable[[WindowPair, Any], Prepared]
) -> CatalogEntry:
    return CatalogEntry(name=name, kind=kind, roles=roles, test=test, prepare=prepare)


# Any pipeline can lose, repeat, cut, escape, garble or re-case texts: the six tests of that have the weight 1. The
# others look for what a pipeline must be set up for (a bot that writes, a second language, times, a loop of labels).
# All of them together weigh less than one of the six, so that they cost those next to nothing.
_SPECIALISED = 0.1


def _specialised(
    name: str, roles: tuple[str, ...], test: type[Any], prepare: Callable[[WindowPair, Any], Prepared]
) -> CatalogEntry:
    return CatalogEntry(
        name=name, kind="quality", roles=roles, test=test, prepare=prepare, weight=_SPECIALISED,
        states_facts=test is Template,
    )  # fmt: skip


_TEXT, _VECTORS = ("text",), ("vectors",)
_TEXT_SEGMENTS, _VECTORS_SEGMENTS = ("text", "segments"), ("vectors", "segments")
_LABELLED = ("text", "label")
# The same row, another label: rows are alike by their texts, or by their features where there is nothing else.
_LABELLED_POINTS, _PREDICTED_POINTS = ("points", "label"), ("points", "prediction")

CATALOG: tuple[CatalogEntry, ...] = (
    _entry("lexical.vocabulary", "lexical", _TEXT, Vocabulary, preparing.counted),
    CatalogEntry(
        name="lexical.token_frequency", kind="lexical", roles=_TEXT, test=TokenFrequency, prepare=preparing.counted,
        fixed={"unit": "words"}, explain=preparing.explained_words,
    ),
    *(
        CatalogEntry(
            name="lexical.token_frequency", kind="lexical", roles=_TEXT, test=TokenFrequency, prepare=preparing.counted,
            fixed={"unit": unit}, optional=True,
        )
        for unit in unit_names()[1:]
    ),
    *(
        CatalogEntry(
            name="lexical.model_coverage", kind="lexical", roles=_TEXT, test=ModelCoverage, prepare=preparing.covered,
            fixed={"reader": reader}, supporting=True,
        )
        for reader in ("encoder", "vocabulary")
    ),
    CatalogEntry(
        name="lexical.label_words", kind="lexical", roles=_LABELLED, test=LabelWords, prepare=preparing.labelled_words,
        supporting=True,
    ),
    _entry("lexical.segments", "lexical", _TEXT_SEGMENTS, WordsInSegments, preparing_slices.sliced_words),
    CatalogEntry(
        name="embedding.mean_embedding", kind="semantic", roles=_VECTORS, test=MeanEmbedding,
        prepare=preparing.grouped_vectors, fixed={"basis": None}, explain=preparing.explained,
    ),
    CatalogEntry(
        name="embedding.alibi_mmd", kind="semantic", roles=_VECTORS, test=AlibiMmd, prepare=preparing.vectors,
        explain=preparing.explained,
    ),
    CatalogEntry(
        name="embedding.mmd", kind="semantic", roles=_VECTORS, test=Mmd, prepare=preparing.grouped_vectors,
        presets={"max_documents": _MOST_FOR_A_KERNEL}, explain=preparing.explained,
    ),
    *(
        CatalogEntry(
            name=f"embedding.{name}", kind="semantic", roles=_VECTORS, test=test, prepare=preparing.vectors,
            optional=True,
        )
        for name, test in ALIBI_DETECTORS.items()
    ),
    _entry("embedding.segments", "semantic", _VECTORS_SEGMENTS, MeaningInSegments, preparing_slices.sliced_vectors),
    CatalogEntry(
        name="embedding.domain_classifier", kind="semantic", roles=_VECTORS, test=DomainClassifier,
        prepare=preparing.grouped_vectors, supporting=True,
    ),
    CatalogEntry(
        name="embedding.encoder_canary", kind="encoder", roles=(), test=EncoderCanary, prepare=preparing.canaries,
        optional=True, is_fact=True,
    ),
    CatalogEntry(
        name="columns.categorical", kind="label", roles=("label",), test=Categorical,
        prepare=preparing.categories("label"), fixed={"kind": "label"},
    ),
    CatalogEntry(
        name="columns.categorical", kind="prediction", roles=("prediction",), test=Categorical,
        prepare=preparing.categories("prediction"), fixed={"kind": "prediction"},
    ),
    CatalogEntry(
        name="columns.numeric", kind="features", roles=("features",), test=Numeric,
        prepare=preparing_columns.columns_together, per_column="numeric",
    ),
    CatalogEntry(
        name="columns.categorical", kind="features", roles=("features",), test=Categorical,
        prepare=preparing_columns.columns_together, fixed={"kind": "features"}, per_column="categorical",
    ),
    _entry("columns.joint", "features", ("features",), Joint, preparing_columns.columns_together),
    _entry("columns.unseen", "features", ("features",), Unseen, preparing_columns.columns_together),
    _entry("columns.accuracy", "performance", ("label", "prediction"), Accuracy, preparing.correctness),
    _entry("concept.label_given_text", "concept", _LABELLED_POINTS, LabelGivenText, preparing.labelled),
    CatalogEntry(
        name="concept.text_given_label", kind="concept", roles=_LABELLED_POINTS, test=TextGivenLabel,
        prepare=preparing.labelled, supporting=True,
    ),
    CatalogEntry(
        name="concept.label_shift", kind="concept", roles=_LABELLED_POINTS, test=LabelShift, prepare=preparing.labelled,
        supporting=True,
    ),
    CatalogEntry(
        name="concept.prediction_given_text", kind="prediction", roles=_PREDICTED_POINTS, test=PredictionGivenText,
        prepare=preparing.predicted, supporting=True,
    ),
    _entry("quality.missing", "quality", _TEXT, Missing, preparing.audits),
    _entry("quality.missing_values", "quality", ("features",), MissingValues, preparing_columns.missing_flags),
    _entry("quality.copies", "quality", _TEXT, Copies, preparing.all_audits),
    _entry("quality.length", "quality", _TEXT, Length, preparing.audits),
    _entry("quality.markup", "quality", _TEXT, Markup, preparing.audits),
    _entry("quality.encoding", "quality", _TEXT, Encoding, preparing.audits),
    _entry("quality.casing", "quality", _TEXT, Casing, preparing.audits),
    _specialised("quality.placeholder", _TEXT, Placeholder, preparing.audits),
    _specialised("quality.language", _TEXT, Language, preparing_texts.spoken),
    _specialised("quality.template", _TEXT, Template, preparing_texts.skeletons),
    CatalogEntry(
        name="quality.schema", kind="quality", roles=(), test=Schema, prepare=preparing_rows.columns_with_roles,
        is_fact=True, any_of=("label", "prediction", "probabilities", "time", "id", "group", "segments", "features"),
    ),
    _specialised("quality.late", ("time",), Late, preparing_rows.times_of_rows),
    _specialised("quality.leakage", _TEXT, Leakage, preparing_rows.audited_rows),
    _specialised("quality.giveaways", _LABELLED, Giveaways, preparing_rows.words_of_labels),
    _specialised("quality.loop", ("label", "prediction"), Loop, preparing_rows.answered_documents),
)  # fmt: skip

FAMILIES: tuple[str, ...] = tuple(dict.fromkeys(entry.family for entry in CATALOG))
