"""Which of the words that moved are debris of a fault: in the rows without it they did not move."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from textdrift.drift.window_pair import WindowPair
from textdrift.findings.explained_shares import Counterfactual

__all__ = ["own_words_first", "terms_of_faults"]

_LEFT = 0.25
"""A word of which less of its change is left in the rows without the fault has moved with the fault."""


def terms_of_faults(pair: WindowPair, what_ifs: Mapping[str, Counterfactual]) -> dict[str, str]:
    """Return each word that moved by a fault of the texts alone, and the fault.

    The share of documents with the word is taken in both windows once of all documents that count, once of those that
    do not carry the fault. Where less than a quarter of the change is left, or it goes the other way, the word is of
    the fault: pieces of wrongly decoded characters, entities, the words of a placeholder. Of a fault that touches all
    texts, such as a cut, this cannot be said.

    Cost: a look at the words of all documents, for each fault.
    """
    counts = pair.counts_of("words")
    terms = counts[0].terms
    held = [side.holders[documents] for side, documents in zip(counts, pair.every_document, strict=True)]
    everywhere = _change(held, [np.ones(one.shape[0], dtype=bool) for one in held])
    found: dict[str, str] = {}
    for cause, what_if in what_ifs.items():
        if what_if.of_all or everywhere is None:
            continue
        without = _change(held, [~_carrying(pair, what_if, side) for side in (0, 1)])
        if without is None:
            continue
        of_fault = (everywhere != 0.0) & (without * np.sign(everywhere) < _LEFT * np.abs(everywhere))
        for place in np.flatnonzero(of_fault):
            found.setdefault(terms[place], cause)
    return found


def own_words_first(rows: Sequence[Mapping[str, Any]], of_faults: Mapping[str, str]) -> tuple[dict[str, Any], ...]:
    """Return rows of terms with the debris of faults last, and its ``cause`` told.

    >>> own_words_first([{"term": "¤", "kind": "lexical"}, {"term": "app", "kind": "lexical"}], {"¤": "mojibake"})
    ({'term': 'app', 'kind': 'lexical'}, {'term': '¤', 'kind': 'lexical', 'cause': 'mojibake'})
    """
    of_people = [dict(row) for row in rows if not _is_debris(row, of_faults)]
    debris = [{**row, "cause": of_faults[row["term"]]} for row in rows if _is_debris(row, of_faults)]
    return (*of_people, *debris)


def _is_debris(row: Mapping[str, Any], of_faults: Mapping[str, str]) -> bool:
    return row["kind"] == "lexical" and "unit" not in row and row["term"] in of_faults


def _carrying(pair: WindowPair, what_if: Counterfactual, side: int) -> NDArray[np.bool_]:
    """Return which of the documents that count in a window carry a fault, by the first row of each."""
    documents, chosen = pair.documents[side], pair.every_document[side]
    carries = np.asarray(what_if.weights[side])[documents.first_rows[chosen]] == 0.0
    if what_if.change is not None:
        texts = documents.texts.take(chosen)
        changed = what_if.change(texts)
        carries |= np.array([a != b for a, b in zip(texts.to_pylist(), changed.to_pylist(), strict=True)], dtype=bool)
    return np.asarray(carries)


def _change(held: Sequence[Any], chosen: Sequence[NDArray[np.bool_]]) -> NDArray[np.float64] | None:
    """Return the change of the share of the chosen documents with each term; ``None`` where a side has none."""
    if not all(side.any() for side in chosen):
        return None
    before, now = (
        np.asarray(matrix[np.flatnonzero(side)].sum(axis=0), dtype=np.float64).ravel() / np.count_nonzero(side)
        for matrix, side in zip(held, chosen, strict=True)
    )
    return np.asarray(now - before)
