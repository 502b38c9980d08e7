"""Tokens to terms: one spelling each, phrases without spaces cut, stop words left out, words stemmed."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import polars as pl
import pyarrow as pa
import pyarrow.compute as pc

from textdrift.tokens.characters import SPACELESS_LETTER, bigrams_of_spaceless_runs
from textdrift.tokens.known_names import unknown_name
from textdrift.tokens.normalizing import NORMAL_FORMS, is_ascii, normalized
from textdrift.tokens.placed_tokens import PlacedTokens
from textdrift.tokens.stemming import Stemming
from textdrift.tokens.stop_words import rereadable, stop_words_from

__all__ = ["TermRules"]


@dataclass(frozen=True, slots=True)
class TermRules:
    """What is counted for each distinct token: mostly the token itself.

    In this order: canonically equivalent tokens become one term; tokens of scripts that put no space between words are
    cut where the script changes, and long runs of one script into their pairs of characters (see
    ``bigrams_of_spaceless_runs``); stop words are left out; what is left is stemmed.

    Attributes
    ----------
    normalization:
        A normal form of Unicode (``NFC``, ``NFKC``, ``NFD``, ``NFKD``), see ``normalized``, or ``none``.
    stemmer:
        A name of ``stemmer_names`` or a function from one word to its stem, asked once for each distinct term. A
        stemmer sees composed letters, which NLTK's are written for. A term whose stem would be empty stays as it is.
    stop_words:
        What ``stop_words_from`` reads: a list, a text file, or a stop list of NLTK by name. A term equal to one of
        them, but for case and normal form, is no term. They are compared with terms: what the tokenizer cuts, such as
        "don't" by ``words``, is to be given cut.

    Raises
    ------
    TokenizerError
        No such normal form, stemmer or stop list, or its data is not installed.

    Examples
    --------
    >>> tokens = pa.array(["cafés", "cafe\N{COMBINING ACUTE ACCENT}s", "the", "手机很好"], pa.large_string())
    >>> TermRules().terms_of(tokens).to_pylist()
    [['cafés'], ['cafés'], ['the'], ['手机', '机很', '很好']]
    >>> TermRules(stemmer="english", stop_words=["The"]).terms_of(tokens).to_pylist()
    [['café'], ['café'], [], ['手机', '机很', '很好']]
    """

    normalization: str = "NFC"
    stemmer: str | Callable[[str], str] | None = None
    stop_words: str | Path | Sequence[str] | None = None
    _stemming: Stemming | None = field(init=False, repr=False, compare=False)
    _stopped: pl.Series = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        """Find the stemmer and read the stop words."""
        if self.normalization not in NORMAL_FORMS:
            raise unknown_name("normal form", self.normalization, NORMAL_FORMS)
        object.__setattr__(self, "stop_words", rereadable(self.stop_words))
        object.__setattr__(self, "_stemming", None if self.stemmer is None else Stemming(self.stemmer))
        words = () if self.stop_words is None else stop_words_from(self.stop_words)
        stopped = pl.Series(values=words, dtype=pl.String)
        # Most rules stop no word, and are made anew for each of a year's windows: folding nothing takes a millisecond.
        object.__setattr__(self, "_stopped", stopped if stopped.is_empty() else self._folded(stopped).unique())

    @property
    def is_identity_for_ascii(self) -> bool:
        """Whether the term of every token of ASCII characters is that token."""
        return self._stemming is None and self._stopped.is_empty()

    def terms_of(self, tokens: pa.Array) -> pa.Array:
        """Return the terms of each token, ``large_list<large_string>``: mostly one, for a stop word none.

        Cost: linear in the length of the tokens; 100,000 of ASCII take milliseconds. NLTK's stemmers take some tens of
        microseconds for each term that they have not seen yet.

        Parameters
        ----------
        tokens:
            Strings, best distinct, shape (n_tokens,), none null.

        Raises
        ------
        TokenizerError
            The stemmer failed, or returned something else than a string.
        """
        tokens = tokens.cast(pa.large_string())
        if self.is_identity_for_ascii and pc.all(pc.string_is_ascii(tokens)).as_py() is not False:
            return pa.LargeListArray.from_arrays(pa.array(np.arange(len(tokens) + 1)), tokens)
        column = pl.Series(values=tokens, dtype=pl.String)
        foreign = ~is_ascii(column)
        placed = PlacedTokens(column, np.arange(len(column), dtype=np.int64), len(column))
        if foreign.any():
            placed = _cut(PlacedTokens(normalized(column, self.normalization), placed.rows, len(column)), foreign)
        if not self._stopped.is_empty():
            placed = placed.where(~self._folded(placed.tokens).is_in(self._stopped.implode()))
        if self._stemming is not None:
            placed = PlacedTokens(self._stemmed(placed.tokens, self._stemming), placed.rows, placed.n_rows)
        return placed.listed()

    def _folded(self, terms: pl.Series) -> pl.Series:
        return normalized(terms.str.to_lowercase(), self.normalization)

    def _stemmed(self, terms: pl.Series, stemming: Stemming) -> pl.Series:
        if self.normalization in {"NFD", "NFKD"}:
            return normalized(stemming.stems(normalized(terms, "NFC")), self.normalization)
        return stemming.stems(terms)


def _cut(placed: PlacedTokens, foreign: pl.Series) -> PlacedTokens:
    """Cut those of the foreign tokens that hold letters of a script without spaces."""
    candidates = np.flatnonzero(foreign.to_numpy())
    spaceless = placed.tokens.gather(candidates).str.contains(SPACELESS_LETTER).to_numpy()
    if not spaceless.any():
        return placed
    rows = candidates[spaceless]
    cut = bigrams_of_spaceless_runs(placed.tokens.gather(rows))
    others = np.delete(placed.rows, rows)
    order = np.argsort(np.concatenate([others, rows[cut.rows]]), kind="stable")
    tokens = pl.concat([placed.tokens.gather(others), cut.tokens]).gather(order)
    return PlacedTokens(tokens, np.sort(np.concatenate([others, rows[cut.rows]])), placed.n_rows)
