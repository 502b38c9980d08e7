"""Words that mark one group of documents against all others."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from textdrift.stats.log_odds import shrunken_log_odds
from textdrift.tokens.token_counts import TokenCounts
from textdrift.tokens.words import is_word

__all__ = ["marking_words"]

_SHOWN_WORDS = 6
_PRIOR_DOCUMENTS = 10.0
_TWICE_THE_ODDS = float(np.log(2.0))
_CLEAR_Z = 2.0


def marking_words(counts: tuple[TokenCounts, TokenCounts], groups: NDArray[Any], n_groups: int) -> list[list[str]]:
    """Return up to 6 words for each group of documents, the clearest first.

    A word marks a group where a document of the group has at least twice the odds to hold it; words are ranked by
    shrunken log-odds in standard errors (Monroe, Colaresi and Quinn 2008). Cost: linear in the stored counts.

    Parameters
    ----------
    counts:
        Words of the reference and of the current documents, over one vocabulary.
    groups:
        Shape (n + m,), the group of each document from 0, the reference first.
    n_groups:
        How many groups there are.

    Examples
    --------
    >>> held = sparse.csr_matrix(np.repeat([[1, 0, 1], [0, 1, 1]], 20, axis=0))
    >>> counts = TokenCounts(held, ("bag", "seat", "the"))
    >>> marking_words((counts, counts), np.tile(np.repeat([0, 1], 20), 2), 2)
    [['bag'], ['seat']]
    """
    n = len(counts[0])
    documents = np.zeros((n_groups, len(counts[0].terms)))
    for side, of_row in zip(counts, (groups[:n], groups[n:]), strict=True):
        shape = (n_groups, len(of_row))
        members = sparse.csr_matrix((np.ones(len(of_row)), (of_row, np.arange(len(of_row)))), shape=shape)
        documents += (members @ side.holders.astype(np.float64)).toarray()
    sizes = np.bincount(groups, minlength=n_groups)[:, None]
    odds = shrunken_log_odds(
        documents, sizes, documents.sum(axis=0) - documents, sizes.sum() - sizes, prior=_PRIOR_DOCUMENTS
    )
    strength = np.where((odds.value >= _TWICE_THE_ODDS) & (odds.z >= _CLEAR_Z), odds.z, 0.0)
    return [_strongest(row, counts[0].terms) for row in strength]


def _strongest(strength: NDArray[Any], terms: tuple[str, ...]) -> list[str]:
    # The vocabulary is sorted and the sort is stable: ties are settled by the word.
    words: list[str] = []
    for term in np.argsort(-strength.round(9), kind="stable"):
        if strength[term] <= 0 or len(words) == _SHOWN_WORDS:
            break
        if is_word(terms[term]):
            words.append(terms[term])
    return words
