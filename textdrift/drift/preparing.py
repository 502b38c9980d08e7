"""What each test is given of two windows, and how a drift is explained: the functions that the catalogue names."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from textdrift.drift.contract import Evidence
from textdrift.drift.embedding.explaining import explain
from textdrift.drift.labelled_documents import MOST_LABELLED, labelled_documents
from textdrift.drift.lexical.covered_counts import CoveredCounts
from textdrift.drift.lexical.explaining import explain_words
from textdrift.drift.lexical.leaning import LabelledCounts
from textdrift.drift.prepared import Prepared
from textdrift.drift.window_pair import WindowPair
from textdrift.embeddings.word_pieces import tokenizer_of, word_pieces
from textdrift.tokens.known_words import unknown_words
from textdrift.tokens.token_counts import BinnedCounts

__all__ = [
    "all_audits",
    "audits",
    "canaries",
    "categories",
    "correctness",
    "counted",
    "covered",
    "explained",
    "explained_words",
    "grouped_vectors",
    "labelled",
    "labelled_words",
    "predicted",
    "vectors",
]

_MANY_SHARED = 0.01
_MOST_WITH_LABEL_WORDS = 10_000  # of a window, likewise


def counted(pair: WindowPair, test: Any) -> Prepared:
    """Give the counted terms of the documents that count, or of bins of them."""
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


def vectors(pair: WindowPair, test: Any) -> Prepared:
    """Give the vectors of every independent document, or of as many as the test can look at."""
    prepared = _vectors_of(pair, test, pair.every_document)
    return replace(prepared, notes=(*prepared.notes, *_group_note(pair)))


def grouped_vectors(pair: WindowPair, test: Any) -> Prepared:
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


def explained(pair: WindowPair, prepared: Prepared, _test: Any, rng: np.random.Generator) -> tuple[Evidence, ...]:
    """Say which topics moved, with their words where there are texts."""
    counts = None
    if pair.windows[0].roles.text is not None:
        first, second = (
            tokens.taken(chosen) for tokens, chosen in zip(pair.token_counts, prepared.documents, strict=True)
        )
        counts = first, second
    return explain(prepared.reference, prepared.current, counts=counts, rng=rng)


def explained_words(
    pair: WindowPair, _prepared: Prepared, test: Any, _rng: np.random.Generator
) -> tuple[Evidence, ...]:
    """Say which words moved together, what carries the divergence, and which documents hold the words."""
    reference, current = (
        counts.taken(chosen) for counts, chosen in zip(pair.token_counts, pair.every_document, strict=True)
    )
    if pair.windows[0].roles.label is None:
        return explain_words(reference, current, min_documents=test.min_documents)
    shares, names = pair.label_shares
    return explain_words(reference, current, min_documents=test.min_documents, shares=shares[0], label_names=names)


def covered(pair: WindowPair, test: Any) -> Prepared:
    """Give the counts of words, and what the encoder or the monitored model can read of them."""
    documents = pair.every_document
    if not all(map(len, documents)):
        return Prepared(reference=None, current=None, documents=documents)
    reference, current = pair.words_as_read
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


def labelled_words(pair: WindowPair, _test: Any) -> Prepared:
    """Give counted documents with their labels; of very many a sample, as to the tests of concept drift."""
    documents = pair.sample(_MOST_WITH_LABEL_WORDS, pair.every_document)
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


def canaries(pair: WindowPair, _test: Any) -> Prepared:
    """Give the canary beside the reference, and that of the encoder in use."""
    none = np.zeros(0, dtype=np.int64)
    reference, current = pair.canaries
    return Prepared(reference=reference, current=current, documents=(none, none))


def audits(pair: WindowPair, _test: Any) -> Prepared:
    """Give what is wrong with the rows, one row of each group."""
    reference, current = pair.audits_of_groups
    notes: tuple[str, ...] = ()
    if pair.groups is not None:
        notes = (f"One row of each of {pair.groups.n_groups} groups was looked at, drawn from both windows.",)
    return Prepared(reference=reference, current=current, documents=pair.every_document, notes=notes)


def all_audits(pair: WindowPair, _test: Any) -> Prepared:
    """Give every row, whatever its group: rows repeat others whoever wrote them, and bursts are a null of their own."""
    reference, current = pair.audits
    return Prepared(reference=reference, current=current, documents=pair.every_document)


def categories(role: str) -> Callable[[WindowPair, Any], Prepared]:
    """Return what gives the labels, or the predictions, of the documents that have one."""

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


def correctness(pair: WindowPair, _test: Any) -> Prepared:
    """Give the share of right predictions of each document that has a label and a prediction."""
    reference, current = pair.correctness
    none = np.zeros(0, dtype=np.int64)
    return Prepared(reference=reference, current=current, documents=(none, none), notes=_group_note(pair))


def labelled(pair: WindowPair, _test: Any) -> Prepared:
    """Give labelled vectors and tokens; of very many a sample."""
    prepared = labelled_documents(pair, MOST_LABELLED)
    return replace(prepared, notes=(*prepared.notes, *_group_note(pair)))


def predicted(pair: WindowPair, _test: Any) -> Prepared:
    """Give vectors and tokens of the documents with a prediction, the predictions in the place of labels."""
    prepared = labelled_documents(pair, MOST_LABELLED, "prediction")
    return replace(prepared, notes=(*prepared.notes, *_group_note(pair)))
