"""Texts to tokens: a fast default, NLTK's tokenizers by name, or a function of your own."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

import polars as pl
import pyarrow as pa

from textdrift.errors import TokenizerError
from textdrift.tokens.known_names import unknown_name
from textdrift.tokens.nltk_names import TOKENIZERS

__all__ = ["FunctionTokenizer", "Tokenizer", "WordTokenizer", "tokenizer_named", "tokenizer_names"]

# Runs of letters, digits and marks, or runs of anything else that is not a space: NLTK's wordpunct pattern.
_WORDS = r"\w+|[^\w\s]+"


class Tokenizer(Protocol):
    """Anything that splits an array of texts into tokens."""

    def tokens(self, texts: pa.Array) -> pa.Array:
        """Return the tokens of each text, ``large_list<large_string>``; a null text has none."""
        ...


@dataclass(frozen=True, slots=True)
class WordTokenizer:
    r"""Runs of word characters, and runs of punctuation or symbols, of the lower-cased text.

    The same tokens as NLTK's ``wordpunct_tokenize(text.lower())``, for all texts at once. Only letters that a version
    of Unicode brought in which one of the two libraries does not know yet may be words for one and signs for the other.

    scikit-learn's ``CountVectorizer(token_pattern=...)`` differs with the same pattern, and so did NLTK before it left
    Python's ``re`` for ``regex``. There ``\w`` holds no combining marks, so the vowel signs of Hindi, Thai
    or Arabic and decomposed accents cut words in pieces (``हिन्दी`` in six), nor joiners, nor ties such as ``‿``; but
    it holds superscripts, fractions and circled numbers (``m²``, ``½``), which are signs here; and the separators
    U+001C to U+001F are spaces there.

    >>> texts = pa.array(["Can't wait!! #Win", " "], pa.large_string())
    >>> WordTokenizer().tokens(texts).to_pylist()
    [['can', "'", 't', 'wait', '!!', '#', 'win'], []]
    """

    def tokens(self, texts: pa.Array) -> pa.Array:
        """Return the tokens of each text, ``large_list<large_string>``; a null text has none."""
        column = pl.Series(values=texts, dtype=pl.String).fill_null("")
        lists = column.str.to_lowercase().str.extract_all(_WORDS)
        return lists.to_arrow(compat_level=pl.CompatLevel.oldest())


@dataclass(frozen=True, slots=True)
class FunctionTokenizer:
    """A function from one text to its list of tokens, called text by text.

    >>> texts = pa.array(["a b", "c"], pa.large_string())
    >>> FunctionTokenizer(str.split).tokens(texts).to_pylist()
    [['a', 'b'], ['c']]
    """

    split: Callable[[str], list[str]]

    def tokens(self, texts: pa.Array) -> pa.Array:
        """Return the tokens of each text, ``large_list<large_string>``; a null text has none.

        Raises
        ------
        TokenizerError
            The function failed, or returned something else than a list of strings of valid Unicode.
        """
        lists = [[] if text is None else self._split_one(text, row) for row, text in enumerate(texts.to_pylist())]
        try:
            return pa.array(lists, pa.large_list(pa.large_string()))
        except UnicodeEncodeError as error:
            row = next(row for row, tokens in enumerate(lists) if not all(map(_is_encodable, tokens)))
            raise TokenizerError(
                f"the tokenizer {self._name} returned a token for document {row} that is no valid Unicode ({error}); "
                f"it must not cut characters in two or leave lone surrogates"
            ) from error

    @property
    def _name(self) -> str:
        return str(getattr(self.split, "__name__", None) or repr(self.split))

    def _split_one(self, text: str, row: int) -> list[str]:
        name = self._name
        try:
            tokens = self.split(text)
        except Exception as error:  # a function of the user's may raise anything; it is chained
            raise TokenizerError(
                f"the tokenizer {name} failed for document {row} ({_shown(text)}): {type(error).__name__}: {error}; "
                f"it must take one text and return a list of strings"
            ) from error
        if not isinstance(tokens, list) or not all(isinstance(token, str) for token in tokens):
            raise TokenizerError(
                f"the tokenizer {name} returned {_described(tokens)} for document {row} ({_shown(text)}); "
                f"a list of strings was needed: wrap it, for example lambda text: list(map(str, {name}(text)))"
            )
        return tokens


def tokenizer_names() -> tuple[str, ...]:
    """Return the names that ``tokenizer_named`` knows, the default first.

    >>> tokenizer_names()
    ('words', 'wordpunct', 'tweet', 'treebank', 'nltk_word', 'toktok', 'word_tokenize', 'whitespace')
    """
    return ("words", *TOKENIZERS)


def tokenizer_named(tokenizer: str | Callable[[str], list[str]]) -> Tokenizer:
    """Return the tokenizer of that name; a function is taken as it is.

    ``words`` is the fast default. The others are NLTK's, those that need no data files: ``wordpunct``, ``tweet``,
    ``treebank``, ``nltk_word``, ``toktok``, ``word_tokenize`` and ``whitespace``. All named tokenizers fold case, so
    that capitals are a matter of quality and not of vocabulary; a function of your own sees the text as it was written.

    Raises
    ------
    TokenizerError
        No tokenizer has that name.

    Examples
    --------
    >>> tokenizer_named("tweet").tokens(pa.array(["@you LOVE it :D"], pa.large_string())).to_pylist()
    [['@you', 'love', 'it', ':D']]
    >>> tokenizer_named("wrods")
    Traceback (most recent call last):
    ...
    textdrift.errors.TokenizerError: there is no tokenizer 'wrods'; did you mean 'words'? Known are words, wordpunct, \
tweet, treebank, nltk_word, toktok, word_tokenize, whitespace, or pass a function from a text to a list of strings
    """
    if callable(tokenizer):
        return FunctionTokenizer(tokenizer)
    if tokenizer == "words":
        return WordTokenizer()
    if tokenizer in TOKENIZERS:
        return FunctionTokenizer(TOKENIZERS[tokenizer]())
    raise unknown_name("tokenizer", tokenizer, tokenizer_names(), "pass a function from a text to a list of strings")


_SHOWN_CHARACTERS = 40


def _shown(text: str) -> str:
    return repr(text if len(text) <= _SHOWN_CHARACTERS else text[:_SHOWN_CHARACTERS] + "…")


def _is_encodable(token: str) -> bool:
    try:
        token.encode()
    except UnicodeEncodeError:
        return False
    return True


def _described(value: object) -> str:
    if isinstance(value, list):
        stranger = next(item for item in value if not isinstance(item, str))
        return f"a list that holds {stranger!r} ({type(stranger).__name__})"
    return f"{value!r} ({type(value).__name__})"
