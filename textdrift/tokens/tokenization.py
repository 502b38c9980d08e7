"""Tokenization: how texts become terms, words or something else that they hold."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Any, cast

from textdrift.tokens.function_names import function_in_words
from textdrift.tokens.known_names import unknown_name
from textdrift.tokens.stop_words import rereadable
from textdrift.tokens.term_rules import TermRules
from textdrift.tokens.tokenizing import tokenizer_named
from textdrift.tokens.units import UNITS

__all__ = ["WORDS_OF_A_TERM", "Tokenization", "unit_in_words", "unit_names"]

WORDS_OF_A_TERM: Mapping[str, int] = MappingProxyType({"words": 1, "bigrams": 2, "trigrams": 3, "collocations": 2})
"""The units that are made of words, and of how many."""

_SEQUENCES_IN_WORDS = {"words": "words", "bigrams": "word pairs", "trigrams": "runs of three words"}

StopWords = str | Path | Sequence[str] | None


def unit_names() -> tuple[str, ...]:
    """Return what can be counted, the default first."""
    return (*WORDS_OF_A_TERM, *UNITS)


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
        return self.unit in WORDS_OF_A_TERM

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
