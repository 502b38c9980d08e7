"""Words that are not counted: a list, a text file, or one of NLTK's stop lists by name."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

from textdrift.errors import TokenizerError
from textdrift.tokens.nltk_names import stop_list

__all__ = ["rereadable", "stop_words_from"]

_COMMENT = "#"


def rereadable(given: Any) -> Any:
    """Return stop words as they are, but for what holds many, which becomes a tuple: an iterator is read only once.

    >>> rereadable(word for word in ("the", "a")), rereadable("english")
    (('the', 'a'), 'english')
    """
    if isinstance(given, (str, Path)) or not isinstance(given, Iterable):
        return given
    # The order of a set differs between runs.
    return tuple(sorted(given, key=repr)) if isinstance(given, (set, frozenset)) else tuple(given)


def stop_words_from(given: str | Path | Iterable[str]) -> tuple[str, ...]:
    """Return the words of a list, of a text file, or of NLTK's stop list of that name.

    Parameters
    ----------
    given:
        Words, taken as they are; or a text file (UTF-8, one word per line; empty lines, and lines that start with
        ``#``, are passed over); or a name such as ``english``. A string that holds a dot or a slash is a path, any
        other a name, so that no file that happens to lie in the folder stands in for a list of NLTK.

    Raises
    ------
    TokenizerError
        No such list or file, a file that is not UTF-8, holds no word or several on a line, or a word that is no string
        of valid Unicode.

    Examples
    --------
    >>> stop_words_from(["the", "a"])
    ('the', 'a')
    """
    if isinstance(given, Path) or (isinstance(given, str) and any(mark in given for mark in "./\\")):
        return _words_of_file(Path(given))
    if isinstance(given, str):
        return stop_list(given)
    if not isinstance(given, Iterable):
        raise TokenizerError(
            f"stop_words is {given!r} ({type(given).__name__}); a list of words, the path to a text file with one word "
            f"per line, or the name of a stop list of NLTK was needed"
        )
    words = tuple(given)
    strangers = [word for word in words if not isinstance(word, str)]
    if strangers:
        raise TokenizerError(
            f"the list of stop words holds {strangers[0]!r} ({type(strangers[0]).__name__}); strings were needed"
        )
    broken = [word for word in words if not _is_encodable(word)]
    if broken:
        raise TokenizerError(
            f"the list of stop words holds {broken[0]!r}, which is no valid Unicode; leave it out, or decode the words "
            f"without errors='surrogateescape'"
        )
    return words


def _is_encodable(word: str) -> bool:
    try:
        word.encode()
    except UnicodeEncodeError:
        return False
    return True


def _words_of_file(path: Path) -> tuple[str, ...]:
    try:
        lines = path.read_text(encoding="utf-8-sig").splitlines()
    except UnicodeDecodeError as error:
        raise TokenizerError(
            f"the stop words of {path} are no UTF-8 ({error}); save the file as UTF-8, one word per line"
        ) from error
    except OSError as error:
        raise TokenizerError(
            f"the stop words of {path} cannot be read ({error.strerror or error}); a text file with one word per line "
            f"was needed"
        ) from error
    words = tuple(word for line in lines if (word := line.strip()) and not word.startswith(_COMMENT))
    for word in words:
        # No term of a tokenizer here would equal such a line, so that all its words would be counted.
        if len(word.split()) > 1 or ("," in word and any(map(str.isalpha, word))):
            raise TokenizerError(
                f"the stop words of {path} hold the line {word!r}; one word per line was needed: put each on its own, "
                f"without commas"
            )
    if not words:
        raise TokenizerError(f"{path} holds no stop word; one word per line was needed")
    return words
