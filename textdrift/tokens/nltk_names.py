"""NLTK's tokenizers, stemmers and stop lists by name; where data is not there, the error says how to get it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Final

from textdrift.errors import TokenizerError
from textdrift.tokens.known_names import unknown_name

__all__ = ["TOKENIZERS", "stemmer_named", "stemmer_names", "stop_list"]

Split = Callable[[str], list[str]]
Stem = Callable[[str], str]


def _wordpunct() -> Split:
    from nltk.tokenize import WordPunctTokenizer

    tokenize = WordPunctTokenizer().tokenize
    return lambda text: list(tokenize(text.lower()))


def _tweet() -> Split:
    from nltk.tokenize import TweetTokenizer

    # It lowers words itself and knows which emoticons it must not.
    tokenize = TweetTokenizer(preserve_case=False).tokenize
    return lambda text: list(tokenize(text))


def _treebank() -> Split:
    from nltk.tokenize import TreebankWordTokenizer

    tokenize = TreebankWordTokenizer().tokenize
    return lambda text: list(tokenize(text.lower()))


def _nltk_word() -> Split:
    from nltk.tokenize import NLTKWordTokenizer

    tokenize = NLTKWordTokenizer().tokenize
    return lambda text: list(tokenize(text.lower()))


def _toktok() -> Split:
    from nltk.tokenize import ToktokTokenizer

    tokenize = ToktokTokenizer().tokenize
    return lambda text: list(tokenize(text.lower()))


def _word_tokenize() -> Split:
    from nltk.tokenize import word_tokenize

    # preserve_line: without it NLTK first splits sentences, for which it must download a model.
    return lambda text: list(word_tokenize(text.lower(), preserve_line=True))


def _whitespace() -> Split:
    # What nltk.tokenize.WhitespaceTokenizer does, whose documentation says to use this instead.
    return lambda text: text.lower().split()


TOKENIZERS: Final[Mapping[str, Callable[[], Split]]] = MappingProxyType(
    {
        "wordpunct": _wordpunct,
        "tweet": _tweet,
        "treebank": _treebank,
        "nltk_word": _nltk_word,
        "toktok": _toktok,
        "word_tokenize": _word_tokenize,
        "whitespace": _whitespace,
    }
)

# Stemmers that are no Snowball language, by the class of nltk.stem that they are.
_STEMMERS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "porter": "PorterStemmer",
        "lancaster": "LancasterStemmer",
        "cistem": "Cistem",
        "isri": "ISRIStemmer",
        "arlstem": "ARLSTem",
        "arlstem2": "ARLSTem2",
        "rslp": "RSLPStemmer",
    }
)


def stemmer_names() -> tuple[str, ...]:
    """Return the names that ``stemmer_named`` knows: the languages of Snowball, then NLTK's others.

    >>> stemmer_names()[:4]
    ('arabic', 'danish', 'dutch', 'english')
    >>> stemmer_names()[-7:]
    ('porter', 'lancaster', 'cistem', 'isri', 'arlstem', 'arlstem2', 'rslp')
    """
    from nltk.stem import SnowballStemmer

    # Porter's first stemmer is there twice; the one of nltk.stem holds his own later corrections.
    return (*(name for name in SnowballStemmer.languages if name not in _STEMMERS), *_STEMMERS)


def stemmer_named(name: str) -> Stem:
    """Return NLTK's stemmer of that name, for use by one thread at a time (some keep notes on the word at hand).

    A language stands for its Snowball stemmer (Porter 2001). Besides, ``porter`` (Porter 1980) and ``lancaster``
    (Paice 1990) stem English, ``cistem`` German (Weissweiler and Fraser 2017), ``isri`` (Taghva, Elkhoury and Coombs
    2005), ``arlstem`` and ``arlstem2`` (Abainia, Ouamour and Sayoud 2017) Arabic, ``rslp`` Portuguese (Orengo and
    Huyck 2001).

    Raises
    ------
    TokenizerError
        No stemmer has that name, or the data of ``rslp`` is not installed.

    Examples
    --------
    >>> stemmer_named("english")("complaints"), stemmer_named("german")("beschwerden")
    ('complaint', 'beschwerd')
    """
    import nltk.stem

    if name == "arabic":
        return _arabic_stem
    if name in _STEMMERS:
        try:
            return getattr(nltk.stem, _STEMMERS[name])().stem  # type: ignore[no-any-return]
        except LookupError as error:
            raise _missing_data(f"the stemmer {name!r}", "stemmers/rslp", "rslp", "another stemmer") from error
    if name in stemmer_names():
        return nltk.stem.SnowballStemmer(name).stem  # type: ignore[no-any-return]
    raise unknown_name("stemmer", name, stemmer_names(), "pass a function from a word to its stem")


def _arabic_stem(word: str) -> str:
    from nltk.stem.snowball import ArabicStemmer

    # NLTK's does not clear all its notes between two words: the stem of one would depend on the word before it.
    return str(ArabicStemmer().stem(word))


def stop_list(name: str) -> tuple[str, ...]:
    """Return NLTK's stop list of that name, which is mostly a language.

    Raises
    ------
    TokenizerError
        NLTK's stop lists are not installed, or hold none of that name.
    """
    from nltk.corpus import reader
    from nltk.corpus.util import LazyCorpusLoader

    # A loader of our own: nltk.corpus.stopwords keeps the folder that it first found.
    corpus = LazyCorpusLoader("stopwords", reader.WordListCorpusReader, r"(?!README|\.).*", encoding="utf8")
    instead = "a list of words, or the path to a text file with one word per line"
    try:
        known = tuple(corpus.fileids())
    except LookupError as error:
        raise _missing_data(f"the stop list {name!r}", "corpora/stopwords", "stopwords", instead) from error
    if name not in known:
        raise unknown_name("stop list", name, known, f"give {instead}")
    return tuple(corpus.words(name))


def _missing_data(wanted: str, resource: str, package: str, instead: str) -> TokenizerError:
    import nltk

    folders = [str(folder) for folder in nltk.data.path]
    looked = ", ".join(folders[:2]) + (f" and {len(folders) - 2} more" if len(folders) > 2 else "")  # noqa: PLR2004 - two folders show the pattern
    return TokenizerError(
        f"{wanted} needs NLTK's data {resource}, which is not installed (NLTK looked in {looked or 'no folder'}); "
        f"install it with `python -m nltk.downloader {package}`, or give {instead} instead"
    )
