"""Words that a model of the user's own knows: a list, a file, or a fitted vectorizer of scikit-learn."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from numbers import Real
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from textdrift.errors import SettingsError

__all__ = ["known_words", "unknown_words"]

_NEEDED = (
    "give a list of words, the path of a text file with one word per line or of a JSON file, or a fitted vectorizer of "
    "scikit-learn or a Pipeline that holds one"
)
_LONGEST_SHOWN = 60


def known_words(source: Any) -> frozenset[str]:
    """Return the words that a model knows, in lower case.

    Case never makes a word unknown here: the named tokenizers fold it, a term of theirs cannot tell a model's "Good"
    from its "good", and the share of capitals is a matter of the quality tests. Of a phrase, such as an n-gram, the
    words are known.

    Parameters
    ----------
    source:
        Words, or a mapping from words, such as ``vocabulary_``. Or the path of a file: ``.json`` with a list of words
        or a mapping from word to number, as ``vocab.json``; any other is a UTF-8 text with one word per line. Or a
        vectorizer of scikit-learn, fitted or with a fixed vocabulary, or a ``Pipeline``, ``FeatureUnion`` or search
        that holds one; several of them know the words of all.

    Raises
    ------
    SettingsError
        The file cannot be read, there is no word or one of no valid Unicode, the vectorizer is not fitted, or it reads
        pieces of words. Or an iterator was given: words are looked up more than once.

    Examples
    --------
    >>> sorted(known_words(["Late", "flight", "not good"]))
    ['flight', 'good', 'late', 'not']
    """
    if isinstance(source, (str, os.PathLike)):
        return _folded(_words_of_file(Path(source)), f"the file {os.fspath(source)}")
    if hasattr(source, "__next__"):
        raise SettingsError(
            f"known words cannot be taken from {_shown(source)}: a {type(source).__name__} can be read only once, and "
            f"they are looked up more often; give a list: list(words)"
        )
    vectorizers = list(_vectorizers(source))
    if vectorizers:
        return frozenset().union(*map(_words_of_vectorizer, vectorizers))
    if isinstance(source, Iterable) and not isinstance(source, (bytes, bytearray)) and not hasattr(source, "fit"):
        return _folded(source, f"the {type(source).__name__} of known words")
    raise SettingsError(f"known words cannot be taken from {_shown(source)}: {_no_words_in(source)}; {_NEEDED}")


def unknown_words(terms: Sequence[str], source: Any) -> NDArray[np.bool_]:
    """Tell of each term whether the model cannot read it, shape (n_terms,), boolean.

    With a vectorizer its own analyzer is asked: a term that it passes over (a stop word, a single letter) is no word to
    the model and so not an unknown one, and accents are stripped where it strips them. Cost: some microseconds a term.

    Parameters
    ----------
    terms:
        As counted, shape (n_terms,).
    source:
        As of ``known_words``.

    Raises
    ------
    SettingsError
        As of ``known_words``; or the vectorizer's analyzer fails.

    Examples
    --------
    >>> unknown_words(["late", "gizmo"], {"Late": 0, "flight": 1}).tolist()
    [False, True]
    """
    known = known_words(source)
    analyzers = [] if isinstance(source, (str, os.PathLike)) else [_analyzer(each) for each in _vectorizers(source)]
    unknown = np.array([term.lower() not in known for term in terms], dtype=bool)
    # Several vectorizers side by side: what one of them reads, the model reads.
    if not analyzers or None in analyzers:
        return unknown
    for place in np.flatnonzero(unknown):
        unknown[place] = all(_cannot_read(analyze, terms[place], known) for analyze in analyzers if analyze)
    return unknown


def _cannot_read(analyze: Callable[[str], Any], term: str, known: frozenset[str]) -> bool:
    try:
        features = list(analyze(term))
    except Exception as error:  # an analyzer of the user's may raise anything; it is chained
        raise SettingsError(
            f"the vectorizer's analyzer failed on the word {_shown(term)}: {type(error).__name__}: {error}; it must "
            f"take any string, or give the words of vectorizer.vocabulary_ instead"
        ) from error
    return bool(features) and not any(str(feature).lower() in known for feature in features)


def _vectorizers(source: Any) -> Iterator[Any]:
    """Yield what has, or once fitted would have, a vocabulary; known by attributes, so that nothing is imported."""
    if isinstance(source, (Mapping, list, tuple, set, frozenset, type)):
        return
    if hasattr(source, "vocabulary_") or (hasattr(source, "vocabulary") and hasattr(source, "fit")):
        yield source
        return
    if hasattr(source, "best_estimator_"):
        yield from _vectorizers(source.best_estimator_)
    for parts in ("steps", "transformer_list"):
        for _, part in getattr(source, parts, None) or ():
            yield from _vectorizers(part)


def _words_of_vectorizer(vectorizer: Any) -> frozenset[str]:
    name = type(vectorizer).__name__
    if getattr(vectorizer, "analyzer", None) in ("char", "char_wb"):
        raise SettingsError(
            f"the {name} reads pieces of words (analyzer={vectorizer.analyzer!r}), so that no word is unknown to it; "
            f"leave it out, or give one with analyzer='word'"
        )
    fixed = getattr(vectorizer, "vocabulary", None)
    vocabulary = getattr(vectorizer, "vocabulary_", fixed)
    if vocabulary is None:
        raise SettingsError(f"the {name} is not fitted and so has no vocabulary; fit it first, or {_NEEDED}")
    return _folded(vocabulary, f"the vocabulary of the {name}")


def _analyzer(vectorizer: Any) -> Callable[[str], Any] | None:
    """Return how a vectorizer reads one word; ``None`` where it only reads phrases, of which one word is none."""
    if not hasattr(vectorizer, "build_analyzer") or getattr(vectorizer, "ngram_range", (1, 1))[0] > 1:
        return None
    analyze: Callable[[str], Any] = vectorizer.build_analyzer()
    return analyze


def _folded(words: Iterable[Any], origin: str) -> frozenset[str]:
    folded: set[str] = set()
    for word in words:
        if not isinstance(word, str):
            raise SettingsError(f"{origin} holds {_shown(word)} ({type(word).__name__}); strings were needed")
        _check_unicode(word, origin)
        folded.update(word.lower().split())
    if not folded:
        raise SettingsError(f"{origin} holds no word, and a model that knows none reads nothing; {_NEEDED}")
    return frozenset(folded)


def _check_unicode(word: str, origin: str) -> None:
    try:
        word.encode()
    except UnicodeEncodeError as error:
        raise SettingsError(
            f"{origin} holds {_shown(word)}, which is no valid Unicode and so stands in no text; leave it out, or "
            f"decode the words without errors='surrogateescape'"
        ) from error


def _words_of_file(path: Path) -> Iterable[Any]:
    try:
        text = path.expanduser().read_text(encoding="utf-8-sig")
    except FileNotFoundError as error:
        raise SettingsError(f"known words: there is no file {path}; {_NEEDED}") from error
    except (OSError, UnicodeDecodeError) as error:
        raise SettingsError(
            f"known words: the file {path} cannot be read as UTF-8 text ({error}); save it with one word per line, or "
            f"as JSON; a pickled vectorizer must be loaded and given itself"
        ) from error
    if path.suffix.lower() != ".json":
        return text.splitlines()
    try:
        words = json.loads(text)
    except ValueError as error:
        raise SettingsError(
            f"known words: the file {path} is no JSON ({error}); it must hold a list of words, or a mapping from word "
            f"to number"
        ) from error
    if isinstance(words, list) or (
        isinstance(words, dict) and all(isinstance(index, Real) for index in words.values())
    ):
        return words
    raise SettingsError(
        f"known words: the JSON of {path} is no list of words and no mapping from word to number; write one of these, "
        f"for example json.dump(sorted(vectorizer.vocabulary_), file)"
    )


def _no_words_in(source: object) -> str:
    if isinstance(source, type):
        return "it is a class, not an instance"
    if hasattr(source, "fit") or hasattr(source, "transform"):
        return "it holds no vectorizer that keeps a vocabulary"
    return f"its type is {type(source).__name__}"


def _shown(value: object) -> str:
    line = " ".join(repr(value).split())
    return line if len(line) <= _LONGEST_SHOWN else line[: _LONGEST_SHOWN - 1] + "…"
