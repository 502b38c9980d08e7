"""Texts to counted terms: documents x terms of two windows over one vocabulary."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray
from scipy import sparse

from textdrift.tokens.encoding import encoded_batches
from textdrift.tokens.sequences import collocations
from textdrift.tokens.token_counts import TokenCounts
from textdrift.tokens.tokenization import Tokenization
from textdrift.tokens.words import are_words

__all__ = ["count_tokens"]

# Texts split at a time: their tokens are the only large strings in memory.
_BATCH = 50_000


def count_tokens(
    reference: pa.Array,
    current: pa.Array,
    tokenization: Tokenization | str | Callable[[str], list[str]] = "words",
) -> tuple[TokenCounts, TokenCounts]:
    """Count the terms of each document of both windows over one sorted vocabulary.

    Cost: linear in the length of the texts; a million tweets take about three seconds on two processors.

    Parameters
    ----------
    reference, current:
        Texts, ``large_string``, shapes (n,) and (m,). A text without a term, or a null, is an empty row.
    tokenization:
        How texts become terms; a name of ``tokenizer_names`` or a function from one text to its list of tokens stands
        for words split by it.

    Returns
    -------
    Counts of the reference and of the current window, sharing one vocabulary of the terms that occur in either.

    Raises
    ------
    TokenizerError
        No such tokenizer, or it does not return a list of strings.

    Examples
    --------
    >>> reference, current = count_tokens(pa.array(["good good film"]), pa.array(["bad film", ""]))
    >>> reference.terms
    ('bad', 'film', 'good')
    >>> reference.counts.toarray().tolist(), current.counts.toarray().tolist()
    ([[0, 1, 2]], [[1, 1, 0], [0, 0, 0]])
    >>> reference, _ = count_tokens(pa.array(["not good at all"]), pa.array(["not good"]), Tokenization("bigrams"))
    >>> reference.terms
    ('at all', 'good at', 'not good')
    """
    if not isinstance(tokenization, Tokenization):
        tokenization = Tokenization(tokenizer=tokenization)
    # The order of the tokens is let go batch by batch.
    parts = [(batch.counts, batch.terms) for batch in encoded_batches(_batches(reference, current), tokenization)]
    terms, columns = _shared_vocabulary([terms for _, terms in parts])
    n = len(reference)
    n_of_reference = max(1, -(-n // _BATCH))
    first, second = (
        _stacked([counts for counts, _ in parts[side]], columns[side], len(terms))
        for side in (slice(None, n_of_reference), slice(n_of_reference, None))
    )
    if tokenization.unit != "collocations":
        return TokenCounts(first, terms), TokenCounts(second, terms)
    chosen = _collocations(terms, first, second)
    terms = tuple(terms[place] for place in chosen)
    return TokenCounts(first[:, chosen], terms), TokenCounts(second[:, chosen], terms)


def _collocations(terms: tuple[str, ...], *windows: sparse.csr_matrix) -> NDArray[np.int64]:
    """Return which of the pairs of words keep company, by how often they do in all windows together, ascending."""
    halves = [term.split(" ") for term in terms]
    # A tokenizer of the user's may leave spaces in a word; such a pair has no two halves to be told apart.
    pairs = np.array([len(half) == 2 for half in halves], dtype=bool)  # noqa: PLR2004 - a pair
    words = [word for half, is_pair in zip(halves, pairs, strict=True) if is_pair for word in half]
    named, codes = np.unique(np.array(words, dtype=object), return_inverse=True)
    members = codes.reshape(-1, 2)
    counts = np.sum([np.asarray(window.sum(axis=0), dtype=np.int64).ravel() for window in windows], axis=0)[pairs]
    allowed = are_words(named.tolist())[members].all(axis=1)
    return np.sort(np.flatnonzero(pairs)[collocations(counts, members, allowed=allowed).pairs])


def _batches(*windows: pa.Array) -> Iterator[pa.Array]:
    for texts in windows:
        for start in range(0, max(1, len(texts)), _BATCH):
            yield texts.slice(start, _BATCH)


def _shared_vocabulary(dictionaries: list[pa.Array]) -> tuple[tuple[str, ...], list[NDArray[np.int32]]]:
    """Merge sorted vocabularies into one; also return where each term of each vocabulary went."""
    encoded = pc.dictionary_encode(pa.concat_arrays(dictionaries))
    order = pc.array_sort_indices(encoded.dictionary).to_numpy(zero_copy_only=False)
    rank = np.empty(len(order), dtype=np.int32)
    rank[order] = np.arange(len(order), dtype=np.int32)
    position = rank[encoded.indices.to_numpy(zero_copy_only=False)]
    bounds = np.cumsum([len(d) for d in dictionaries])[:-1]
    return tuple(encoded.dictionary.take(pa.array(order)).to_pylist()), np.split(position, bounds)


def _stacked(parts: list[sparse.csr_matrix], columns: list[NDArray[np.int32]], n_terms: int) -> sparse.csr_matrix:
    """Put batches below each other over the shared vocabulary."""
    # The terms of each batch are sorted, and so is the vocabulary: moved there, the columns of a row stay sorted.
    matrix = sparse.csr_matrix(
        (
            np.concatenate([part.data for part in parts]),
            np.concatenate([column[part.indices] for part, column in zip(parts, columns, strict=True)]),
            np.concatenate([[0], np.cumsum(np.concatenate([np.diff(part.indptr) for part in parts]))]),
        ),
        shape=(sum(part.shape[0] for part in parts), n_terms),
    )
    matrix.has_canonical_format = True
    return matrix
