"""Texts to coded terms: batches are split on several threads, and each distinct token is looked at once."""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray
from scipy import sparse

from textdrift.tokens.sequences import ngrams
from textdrift.tokens.term_rules import TermRules
from textdrift.tokens.tokenization import WORDS_OF_A_TERM, Tokenization
from textdrift.tokens.tokenizing import FunctionTokenizer, Tokenizer, tokenizer_named
from textdrift.tokens.units import UNITS

__all__ = ["EncodedBatch", "encoded_batches"]

_MOST_THREADS = 8


@dataclass(frozen=True, slots=True)
class EncodedBatch:
    """The terms of some texts, in order, as numbers.

    Attributes
    ----------
    lengths:
        Terms of each text, shape (n_texts,).
    codes:
        The terms of all texts, one text after the other, shape (n_tokens,), ``int32``.
    terms:
        What the codes stand for, distinct and sorted, shape (n_terms,), ``large_string``.
    counts:
        How often each text holds each term, shape (n_texts, n_terms), canonical CSR.
    """

    lengths: NDArray[np.int64]
    codes: NDArray[np.int32]
    terms: pa.Array
    counts: sparse.csr_matrix


def encoded_batches(batches: Iterable[pa.Array], tokenization: Tokenization) -> Iterator[EncodedBatch]:
    """Yield the terms of each batch of texts, in order.

    Batches are split on all processors, a few ahead of the one that is asked for, so memory stays that of a few
    batches. A function of the user's is called on one thread only.

    Parameters
    ----------
    batches:
        Arrays of texts, ``large_string``; a null text holds no term.
    tokenization:
        How texts become terms.

    Examples
    --------
    >>> batch = next(encoded_batches([pa.array(["good good film", "film"])], Tokenization()))
    >>> batch.terms.to_pylist(), batch.codes.tolist(), batch.lengths.tolist()
    (['film', 'good'], [1, 1, 0, 0], [3, 1])
    """
    split = _splitter(tokenization)
    n_threads = min(_MOST_THREADS, os.cpu_count() or 1)
    if isinstance(split.tokenizer, FunctionTokenizer) or callable(tokenization.stemmer) or n_threads == 1:
        yield from map(split, batches)
        return
    with ThreadPoolExecutor(n_threads) as threads:
        ahead: deque[Future[EncodedBatch]] = deque()
        try:
            for batch in batches:
                ahead.append(threads.submit(split, batch))
                if len(ahead) > n_threads:
                    yield ahead.popleft().result()
            while ahead:
                yield ahead.popleft().result()
        finally:
            for waiting in ahead:
                waiting.cancel()


@dataclass(frozen=True, slots=True)
class _Splitter:
    """Turns one batch of texts into encoded terms."""

    tokenizer: Tokenizer
    rules: TermRules | None
    n_words: int

    def __call__(self, texts: pa.Array) -> EncodedBatch:
        lists = self.tokenizer.tokens(texts)
        encoded = pc.dictionary_encode(lists.flatten())
        lengths = np.asarray(pc.list_value_length(lists).to_numpy(zero_copy_only=False), dtype=np.int64)
        codes, dictionary = encoded.indices.to_numpy(zero_copy_only=False), encoded.dictionary
        if self.rules is not None:
            codes, lengths, dictionary = _ruled(codes, lengths, self.rules.terms_of(dictionary))
        if self.n_words > 1:
            codes, lengths, dictionary = _joined(codes, lengths, dictionary, self.n_words)
        order = pc.array_sort_indices(dictionary)
        rank = np.empty(len(dictionary), dtype=np.int32)
        rank[order.to_numpy(zero_copy_only=False)] = np.arange(len(dictionary), dtype=np.int32)
        codes = rank[codes]
        return EncodedBatch(lengths, codes, dictionary.take(order), _counted(codes, lengths, len(dictionary)))


def _splitter(tokenization: Tokenization) -> _Splitter:
    if not tokenization.of_words:
        return _Splitter(UNITS[tokenization.unit], None, 1)
    rules = TermRules(
        normalization=tokenization.normalization, stemmer=tokenization.stemmer, stop_words=tokenization.stop_words
    )
    return _Splitter(tokenizer_named(tokenization.tokenizer), rules, WORDS_OF_A_TERM[tokenization.unit])


def _ruled(
    codes: NDArray[np.int32], lengths: NDArray[np.int64], terms_of_token: pa.Array
) -> tuple[NDArray[np.int32], NDArray[np.int64], pa.Array]:
    """Put the terms of each token in its place: mostly one, none for a stop word, several for a run of ideographs."""
    encoded = pc.dictionary_encode(terms_of_token.flatten())
    terms = encoded.indices.to_numpy(zero_copy_only=False)
    n_terms = np.asarray(pc.list_value_length(terms_of_token).to_numpy(zero_copy_only=False), dtype=np.int64)
    if (n_terms == 1).all():
        return terms[codes], lengths, encoded.dictionary
    starts = np.concatenate([[0], np.cumsum(n_terms)])
    of_token = n_terms[codes]
    ends = np.concatenate([[0], np.cumsum(of_token)])
    inside = np.arange(ends[-1]) - np.repeat(ends[:-1], of_token)
    of_text = np.diff(ends[np.concatenate([[0], np.cumsum(lengths)])])
    return terms[np.repeat(starts[codes], of_token) + inside], of_text, encoded.dictionary


def _joined(
    codes: NDArray[np.int32], lengths: NDArray[np.int64], words: pa.Array, n_words: int
) -> tuple[NDArray[np.int32], NDArray[np.int64], pa.Array]:
    """Return the runs of ``n_words`` words, none across two texts."""
    codes, lengths, members = ngrams(codes, lengths, n_words)
    columns = [words.take(pa.array(members[:, place])) for place in range(n_words)]
    joined = pc.dictionary_encode(pc.binary_join_element_wise(*columns, pa.scalar(" ", pa.large_string())))
    # Words that hold spaces may give two runs one spelling.
    return joined.indices.to_numpy(zero_copy_only=False)[codes], lengths, joined.dictionary


def _counted(codes: NDArray[np.int32], lengths: NDArray[np.int64], n_terms: int) -> sparse.csr_matrix:
    """Return texts x terms, canonical: one sort of whole numbers, which threads do side by side."""
    text = np.repeat(np.arange(len(lengths), dtype=np.int64), lengths)
    keys = text * max(1, n_terms) + codes
    keys.sort()
    first = np.flatnonzero(np.concatenate([[True], keys[1:] != keys[:-1]])) if len(keys) else np.zeros(0, np.int64)
    counts = np.diff(np.append(first, len(keys))).astype(np.int32)
    held, terms = np.divmod(keys[first], max(1, n_terms))
    pointers = np.concatenate([[0], np.cumsum(np.bincount(held, minlength=len(lengths)))])
    matrix = sparse.csr_matrix((counts, terms.astype(np.int32), pointers), shape=(len(lengths), n_terms))
    matrix.has_canonical_format = True
    return matrix
