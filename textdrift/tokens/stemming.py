"""Words to their stems: NLTK's stemmers by name or a function of your own, asked once for each distinct word."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import polars as pl

from textdrift.errors import TokenizerError
from textdrift.tokens.nltk_names import stemmer_named, stemmer_names

__all__ = ["Stemming"]

# Words whose stems are kept at a time, some tens of megabytes.
_MOST_REMEMBERED = 500_000


@dataclass(frozen=True, slots=True)
class Stemming:
    """A stemmer that is asked once for each distinct word, as batches share most of theirs.

    Attributes
    ----------
    stemmer:
        A name of ``stemmer_names`` or a function from one word to its stem, which must always give the same answer.

    Raises
    ------
    TokenizerError
        No stemmer has that name, or its data is not installed.

    Examples
    --------
    >>> Stemming("english").stems(pl.Series(["running", "runs", "!!"])).to_list()
    ['run', 'run', '!!']
    """

    stemmer: str | Callable[[str], str]
    _stem_of: dict[str, str] = field(default_factory=dict, init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        """Find the stemmer that is named."""
        self._callable()

    def stems(self, words: pl.Series) -> pl.Series:
        """Return the stem of each word, shape (n_words,); a word whose stem would be empty stays as it is.

        NLTK's Arabic stemmer makes nothing of a hyphen, for one: a word is never dropped by its stemmer, only as a
        stop word.

        Raises
        ------
        TokenizerError
            The function failed, or returned something else than a string of valid Unicode.
        """
        stem = self._callable()
        known = self._stem_of
        if len(known) > _MOST_REMEMBERED:
            known.clear()
        distinct = words.unique(maintain_order=True)
        found = {word: known.get(word) or self._checked(stem, word) for word in distinct.to_list()}
        known.update(found)
        return words.replace_strict(list(found), list(found.values()), return_dtype=pl.String)

    @property
    def _name(self) -> str:
        return self.stemmer if isinstance(self.stemmer, str) else getattr(self.stemmer, "__name__", repr(self.stemmer))

    def _callable(self) -> Callable[[str], str]:
        # One for each call: some of NLTK's stemmers keep notes on the word at hand, and batches are read by threads.
        if callable(self.stemmer):
            return self.stemmer
        if isinstance(self.stemmer, str):
            return stemmer_named(self.stemmer)
        raise TokenizerError(
            f"the stemmer is {self.stemmer!r} ({type(self.stemmer).__name__}); one of {', '.join(stemmer_names())}, or "
            f"a function from a word to its stem, was needed"
        )

    def _checked(self, stem: Callable[[str], str], word: str) -> str:
        try:
            result = stem(word)
        except Exception as error:  # a function of the user's may raise anything; it is chained
            raise TokenizerError(
                f"the stemmer {self._name} failed for {word!r}: {type(error).__name__}: {error}; "
                f"it must take one word and return its stem, a string"
            ) from error
        if not isinstance(result, str):
            raise TokenizerError(
                f"the stemmer {self._name} returned {result!r} ({type(result).__name__}) for {word!r}; "
                f"its stem, a string, was needed"
            )
        try:
            result.encode()
        except UnicodeEncodeError as error:
            raise TokenizerError(
                f"the stemmer {self._name} returned a string for {word!r} that is no valid Unicode ({error}); "
                f"it must not leave lone surrogates"
            ) from error
        return result or word
