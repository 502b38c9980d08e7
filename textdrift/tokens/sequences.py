"""Runs of words: n-grams of coded tokens, and the pairs of words that keep each other's company."""

from __future__ import annotations

from typing import Any, Final, NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from textdrift.errors import SettingsError

__all__ = ["Collocations", "Ngrams", "collocations", "ngrams"]

_SHORTEST, _LONGEST = 2, 5

# The chi-square of one degree of freedom at p = 0.001.
_LEAST_SCORE: Final = 10.83


class Ngrams(NamedTuple):
    """The n-grams of documents, one document after the other.

    ``codes``, shape (n_ngrams,), ``int32``: which n-gram stands there. ``lengths``, shape (n_documents,), ``int64``:
    n-grams of each document. ``members``, shape (n_distinct, n): the codes of the tokens of each distinct n-gram, rows
    in ascending order.
    """

    codes: NDArray[np.int32]
    lengths: NDArray[np.int64]
    members: NDArray[Any]


class Collocations(NamedTuple):
    """The chosen pairs, best first: ``pairs``, shape (n_chosen,), rows of ``members``; ``scores``, same shape."""

    pairs: NDArray[np.int64]
    scores: NDArray[np.float64]


def ngrams(codes: NDArray[Any], lengths: NDArray[Any], n: int) -> Ngrams:
    """Return every run of n neighbouring tokens of each document, coded; no run crosses from one document to the next.

    Cost: n - 1 passes over the tokens, each with a sort of the distinct runs; memory linear in the tokens.

    Parameters
    ----------
    codes:
        Tokens of all documents, one document after the other, whole numbers from 0, shape (n_tokens,).
    lengths:
        Tokens of each document, shape (n_documents,).
    n:
        From 2 to 5.

    Raises
    ------
    SettingsError
        ``n`` is another number.

    Examples
    --------
    >>> found = ngrams(np.array([3, 1, 3, 1, 2]), np.array([4, 1]), 2)
    >>> found.codes.tolist(), found.lengths.tolist(), found.members.tolist()
    ([1, 0, 1], [3, 0], [[1, 3], [3, 1]])
    """
    if n not in range(_SHORTEST, _LONGEST + 1):
        raise SettingsError(f"n is {n!r}; a whole number from {_SHORTEST} to {_LONGEST} was needed")
    codes = np.asarray(codes)
    lengths = np.asarray(lengths, dtype=np.int64)
    n_tokens = np.int64(codes.max(initial=0)) + 1
    runs, members, starts = (
        codes.astype(np.int32),
        np.arange(n_tokens, dtype=codes.dtype)[:, None],
        np.arange(len(codes)),
    )
    for n_before in range(1, n):
        # All runs of a document but its last one go on by one token.
        goes_on = np.ones(len(runs), dtype=np.bool_)
        goes_on[np.cumsum(lengths)[lengths > 0] - 1] = False
        starts, lengths = starts[goes_on], np.maximum(lengths - 1, 0)
        # In ascending order of this key, rows of members ascend too. It fits: there are no more runs than tokens.
        keys = runs[goes_on].astype(np.int64) * n_tokens + codes[starts + n_before]
        runs, distinct = _coded(keys)
        members = np.column_stack([members[distinct // n_tokens], (distinct % n_tokens).astype(codes.dtype)])
    return Ngrams(runs, lengths, members)


def _coded(keys: NDArray[np.int64]) -> tuple[NDArray[np.int32], NDArray[np.int64]]:
    """Return the rank of each key among the distinct ones, and those in ascending order."""
    encoded = pc.dictionary_encode(pa.array(keys))
    distinct = encoded.dictionary.to_numpy(zero_copy_only=False)
    order = np.argsort(distinct)
    rank = np.empty(len(order), dtype=np.int32)
    rank[order] = np.arange(len(order), dtype=np.int32)
    return rank[encoded.indices.to_numpy(zero_copy_only=False)], distinct[order]


def collocations(
    counts: NDArray[Any],
    members: NDArray[Any],
    *,
    allowed: NDArray[np.bool_] | None = None,
    fewest: int = 5,
    most: int = 1_000,
    least_score: float = _LEAST_SCORE,
) -> Collocations:
    """Choose the pairs of neighbouring words that occur more often than their words would meet by chance.

    The score is NLTK's log-likelihood ratio (Dunning 1993) of the pair in the table of all pairs: first word or not
    against second word or not. Chosen are pairs that occur ``fewest`` times or more and more often than expected, with
    a score of ``least_score`` or more, and of those the best.

    ``counts`` must be those of both windows together. Then the choice does not know which window a document came from:
    it is the same for every way of dealing the documents out to two windows, so a permutation test of the chosen pairs
    keeps its level. Pairs chosen in one window alone would be frequent there because they were chosen there, and would
    look as though they drifted. The score only chooses: tokens are no independent draws, so it is no test.

    Cost: linear in the pairs; NLTK is asked once for each pair that is frequent enough, some microseconds each.

    Parameters
    ----------
    counts:
        How often each distinct pair occurs in both windows together, shape (n_pairs,).
    members:
        The codes of its two words, shape (n_pairs, 2), as ``ngrams`` returns them.
    allowed:
        Which pairs may be chosen, shape (n_pairs,), such as those of two words and no punctuation; all by default. The
        others still count where chance is worked out.
    fewest, most, least_score:
        The fewest occurrences, the most pairs, and the least score of a choice; 10.83 is the chi-square of one degree
        of freedom at p = 0.001.

    Examples
    --------
    >>> members = np.array([[0, 0], [0, 1], [1, 1], [2, 3]])
    >>> found = collocations(np.array([40, 40, 40, 20]), members)
    >>> members[found.pairs].tolist(), found.scores.round(1).tolist()
    ([[2, 3], [0, 0], [1, 1]], [114.8, 56.6, 56.6])
    """
    from nltk.metrics import BigramAssocMeasures

    counts = np.asarray(counts, dtype=np.int64)
    total = int(counts.sum())
    n_codes = int(members.max(initial=-1)) + 1
    # Sums of whole numbers below 2^53 are exact.
    firsts, seconds = (
        np.bincount(members[:, place], weights=counts, minlength=n_codes).astype(np.int64)[members[:, place]]
        for place in (0, 1)
    )
    candidate = (counts >= fewest) & (counts.astype(np.float64) * total > firsts.astype(np.float64) * seconds)
    if allowed is not None:
        candidate &= allowed
    pairs = np.flatnonzero(candidate)
    table = zip(counts[pairs].tolist(), firsts[pairs].tolist(), seconds[pairs].tolist(), strict=True)
    scores = np.array(
        [BigramAssocMeasures.likelihood_ratio(together, (first, second), total) for together, first, second in table],
        dtype=np.float64,
    )
    # Best first; of equal scores the pair of the lower codes.
    order = np.lexsort((members[pairs, 1], members[pairs, 0], -scores))
    order = order[scores[order] >= least_score][:most]
    return Collocations(pairs[order], scores[order])
