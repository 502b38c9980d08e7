"""CoveredCounts: counted terms with what a model makes of each, and the words that it came to read less."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from textdrift.errors import TokenizerError
from textdrift.tokens.token_counts import RowCounts, check_shared_terms
from textdrift.tokens.words import are_words

__all__ = ["CoveredCounts", "blind_words", "check_one_model"]

Floats = NDArray[np.float64]
Marks = NDArray[np.bool_]

_MOST_LISTED = 50
_DIGITS = 12  # shares that differ beyond them are ties, settled by the term


@dataclass(frozen=True, slots=True)
class CoveredCounts:
    """Counted terms, and what a model makes of each.

    Attributes
    ----------
    counts:
        A row a document, or a row a bin of them.
    unknown:
        The model does not know the term, shape (n_terms,), boolean.
    split:
        The model knows it only as crumbs, shape (n_terms,), boolean; a term that is unknown besides counts as unknown.
    n_pieces:
        Pieces that the model's tokenizer breaks each term into, shape (n_terms,); ``None`` where it knows whole words
        only.

    Raises
    ------
    TokenizerError
        The marks are not one for each term.
    """

    counts: RowCounts
    unknown: Marks
    split: Marks
    n_pieces: NDArray[np.int64] | None = None

    def __post_init__(self) -> None:
        """Check that there is one mark for each term."""
        n_terms = len(self.counts.terms)
        for name, marks in (("unknown", self.unknown), ("split", self.split), ("n_pieces", self.n_pieces)):
            if marks is not None and np.shape(marks) != (n_terms,):
                raise TokenizerError(
                    f"{name} has the shape {np.shape(marks)}, but {n_terms} terms were counted; one value for each was "
                    f"needed: mark counts.terms, in their order"
                )


def check_one_model(reference: CoveredCounts, current: CoveredCounts) -> None:
    """Refuse windows whose terms, or whose marks, are not the same.

    Raises
    ------
    TokenizerError
        The windows were counted over two vocabularies, or a term is marked in two ways.
    """
    check_shared_terms(reference.counts, current.counts)
    for before, after in ((reference.unknown, current.unknown), (reference.split, current.split)):
        if before is not after and not np.array_equal(before, after):
            at = int(np.flatnonzero(before != after)[0])
            raise TokenizerError(
                f"the term {reference.counts.terms[at]!r} is marked otherwise in the reference than in the current "
                f"window; the marks of one model were needed: mark the shared terms once and give both windows the same"
            )


def blind_words(reference: CoveredCounts, current: CoveredCounts) -> tuple[dict[str, Any], ...]:
    """Return the words that add most to the change of the share of unknown words, and of heavily split ones.

    As rows of evidence, at most 50, what adds most first: a word that goes against the change is none of them. The
    shares are those of documents that hold the word.
    """
    terms, pieces = reference.counts.terms, reference.n_pieces
    words = are_words(terms)
    blind = np.flatnonzero(words & (reference.unknown | reference.split))
    before, after = (_occurrence_shares(side.counts, words, blind) for side in (reference, current))
    moved = after - before
    unknown = reference.unknown[blind]
    toward = np.where(unknown, np.sign(moved[unknown].sum()), np.sign(moved[~unknown].sum()))
    added = (moved * toward).round(_DIGITS)
    order = np.lexsort((blind, -added))
    chosen = order[added[order] > 0][:_MOST_LISTED]
    documents = [
        np.asarray(side.counts.holders[:, blind[chosen]].sum(axis=0)).ravel() / max(1, side.counts.n_documents)
        for side in (reference, current)
    ]
    return tuple(
        {
            "term": terms[term],
            "state": "unknown" if reference.unknown[term] else "split",
            "pieces": None if pieces is None else int(pieces[term]),
            "reference_share": float(reference_share),
            "current_share": float(current_share),
        }
        for term, reference_share, current_share in zip(blind[chosen], *documents, strict=True)
    )


def _occurrence_shares(counts: RowCounts, words: Marks, chosen: NDArray[np.intp]) -> Floats:
    """Return the share of a window's words that each of some terms is, shape (len(chosen),)."""
    totals = np.asarray(counts.occurrences.sum(axis=0), dtype=np.float64).ravel()
    return np.asarray(totals[chosen] / max(1.0, totals[words].sum()))
