"""Texts to counted terms: batches are split on several threads, and each distinct token is looked at once."""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray
from scipy import sparse

from textdrift.tokens.function_names import function_in_words
from textdrift.tokens.known_names import unknown_name
from textdrift.tokens.sequences import collocations, ngrams
from textdrift.tokens.stop_words import rereadable
from textdrift.tokens.term_rules import TermRules
from textdrift.tokens.token_counts import TokenCounts
from textdrift.tokens.tokenizing import FunctionTokenizer, Tokenizer, tokenizer_named
from textdrift.tokens.units import UNITS
from textdrift.tokens.words import are_words

__all__ = ["EncodedBatch", "Tokenization", "count_tokens", "encoded_batches", "unit_in_words", "unit_names"]

# Texts split at a time: their tokens are the only large strings in memory.
_BATCH = 50_000
_MOST_THREADS = 8
_SEQUENCES = {"words": 1, "bigrams": 2, "trigrams": 3, "collocations": 2}

_SEQUENCES_IN_WORDS = {"words": "words", "bigrams": "word pairs", "trigrams": "runs of three words"}

StopWords = str | Path | Sequence[str] | None


def unit_names() -> tuple[str, ...]:
    """Return what can be counted, the default first."""
    return (*_SEQUENCES, *UNITS)


def unit_in_words(unit: str) -> str:
    """Return what people call many of a unit.

    >>> unit_in_words("collocations"), unit_in_words("casing"), unit_in_words("hashtags")
    ('fixed word pairs', 'upper and lower case', 'hashtags')
    """
    if unit in UNITS:
        return UNITS[unit].plural
    return _SEQUENCES_IN_WORDS.get(unit, "fixed word pairs")


@dataclass(frozen=True, slots=True)
class Tokenization:
    """How texts become terms.

    Attributes
    ----------
    unit:
        What is counted, see ``unit_names``: words, runs of words, or something else that texts hold, such as hashtags.
    tokenizer:
        Splits a text into words: a name of ``tokenizer_names`` or a function from a text to a list of strings. The
        other settings of words are those of ``TermRules``; none of them touches a unit that is not made of words.
    stemmer, stop_words, normalization:
        See ``TermRules``.

    Raises
    ------
    TokenizerError
        No such unit, tokenizer, stemmer, stop list or normal form.

    Examples
    --------
    >>> Tokenization(stemmer="english", stop_words=["the"]).described()["stemmer"]
    'english'
    >>> Tokenization(unit="hashtag")
    Traceback (most recent call last):
    ...
    textdrift.errors.TokenizerError: there is no unit 'hashtag'; did you mean 'hashtags'? Known are words, bigrams, \
trigrams, collocations, characters, character_trigrams, emoji, hashtags, handles, links, casing, punctuation, length
    """

    unit: str = "words"
    tokenizer: str | Callable[[str], list[str]] = "words"
    stemmer: str | Callable[[str], str] | None = None
    stop_words: StopWords = None
    normalization: str = "NFC"

    def __post_init__(self) -> None:
        """Find every name that is given."""
        if self.unit not in unit_names():
            raise unknown_name("unit", self.unit, unit_names())
        tokenizer_named(self.tokenizer)
        object.__setattr__(self, "stop_words", rereadable(self.stop_words))
        self._rules()

    @property
    def of_words(self) -> bool:
        """Whether the terms are words or runs of words."""
        return self.unit in _SEQUENCES

    def described(self) -> dict[str, Any]:
        """Return the settings as plain values; a function goes by its name and a digest of its code."""

        def plain(value: object) -> Any:
            if value is None or isinstance(value, str):
                return value
            if isinstance(value, tuple):
                return sorted(map(str, value))
            return str(value) if isinstance(value, Path) else function_in_words(cast("Callable[..., Any]", value))

        return {name: plain(getattr(self, name)) for name in Tokenization.__slots__}

    def _rules(self) -> TermRules:
        return TermRules(normalization=self.normalization, stemmer=self.stemmer, stop_words=self.stop_words)


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
    return _Splitter(tokenizer_named(tokenization.tokenizer), rules, _SEQUENCES[tokenization.unit])


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
